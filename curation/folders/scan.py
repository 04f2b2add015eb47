"""Which files of a folder are meant as pictures: by name or by their first bytes."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ..errors import UsageError
from .cache import SUFFIX
from .move import is_undo_file

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class Scan:
    """The files of a folder, sorted by path: the order of a listing decides nothing.

    `pictures` claim to be pictures, by their extension or by their first bytes. `junk` is what
    systems strew about (`.DS_Store`, `Thumbs.db`, `._cat.jpg`): naive loaders trip over it. Other
    files (notes, tables) and other hidden ones are nobody's business here.
    """

    pictures: tuple[Path, ...]
    junk: tuple[Path, ...]


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
JUNK: Final = frozenset({".ds_store", "thumbs.db", "ehthumbs.db", "desktop.ini", ".directory"})

_SIGNATURES: Final = (
    *(b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a", b"II*\0", b"MM\0*", b"II+\0"),
    *(b"8BPS", b"\0\0\1\0", b"\0\0\0\x0cjP  ", b"\xff\x4f\xff\x51", b"DDS ", b"<svg"),
)


def scan(folder: Path) -> Scan:
    """List a folder, recursively; raises UsageError where there is no folder.

    Links to files are followed, links to folders are not (they may lead in a circle). Folders that
    `move_aside` moved pictures to are left out, except when it is the one that is asked for.
    """
    if not folder.is_dir():
        raise UsageError(f"{folder}: no such folder; name a folder of pictures")
    whole = Path(os.path.abspath(folder))  # noqa: PTH100 (links in the given path stay as given)
    pictures: list[Path] = []
    junk: list[Path] = []
    for path in _files(whole):
        name = path.name.lower()
        if name in JUNK or name.startswith("._"):
            junk.append(path)
        elif not name.startswith(".") and is_meant_as_picture(path):
            pictures.append(path)
    return Scan(tuple(sorted(pictures)), tuple(sorted(junk)))


def is_meant_as_picture(path: Path) -> bool:
    """Say whether a file's extension, or else its first bytes, claim that it is a picture."""
    if path.suffix[1:].lower() in EXTENSIONS:
        return True
    if path.suffix.lower() in {".jsonl", ".sqlite", ".py", ".txt", ".md", ".csv", ".html"}:
        return False
    try:
        with path.open("rb") as stream:
            head = stream.read(16)
    except OSError:
        return False
    return (
        head.startswith(_SIGNATURES)
        or (head[:4] == b"RIFF" and head[8:12] == b"WEBP")
        or (head[4:8] == b"ftyp" and head[8:12] in {b"avif", b"avis", b"heic", b"heix", b"mif1"})
        # "BM" alone begins many a text; the four reserved bytes are zero in a BMP.
        or (head[:2] == b"BM" and head[6:10] == b"\0\0\0\0")
    )


def _files(top: Path) -> Iterator[Path]:
    for parent, folders, names in os.walk(top):
        here = Path(parent)
        if here != top and any(is_undo_file(Path(name)) for name in names):
            folders.clear()
            continue
        # Hidden folders hold version control, thumbnails, and caches.
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in names:
            path = here / name
            # A named pipe would be read for ever.
            if not name.endswith(SUFFIX) and path.is_file():
                yield path
