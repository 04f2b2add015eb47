"""The pool of original bytes: first the file, whole and on disk, then its rows.

A kill between the two leaves a file without rows, which the next run finds equal and keeps; it
never leaves a row without its file.
"""

from __future__ import annotations

import errno
import hashlib
import os
from contextlib import suppress
from typing import TYPE_CHECKING

from ..catalogue import web
from ..errors import DatasetError

if TYPE_CHECKING:
    from pathlib import Path

    from ..catalogue import Catalogue
    from ..project import Project


def digest(data: bytes) -> str:
    """The SHA-256 of `data`, 64 hex digits."""
    return hashlib.sha256(data).hexdigest()


def keep(project: Project, cat: Catalogue, label: str, data: bytes, extension: str) -> str:
    """Put a picture into the pool under `label`, unless it is there; returns its SHA-256.

    Within the caller's transaction. Raises DatasetError with one line where the disk is full.
    """
    sha256 = digest(data)
    known = web.picture_path(cat, sha256)
    if known is not None and project.image(known).is_file():
        return sha256
    relative = known or f"images/{label}/{sha256[:16]}.{extension}"
    if known is None and web.path_taken(cat, relative):
        relative = f"images/{label}/{sha256}.{extension}"
    write(project.image(relative), data)
    web.add_picture(cat, web.Picture(sha256, relative, len(data), extension))
    return sha256


def write(path: Path, data: bytes) -> None:
    """Write a whole file or none: beside, to the disk, then renamed."""
    beside = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with beside.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as error:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DatasetError(
                f"{path.parent}: the disk is full; what is done is kept, make room and run again"
            ) from error
        raise DatasetError(f"{path}: cannot be written ({error.strerror})") from error
