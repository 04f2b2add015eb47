"""`pixset import`: class folders from elsewhere into a dataset."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ...curation.printable import counted, printable
from ..lines import first_lines
from . import options
from .console import bars, show, show_json, show_next

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..collect.import_folder import Imported

app = typer.Typer()
_MOST_LABELS = 40  # that have a line each
_SHOWN = 10  # files left out that are named on the terminal; --json names all


@app.command("import", epilog="Example:  pixset import flowers/ --into dataset")
def import_(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Class folders with pictures.")],
    *,
    into: options.Into = options.DEFAULT_DATASET,
    label: options.FolderLabels = None,
    link: Annotated[
        bool,
        typer.Option(
            "--link/--copy", help="Hard links, for files that are never edited; or copies."
        ),
    ] = False,
    as_json: options.AsJson = False,
) -> None:
    """Bring class folders (or train/val/test over them) from elsewhere into a dataset."""
    from ..collect.import_folder import import_folder
    from ..project import Project

    labels = options.folder_labels(label)
    done = import_folder(Project(into), folder, labels=labels, link=link, progress=bars)
    if as_json:
        show_json(
            {
                "added": dict(done.added),
                "known": done.known,
                "restored": done.restored,
                "linked": done.linked,
                "no_picture": list(done.no_picture),
                "left_out": dict(done.left_out),
            }
        )
    else:
        show(_lines(done))
        if done.added or done.known or done.restored:
            show_next(into, "dedupe", "split")


def _lines(done: Imported) -> Iterator[str]:
    added = [f"{slug}: {counted(n, 'picture')} added" for slug, n in sorted(done.added.items())]
    yield from first_lines(added, _MOST_LABELS, "--json")
    yield f"{counted(done.known, 'was', 'were')} there before"
    if done.restored:
        files = counted(done.restored, "lost file is", "lost files are")
        yield f"{files} back"
    if done.linked:
        links = counted(done.linked, "hard link")
        yield f"{links} to the originals: edit these, and the dataset's change"
    for name, why in list(done.left_out.items())[:_SHOWN]:
        yield f"left out: {printable(name)}: {why}"
    if len(done.left_out) > _SHOWN:
        yield f"left out: {len(done.left_out) - _SHOWN} more (--json names them)"
