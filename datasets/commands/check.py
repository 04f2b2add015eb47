"""`pixset check`: pictures with something wrong, in a dataset or in any folder of pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import UsageError
from . import options
from .console import bars, show, show_json, show_report

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from ..project import Project

app = typer.Typer()


@app.command(
    epilog="Examples:  pixset check   |   pixset check photos --drop blurry --move-to photos-bad   "
    "|   pixset check photos --labels"
)
def check(
    place: options.DatasetOrFolder = options.DEFAULT_DATASET,
    *,
    move_to: options.MoveTo = None,
    threshold: Annotated[
        list[str] | None,
        typer.Option("--threshold", metavar="CHECK=N", help="Another threshold; may be repeated."),
    ] = None,
    drop: Annotated[
        list[str] | None,
        typer.Option("--drop", metavar="CHECK", help="Plain folder: only these checks drop."),
    ] = None,
    labels: Annotated[
        bool,
        typer.Option("--labels", help="Class folders: what is mislabelled? (extra: noise)"),
    ] = False,
    as_json: options.AsJson = False,
) -> None:
    """Find what is truncated, tiny, blank, dark, blurry, animated, clip art or otherwise odd.

    With --labels: pictures of class folders that look like another class, or like none.
    """
    thresholds = _thresholds(threshold or ())
    project = options.dataset_or_folder(place)
    if labels:
        options.refuse(
            thresholds or drop or move_to, "--labels: finds, and drops nothing: no --drop"
        )
        _check_labels(place, project, as_json=as_json)
    elif project is None:
        from ...curation.folders.folder import check_folder

        report = check_folder(
            place, thresholds=thresholds, drop=drop, move_to=move_to, progress=bars
        )
        show_report(report, as_json=as_json)
    else:
        options.refuse(
            move_to, "--move-to: a dataset leaves pictures out by verdicts, no file moves"
        )
        options.refuse(drop, "--drop: a dataset's recipe says which checks drop ([checks])")
        _check_dataset(project, thresholds, as_json=as_json)


def _check_labels(place: Path, project: Project | None, *, as_json: bool) -> None:
    from ...curation.labels.folder import check_labels

    folder = project.images if project else place
    show_report(check_labels(folder, cache=project is None, progress=bars), as_json=as_json)


def _check_dataset(project: Project, thresholds: Mapping[str, float], *, as_json: bool) -> None:
    from dataclasses import replace

    from ..curate import curate, recipe_of
    from ..curate.reports import check_json, check_text

    recipe = recipe_of(project)
    recipe = replace(recipe, checks={**recipe.checks, **thresholds})
    found = curate(project, recipe, progress=bars)
    if as_json:
        show_json(check_json(found))
    else:
        show([check_text(found)])


def _thresholds(given: Sequence[str]) -> dict[str, float]:
    """Check → number; raises UsageError for a pair that is none."""
    found = {}
    for text in given:
        name, _, number = text.partition("=")
        try:
            found[name.strip()] = float(number)
        except ValueError:
            raise UsageError(f"--threshold {text!r}: expected CHECK=N, as in blurry=0.4") from None
    return found
