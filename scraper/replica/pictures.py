"""The pictures that a replica has: a folder's, or drawn ones; and copies of them in variants.

A picture is named by its pool (a class folder, or the term that is drawn), its number there
and its variant, and nothing else: a replica that is started again serves the same addresses.
"""

from __future__ import annotations

import io
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Protocol

from PIL import Image, ImageEnhance, ImageOps

from ..errors import UsageError
from .drawing import draw as drawing

if TYPE_CHECKING:
    from pathlib import Path

PICTURES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".tiff", ".tif", ".avif"})
AS_IS = "a"
VARIANTS = ("q", "r", "c", "b")
"""How a copy differs: recompressed, resized, cropped slightly, brightened."""
_MEANING = {"a": "as-is", "q": "recompressed", "r": "resized", "c": "cropped", "b": "brighter"}
_LITTLE = frozenset({"a", "and", "at", "in", "not", "of", "on", "the", "with"})  # say nothing
_CODE = re.compile(r"([a-z])(\d+)/(.+)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class ReplicaPicture:
    """One picture under one address: `number` in `pool`, copied as `variant` says."""

    pool: str
    number: int
    variant: str = AS_IS

    @property
    def source(self) -> str:
        """The name that all copies of one picture share."""
        return f"{self.pool}/{self.number}"

    @property
    def change(self) -> str:
        """What the variant does, in a word."""
        return _MEANING[self.variant]

    def code(self) -> str:
        """The picture's name in letters, digits, `-` and `_`, at least 24 of them."""
        text = f"{self.variant}{self.number}/{self.pool}".encode()
        digest = sha256(text).digest()[:9]
        return urlsafe_b64encode(digest + text).decode().rstrip("=")

    @classmethod
    def decode(cls, code: str) -> ReplicaPicture | None:
        """The picture of a code, or None if it is none of ours."""
        try:
            raw = urlsafe_b64decode(code + "=" * (-len(code) % 4))
            match = _CODE.fullmatch(raw[9:].decode())
        except ValueError:
            return None
        if match is None or match[1] not in _MEANING or sha256(raw[9:]).digest()[:9] != raw[:9]:
            return None
        return cls(match[3], int(match[2]), match[1])


class PictureSource(Protocol):
    """Where pictures come from."""

    def pool(self, term: str) -> str | None:
        """The pool that answers a term, None if there is nothing."""
        ...

    def count(self, pool: str) -> int | None:
        """How many pictures it holds; None if as many as one likes."""
        ...

    def size(self, picture: ReplicaPicture) -> tuple[int, int]:
        """Width and height of the picture's original."""
        ...

    def original(self, picture: ReplicaPicture) -> bytes:
        """The bytes of the original; KeyError if there is no such picture."""
        ...

    def preview(self, picture: ReplicaPicture, longest: int, quality: int) -> bytes:
        """A JPEG of at most `longest` pixels; KeyError if there is no such picture."""
        ...

    def terms(self) -> list[str]:
        """Some terms that find something."""
        ...


class DrawnPictures:
    """Any term finds pictures, drawn when they are asked for."""

    def __init__(self, seed: int = 0) -> None:
        self._seed = seed

    def pool(self, term: str) -> str | None:
        """The term itself, tidied."""
        return " ".join(term.lower().split()) or None

    def count(self, pool: str) -> int | None:  # noqa: ARG002 - the protocol's shape
        """No end."""
        return None

    def size(self, picture: ReplicaPicture) -> tuple[int, int]:
        """Known without drawing."""
        size = drawing.size_of(picture.pool, picture.number, self._seed)
        return _varied_size(size, picture.variant)

    def original(self, picture: ReplicaPicture) -> bytes:
        """Drawn and saved as JPEG."""
        drawn = drawing.draw(picture.pool, picture.number, self._seed)
        return _jpeg(_varied(drawn, picture.variant), 60 if picture.variant == "q" else 88)

    def preview(self, picture: ReplicaPicture, longest: int, quality: int) -> bytes:
        """Drawn smaller: half the work."""
        drawn = drawing.draw(picture.pool, picture.number, self._seed, long_side=400)
        return _reduced(_varied(drawn, picture.variant), longest, quality)

    def terms(self) -> list[str]:
        """What has a drawing of its own."""
        return sorted(drawing.KNOWN)


class FolderPictures:
    """Class folders: their names are what terms find, below the top folder at any depth."""

    def __init__(self, folder: Path) -> None:
        self._files: dict[str, list[Path]] = {}
        for path in sorted(folder.rglob("*")):
            if path.suffix.lower() in PICTURES and path.is_file() and path.parent != folder:
                name = path.parent.relative_to(folder).as_posix()
                self._files.setdefault(name, []).append(path)
        if not self._files:
            raise UsageError(f"{folder}: holds no class folder with pictures")
        self._sizes: dict[Path, tuple[int, int]] = {}
        for name in list(self._files):  # a class of classes finds all that they hold
            for above in range(1, name.count("/") + 1):
                whole = name.rsplit("/", above)[0]
                self._files.setdefault(whole, []).extend(self._files[name])

    def pool(self, term: str) -> str | None:
        """The best folder: the very name, one within the term, one around it, one that shares a
        word with it. Of two alike it is the one that the term names last, as a "mountain bike" is
        a bike."""
        ordered = _words_in_order(term)
        asked = frozenset(ordered)
        best: tuple[int, int, int, str] | None = None
        for name in self._files:
            own = _words(name.rsplit("/", 1)[-1])
            if "not" in own and "not" not in asked:
                continue
            shared = own & asked
            last = max((place for place, word in enumerate(ordered) if word in own), default=-1)
            if own == asked:
                score = (3, 0, last, name)
            elif own <= asked:
                score = (2, len(own), last, name)
            elif asked and asked <= own:
                score = (1, -len(own), last, name)
            elif shared - _LITTLE:
                score = (0, len(shared), last, name)
            else:
                continue
            best = max(best or score, score)
        return best[3] if best else None

    def count(self, pool: str) -> int | None:
        """How many files."""
        return len(self._files.get(pool, ()))

    def size(self, picture: ReplicaPicture) -> tuple[int, int]:
        """From the file's header, turned upright; (0, 0) for what cannot be read."""
        path = self._path(picture)
        if path not in self._sizes:
            try:
                with Image.open(path) as opened:
                    turned = opened.getexif().get(0x0112, 1) >= 5
                    self._sizes[path] = opened.size[::-1] if turned else opened.size
            except (OSError, ValueError, SyntaxError):
                self._sizes[path] = (0, 0)
        return _varied_size(self._sizes[path], picture.variant)

    def original(self, picture: ReplicaPicture) -> bytes:
        """The file's own bytes, or a changed copy as JPEG."""
        path = self._path(picture)
        if picture.variant == AS_IS:
            return path.read_bytes()
        return _jpeg(_varied(_opened(path), picture.variant), 70 if picture.variant == "q" else 88)

    def preview(self, picture: ReplicaPicture, longest: int, quality: int) -> bytes:
        """The file, reduced."""
        return _reduced(
            _varied(_opened(self._path(picture), 800), picture.variant), longest, quality
        )

    def terms(self) -> list[str]:
        """The folders' names."""
        return sorted(name.rsplit("/", 1)[-1].replace("_", " ") for name in self._files)

    def _path(self, picture: ReplicaPicture) -> Path:
        files = self._files.get(picture.pool, [])
        if picture.number >= len(files):
            raise KeyError(picture.source)
        return files[picture.number]


def _words(text: str) -> frozenset[str]:
    return frozenset(_words_in_order(text))


def _words_in_order(text: str) -> list[str]:
    """A text's words in singular: `french_fries` and `French fry` agree well enough."""
    words = re.findall(r"[^\W_]+", text.lower())
    return [word[:-3] + "y" if word.endswith("ies") else word.removesuffix("s") for word in words]


def _opened(path: Path, longest: int | None = None) -> Image.Image:
    with Image.open(path) as opened:
        if longest:
            opened.draft("RGB", (longest, longest))
        return ImageOps.exif_transpose(opened).convert("RGB")


def _varied(picture: Image.Image, variant: str) -> Image.Image:
    if variant == "b":
        return ImageEnhance.Brightness(picture).enhance(1.08)
    size = _varied_size(picture.size, variant)
    if variant == "r":
        return picture.resize(size, Image.Resampling.LANCZOS)
    if variant == "c":
        left, top = (picture.width - size[0]) // 2, (picture.height - size[1]) // 2
        return picture.crop((left, top, left + size[0], top + size[1]))
    return picture


def _varied_size(size: tuple[int, int], variant: str) -> tuple[int, int]:
    factor = {"r": 0.75, "c": 0.95}.get(variant, 1.0)
    return round(size[0] * factor), round(size[1] * factor)


def _reduced(picture: Image.Image, longest: int, quality: int) -> bytes:
    picture.thumbnail((longest, longest), Image.Resampling.BICUBIC)
    return _jpeg(picture, quality)


def _jpeg(picture: Image.Image, quality: int) -> bytes:
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=quality)
    return file.getvalue()
