"""One digest of files as they lie there, told by names, sizes and times alone: none is read."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from .. import curation

if TYPE_CHECKING:
    from collections.abc import Iterable

TICK: Final = 10_000_000  # ns; file times step by as much, so that two writes may have one time
_CODE: Final = (".py", ".toml")
_ROOMS: Final = (Path(__file__).parent, Path(curation.__path__[0]))


@dataclass(frozen=True, slots=True)
class FilesState:
    """One digest of what a tree is made of and the tree; `newest` is its files' latest time (ns).

    Where a file was put in place counts as a time, too: an older one may have been moved there.
    """

    digest: str
    newest: int


def state_of(inputs: object, folders: Iterable[Path]) -> FilesState | None:
    """The state of all files in `folders`, of pixset's own code and of other `inputs` (JSON).

    None where it cannot be told: a folder is a link or cannot be listed, a file is just going.
    """
    import PIL  # its number alone: what decides a re-encoded picture's bytes

    found = hashlib.sha256(json.dumps([PIL.__version__, inputs]).encode())
    try:
        for room in _ROOMS:
            _add_files(found, room, only=_CODE)
        newest = max(_add_files(found, folder) for folder in folders)
    except OSError:
        return None
    return FilesState(found.hexdigest(), newest)


def _add_files(found: Any, folder: Path, only: tuple[str, ...] = ("",)) -> int:
    """Add names, sizes, modes and times of all files below a folder; returns the latest time."""
    newest, waiting = 0, [os.fspath(folder)]
    while waiting:
        here = waiting.pop()
        lines = [here]
        with os.scandir(here) as entries:
            for entry in sorted(entries, key=lambda entry: entry.name):
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)
                elif entry.name.endswith(only):
                    seen = entry.stat(follow_symlinks=False)
                    lines.append(f"{entry.name}/{_told(seen)}")
                    newest = max(newest, seen.st_mtime_ns, seen.st_ctime_ns)
                    if entry.is_symlink():
                        lines.append(_target(entry))
        found.update("\n".join(lines).encode("utf-8", "surrogateescape"))
    return newest


def _target(link: os.DirEntry[str]) -> str:
    if link.is_dir():
        raise NotADirectoryError(f"{link.path}: leads elsewhere")
    return _told(link.stat())


def _told(seen: os.stat_result) -> str:
    return f"{seen.st_size}/{seen.st_mode}/{seen.st_mtime_ns}/{seen.st_ino}"
