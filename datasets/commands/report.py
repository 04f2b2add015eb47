"""`pixset report`: a dataset in numbers, as a page for people or in short on the terminal."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from . import options
from .console import Table, show, show_json, show_report

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..report.gather import DatasetFacts

app = typer.Typer()


@app.command(
    epilog="Examples:  pixset report --html page.html --open   |   pixset report new --compare old"
)
def report(
    dataset: options.Dataset = options.DEFAULT_DATASET,
    *,
    html: Annotated[
        Path | None,
        typer.Option("--html", metavar="FILE", help="One page that needs no other file."),
    ] = None,
    open_: Annotated[bool, typer.Option("--open", help="Show the page in the browser.")] = False,
    compare: Annotated[
        Path | None,
        typer.Option("--compare", metavar="OLD", help="What changed since this other dataset."),
    ] = None,
    as_json: options.AsJson = False,
) -> None:
    """Tell what was asked, found and kept, what was left out and why, and how it is split."""
    from ..report.compare import compare as changes

    facts = _facts(dataset)
    if compare is not None:
        options.refuse(html or open_, "--compare: prints, and makes no page")
        show_report(changes(_facts(compare), facts), as_json=as_json)
        return
    if open_ and html is None:
        html = dataset / "report.html"
    if html is not None:
        _write(dataset, facts, html, open_=open_)
    if as_json:
        off_topic = [
            {"label": one.label, "query": one.term, "off_topic": one.off_topic}
            for one in facts.yields
            if one.off_topic is not None
        ]
        show_json({**facts.status.to_json(), "missing_labels": list(facts.missing),
                   "straddling": facts.straddling, "bytes": facts.bytes,
                   "off_topic": off_topic})  # fmt: skip
    else:
        show(_blocks(facts))
        if html is not None:
            show([f"page: {html.resolve()}"])


def _facts(dataset: Path) -> DatasetFacts:
    from ..curate import recipe_of
    from ..project import Project
    from ..report.gather import gather

    project = Project.open(dataset)
    return gather(project, recipe_of(project))


def _write(dataset: Path, facts: DatasetFacts, html: Path, *, open_: bool) -> None:
    from ..files import write_text
    from ..project import Project
    from ..report.page import html_page

    write_text(html, html_page(Project.open(dataset), facts))
    if open_:
        import webbrowser

        webbrowser.open(html.resolve().as_uri())


def _blocks(facts: DatasetFacts) -> Iterator[str | Table]:
    yield Table(
        ("label", "found", "kept", "wanted", "train", "val", "test"),
        [
            (slug, line.found, line.kept, facts.status.targets.get(slug),
             *(facts.splits.get(slug, {}).get(split) for split in ("train", "val", "test")))
            for slug, line in facts.status.totals.items()
        ],
    )  # fmt: skip
    yield f"{facts.pictures} pictures, {facts.bytes / 1e6:.1f} MB; {len(facts.copies)} with copies"
    for engine, term, outcome, _ in facts.unsettled:
        yield f"{engine}: {term!r} ended {outcome}: asked again by the next run"
    for one in facts.yields:
        if one.off_topic:
            yield f"{one.label}: {one.off_topic} of what {one.term!r} brought look off topic"
    if facts.straddling:
        yield f"{facts.straddling} pictures have a copy on another split: pixset split --afresh"
    if facts.missing:
        yield f"missing altogether: {', '.join(facts.missing)}"
