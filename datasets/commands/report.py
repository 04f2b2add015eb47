"""`pixset report`: a dataset in numbers, as a page for people or in short on the terminal."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ...curation.printable import counted
from ..errors import UsageError
from ..lines import first_lines, first_rows
from ..stats import wilson
from ..table import FEW
from . import options
from .console import Table, show, show_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..report.compare import BuildState
    from ..report.gather import DatasetFacts

_MOST_LABELS = 60  # rows before the table ends early

app = typer.Typer()


@app.command(
    epilog="Examples:  pixset report --html page.html --open   |   pixset report --compare OLD NEW"
    "   |   pixset report --sheets sheets --all"
)
def report(
    dataset: options.Dataset = options.DEFAULT_DATASET,
    *,
    html: Annotated[
        Path | None,
        typer.Option("--html", metavar="FILE", help="One page that needs no other file."),
    ] = None,
    sheets: Annotated[
        Path | None,
        typer.Option("--sheets", metavar="FOLDER", help="Contact sheets of the tree, in pages."),
    ] = None,
    open_: Annotated[bool, typer.Option("--open", help="Show the page in the browser.")] = False,
    compare: Annotated[
        Path | None,
        typer.Option(
            "--compare",
            metavar="OLD",
            help="What changed since another dataset, or a build (a tree with its manifest).",
        ),
    ] = None,
    all_: Annotated[
        bool, typer.Option("--all", help="Lists in full; --sheets of every picture.")
    ] = False,
    as_json: options.AsJson = False,
) -> None:
    """Tell what was asked, found and kept, what was left out and why, and how it is split."""
    if compare is not None:
        options.refuse(html or open_ or sheets, "--compare: prints, and makes no page")
        _compare(compare, dataset, whole=all_, as_json=as_json)
        return
    if html is not None:
        options.refuse_other_file(html, ".html")  # before the long work
    facts = _facts(dataset)
    pages = []
    if open_ and html is None and sheets is None:
        html = dataset / "report.html"
    if html is not None:  # first: it may lack an extra, and sheets are long work
        pages.append(_write(dataset, facts, html))
    if sheets is not None:
        pages.append(_write_sheets(dataset, sheets, whole=all_))
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
        show(_blocks(facts, whole=all_))
        show([f"page: {page.resolve()}" for page in pages])
    if open_:
        import webbrowser

        for page in pages:
            webbrowser.open(page.resolve().as_uri())


def _facts(dataset: Path) -> DatasetFacts:
    from ..curate import recipe_of
    from ..project import Project
    from ..report.gather import gather

    project = Project.open(dataset)
    return gather(project, recipe_of(project))


def _compare(old: Path, new: Path, *, whole: bool, as_json: bool) -> None:
    from ..project import is_dataset
    from ..report.compare import compare, state_of_facts, state_of_tree
    from ..tree.manifest_row import JSONL

    trees = {one for one in (old, new) if not is_dataset(one) and (one / JSONL).is_file()}

    def state(place: Path) -> BuildState:
        if place in trees:
            return state_of_tree(place)
        return state_of_facts(_facts(place), tree_only=bool(trees))

    found = compare(state(old), state(new))
    if as_json:
        show_json(found.to_json())
    else:
        show([found.to_text(None) if whole else found.to_text()])


def _write(dataset: Path, facts: DatasetFacts, html: Path) -> Path:
    from ..files import write_text
    from ..project import Project
    from ..report.page import html_page

    write_text(html, html_page(Project.open(dataset), facts))
    return html


def _write_sheets(dataset: Path, folder: Path, *, whole: bool) -> Path:
    from ..project import Project
    from ..tree.contact_sheet import contact_sheets
    from ..tree.json_rows import read_jsonl
    from ..tree.manifest_row import JSONL

    ready = Project.open(dataset).ready
    if not (ready / JSONL).is_file():
        raise UsageError(f"{ready}: no tree yet; `pixset split {dataset}` builds it")
    options.refuse(
        folder.exists() and not folder.is_dir(), f"{folder}: expected a folder for the sheets"
    )
    contact_sheets(ready, list(read_jsonl(ready / JSONL)), folder, whole=whole)
    return folder / "index.html"


def _blocks(facts: DatasetFacts, *, whole: bool) -> Iterator[str | Table]:
    most = None if whole else _MOST_LABELS
    table = Table(
        ("label", "found", "kept", "wanted", "train", "val", "test"),
        [
            (slug, line.found, line.kept, facts.status.targets.get(slug),
             *(facts.splits.get(slug, {}).get(split) for split in ("train", "val", "test")))
            for slug, line in facts.status.totals.items()
        ],
    )  # fmt: skip
    yield from first_rows(table, most)
    held = counted(facts.pictures, "picture")
    yield f"{held}, {facts.bytes / 1e6:.1f} MB; {len(facts.copies)} with copies"
    for split in dict.fromkeys(row.split for row in facts.precision):
        rows = [row for row in facts.precision if (row.split, row.by) == (split, "label")]
        seen, wrong = sum(row.seen for row in rows), sum(row.wrong for row in rows)
        if seen:
            low, high = wilson(seen - wrong, seen)
            yield (
                f"{split}: {seen} looked at by people, {wrong} wrong: "
                f"{100 * low:.0f} to {100 * high:.0f} % right (95 %)"
            )
    odd = [
        f"{one.label}: {one.off_topic} of what {one.term!r} brought look off topic"
        for one in facts.yields
        if one.off_topic
    ]
    yield from first_lines(odd, None if whole else FEW)
    unsettled = [
        f"{engine}: {term!r} ended {outcome}: asked again by the next run"
        for engine, term, outcome, _ in facts.unsettled
    ]
    yield from first_lines(unsettled, None if whole else FEW)
    if facts.straddling:
        yield f"{facts.straddling} pictures have a copy on another split: pixset split --afresh"
    elif facts.splits and not facts.compared:
        yield "copies were never looked for: pixset dedupe"
    if facts.missing:
        yield f"missing altogether: {', '.join(facts.missing)}"
