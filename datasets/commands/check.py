"""`pixset check`: pictures with something wrong, in a dataset or in any folder of pictures."""

from __future__ import annotations

from math import isnan, nan
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import UsageError
from . import options
from .console import bars, show, show_json, show_report
from .label_evidence import embedder_of, review_hint

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ...curation.labels.embedding import Embedder
    from ..project import Project

app = typer.Typer()


@app.command(
    epilog="Examples:  pixset check   |   pixset check photos --drop blurry --move-to photos-bad   "
    "|   pixset check photos --labels"
)
def check(  # noqa: PLR0913 - a command's options are its arguments
    place: options.DatasetOrFolder = options.DEFAULT_DATASET,
    *,
    move_to: options.MoveTo = None,
    threshold: Annotated[
        list[str] | None,
        typer.Option(
            "--threshold",
            metavar="CHECK=N",
            help="Another threshold; repeatable. A dataset's recipe remembers it.",
        ),
    ] = None,
    drop: Annotated[
        list[str] | None,
        typer.Option("--drop", metavar="CHECK", help="Plain folder: only these checks drop."),
    ] = None,
    labels: Annotated[
        bool,
        typer.Option("--labels", help="Class folders: what is mislabelled? (extra: noise)"),
    ] = False,
    model: options.Model = None,
    preparation: options.Preparation = None,
    share: Annotated[
        float,
        typer.Option("--share", min=0, max=1, help="With --labels: how many to call off topic."),
    ] = 0.02,
    as_json: options.AsJson = False,
) -> None:
    """Find what is truncated, tiny, blank, dark, blurry, animated, clip art or otherwise odd.

    With --labels: pictures that look like another class, or like none; a dataset's wait on the
    page that `pixset review` opens.
    """
    thresholds = _thresholds(threshold or ())
    project = options.dataset_or_folder(place)
    if labels:
        options.refuse(
            thresholds or drop or move_to, "--labels: finds, and drops nothing: no --drop"
        )
        embedder = embedder_of(model, preparation)
        _check_labels(project, place, embedder, share, as_json=as_json)
        return
    options.refuse(model or preparation, "--model, --preparation: only with --labels")
    if project is None:
        from ...curation.folders.folder import check_folder

        report = check_folder(
            place, thresholds=thresholds, drop=drop, move_to=move_to, progress=bars
        )
        show_report(report, as_json=as_json)
        if report.moved is not None:
            report.moved.refuse_left()
    else:
        options.refuse(
            move_to, "--move-to: a dataset leaves pictures out by verdicts, no file moves"
        )
        options.refuse(drop, "--drop: a dataset's recipe says which checks drop ([checks])")
        _check_dataset(project, thresholds, as_json=as_json)


def _check_labels(
    project: Project | None, place: Path, embedder: Embedder | None, share: float, *, as_json: bool
) -> None:
    from ...curation.labels.embedding import Classical

    if project is None:
        from ...curation.labels.folder import check_labels

        found = check_labels(place, embedder=embedder, share=share, progress=bars)
        show_report(found, as_json=as_json)
        return
    from ..curate.label_report import label_json, label_lines
    from ..steps import check_labels as check_dataset_labels

    report = check_dataset_labels(project, embedder or Classical(), share=share, progress=bars)
    if as_json:
        show_json(label_json(report))
    else:
        show([*label_lines(report), *review_hint(report, project)])


def _check_dataset(project: Project, thresholds: Mapping[str, float], *, as_json: bool) -> None:
    from ..curate.reports import check_json, check_text
    from ..steps import check as check_dataset

    found = check_dataset(project, thresholds, bars)
    if as_json:
        show_json(check_json(found))
    else:
        show([check_text(found)])
        if thresholds:
            show([_how_long(project, thresholds)])


def _how_long(project: Project, thresholds: Mapping[str, float]) -> str:
    recipe = project.recipe
    if recipe.is_file():
        given = ", ".join(f"{name} = {number:g}" for name, number in thresholds.items())
        return f"from now on: {given}, under [checks] in {recipe}"
    once = "for this once, without a recipe: the next `dedupe`, `split` or `build` decides by"
    return f"--threshold holds {once} {recipe}, where [checks] makes it stay"


def _thresholds(given: Sequence[str]) -> dict[str, float]:
    """Check → number; raises UsageError for a pair that is none."""
    found = {}
    for text in given:
        name, _, number = text.partition("=")
        try:
            threshold = float(number)
        except ValueError:
            threshold = nan
        if isnan(threshold):
            raise UsageError(f"--threshold {text!r}: expected CHECK=N, as in blurry=0.4")
        found[name.strip()] = threshold
    return found
