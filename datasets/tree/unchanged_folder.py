"""Whether a folder's tree already is what `split FOLDER` would make, told by sizes and times alone.

As `unchanged.py` for a dataset: when a split has ended well, what was reported is noted beside the
tree, with one digest of the folder, the options and pixset's own code, and one of the tree.
Whatever differs is left to the whole way.
"""

from __future__ import annotations

import os
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...curation.folders.walk import absolute
from ...curation.printable import json_text
from ..errors import DatasetError
from ..files import read_record, write_file
from ..files_state import TICK, FilesState, state_of
from .report import TreeReport, fields_of_note, note_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .settings import SplitOptions


def note_path(out: Path) -> Path:
    """Where what is noted of a tree lies; losing it costs one split the whole way."""
    tree = Path(os.path.realpath(out))  # a link to a tree elsewhere is swapped there
    return tree.parent / f".{tree.name}.ready.json"  # with_name refuses a root, which has none


class FolderNote:
    """What is noted of the tree that a folder was split into, by these options and labels."""

    def __init__(
        self,
        folder: Path,
        out: Path,
        options: SplitOptions,
        labels: Mapping[str, str] | None = None,
    ) -> None:
        self._folder, self._out, self._options = folder, out, options
        self._labels = sorted((labels or {}).items())
        self._path = note_path(out)

    def known_report(self) -> TreeReport | None:
        """What a split would report of the tree that is there; None: not known."""
        if self._options.afresh or self._options.replace:
            return None
        note: Mapping[str, Any] = read_record(self._path.parent, self._path.name)
        try:
            report = TreeReport(**fields_of_note(note["report"]), tree=self._out)
            states = note["sources"], note["tree"]
        except (KeyError, TypeError, AttributeError):  # none, or another version's
            return None
        there = self.sources(), self._tree()
        return report if states == tuple(one and one.digest for one in there) else None

    def forget(self) -> None:
        """Take the note away, as a tree is about to be built."""
        if read_record(self._path.parent, self._path.name).get("pixset"):
            with suppress(OSError):
                self._path.unlink()

    def sources(self) -> FilesState | None:
        """The folder, the options and pixset's code as they are."""
        asked = self._options
        inputs = [
            str(asked.ratios) if asked.ratios else None,
            asked.seed,
            asked.target.spec() if asked.target else None,
            *(asked.link, asked.val_name, asked.val_reviewed, asked.placed_only),
            self._labels,
        ]
        return state_of(inputs, (absolute(self._folder),))

    def keep(self, report: TreeReport, began: int, sources: FilesState) -> None:
        """Note that the tree is as `report` says, made of `sources` by a split that `began` then.

        Nothing is noted where somebody wrote to the folder meanwhile or just before, or to the
        tree since: nobody knows whether the tree was made of that.
        """
        ended = time.time_ns()
        tree = self._tree()
        if tree is None or tree.newest > ended or sources.newest > began - TICK:
            return
        now = self.sources()
        if now is None or now.digest != sources.digest:
            return
        note = {
            "pixset": True,
            "sources": sources.digest,
            "tree": tree.digest,
            "report": note_of(report),
        }
        if self._path.exists():  # somebody's own: `forget` took pixset's away
            return
        with suppress(DatasetError):  # a disk that is full: the next split goes the whole way
            write_file(self._path, (json_text(note) + "\n").encode())

    def _tree(self) -> FilesState | None:
        return state_of(None, (Path(os.path.realpath(self._out)),))
