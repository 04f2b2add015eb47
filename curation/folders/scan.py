"""Which files of a folder are meant as pictures: by name or by their first bytes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ..errors import UsageError
from ..images.formats import HEAD, format_of
from .cache import SUFFIX
from .undo_file import is_undo_name
from .walk import EntryKind, absolute, is_junk, walk

if TYPE_CHECKING:
    from pathlib import Path

    from .walk import Entry


@dataclass(frozen=True, slots=True)
class Scan:
    """The files of a folder, sorted by path: the order of a listing decides nothing.

    `pictures` claim to be pictures, by their extension or by their first bytes. `junk` is what
    systems strew about (`.DS_Store`, `Thumbs.db`, `._cat.jpg`): naive loaders trip over it. Other
    files (notes, tables), other hidden ones, pipes and devices are not listed. `unlisted` are
    folders that the system does not list, with its reason.
    """

    pictures: tuple[Path, ...]
    junk: tuple[Path, ...]
    unlisted: tuple[tuple[Path, str], ...] = ()


# Also what no decoder here opens (SVG, PDF, EPS): whoever named it so meant a picture.
EXTENSIONS: Final = frozenset(
    {
        *("jpg", "jpeg", "jpe", "jfif", "png", "apng", "gif", "webp", "bmp", "dib", "tif", "tiff"),
        *("avif", "avifs", "heic", "heif", "hif", "jxl", "jp2", "j2k", "jpx", "qoi", "ico", "cur"),
        *("ppm", "pgm", "pbm", "pnm", "psd", "tga", "dds", "pcx", "fli", "flc", "blp", "sgi"),
        *("xbm", "xpm", "icns", "cr2", "nef", "arw", "dng"),
        *("svg", "svgz", "pdf", "eps", "ai", "wmf", "emf"),
    }
)


def scan(folder: Path) -> Scan:
    """List a folder, recursively; raises UsageError where there is no folder.

    Links to files are followed, links to folders are not (they may lead in a circle), nor are
    hidden folders and by-products of storage boxes and notebooks. Folders that `move_aside` moved
    pictures to are left out, except when it is the one that is asked for.
    """
    if not folder.is_dir():
        raise UsageError(f"{folder}: no such folder; name a folder of pictures")
    whole = absolute(folder)
    pictures: list[Path] = []
    junk: list[Path] = []
    unlisted: list[tuple[Path, str]] = []
    for entry in _without_moved(list(walk(whole))):
        if entry.kind is EntryKind.UNLISTED:
            unlisted.append((whole / entry.path, entry.detail))
            continue
        if entry.kind is not EntryKind.FILE or entry.name.endswith(SUFFIX):
            continue
        path = whole / entry.path
        if is_junk(entry.name):
            junk.append(path)
        elif not entry.hidden and is_meant_as_picture(path):
            pictures.append(path)
    return Scan(tuple(pictures), tuple(junk), tuple(unlisted))


def _without_moved(entries: list[Entry]) -> list[Entry]:
    """Leave out what lies in folders below the top that `move_aside` moved pictures to."""
    moved = tuple(
        entry.path.rpartition("/")[0] + "/"
        for entry in entries
        if "/" in entry.path and is_undo_name(entry.name)
    )
    return [entry for entry in entries if not entry.path.startswith(moved)]


def is_meant_as_picture(path: Path) -> bool:
    """Say whether a file's extension, or else its first bytes, claim that it is a picture."""
    if path.suffix[1:].lower() in EXTENSIONS:
        return True
    if path.suffix.lower() in {".jsonl", ".sqlite", ".py", ".txt", ".md", ".csv", ".html"}:
        return False
    try:
        with path.open("rb") as stream:
            return format_of(stream.read(HEAD)) is not None
    except OSError:
        return False
