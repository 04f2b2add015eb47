"""A tree is written beside and takes its place by rename: whole or not there, never two mixed."""

from __future__ import annotations

import json
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ..errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

RECORD = "dataset.json"  # marks a tree as pixset's own


class Swap:
    """One replacement in progress: `new` is filled; `old` is the tree that is there until then.

    `keep_old` says that nothing changed: the old tree stays and the new one is thrown away.
    """

    def __init__(self, new: Path, old: Path | None) -> None:
        self.new = new
        self.old = old
        self.kept = False

    def keep_old(self) -> None:
        """Leave what is there in place."""
        self.kept = True


@contextmanager
def swap(target: Path) -> Iterator[Swap]:
    """Yield a fresh folder beside `target` that takes its place when the block ends well.

    Killed anywhere, the old tree or the new one is at `target` (between the two renames it is
    beside, and the next run brings it back). Raises UsageError where `target` holds what pixset
    did not write.
    """
    target = target.absolute()
    new = target.with_name(f".{target.name}.pixset-new")
    aside = target.with_name(f".{target.name}.pixset-old")
    if aside.exists() and not target.exists():
        aside.rename(target)
    refuse_foreign(target)
    for leftover in (new, aside):
        if leftover.exists():
            shutil.rmtree(leftover)
    new.mkdir(parents=True)
    change = Swap(new, target if target.exists() else None)
    try:
        yield change
        if not change.kept:
            if target.exists():
                target.rename(aside)
            new.rename(target)
    finally:
        for leftover in (new, aside):
            if leftover.exists() and (target.exists() or leftover == new):
                shutil.rmtree(leftover)


def refuse_foreign(target: Path) -> None:
    """Raise UsageError where `target` is there, not empty, and no tree of pixset's."""
    if target.is_file():
        raise UsageError(f"{target}: is a file; expected a folder to make")
    if target.is_dir() and any(target.iterdir()) and not is_own(target):
        raise UsageError(
            f"{target}: not empty and not written by pixset; name another folder, so that no two "
            "splits mix"
        )


def is_own(tree: Path) -> bool:
    """Whether pixset wrote the tree at `tree`."""
    return "pixset" in read_record(tree)


def read_record(tree: Path) -> dict[str, object]:
    """The record (dataset.json) of a tree, empty where there is none that can be read."""
    try:
        record = json.loads((tree / RECORD).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return record if isinstance(record, dict) else {}
