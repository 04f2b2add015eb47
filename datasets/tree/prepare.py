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

import re
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from typing import TYPE_CHECKING

from ...curation.errors import Unreadable
from ...curation.images.jpeg import markers, without_foreign
from ...curation.images.trainable import AS_IS, HEAD_STRIPPED, STRIPPED, trainable

if TYPE_CHECKING:
    from PIL.Image import Image

    from ...curation.images.sandbox import DecodeSandbox

Size = tuple[int, int]
LEAST_SIDE = 10  # ultralytics rejects pictures with a shorter side
QUALITY = 90
_WORD = re.compile(r"(crop|pad|max|q)(\d{1,9})")
_MOST_SIDE = 8_192  # pixels: a stranger's manifest may name any number


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


@lru_cache(maxsize=64)  # a manifest has a handful of ways
def target_of(how: str | None) -> Target:
    """The target that a `transform` or an `output` speaks of: `exif;rgb;max1024;q90`."""
    found = (_WORD.fullmatch(word) for word in (how or "").split(";"))
    number = {word[1]: int(word[2]) for word in found if word}
    square, cap = (number.get("crop") or number.get("pad")), number.get("max")
    return Target(
        max_side=None if square else cap and min(max(cap, LEAST_SIDE), _MOST_SIDE),
        size=square and min(max(square, LEAST_SIDE), _MOST_SIDE),
        pad="pad" in number,
        quality=min(max(number.get("q", Target().quality), 1), 95),
    )


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


def prepare(
    data: bytes,
    target: Target | None = None,
    sandbox: DecodeSandbox | None = None,
    known: str | None = None,
) -> Prepared:
    """Turn a source's bytes into a training-ready picture, decoding in a child of `sandbox`.

    `known` is what the look at these bytes found them to need (`Facts.trainable`), if anything.
    Raises Unreadable where they cannot be decoded, or where the result would have a side
    under 10 pixels (`too-small`).
    """
    target = target or Target()
    prepared = as_it_is(data, target, known)
    if prepared is not None:
        return prepared
    return _encode(data, target) if sandbox is None else sandbox.run(_encode, data, target)


def as_it_is(data: bytes, target: Target, known: str | None = None) -> Prepared | None:
    """The picture where nothing has to be decoded for it, as `prepare` says; None elsewhere."""
    read = markers(data, clean=known in (AS_IS, HEAD_STRIPPED))
    if read is None or not fits((read.width, read.height), target):
        return None
    needed = known or trainable(data, read)
    if needed is None:
        return None
    if needed == AS_IS:
        return Prepared(data, read.width, read.height, AS_IS)
    return Prepared(without_foreign(data, read), read.width, read.height, STRIPPED)


def fits(size: Size, target: Target) -> bool:
    """Whether a picture of this size (in pixels) has the target's size as it is."""
    if min(size) < LEAST_SIDE:
        return False
    if target.size:
        return size == (target.size, target.size)
    return target.max_side is None or max(size) <= target.max_side


def _encode(data: bytes, target: Target) -> Prepared:
    from ...curation.images.decode import decode_at_least

    wanted = None

    def needed(size: Size) -> Size:
        nonlocal wanted
        wanted = _wanted(size, target)
        # The final resampling still has two source pixels for each, so nothing is lost that it
        # would keep; a 12-megapixel photo decodes in a third of the time.
        left, top, right, bottom = wanted.box
        across, down = wanted.size
        return round(2 * across / (right - left)), round(2 * down / (bottom - top))

    decoded = decode_at_least(data, needed)
    wanted = wanted or _wanted((decoded.width, decoded.height), target)
    image = _resize(decoded.picture, wanted, target)
    out = BytesIO()
    image.info.clear()  # a comment or XMP would be written along
    image.save(out, "JPEG", quality=target.quality)
    return Prepared(out.getvalue(), *image.size, ";".join([*decoded.steps, target.spec()]))


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
