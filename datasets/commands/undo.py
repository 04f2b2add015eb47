"""`pixset undo`: take back a dataset's newest decisions, or files that were moved aside."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ...curation.printable import counted
from ..errors import DatasetError, UsageError
from . import options
from .console import bars, show, show_json

if TYPE_CHECKING:
    from ...curation.folders.move import MovedBack
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
    list_: Annotated[
        bool, typer.Option("--list", help="A dataset: show the steps, newest first; take none.")
    ] = False,
    as_json: options.AsJson = False,
) -> None:
    """Take back the last step: a dataset's newest decisions, or files that were moved aside.

    A step is what one command or one click decided, statements about pairs included. Each undo
    says what it takes back, and goes one step further back than the one before.
    """
    from ..project import Project, is_dataset

    if list_ and not is_dataset(place):
        raise UsageError("--list: a dataset has steps; files moved aside are put back all at once")
    if list_:
        _show_steps(Project.open(place), as_json=as_json)
    elif is_dataset(place):
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
    else:
        _show_put_back(undone)
    if undone.refused:
        files = counted(len(undone.refused), "file was", "files were")
        raise DatasetError(f"{files} not put back: see to it and run the same command again")


def _show_put_back(undone: MovedBack) -> None:
    restored, already = counted(len(undone.restored), "file"), len(undone.already)
    show([f"{restored} put back, {counted(already, 'was', 'were')} there already"])
    show(f"not put back: {path}: {why}" for path, why in undone.refused)
    show(f"gone: {path}" for path in undone.missing)


def _undo_dataset(project: Project, *, as_json: bool) -> None:
    from ..curate.history import undo as take_back

    done = take_back(project, lambda text: None if as_json else show([text]))
    step = done.step
    if as_json:
        show_json(
            {
                "step": step.number if step else None,
                "what": step.what if step else None,
                "taken_back": [{"sha256": v.sha256, "reason": v.reason} for v in done.verdicts],
                "pairs": [
                    {"one": one, "other": other, "same": same}
                    for one, other, same in (step.pairs if step else ())
                ],
            }
        )
    elif step:
        if not step.stated:
            show(
                [
                    f"they stay as they were before, until `pixset {step.what}` is asked for again"
                    if step.what in ("dedupe", "check")
                    else "they stay as they were before"
                ]
            )
        show(["done; `pixset undo` goes on backwards, `pixset split` builds the tree anew"])


def _show_steps(project: Project, *, as_json: bool) -> None:
    from ..catalogue import undoing
    from ..curate.history import described, paths_of

    with project.open_catalogue(write=False) as cat:
        steps, paths = undoing.steps(cat), paths_of(cat)
        upcoming = undoing.next_to_undo(cat)
    if as_json:
        show_json(
            [
                {
                    "step": one.number,
                    "what": one.what,
                    "made_at": one.made_at,
                    "undoes": one.undoes,
                    "taken_back": one.undone,
                    "told": described(one, paths),
                }
                for one in steps
            ]
        )
        return
    show(
        f"{one.made_at[:19].replace('T', ' ')}  {described(one, paths)}"
        + ("  (taken back)" if one.undone else "")
        + ("  ← undo takes this next" if upcoming and one.number == upcoming.number else "")
        for one in steps
    )
    if not steps:
        show(["nothing was decided yet"])
