"""`pixset dedupe`: exact and near-duplicates in a dataset, or in any folder of pictures."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ...curation.printable import counted
from ..errors import UsageError
from . import options
from .console import bars, show, show_json, show_report
from .label_evidence import embedder_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...curation.duplicates.explain import Explanation
    from ..curate import CurateReport

app = typer.Typer()

# Two pictures and whether they are the same, as a person states it.
Statement = tuple["Path", "Path", bool]


@app.command(
    epilog="Examples:  pixset dedupe   |   pixset dedupe photos --move-to photos-copies   |   "
    "pixset dedupe photos --explain --html copies.html"
)
def dedupe(  # noqa: PLR0913 - a command's options are its arguments
    place: options.DatasetOrFolder = options.DEFAULT_DATASET,
    *,
    move_to: options.MoveTo = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Why these and not those: distances, border pairs.")
    ] = False,
    html: Annotated[
        Path | None,
        typer.Option("--html", metavar="FILE", help="With --explain: a page with the pictures."),
    ] = None,
    drop_moments: Annotated[
        bool | None,
        typer.Option(
            "--drop-moments/--keep-moments",
            help="Frames and bursts of one moment go like copies; a dataset's recipe remembers it.",
            show_default=False,
        ),
    ] = None,
    duplicate: Annotated[
        tuple[Path, Path] | None,
        typer.Option("--duplicate", metavar="A B", help="Remember: these two are duplicates."),
    ] = None,
    not_duplicate: Annotated[
        tuple[Path, Path] | None,
        typer.Option("--not-duplicate", metavar="A B", help="Remember: these two are not."),
    ] = None,
    model: options.Model = None,
    preparation: options.Preparation = None,
    as_json: options.AsJson = False,
) -> None:
    """Find exact and near-duplicates, each copy checked pixel by pixel against its keeper.

    In a dataset, copies are left out by a verdict (no file is touched); with --model, pairs that
    look alike to it wait for you on the review page. In a plain folder nothing changes unless
    --move-to says where to.
    """
    if html and not explain:
        raise UsageError("--html: goes with --explain")
    if html:
        options.refuse_other_file(html, ".html")
    if explain:
        options.refuse(move_to, "--move-to: not together with --explain")
    statements = [
        (*pair, same) for pair, same in ((duplicate, True), (not_duplicate, False)) if pair
    ]
    project = options.dataset_or_folder(place)
    embedder = embedder_of(model, preparation)
    if project is None:
        options.refuse(model, "--model: proposes pairs for the review page, which a dataset has")
        _remember_in_folder(place, statements)
        if explain:
            _show_explanation(_explain_folder(place), html, as_json=as_json)
        else:
            _dedupe_folder(place, move_to, drop_moments=bool(drop_moments), as_json=as_json)
        return
    options.refuse(move_to, "--move-to: a dataset leaves copies out by verdicts, no file moves")
    from .. import steps  # numpy

    found = steps.dedupe(
        project, statements, anew=explain, drop_moments=drop_moments, progress=bars
    )
    if explain:
        _show_explanation(steps.explain_copies(project, found), html, as_json=as_json)
    else:
        _show_dataset(found, as_json=as_json)
    if embedder is not None:
        from ..curate.label_check import propose_pairs

        proposed = propose_pairs(project, embedder, progress=bars)
        if not as_json:
            pairs = counted(proposed, "more pair looks", "more pairs look")
            show([f"{pairs} alike to the model: pixset review {project.root}"])


def _dedupe_folder(
    folder: Path, move_to: Path | None, *, drop_moments: bool, as_json: bool
) -> None:
    from ...curation.folders.folder import dedupe_folder
    from ...curation.folders.pairs import read_constraints

    known = read_constraints(folder)
    report = dedupe_folder(
        folder,
        same=known.same,
        different=known.different,
        move_to=move_to,
        drop_moments=drop_moments,
        progress=bars,
    )
    show_report(report, as_json=as_json)
    if report.moved is not None:
        report.moved.refuse_left()


def _explain_folder(folder: Path) -> Explanation:
    from ...curation.folders.folder import explain_folder
    from ...curation.folders.pairs import read_constraints

    known = read_constraints(folder)
    return explain_folder(folder, same=known.same, different=known.different, progress=bars)


def _remember_in_folder(folder: Path, statements: Sequence[Statement]) -> None:
    from ...curation.folders.pairs import add_constraints

    for one, other, same in statements:
        files = [path if path.exists() else folder / path for path in (one, other)]
        add_constraints(folder, [(files[0], files[1])], same=same)


def _show_dataset(found: CurateReport, *, as_json: bool) -> None:
    from ..curate.reports import dedupe_json, dedupe_text

    if as_json:
        show_json(dedupe_json(found))
    else:
        show([dedupe_text(found)])


def _show_explanation(explanation: Explanation, html: Path | None, *, as_json: bool) -> None:
    from ...curation.duplicates.explain_report import as_html, as_text
    from ..files import write_text

    if html:
        write_text(html, as_html(explanation))
    if as_json:
        show_json(explanation.to_json())
    else:
        show([as_text(explanation), *([f"page: {html}"] if html else [])])
