"""From any source's bytes to a training-ready picture: baseline RGB JPEG, upright, sRGB, no EXIF.

What already is that is copied unchanged; what only carries EXIF, XMP or trailing bytes loses
them without being encoded again; everything else is decoded in full and encoded once:

| source | becomes |
|---|---|
| EXIF orientation 2-8 | turned upright (Hugging Face turns it while reading, the others do not) |
| embedded ICC profile | converted to sRGB; a profile that is broken is ignored |
| alpha, also in palettes | flattened on white |
| CMYK, YCCK, gray, palette, 1-bit, LAB | RGB |
| 16-bit, 32-bit, float | scaled to 8 bits, never clipped |
| animated or many pages | the first |
| progressive, arithmetic JPEG | baseline |
| PNG, WebP, AVIF, GIF, TIFF, BMP, ICO | JPEG |

The same bytes and target always give the same bytes (for one Pillow).
"""

from __future__ import annotations

import struct
import zlib
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

from ...curation.errors import Unreadable
from .colour import is_srgb, to_rgb
from .jpeg import Markers, markers, without_foreign

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PIL.Image import Image

Size = tuple[int, int]
LEAST_SIDE = 10  # ultralytics rejects pictures with a shorter side
QUALITY = 90
_ORIENTATION = 0x0112  # EXIF's tag


@dataclass(frozen=True, slots=True)
class Target:
    """What the tree's pictures shall be.

    `max_side` caps the longer side, aspect kept, never enlarging (None: no cap). `size` makes
    squares instead: the largest centred crop, then resized, as Keras' `smart_resize`;
    with `pad` the whole picture fitted in and padded with black, as Keras'
    `pad_to_aspect_ratio`.
    """

    max_side: int | None = 1024
    size: int | None = None
    pad: bool = False
    quality: int = QUALITY

    def spec(self) -> str:
        """The target in one word list, as recorded beside every picture: `max1024;q90`."""
        if self.size:
            shape = f"{'pad' if self.pad else 'crop'}{self.size}"
        else:
            shape = f"max{self.max_side}" if self.max_side else "full"
        return f"{shape};q{self.quality}"


@dataclass(frozen=True, slots=True)
class Prepared:
    """A training-ready picture: its bytes, its sides in pixels, and what was done to it.

    `how` is `same` (the source's own bytes), `stripped` (pixels untouched, metadata gone) or
    the steps of a re-encoding such as `exif;icc;rgb;max1024;q90`.
    """

    data: bytes
    width: int
    height: int
    how: str


def prepare(data: bytes, target: Target | None = None) -> Prepared:
    """Turn a source's bytes into a training-ready picture.

    Raises Unreadable where they cannot be decoded, or where the result would have a side
    under 10 pixels (`too-small`).
    """
    target = target or Target()
    read = markers(data)
    if read is not None and _fits(read, target) and _plain(data, read):
        if read.foreign or not read.clean_end:
            stripped = without_foreign(data, read)
            return Prepared(stripped, read.width, read.height, "stripped")
        return Prepared(data, read.width, read.height, "same")
    return _encode(data, target)


def _fits(read: Markers, target: Target) -> bool:
    if not read.baseline or read.precision != 8 or read.components != 3:
        return False
    if min(read.width, read.height) < LEAST_SIDE:
        return False
    if target.size:
        return (read.width, read.height) == (target.size, target.size)
    return target.max_side is None or max(read.width, read.height) <= target.max_side


def _plain(data: bytes, read: Markers) -> bool:
    """Whether decoders that ignore metadata see the right pixels: upright and sRGB."""
    if read.icc is not None and not is_srgb(read.icc):
        return False
    return not read.exif or _orientation(data) == 1


def _orientation(data: bytes) -> int:
    from PIL import Image

    with _reading(), Image.open(BytesIO(data)) as image:
        # Broken EXIF reads as none, in Pillow as in the loaders.
        orientation = image.getexif().get(_ORIENTATION, 1)
    return orientation if orientation in range(2, 9) else 1


@contextmanager
def _reading() -> Iterator[None]:
    """Pillow's many ways to say that bytes are no picture become one; foreign errors stop here."""
    from PIL import Image

    from ...curation.images.decode import CAPTURED

    try:
        with CAPTURED:  # Pillow warns of every broken EXIF block; that is for the log
            yield
    except Image.DecompressionBombError as error:
        raise Unreadable("too-many-pixels", str(error)) from error
    except (
        OSError,  # unidentified, truncated, a decoder's error
        SyntaxError,  # what Pillow's PNG and TIFF readers raise
        ValueError,
        TypeError,
        LookupError,
        EOFError,
        ArithmeticError,
        struct.error,
        zlib.error,
    ) as error:
        raise Unreadable("undecodable", f"{type(error).__name__}: {error}") from error


def _encode(data: bytes, target: Target) -> Prepared:
    from PIL import Image, ImageOps

    steps: list[str] = []
    with _reading(), Image.open(BytesIO(data)) as opened:
        upright = opened.getexif().get(_ORIENTATION, 1) not in range(2, 9)
        width, height = opened.size if upright else _turned(opened)
        wanted = _wanted((width, height), target)
        _draft(opened, wanted)
        opened.load()
        image = opened if upright else ImageOps.exif_transpose(opened)
        if not upright:
            steps.append("exif")
        image = to_rgb(image, steps)
    image = _resize(image, wanted, target)
    out = BytesIO()
    image.info.clear()  # a comment or XMP would be written along
    image.save(out, "JPEG", quality=target.quality)
    return Prepared(out.getvalue(), *image.size, ";".join([*steps, target.spec()]))


def _turned(image: Image) -> Size:
    width, height = image.size
    return (height, width) if image.getexif().get(_ORIENTATION) in range(5, 9) else (width, height)


@dataclass(frozen=True, slots=True)
class _Crop:
    """The part of the upright picture that is used (as shares of it) and the size it gets."""

    box: tuple[float, float, float, float]
    size: Size


def misfit(size: Size, target: Target) -> str | None:
    """Why a picture of this size (upright, in pixels) cannot be made ready; None: it can."""
    try:
        _wanted(size, target)
    except Unreadable as error:
        return str(error)
    return None


def _wanted(size: Size, target: Target) -> _Crop:
    """Raises Unreadable where a side of the result would be under 10 pixels."""
    width, height = size
    box = (0.0, 0.0, 1.0, 1.0)
    if target.size and not target.pad:
        # Keras' smart_resize: crop to the wanted aspect with whole-pixel, centred borders.
        side = min(width, height)
        left, top = (width - side) // 2, (height - side) // 2
        box = (left / width, top / height, (left + side) / width, (top + side) / height)
        shape = (target.size, target.size)
    else:
        cap = target.size or target.max_side or max(size)
        scale = cap / max(size) if target.size else min(1.0, cap / max(size))
        shape = (max(1, round(width * scale)), max(1, round(height * scale)))
    if min(size) < LEAST_SIDE or (min(shape) < LEAST_SIDE and not target.pad):
        raise Unreadable(
            "too-small",
            f"{width}x{height} would be {shape[0]}x{shape[1]}, loaders need {LEAST_SIDE} pixels",
        )
    return _Crop(box, shape)


def _draft(image: Image, wanted: _Crop) -> None:
    """Let libjpeg scale while decoding, down to no less than twice what is wanted.

    The final resampling still has at least two source pixels for each, so nothing is lost that
    it would keep; a 12-megapixel photo decodes in a third of the time.
    """
    left, top, right, bottom = wanted.box
    width = round(2 * wanted.size[0] / (right - left))
    height = round(2 * wanted.size[1] / (bottom - top))
    sideways = image.getexif().get(_ORIENTATION) in range(5, 9)
    image.draft(None, (height, width) if sideways else (width, height))


def _resize(image: Image, wanted: _Crop, target: Target) -> Image:
    import PIL.Image

    width, height = image.size
    left, top, right, bottom = wanted.box
    box = (left * width, top * height, right * width, bottom * height)
    if image.size != wanted.size:
        image = image.resize(wanted.size, PIL.Image.Resampling.LANCZOS, box=box)
    if target.pad and target.size:
        whole = PIL.Image.new("RGB", (target.size, target.size))
        whole.paste(image, ((target.size - image.width) // 2, (target.size - image.height) // 2))
        return whole
    return image
