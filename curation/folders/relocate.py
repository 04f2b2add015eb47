"""Move one file to a free name, never over another, in steps that a killed run can be told by."""

from __future__ import annotations

import contextlib
import filecmp
import hashlib
import os
import shutil
import sys
from typing import TYPE_CHECKING

from ..errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_LONGEST = 255  # bytes of a name, on nearly every file system


def move_one(source: Path, target: Path) -> None:
    """Move one file to a free name; raises FileExistsError where it is taken.

    A hard link refuses a name that was taken meanwhile, where a rename would overwrite it. Where
    links cannot be made (another device, FAT) the bytes are copied, synced, and only then removed.
    Raises OSError, and leaves nothing at `target`, where the file cannot go from where it is.
    """
    try:
        os.link(source, target, follow_symlinks=False)
    except FileExistsError:
        raise
    except (OSError, NotImplementedError):
        _copy(source, target)
    try:
        source.unlink(missing_ok=True)  # somebody may have been quicker: the bytes are safe
    except OSError:  # a folder that lets nothing go
        target.unlink()
        raise


def _copy(source: Path, target: Path) -> None:
    if source.is_symlink():
        target.symlink_to(source.readlink())  # refuses a name that is taken
        return
    half = half_copied(target)
    try:
        shutil.copy2(source, half)
        with half.open("rb+") as stream:
            os.fsync(stream.fileno())
        target.open("xb").close()  # takes the name, or refuses it
    except OSError:
        half.unlink(missing_ok=True)
        raise
    half.replace(target)


def free(path: Path) -> Path:
    """Return the path, or the first numbered neighbour of it that is free."""
    if not os.path.lexists(path):
        return path
    number = 2
    while os.path.lexists(candidate := _numbered(path, number)):
        number += 1
    return candidate


def _numbered(path: Path, number: int) -> Path:
    stem, ending = path.stem, f"-{number}{path.suffix}"
    while stem and len(os.fsencode(stem + ending)) > _LONGEST:
        stem = stem[:-1]
    return path.with_name(stem + ending)


def half_copied(target: Path) -> Path:
    """Where the bytes of a copy lie until they are whole."""
    name = f".{target.name}.pixset-part"
    if len(os.fsencode(name)) > _LONGEST:
        name = f".{hashlib.sha256(os.fsencode(target.name)).hexdigest()}.pixset-part"
    return target.with_name(name)


def same_file(source: Path, target: Path) -> bool:
    """Say whether the file at its new place is only the rest of a stopped copy of the old one."""
    if source.is_symlink() or target.is_symlink():
        both = source.is_symlink() and target.is_symlink()
        return both and source.readlink() == target.readlink()
    if source.samefile(target) or _only_claimed(source, target):
        return True
    return filecmp.cmp(source, target, shallow=False)


def finish(source: Path, target: Path) -> bool:
    """Finish a recorded move that was stopped; False where it has to be begun again.

    Nothing but a name that a copy had only claimed is taken from under `target`.
    """
    half_copied(target).unlink(missing_ok=True)
    if not os.path.lexists(target):
        return not os.path.lexists(source)
    if os.path.lexists(source):
        if _only_claimed(source, target):
            target.unlink()
            return False
        if same_file(source, target):
            try:
                source.unlink()
            except OSError:  # a folder that lets nothing go
                target.unlink()
                return False
    return True


def _only_claimed(source: Path, target: Path) -> bool:
    if source.is_symlink() or target.is_symlink():
        return False
    return target.stat().st_size == 0 < source.stat().st_size


def make_folder(folder: Path) -> None:
    """Make a folder and those above it; raises UsageError where that cannot be."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"{folder}: cannot be made: {error.strerror}; name another place"
        ) from error


def sync_folder(folder: Path) -> None:
    """Make the names in a folder survive a power cut too, where the system lets folders sync."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


@contextlib.contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Hold a folder against other runs that move files there; raises UsageError where one does."""
    handle = _locked(folder)
    try:
        yield
    finally:
        if handle is not None:
            os.close(handle)


if sys.platform == "win32":

    def _locked(folder: Path) -> int | None:
        del folder
        return None  # Windows locks no folders: two runs into one folder are not noticed there

else:
    import fcntl

    def _locked(folder: Path) -> int | None:
        try:
            handle = os.open(folder, os.O_RDONLY)
        except OSError:
            return None  # it may be written to, not listed
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            raise UsageError(f"{folder}: another run moves files there now") from None
        except OSError:  # a file system without locks
            os.close(handle)
            return None
        return handle
