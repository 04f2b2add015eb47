"""What a run is about to move: a hidden file beside the undo file, for as long as the run lasts.

A run that is killed leaves it, and the same command goes on with it before it looks at anything:
half of the copies moved away, the rest could be judged otherwise than all of them were together.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .relocate import sync_folder
from .undo_file import HEAD

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_KIND = "pixset-plan"
_SUFFIX = ".plan"


@dataclass(frozen=True, slots=True)
class Step:
    """One file to move, with its reason; `seen` is how it and its keeper looked, by path."""

    source: Path
    reason: Mapping[str, Any]
    seen: Mapping[str, list[int] | None]

    @classmethod
    def of(cls, source: Path, reason: Mapping[str, Any]) -> Step:
        """The step for a file as it lies there now."""
        paths = [str(source), *([reason["keeper"]] if "keeper" in reason else [])]
        return cls(source, reason, {path: _stamp(path) for path in paths})

    def holds(self) -> bool:
        """Whether the file and its keeper still are as they were when this was decided."""
        return all(then is not None and _stamp(path) == then for path, then in self.seen.items())


@dataclass(frozen=True, slots=True)
class Plan:
    """The steps of one run: `asked` is what was asked for, as JSON, of the folder `root`."""

    undo_path: Path
    root: Path
    asked: Any
    steps: tuple[Step, ...]

    def keep(self) -> None:
        """Write the plan down, whole or not at all; other plans for the folder give way to it."""
        for path, root, _, _ in _plans(self.undo_path.parent):
            if root == str(self.root):
                path.unlink(missing_ok=True)
        steps = [[str(step.source), dict(step.reason), dict(step.seen)] for step in self.steps]
        entry = {_KIND: 1, "root": str(self.root), "asked": self.asked, "steps": steps}
        path = _place(self.undo_path)
        half = path.with_name(path.name + "-part")
        with half.open("w", encoding="ascii") as stream:
            json.dump(entry, stream)
            stream.flush()
            os.fsync(stream.fileno())
        half.replace(path)
        sync_folder(path.parent)

    def forget(self) -> None:
        """Everything is moved."""
        forget(self.undo_path)


def unfinished(to: Path, root: Path, asked: Any) -> Plan | None:
    """Return the plan that a stopped run has left in `to`, if it was asked for the same."""
    for path, of, wish, steps in _plans(to):
        if (of, wish) == (str(root), asked):
            undo_path = to / path.name.removeprefix(".").removesuffix(_SUFFIX)
            return Plan(undo_path, root, asked, steps)
    return None


def forget(undo_path: Path) -> None:
    """Remove the plan of an undo file, if there is one: nothing goes on with it any more."""
    _place(undo_path).unlink(missing_ok=True)


def _place(undo_path: Path) -> Path:
    return undo_path.with_name(f".{undo_path.name}{_SUFFIX}")


def _plans(to: Path) -> Iterator[tuple[Path, str, Any, tuple[Step, ...]]]:
    for path in sorted(to.glob(f".{HEAD}*{_SUFFIX}")):
        try:
            entry = json.loads(path.read_bytes())
            if entry[_KIND] == 1:
                yield path, entry["root"], entry["asked"], tuple(_steps(entry["steps"]))
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            continue  # another's: it is judged anew


def _steps(
    entries: Iterable[tuple[str, dict[str, Any], dict[str, list[int] | None]]],
) -> Iterator[Step]:
    return (Step(Path(source), reason, seen) for source, reason, seen in entries)


def _stamp(path: str) -> list[int] | None:
    try:
        found = os.lstat(path)
    except OSError:
        return None
    return [found.st_size, found.st_mtime_ns]
