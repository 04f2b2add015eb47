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

from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

from ...curation.errors import Unreadable
from ...curation.images.jpeg import markers, without_foreign
from ...curation.images.trainable import AS_IS, HEAD_STRIPPED, STRIPPED, trainable
from .target import LEAST_SIDE, Target

if TYPE_CHECKING:
    from PIL.Image import Image

    from ...curation.images.sandbox import DecodeSandbox

Size = tuple[int, int]


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
