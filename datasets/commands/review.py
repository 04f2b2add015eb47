"""`pixset review`: a local page on which a person keeps, drops and relabels."""

from __future__ import annotations

import threading
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ...curation.printable import counted
from . import options
from .console import bars, show, show_json, show_report, warn
from .label_evidence import embedder_of

if TYPE_CHECKING:
    from ..project import Project

app = typer.Typer()


@app.command(
    epilog="Examples:  pixset review dataset   |   pixset review --export-decisions decisions.csv"
)
def review(
    dataset: options.Dataset = options.DEFAULT_DATASET,
    *,
    port: Annotated[
        int, typer.Option("--port", min=0, max=65_535, help="0 takes any free port.")
    ] = 0,
    model: options.Model = None,
    preparation: options.Preparation = None,
    open_page: Annotated[
        bool, typer.Option("--open/--no-open", help="Open the page in the browser.")
    ] = True,
    export_to: Annotated[
        Path | None,
        typer.Option(
            "--export-decisions",
            metavar="FILE",
            help="Write every picture and what was decided as CSV; no page.",
        ),
    ] = None,
    import_from: Annotated[
        Path | None,
        typer.Option(
            "--import-decisions",
            metavar="FILE",
            help="Record the decisions of such a CSV; no page. Leaves with 1 if rows are wrong.",
        ),
    ] = None,
    as_json: options.AsJson = False,
) -> None:
    """Look through a dataset in the browser: val first, doubtful pictures first.

    With --model the page begins with the pictures that are oddest for their labels.
    Every click is written to the catalogue at once and stays; Ctrl-C ends the page.
    `pixset dedupe` and `pixset split` then act on it. With --export-decisions and
    --import-decisions scripts and colleagues review: `decision` is keep or drop, a changed
    `label` with keep relabels; `pixset undo` takes an import back.
    """
    from .. import steps
    from ..project import Project
    from ..review import serve

    options.refuse(export_to and import_from, "review: --export-decisions or --import-decisions")
    project = Project.open(dataset)
    if export_to is not None:
        _export(project, export_to, as_json=as_json)
        return
    if import_from is not None:
        _import(project, import_from, as_json=as_json)
        return
    options.refuse(as_json, "--json: needs --export-decisions or --import-decisions")
    steps.look_at_new(project, bars)
    first = _oddest_first(project, model, preparation)
    with serve(project, port) as page:
        show([f"review page: {page.url}{first}", "for this computer only; Ctrl-C ends it"])
        if open_page:
            _open(f"{page.url}{first}")
        with suppress(KeyboardInterrupt):  # Ctrl-C is how the page ends
            threading.Event().wait()


def _export(project: Project, path: Path, *, as_json: bool) -> None:
    from ..review.decisions_file import export_decisions

    options.refuse_other_file(path, ".csv")
    number = export_decisions(project, path)
    if as_json:
        show_json({"file": str(path), "decisions": number})
    else:
        decisions = counted(number, "decision")
        show([f"{path.resolve()}: {decisions}; where nobody decided, `decision` is empty"])


def _import(project: Project, path: Path, *, as_json: bool) -> None:
    from ..review.decisions_file import import_decisions

    done = import_decisions(project, path)
    for line in done.wrong:
        warn(f"{path}: {line}")
    show_report(done, as_json=as_json)
    if done.wrong:
        raise typer.Exit(1)


def _oddest_first(project: Project, model: Path | None, preparation: str | None) -> str:
    """Rank the pictures by a model, where one was named; returns the view to begin with."""
    embedder = embedder_of(model, preparation)
    if embedder is None:
        return ""
    from ..curate.label_check import rank_oddness

    rank_oddness(project, embedder, progress=bars)
    return "#view=odd"


def _open(url: str) -> None:
    import webbrowser

    webbrowser.open(url)
