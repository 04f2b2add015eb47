"""`pixset split`: make a tree that every trainer reads, from a dataset or class folders."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import LabelMissing, UsageError
from . import options
from .console import bars, show_report

if TYPE_CHECKING:
    from ..tree.report import TreeReport
    from ..tree.settings import SplitOptions

app = typer.Typer()


@app.command(
    epilog="Examples:  pixset split   |   pixset split dataset --ratio 70/15/15 --size 180   |   "
    "pixset split photos --out photos-split"
)
def split(  # noqa: PLR0913 - a command's options are its arguments
    place: Annotated[
        Path,
        typer.Argument(metavar="DATASET|FOLDER", help="A dataset, or a folder of class folders."),
    ] = options.DEFAULT_DATASET,
    *,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Class folders: the tree to make.")
    ] = None,
    ratio: Annotated[
        str | None,
        typer.Option(
            "--ratio",
            metavar="80/20",
            help="train/val or train/val/test; default: the recipe's, or 80/20.",
        ),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option("--seed", help="Another number, another split; default: the recipe's, or 0."),
    ] = None,
    size: options.Side = None,
    pad: Annotated[
        bool, typer.Option("--pad", help="With --size: pad with black instead of cropping.")
    ] = False,
    max_side: options.MaxSide = None,
    link: Annotated[
        str | None,
        typer.Option(
            "--link",
            **options.one_of("copy|hard|sym"),
            help="Link to sources that need no change; default: copy.",
        ),
    ] = None,
    val_name: Annotated[
        str | None,
        typer.Option(
            "--val-name", metavar="NAME", help="Name of the val folder, as in valid; default: val."
        ),
    ] = None,
    label: options.FolderLabels = None,
    val_reviewed: Annotated[
        bool,
        typer.Option("--val-reviewed", help="Dataset: pictures that a person reviewed go to val."),
    ] = False,
    afresh: options.Afresh = False,
    replace: options.Replace = False,
    as_json: options.AsJson = False,
) -> None:
    """Build train, val (and test) without a copy in two splits; what was placed stays put.

    Near-duplicates stay together, also across labels. A dataset gets its ready/ folder
    anew; class folders are split into --out, which must be empty or an earlier split of pixset's
    and hold nothing else. A dataset's split remembers its options: what is left open next time, by
    `split` or `build`, is as it was, unless the recipe has changed since.
    """
    from ..project import Project, is_dataset
    from ..tree.settings import split_options
    from ..tree.split_dataset import split as split_dataset

    chosen = split_options(
        ratio=ratio,
        seed=seed,
        size=size,
        max_side=max_side,
        pad=pad,
        link=link,
        val_name=val_name,
        val_reviewed=val_reviewed,
        afresh=afresh,
        replace=replace,
    )
    if is_dataset(place):
        if out is not None:
            raise UsageError(
                f"--out: a dataset's tree is {place / 'ready'}; `pixset export` copies"
            )
        options.refuse(label, "--label: is for class folders; a dataset's labels have their names")
        report: TreeReport = split_dataset(Project.open(place), chosen, bars)
    else:
        report = _split_folder(place, out, chosen, options.folder_labels(label))
    show_report(report, as_json=as_json)
    if report.missing:
        raise LabelMissing(f"no picture in the tree at all: {', '.join(report.missing)}")


def _split_folder(
    folder: Path, out: Path | None, chosen: SplitOptions, labels: dict[str, str]
) -> TreeReport:
    from ..tree.split_folder import split_folder

    options.refuse_no_folder(folder, "class folders")
    if out is None:
        raise UsageError(f"{folder}: no dataset; a folder of class folders needs --out DIR")
    if chosen.val_reviewed:
        raise UsageError("--val-reviewed: needs a dataset, where reviews are kept")
    return split_folder(folder, out, chosen, labels=labels, progress=bars)
