"""`pixset undo`: take back a dataset's newest decisions, or files that were moved aside."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import UsageError
from . import options
from .console import bars, show, show_json

if TYPE_CHECKING:
    from ..project import Project

app = typer.Typer()


@app.command(
    epilog="Examples:  pixset undo   |   pixset undo photos-copies   (where --move-to moved to)"
)
def undo(
    place: Annotated[
        Path, typer.Argument(metavar="DATASET|DIR|FILE", help="A dataset, or what --move-to made.")
    ] = options.DEFAULT_DATASET,
    *,
    as_json: options.AsJson = False,
) -> None:
    """Take back the last thing: a dataset's newest verdicts, or files that were moved aside."""
    from ..project import Project, is_dataset

    if is_dataset(place):
        _undo_dataset(Project.open(place), as_json=as_json)
    elif place.exists():
        _put_back(place, as_json=as_json)
    else:
        raise UsageError(f"{place}: neither a dataset, nor a folder or undo file of --move-to")


def _put_back(place: Path, *, as_json: bool) -> None:
    from ...curation.folders.move import undo as put_back

    undone = put_back(place, progress=bars)
    if as_json:
        show_json(
            {
                "restored": [str(path) for path in undone.restored],
                "already": [str(path) for path in undone.already],
                "refused": [{"path": str(path), "why": why} for path, why in undone.refused],
                "missing": [str(path) for path in undone.missing],
            }
        )
        return
    show([f"{len(undone.restored)} files put back, {len(undone.already)} were there already"])
    show(f"not put back: {path}: {why}" for path, why in undone.refused)
    show(f"gone: {path}" for path in undone.missing)


def _undo_dataset(project: Project, *, as_json: bool) -> None:
    from ..catalogue import decisions as judgement

    with project.open_catalogue() as cat, cat.transaction():
        taken = judgement.undo(cat)
    if as_json:
        show_json({"taken_back": [{"sha256": v.sha256, "reason": v.reason} for v in taken]})
        return
    counts = Counter((verdict.by, verdict.reason) for verdict in taken)
    show(
        f"taken back: {number} verdicts by {by}: {reason}"
        for (by, reason), number in sorted(counts.items())
    )
    show(["`pixset split` lays the tree out anew" if taken else "nothing to take back"])
