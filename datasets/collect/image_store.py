"""The pool of original bytes: first the file, whole and on disk, then its rows.

A kill between the two leaves a file without rows, which the next run finds equal and keeps; it
never leaves a row without its file.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from ..catalogue import forgetting, images
from ..errors import UsageError
from ..files import write_file

if TYPE_CHECKING:
    from pathlib import Path

    from ..catalogue import Catalogue
    from ..files import FileGroup
    from ..project import Project


_NAME = re.compile("[0-9a-f]{16,64}")  # of a picture's file in images/ or ready/


class Forgotten(Exception):
    """A picture that was forgotten, and never comes back (`pixset forget`)."""


def digest(data: bytes) -> str:
    """The SHA-256 of `data`, 64 hex digits."""
    return hashlib.sha256(data).hexdigest()


def keep(
    project: Project,
    cat: Catalogue,
    label: str,
    data: bytes,
    extension: str,
    files: FileGroup | None = None,
) -> str:
    """Put a picture into the pool under `label`, unless it is there; returns its SHA-256.

    Within the caller's transaction, and in its `files` where it writes many. Raises Forgotten for
    a picture that `pixset forget` took, DatasetError with one line where the disk is full.
    """
    sha256 = digest(data)
    if forgetting.is_forgotten(cat, sha256):
        raise Forgotten(sha256)
    known = images.image_path(cat, sha256)
    if is_there(project, cat, sha256, files):
        return sha256
    relative = known or f"images/{label}/{sha256[:16]}.{extension}"
    if known is None and images.path_taken(cat, relative):
        relative = f"images/{label}/{sha256}.{extension}"
    if files is None:
        write_file(project.image(relative), data, durable=True)
    else:
        files.write(project.image(relative), data)
    images.add_image(cat, images.ImageRecord(sha256, relative, len(data), extension))
    return sha256


def is_there(project: Project, cat: Catalogue, sha256: str, files: FileGroup | None = None) -> bool:
    """Whether a picture is in the pool, or is in `files` on its way there.

    One whose file was freed is not missed.
    """
    path = images.image_path(cat, sha256)
    if path is None:
        return False
    file = project.image(path)
    return (files is not None and file in files) or file.is_file() or images.is_freed(cat, sha256)


def find(project: Project, cat: Catalogue, name: Path) -> str:
    """The SHA-256 of a picture by its file (here, or in the dataset), or the start of its id.

    Raises UsageError where there is none, or more than one.
    """
    known = [one.sha256 for one in images.images(cat)]
    file = next((file for file in (name, project.root / name) if file.is_file()), None)
    found: list[str] = []
    if file is not None:
        with file.open("rb") as opened:
            content = hashlib.file_digest(opened, "sha256").hexdigest()
        found = [sha for sha in known if sha == content]
    # A file of ready/ may have other bytes than its source, but has its name. `3.jpg` has none.
    start, is_file = name.stem.lower(), bool(file or name.suffix)
    if not found and start and (not is_file or _NAME.fullmatch(start)):
        found = [sha for sha in known if sha.startswith(start)]
    if len(found) != 1:
        what = f"{len(found)} pictures" if found else "no picture"
        raise UsageError(
            f"{name}: {what} of this dataset: name a file in images/ or ready/, or an id"
        )
    return found[0]
