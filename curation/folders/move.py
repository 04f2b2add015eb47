"""Move files aside, never over another, and take it back exactly.

Each move is written into the undo file (one JSON line, synced to disk) before it is done, so that
a run that is killed anywhere can be undone: at every moment a file's bytes lie under its old name,
its new name, or both, and `undo` tells which.
"""

from __future__ import annotations

import contextlib
import filecmp
import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import UsageError
from ..progress import silent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from ..progress import Progress

    Write = Callable[[Mapping[str, Any]], None]

UNDO_NAME = "pixset-undo.jsonl"  # in the folder moved to; the next run's is pixset-undo-2.jsonl
_HEAD = "pixset-undo"


@dataclass(frozen=True, slots=True)
class Moved:
    """What one run of `move_aside` did: new places by old place, and the file that undoes it."""

    undo_file: Path | None
    moves: tuple[tuple[Path, Path], ...]


@dataclass(frozen=True, slots=True)
class MovedBack:
    """What `undo` did.

    `restored` are back, `already` were in place. `refused` stay where they were moved to, because
    their old place is taken by another file now, and `missing` are at neither place.
    """

    restored: tuple[Path, ...]
    already: tuple[Path, ...]
    refused: tuple[tuple[Path, str], ...]
    missing: tuple[Path, ...]


def move_aside(
    files: Iterable[tuple[Path, Mapping[str, Any]]],
    *,
    root: Path,
    to: Path,
    progress: Progress = silent,
) -> Moved:
    """Move each file to the same place under `to` as it has under `root`; keep the reason.

    A name that is taken gets a number (`cat.jpg` → `cat-2.jpg`). Raises UsageError when `to`
    cannot be made or lies where the files come from, or below it.
    """
    todo = list(files)
    root, to = _absolute(root), _absolute(to)
    refuse_inside(root, to)
    if not todo:
        return Moved(None, ())
    moves = []
    with _undo_file(to) as (undo_path, write), progress("move", len(todo)) as advance:
        for path, reason in todo:
            source = _absolute(path)
            target = _free(to / source.relative_to(root))
            _make_folder(target.parent)
            while not _recorded_move(source, target, reason, write):
                target = _free(target)
            moves.append((source, target))
            advance(1)
    return Moved(undo_path, tuple(moves))


def refuse_inside(root: Path, to: Path) -> None:
    """Raise UsageError where `to` is `root` or lies below it, links followed.

    What is moved there would be found and compared again by the next run.
    """
    inner, outer = to.resolve(), root.resolve()
    if inner == outer:
        raise UsageError(f"{to}: that is the folder itself; name another one to move to")
    if outer in inner.parents:
        raise UsageError(f"{to}: lies inside {root}, which is looked through; name one outside it")


def _recorded_move(source: Path, target: Path, reason: Mapping[str, Any], write: Write) -> bool:
    """Write the intent, then move; False, and the intent void, where the name was just taken."""
    write({"from": str(source), "to": str(target), **reason})
    try:
        _move(source, target)
    except FileExistsError:
        write({"void": True})
        return False
    return True


def undo(undo_file: Path, *, progress: Progress = silent) -> MovedBack:
    """Put back what an undo file records, the last move first; run it again to go on.

    `undo_file` may be the folder that was moved to: then its newest undo file is meant. When
    everything is back the undo file is renamed to `….done`; otherwise it stays. Raises UsageError
    for what is no undo file.
    """
    path = _newest(undo_file) if undo_file.is_dir() else undo_file
    entries = _read(path)
    restored: list[Path] = []
    already: list[Path] = []
    refused: list[tuple[Path, str]] = []
    missing: list[Path] = []
    with progress("undo", len(entries)) as advance:
        for entry in reversed(entries):
            source, target = Path(entry["from"]), Path(entry["to"])
            _half_copied(target).unlink(missing_ok=True)
            if not os.path.lexists(target):
                (already if os.path.lexists(source) else missing).append(source)
            elif not os.path.lexists(source):
                _make_folder(source.parent)
                _move(target, source)
                restored.append(source)
            elif _same_file(source, target):
                target.unlink()  # a run was stopped between copying and removing
                already.append(source)
            else:
                refused.append((source, f"another file has that name now; yours is {target}"))
            advance(1)
    if not refused:
        _sweep(path.parent, entries)
        path.rename(_free(path.with_name(path.name + ".done")))
    return MovedBack(tuple(restored), tuple(already), tuple(refused), tuple(missing))


def is_undo_file(path: Path) -> bool:
    """Say whether a file's name is one that `move_aside` gives to its undo files."""
    return path.name.startswith(_HEAD) and path.name.endswith((".jsonl", ".jsonl.done"))


def _absolute(path: Path) -> Path:
    # Not resolve(): a link is moved as the link that it is.
    return Path(os.path.abspath(path))  # noqa: PTH100 (pathlib has no absolute() that drops "..")


def _free(path: Path) -> Path:
    """Return the path, or the first numbered neighbour of it that is free."""
    if not os.path.lexists(path):
        return path
    number = 2
    while os.path.lexists(candidate := path.with_name(f"{path.stem}-{number}{path.suffix}")):
        number += 1
    return candidate


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{folder}: cannot be made: {error.strerror}") from error


@contextlib.contextmanager
def _undo_file(folder: Path) -> Iterator[tuple[Path, Write]]:
    """Create a new undo file, and give its path and a function that appends a line for good."""
    _make_folder(folder)
    path = _free(folder / UNDO_NAME)
    try:
        stream = path.open("x", encoding="ascii")
    except OSError as error:
        raise UsageError(f"{folder}: cannot be written to: {error.strerror}") from error

    def write(entry: Mapping[str, Any]) -> None:
        # ASCII: a name that is no valid UTF-8 survives as an escaped surrogate.
        stream.write(json.dumps(entry) + "\n")
        stream.flush()
        os.fsync(stream.fileno())

    with stream:
        write({_HEAD: 1})
        _sync_folder(folder)
        yield path, write


def _sync_folder(folder: Path) -> None:
    """Make the undo file's name survive a power cut too, where the system lets folders sync."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _move(source: Path, target: Path) -> None:
    """Move one file to a free name; raises FileExistsError where it is taken.

    A hard link refuses a name that was taken meanwhile, where a rename would overwrite it. Where
    links cannot be made (another device, FAT) the bytes are copied, synced, and only then removed.
    """
    try:
        os.link(source, target, follow_symlinks=False)
    except FileExistsError:
        raise
    except (OSError, NotImplementedError):
        _copy(source, target)
    source.unlink()


def _copy(source: Path, target: Path) -> None:
    if source.is_symlink():
        target.symlink_to(source.readlink())  # refuses a name that is taken
        return
    half = _half_copied(target)
    shutil.copy2(source, half)
    with half.open("rb+") as stream:
        os.fsync(stream.fileno())
    target.open("xb").close()  # takes the name, or refuses it
    half.replace(target)


def _half_copied(target: Path) -> Path:
    return target.with_name(f".{target.name}.pixset-part")


def _same_file(source: Path, target: Path) -> bool:
    """Say whether the file at its new place is only the rest of a stopped copy of the old one."""
    if source.is_symlink() or target.is_symlink():
        both = source.is_symlink() and target.is_symlink()
        return both and source.readlink() == target.readlink()
    if source.samefile(target) or target.stat().st_size == 0 < source.stat().st_size:
        return True
    return filecmp.cmp(source, target, shallow=False)


def _newest(folder: Path) -> Path:
    found = [path for path in folder.glob(f"{_HEAD}*.jsonl") if path.is_file()]
    if not found:
        raise UsageError(f"{folder}: holds no {UNDO_NAME}; name the file or the folder moved to")
    return max(found, key=lambda path: (path.stat().st_mtime_ns, path.name))


def _read(path: Path) -> list[dict[str, str]]:
    """Read the moves of an undo file; a last line torn by a crash was never acted on."""
    try:
        lines = path.read_text(encoding="ascii").splitlines(keepends=True)
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: cannot be read as an undo file: {error}") from error
    try:
        head, *rest = [json.loads(line) for line in lines if line.endswith("\n")]
    except ValueError as error:
        raise UsageError(f"{path}: is no undo file that pixset wrote") from error
    if not isinstance(head, dict) or head.get(_HEAD) != 1:
        raise UsageError(f"{path}: is no undo file that pixset wrote")
    entries: list[dict[str, str]] = []
    for entry in rest:
        if "void" in entry:
            entries.pop()
        else:
            entries.append({"from": entry["from"], "to": entry["to"]})
    return entries


def _sweep(top: Path, entries: list[dict[str, str]]) -> None:
    """Remove the folders that the moves left empty again; never the top one."""
    folders = {folder for entry in entries for folder in Path(entry["to"]).parents}
    inside = [folder for folder in folders if top in folder.parents]
    for folder in sorted(inside, key=lambda folder: len(folder.parts), reverse=True):
        with contextlib.suppress(OSError):  # not empty: somebody else's
            folder.rmdir()
