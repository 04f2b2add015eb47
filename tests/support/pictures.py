"""Pictures drawn from a number: distinct for every number, the same on every machine."""

from __future__ import annotations

import hashlib
from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from pathlib import Path


def draw(number: int, size: tuple[int, int] = (160, 120)) -> Image.Image:
    """A picture of soft coloured patches, unlike any other number's."""
    patches = np.random.default_rng(number).integers(0, 256, (6, 8, 3)).astype(np.uint8)
    return Image.fromarray(patches).resize(size, Image.Resampling.BICUBIC)


def photo(number: int, size: tuple[int, int] = (360, 270)) -> Image.Image:
    """Soft shapes with finer ones over them: rich enough to be compared like a photograph."""
    rng = np.random.default_rng(number)
    coarse = Image.fromarray(rng.integers(0, 256, (7, 9, 3), dtype=np.uint8))
    fine = Image.fromarray(rng.integers(0, 256, (30, 40, 3), dtype=np.uint8))
    return Image.blend(
        coarse.resize(size, Image.Resampling.BICUBIC),
        fine.resize(size, Image.Resampling.BICUBIC),
        0.3,
    )


def encode(image: Image.Image, kind: str = "JPEG", **options: object) -> bytes:
    """Pixels to a file's bytes; `options` are those of Pillow's `save`."""
    out = BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def sha_of(data: bytes) -> str:
    """The SHA-256 of a file's bytes in hex, by which catalogues know a picture."""
    return hashlib.sha256(data).hexdigest()


def jpeg(number: int, size: tuple[int, int] = (160, 120), quality: int = 90) -> bytes:
    """The bytes of a drawn JPEG."""
    return encode(draw(number, size), quality=quality)


def save(image: Image.Image, path: Path, **options: object) -> Path:
    """Write a picture in the format of the path's ending (JPEG where it has none)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path, format=None if path.suffix else "JPEG", **options)
    return path
