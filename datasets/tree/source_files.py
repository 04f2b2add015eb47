"""A tree's sources as files: trusted where size and time tell, read, cloned, written anew.

This is done for every picture of a tree, so it asks the system for no more than it needs.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

    from ..catalogue.placements import Measured

_BINARY: Final = getattr(os, "O_BINARY", 0)  # Windows
_READ: Final = os.O_RDONLY | _BINARY
_NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | _BINARY
_FICLONE: Final = 0x40049409  # Linux: share the blocks of one file with another


def is_untouched(source: Path, seen: Measured) -> bool:
    """Whether a file has the size it was judged with, and was not written to since."""
    try:
        return says_untouched(os.stat(source), seen)  # noqa: PTH116 - two thirds of the time
    except OSError:
        return False


def says_untouched(found: os.stat_result, seen: Measured) -> bool:
    """Whether this is the state of a file that was not written to since it was judged."""
    return found.st_size == seen.bytes and found.st_mtime < seen.seen_at + 1


def read_untouched(source: Path, seen: Measured) -> bytes | None:
    """A file's bytes, where size and time stand for its digest; None: it has to be hashed."""
    if not is_untouched(source, seen):  # so that no pipe is opened: it has no size
        return None
    try:
        file = os.open(source, _READ)
        try:
            data = os.read(file, seen.bytes + 1)
        finally:
            os.close(file)
    except OSError:
        return None
    return data if len(data) == seen.bytes else None


def write_new(path: str, data: bytes) -> None:
    """Write a file."""
    # A file object asks the system twice for what is known here.
    file = os.open(path, _NEW, 0o666)
    try:
        left = memoryview(data)
        while left:
            left = left[os.write(file, left) :]
    finally:
        os.close(file)


def reflink(source: Path, path: Path) -> None:
    """Share the source's blocks (btrfs, xfs, zfs): no bytes are copied, a later edit is.

    Raises OSError where the file system has no such thing.
    """
    try:
        import fcntl
    except ImportError:
        raise OSError("no reflinks on this system") from None
    try:
        with source.open("rb") as reader, path.open("wb") as writer:
            fcntl.ioctl(writer.fileno(), _FICLONE, reader.fileno())
    except OSError:
        path.unlink(missing_ok=True)
        raise
