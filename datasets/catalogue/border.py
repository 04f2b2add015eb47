"""SQLite's errors stop here: each becomes one line that says what to do."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ..errors import CannotBeWritten, DatasetError, DiskFull, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_LEAST_ROOM = 1 << 20  # bytes below which a disk counts as full


@contextmanager
def in_one_line(path: Path) -> Iterator[None]:
    """Turn SQLite's errors about the catalogue at `path` into the roof's.

    Raises DiskFull, CannotBeWritten, UsageError for a file that is damaged or no catalogue, and
    DatasetError for the rest; IntegrityError and ProgrammingError
    stay as they are.
    """
    try:
        yield
    except sqlite3.OperationalError as error:
        what = str(error)
        if "full" in what or ("I/O" in what and _is_full(path)):
            raise DiskFull(
                f"{path}: the disk is full; what is done is kept, make room and run again"
            ) from error
        if "readonly" in what or "unable to open" in what:
            raise CannotBeWritten(
                f"{path}: cannot be written ({what}): check its permissions"
            ) from error
        if what.startswith(("no such", "Could not decode")):  # a table or column; a text
            raise UsageError(f"{path}: is damaged ({what}): {way_out(path)}") from error
        raise DatasetError(f"{path}: SQLite says: {what}") from error
    except (sqlite3.IntegrityError, sqlite3.ProgrammingError):
        raise  # a broken promise or a wrong call is a bug to be seen, not a line to be read
    except sqlite3.DatabaseError as error:
        raise UsageError(
            f"{path}: not a catalogue, or a damaged one ({error}): {way_out(path)}"
        ) from error


def way_out(path: Path) -> str:
    """What to do where the catalogue at `path` is lost: its pictures may still lie beside it."""
    pictures = path.parent / "images"
    if not pictures.is_dir():
        return "put a copy of the catalogue there"
    return (
        "put a copy of the catalogue there, or make another dataset of its pictures with "
        f"`pixset import {pictures} --into {path.parent}-again`"
    )


def _is_full(path: Path) -> bool:
    """Whether the disk has no room: SQLite calls that an I/O error when it maps its index."""
    try:
        return shutil.disk_usage(path.parent).free < _LEAST_ROOM
    except OSError:
        return False
