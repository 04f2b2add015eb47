"""`pixset check`: pictures with something wrong, in a dataset or in any folder of pictures."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import UsageError
from . import options
from .console import bars, show, show_json, show_report, warn

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ...curation.labels.onnx_model import OnnxEmbedder
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
    model: options.Model = None,
    preparation: options.Preparation = None,
    share: Annotated[
        float,
        typer.Option("--share", min=0, max=1, help="With --labels: how many to call off topic."),
    ] = 0.02,
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
        from ...curation.labels.folder import check_labels

        report = check_labels(
            project.images if project else place,
            embedder=_embedder(model, preparation),
            share=share,
            cache=project is None,
            progress=bars,
        )
        show_report(report, as_json=as_json)
        return
    options.refuse(model or preparation, "--model, --preparation: only with --labels")
    if project is None:
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


def _embedder(model: Path | None, preparation: str | None) -> OnnxEmbedder | None:
    """The model that was named, None for the descriptor that needs none."""
    if model is None:
        options.refuse(preparation, "--preparation: only with --model")
        return None
    from ...curation.labels.onnx_model import OnnxEmbedder, preparation_of

    embedder = OnnxEmbedder(model, preparation_of(preparation) if preparation else None)
    if embedder.assumed:
        warn(
            f"{model}: does not say how pictures are scaled: ImageNet's way is taken"
            " (--preparation says another)"
        )
    return embedder


def _check_dataset(project: Project, thresholds: Mapping[str, float], *, as_json: bool) -> None:
    from ..curate.reports import check_json, check_text
    from ..steps import check as check_dataset

    found = check_dataset(project, thresholds, bars)
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
