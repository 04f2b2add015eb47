"""The pool of original bytes: first the file, whole and on disk, then its rows.

A kill between the two leaves a file without rows, which the next run finds equal and keeps; it
never leaves a row without its file.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from ..catalogue import web
from ..files import write_file

if TYPE_CHECKING:
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
    write_file(project.image(relative), data, durable=True)
    web.add_picture(cat, web.Picture(sha256, relative, len(data), extension))
    return sha256
