"""Files of the pool that were deleted or changed behind the catalogue's back."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING, Final

from .catalogue import images

if TYPE_CHECKING:
    from pathlib import Path

    from .catalogue import Catalogue
    from .project import Project

MISSING: Final = "missing"
ALTERED: Final = "altered"


def missing_files(project: Project, cat: Catalogue) -> list[str]:
    """The paths of pictures whose file is gone, in order; by one listing a folder."""
    folders: dict[str, set[str]] = {}
    gone = []
    for path in images.stored_paths(cat):
        folder, _, name = path.rpartition("/")
        if folder not in folders:
            folders[folder] = _names(project.image(folder))
        if name not in folders[folder]:
            gone.append(path)
    return sorted(gone)


def missing_pictures(project: Project, cat: Catalogue) -> set[str]:
    """The same by SHA-256."""
    gone = set(missing_files(project, cat))
    return {one.sha256 for one in images.stored_files(cat) if one.path in gone} if gone else set()


def lost_files(project: Project, cat: Catalogue) -> dict[str, str]:
    """Path → MISSING or ALTERED, in order, for each picture whose file is not what came.

    Told by the file's size; one that was written to since it came is hashed.
    """
    lost = {}
    for file in images.stored_files(cat):
        where = project.image(file.path)
        try:
            found = os.stat(where)  # noqa: PTH116 - two thirds of the time
        except OSError:
            lost[file.path] = MISSING
            continue
        late = found.st_mtime >= file.added_at + 1
        if found.st_size != file.bytes or (late and _digest(where) != file.sha256):
            lost[file.path] = ALTERED
    return dict(sorted(lost.items()))


def _names(folder: Path) -> set[str]:
    """The files in a folder, by what its listing says; none are in one that cannot be listed."""
    try:
        with os.scandir(folder) as found:
            return {one.name for one in found if one.is_file()}
    except OSError:
        return set()


def _digest(file: Path) -> str | None:
    try:
        with file.open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest()
    except OSError:
        return None
