"""The undo file: a head, then a line for each move, written and synced before the move is done."""

from __future__ import annotations

import contextlib
import errno
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import CurationError, Unreadable, UsageError
from ..images.reading import read_file
from .relocate import finish, sync_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    Write = Callable[[Mapping[str, Any]], None]

HEAD = "pixset-undo"
UNDO_NAME = f"{HEAD}.jsonl"  # in the folder moved to; the next one's is pixset-undo-2.jsonl


def is_undo_name(name: str) -> bool:
    """Say whether a file's name is one that `move_aside` gives to its undo files."""
    return name.startswith(HEAD) and name.endswith((".jsonl", ".jsonl.done"))


def cannot_be_written(to: Path, error: OSError) -> CurationError:
    """The error for a place that refuses a file; a full disk is no mistake of the caller."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return CurationError(f"{to}: the disk is full; make room and run again")
    return UsageError(f"{to}: cannot be written to: {error.strerror}")


@contextlib.contextmanager
def writing(path: Path, *, new: bool) -> Iterator[Write]:
    """Open an undo file, and give a function that appends a line for good.

    One that is not `new` is gone on with: a move that was stopped is finished first, or its line
    taken out. Raises UsageError where it cannot be written, or another has the name of a new one.
    """
    try:
        if not new:
            _mend(path)
        stream = path.open("x" if new else "a", encoding="ascii")
    except OSError as error:
        raise cannot_be_written(path.parent, error) from error

    def write(entry: Mapping[str, Any]) -> None:
        # ASCII: a name that is no valid UTF-8 survives as an escaped surrogate.
        try:
            stream.write(json.dumps(entry) + "\n")
            stream.flush()
            os.fsync(stream.fileno())
        except OSError as error:
            raise cannot_be_written(path.parent, error) from error

    with stream:
        if stream.tell() == 0:
            write({HEAD: 1})
            sync_folder(path.parent)
        yield write


def _mend(path: Path) -> None:
    """Let an undo file that a run was stopped at end with a move that is done."""
    if not path.exists():
        return
    data = path.read_bytes()
    lines = [line for line in data.splitlines(keepends=True) if line.endswith(b"\n")]
    if lines:
        read(path)  # or it is none
    if len(lines) > 1:
        last = json.loads(lines[-1])
        if "void" not in last and not finish(Path(last["from"]), Path(last["to"])):
            del lines[-1]
    kept = sum(map(len, lines))
    if kept < len(data):
        with path.open("rb+") as stream:
            stream.truncate(kept)
            os.fsync(stream.fileno())


def newest(folder: Path) -> Path:
    """Return the undo file that was written to last; raises UsageError where there is none."""
    found = [path for path in folder.glob(f"{HEAD}*.jsonl") if path.is_file()]
    if not found:
        raise UsageError(f"{folder}: holds no {UNDO_NAME}; name the file or the folder moved to")
    return max(found, key=lambda path: (path.stat().st_mtime_ns, path.name))


def read(path: Path) -> list[dict[str, str]]:
    """Read the moves of an undo file; a last line torn by a crash was never acted on.

    Raises UsageError for any other file, or what is none: a pipe is not waited for.
    """
    try:
        lines = read_file(path).decode("ascii").splitlines(keepends=True)
    except (Unreadable, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: cannot be read as an undo file: {error}") from error
    try:
        return _moves([json.loads(line) for line in lines if line.endswith("\n")])
    except (ValueError, KeyError, TypeError, IndexError, RecursionError) as error:
        raise UsageError(f"{path}: is no undo file that pixset wrote") from error


def _moves(lines: list[dict[str, Any]]) -> list[dict[str, str]]:
    head, *rest = lines
    if head[HEAD] != 1:
        raise ValueError("a later version's")
    entries: list[dict[str, str]] = []
    for entry in rest:
        if "void" in entry:
            entries.pop()
        else:
            entries.append({"from": str(entry["from"]), "to": str(entry["to"])})
    return entries
