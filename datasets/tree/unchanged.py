"""Whether a dataset's tree already is what `split` would make, told by sizes and times alone.

A tree is a function of the catalogue, the recipe, the sources, the options and pixset's own code.
When a split has ended well one digest of all of them, and of the tree as it lies there, is noted
beside it with what was reported. As long as it holds, `split` has nothing to do and reads no
picture's rows. Whatever differs, and be it a time, is left to the whole way, which looks closer.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from ...curation.printable import json_text
from ..errors import DatasetError
from ..files import read_record, write_file
from ..files_state import FilesState, state_of
from .manifest_row import TREE_RECORD as RECORD
from .report import SHEET, DatasetTreeReport, fields_of_note, note_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..project import Project
    from .report import LeftCatalogue
    from .settings import SplitOptions

NOTE: Final = ".ready.json"  # beside the tree; losing it costs one split the whole way


def known_report(project: Project, options: SplitOptions) -> DatasetTreeReport | None:
    """What a split by these options would report of the tree that is there; None: not known."""
    if options.afresh or options.replace or options.placed_only:
        return None
    note: Mapping[str, Any] = read_record(project.root, NOTE)
    try:
        if not _asks_for_the_same(options, note["open"], read_record(project.ready, RECORD)):
            return None
        report = DatasetTreeReport(
            **fields_of_note(note["report"]), tree=project.ready, sheet=project.root / SHEET
        )
    except (KeyError, TypeError, AttributeError):  # none, or another version's
        return None
    if not report.sheet.is_file():
        return None
    state = _state(project, project.written())
    return report if state is not None and state.digest == note.get("state") else None


def forget_report(project: Project) -> None:
    """Take the note away, as a tree is about to be built."""
    with suppress(OSError):
        (project.root / NOTE).unlink()


def note_report(
    project: Project, report: DatasetTreeReport, left: LeftCatalogue, without: Mapping[str, object]
) -> None:
    """Note that the tree is as `report` says; `without` are the settings without any option.

    Nothing is noted where something was written to since the catalogue was left: nobody knows
    whether the tree was made of that.
    """
    state = _state(project, left.written)
    if state is None or state.newest > left.at:
        return
    note = {"pixset": True, "state": state.digest, "open": without, "report": note_of(report)}
    with suppress(DatasetError):  # a disk that is full: the next split goes the whole way
        write_file(project.root / NOTE, (json_text(note) + "\n").encode())


def _asks_for_the_same(
    options: SplitOptions, without: Mapping[str, object], built: Mapping[str, object]
) -> bool:
    """Whether options lead to the settings that a tree was built by."""
    given = {
        "ratio": str(options.ratios) if options.ratios else None,
        "seed": options.seed,
        "val_reviewed": options.val_reviewed or None,
        "val_name": options.val_name,
        "output": options.target.spec() if options.target else None,
        "link": options.link,
    }
    return all(
        built.get(key) == (without[key] if value is None else value) for key, value in given.items()
    )


def _state(project: Project, catalogue: list[tuple[int, int]]) -> FilesState | None:
    recipe = project.recipe.read_bytes() if project.recipe.is_file() else b""
    inputs = [catalogue, hashlib.sha256(recipe).hexdigest()]
    return state_of(inputs, (project.images, project.ready))
