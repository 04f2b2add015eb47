"""`pixset forget`: the one command that deletes, for takedowns and for privacy."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ...curation.printable import counted
from ..errors import DatasetError, UsageError
from . import options
from .console import bars, show, show_json, warn

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..collect.forget import Going
    from ..project import Project

app = typer.Typer()
_SHOWN = 20  # pictures that are named on the terminal; --json names all


@app.command(
    epilog="Examples:  pixset forget 3f2a9c81d0e4b577   |   pixset forget example.org --yes   |   "
    "pixset forget --unused"
)
def forget(  # noqa: PLR0913 - a command's options are its arguments
    what: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[DATASET] [ID|ADDRESS|HOST|FILE]…",
            help="The pictures to forget; a dataset's folder first, if it is another.",
        ),
    ] = None,
    *,
    id_: Annotated[
        list[str] | None, typer.Option("--id", metavar="ID", help="By id, or its start.")
    ] = None,
    address: Annotated[
        list[str] | None,
        typer.Option("--address", metavar="URL", help="By the address of picture or page."),
    ] = None,
    host: Annotated[
        list[str] | None,
        typer.Option("--host", metavar="HOST", help="All that came from a host."),
    ] = None,
    file: Annotated[
        list[str] | None, typer.Option("--file", metavar="FILE", help="By a file that holds it.")
    ] = None,
    into: options.Into = options.DEFAULT_DATASET,
    unused: Annotated[
        bool,
        typer.Option("--unused", help="Free the bytes of pictures that are out; records stay."),
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    as_json: options.AsJson = False,
) -> None:
    """Delete pictures and their copies from pool, tree and catalogue, for good; says what first.

    They never come back: a tombstone of hashes keeps their content out, their addresses are not
    asked again. Exports hold them until they are made again. `undo` cannot bring them back.
    """
    from ..collect import forget as forgetting
    from ..project import Project, is_dataset

    names = list(what or [])
    if names and is_dataset(Path(names[0])):
        into = Path(names.pop(0))
    names += [*(id_ or []), *(address or []), *(host or []), *(file or [])]
    if bool(names) == unused:
        raise UsageError("forget: expected ids, addresses, hosts or files; or --unused")
    project = Project.open(into)
    with project.open_catalogue() as cat:
        chosen = (
            forgetting.unused(project, cat) if unused else forgetting.going(project, cat, names)
        )
        if as_json:
            show_json(_json(chosen, done=yes))
        else:
            show(_lines(chosen, unused=unused))
        if not (chosen.why or chosen.addresses) or not _is_meant(yes=yes, as_json=as_json):
            return
        (forgetting.free if unused else forgetting.forget)(project, cat, chosen)
    if not unused and project.ready.exists():
        _build_again(project)
    if not as_json:
        show([f"{counted(len(chosen.why), 'picture')} {'freed' if unused else 'forgotten'}"])


def _is_meant(*, yes: bool, as_json: bool) -> bool:
    if yes or as_json:  # JSON without --yes says what would go, and no more
        return yes
    if not sys.stdin.isatty():
        raise UsageError("forget: there is no terminal to ask on; --yes goes on without asking")
    return typer.confirm("delete these for good?")


def _build_again(project: Project) -> None:
    """The tree as it was, without them; where it cannot be built, a line says what is to do."""
    from dataclasses import replace

    from ..files import read_record
    from ..tree.build_tree import build_tree
    from ..tree.manifest_row import TREE_RECORD as RECORD
    from ..tree.settings import options_of_record

    try:
        options = options_of_record(read_record(project.ready, RECORD))
        build_tree(project, options=replace(options, placed_only=True), progress=bars)
    except DatasetError as error:
        warn(
            f"the pictures are gone from ready/, but its manifest names them still, as the tree "
            f"cannot be built without them ({error}): mend that and run `pixset split`"
        )


def _lines(chosen: Going, *, unused: bool) -> Iterator[str]:
    number = len(chosen.why)
    out = counted(number, "picture that is out", "pictures that are out")
    what = f"the bytes of {out}" if unused else f"{counted(number, 'picture')}, copies included"
    yield f"{what} ({chosen.bytes / 1e6:.1f} MB) would go:"
    for sha, why in list(chosen.why.items())[:_SHOWN]:
        yield f"  {chosen.paths[sha]}  ({why})"
    if len(chosen.why) > _SHOWN:
        yield f"  … and {len(chosen.why) - _SHOWN} more (--json names them)"
    for address in chosen.addresses:
        yield f"  never asked again: {address}"


def _json(chosen: Going, *, done: bool) -> dict[str, object]:
    return {
        "done": done,
        "bytes": chosen.bytes,
        "pictures": [
            {"sha256": sha, "path": chosen.paths[sha], "why": why}
            for sha, why in chosen.why.items()
        ],
        "addresses": list(chosen.addresses),
    }
