"""Bytes to one small upright RGB picture: the only place that decodes what the web sent.

A JPEG is decoded at a scale of 1/2, 1/4 or 1/8 as long as its shorter side keeps `TARGET`
pixels: a third of the price of a full decode, and `draft` + `load` still reads the file to its
end, so truncation is noticed (`Image.verify` notices none of it).
"""

from __future__ import annotations

import io
import logging
import struct
import zlib
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, UnidentifiedImageError

from ..errors import Unreadable
from .pillow_warnings import CAPTURED

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["CAPTURED", "TARGET", "Decoded", "decode", "to_rgb"]

LOG = logging.getLogger(__name__)

TARGET = 128  # pixels the shorter side keeps: hashes drift at most 4 bits from a full decode
MAX_HEADER_PIXELS = 250_000_000  # what a header may claim: a 200-megapixel phone still passes
MAX_DECODED_PIXELS = 100_000_000  # what is really decoded: 400 MB a thread at worst
MAX_BYTES = 500_000_000

# No EPS or WMF (they start other programs), no formats without a signature (TGA, PCX).
FORMATS = (
    *("JPEG", "PNG", "GIF", "WEBP", "AVIF", "BMP", "TIFF", "ICO"),
    *("JPEG2000", "PPM", "DDS", "PSD"),
    "HEIF",  # there when the caller registered pillow-heif
)

# What Pillow's plugins raise on hostile bytes; DecompressionBombError is caught by name.
DECODER_ERRORS = (
    *(OSError, SyntaxError, ValueError, TypeError, KeyError, IndexError, EOFError),
    *(AttributeError, OverflowError, ZeroDivisionError, NotImplementedError, RuntimeError),
    *(struct.error, zlib.error, AssertionError),
)


@dataclass(frozen=True, slots=True)
class Decoded:
    """One picture, upright, flattened on white, and what its header said.

    `picture` is RGB and no smaller than TARGET where the source was not; `width` and `height`
    are the source's, after orientation.
    """

    picture: Image.Image
    format: str
    mode: str
    width: int
    height: int
    orientation: int
    frames: int
    has_alpha: bool
    jpeg_tables: tuple[tuple[int, ...], ...]


def decode(data: bytes, target: int | None = TARGET) -> Decoded:
    """Decode `data` at the smallest scale whose shorter side has `target` pixels (None: in full).

    Raises Unreadable with why = empty, not-an-image, unsupported, truncated, corrupt or bomb.
    """
    if not data:
        raise Unreadable("empty", "the file has no bytes")
    if len(data) > MAX_BYTES:
        raise Unreadable("bomb", f"{len(data)} bytes, the cap is {MAX_BYTES}")
    with CAPTURED:
        image = _open(data)
        try:
            return _load(image, target)
        except Image.DecompressionBombError as error:
            raise Unreadable("bomb", _line(error)) from error
        except MemoryError as error:
            raise Unreadable("bomb", "the decoder ran out of memory") from error
        except DECODER_ERRORS as error:
            why = "truncated" if "truncated" in str(error).lower() else "corrupt"
            raise Unreadable(why, _line(error)) from error


def _open(data: bytes) -> Image.Image:
    try:
        return Image.open(io.BytesIO(data), formats=_formats())
    except Image.DecompressionBombError as error:
        raise Unreadable("bomb", _line(error)) from error
    except UnidentifiedImageError as error:
        raise Unreadable(*_unidentified(data)) from error
    except DECODER_ERRORS as error:
        why = "truncated" if "truncated" in str(error).lower() else "corrupt"
        raise Unreadable(why, _line(error)) from error


@cache
def _formats() -> tuple[str, ...]:
    """The formats this build of Pillow has; a missing one must not end the search for others."""
    Image.init()
    return tuple(name for name in FORMATS if name in Image.OPEN)


SIGNATURES = (
    (b"\xff\xd8\xff", "jpeg"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"GIF8", "gif"),
    (b"BM", "bmp"),
    (b"II*\0", "tiff"),
    (b"MM\0*", "tiff"),
)


def _unidentified(data: bytes) -> tuple[str, str]:
    for signature, name in SIGNATURES:
        if data.startswith(signature):
            return "corrupt", f"it begins as {name} and goes on as nothing that can be read"
    if data[4:8] == b"ftyp":
        return "unsupported", "an ISO media file (HEIC?) with no decoder for it installed"
    head = data[:512].lstrip().lower()
    if b"<svg" in head or head.startswith(b"<?xml"):
        return "unsupported", "a vector drawing (SVG)"
    if head.startswith(b"%!ps"):
        return "unsupported", "a PostScript drawing"
    if head.startswith(b"%pdf"):
        return "unsupported", "a PDF document"
    return "not-an-image", "the bytes begin as no picture format"


def _load(image: Image.Image, target: int | None) -> Decoded:
    width, height = image.size
    if width < 1 or height < 1:
        raise Unreadable("corrupt", f"the header says {width} x {height}")
    if width * height > MAX_HEADER_PIXELS:
        raise Unreadable("bomb", f"the header says {width} x {height} pixels")
    mode, name = image.mode, _name(image)
    if target is not None:
        image.draft(None, (target, target))
    if image.size[0] * image.size[1] > MAX_DECODED_PIXELS:
        raise Unreadable("bomb", f"{width} x {height} pixels would have to be decoded")
    image.load()
    frames = _frames(image, name)
    orientation = _orientation(image)
    rgb, has_alpha = to_rgb(image)
    if target is not None:
        rgb = _shrink(rgb, target)
    rgb = _upright(rgb, orientation)
    if orientation in TRANSPOSED:
        width, height = height, width
    return Decoded(
        picture=rgb,
        format=name,
        mode=mode,
        width=width,
        height=height,
        orientation=orientation,
        frames=frames,
        has_alpha=has_alpha,
        jpeg_tables=_tables(image),
    )


def _name(image: Image.Image) -> str:
    """Pillow's format in lower case; an MPO is a JPEG that carries a second picture behind it."""
    name = (image.format or "").lower()
    return "jpeg" if name == "mpo" else name


def _frames(image: Image.Image, name: str) -> int:
    """Frames of an animation or pages of a TIFF; a JPEG's, PSD's or ICO's are no animation."""
    if name in {"jpeg", "psd", "ico"}:
        return 1
    try:
        return max(1, int(getattr(image, "n_frames", 1)))
    except DECODER_ERRORS as error:
        LOG.debug("frames cannot be counted: %s", error)
        return 1


METADATA = frozenset({"exif", "xmp", "XML:com.adobe.xmp", "Raw profile type exif"})
TRANSPOSED = frozenset({5, 6, 7, 8})
UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def _orientation(image: Image.Image) -> int:
    """EXIF (or XMP) orientation 1-8; bad metadata and invalid values count as upright."""
    if image.format != "TIFF" and METADATA.isdisjoint(image.info):
        return 1
    try:
        value = image.getexif().get(0x0112, 1)
    except DECODER_ERRORS as error:
        LOG.debug("bad EXIF ignored: %s", error)
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def _upright(image: Image.Image, orientation: int) -> Image.Image:
    method = UPRIGHT.get(orientation)
    return image if method is None else image.transpose(method)


def _tables(image: Image.Image) -> tuple[tuple[int, ...], ...]:
    tables = getattr(image, "quantization", None)
    if not isinstance(tables, dict):
        return ()
    return tuple(tuple(tables[key]) for key in sorted(tables))


def _shrink(image: Image.Image, target: int) -> Image.Image:
    """What `draft` does for JPEG, for the formats that only decode in full: a whole divisor."""
    factor = min(image.size) // target
    return image if factor < 2 else image.reduce(factor)


def to_rgb(image: Image.Image) -> tuple[Image.Image, bool]:
    """8-bit RGB on white, and whether any pixel was less than opaque."""
    if image.mode == "RGB" and "transparency" not in image.info:
        return image, False
    if image.mode in WIDE_MODES:
        image = _eight_bits(image)
    if image.mode in {"RGBA", "LA", "PA", "RGBa", "La"} or "transparency" in image.info:
        return _flatten(image.convert("RGBA"))
    if image.mode == "LAB":
        return image.getchannel(0).convert("RGB"), False  # lightness: Pillow converts no LAB
    return image.convert("RGB"), False


def _flatten(image: Image.Image) -> tuple[Image.Image, bool]:
    alpha = image.getchannel("A")
    low, _ = alpha.getextrema()
    if low == 255:
        return image.convert("RGB"), False
    white = Image.new("RGB", image.size, (255, 255, 255))
    white.paste(image, mask=alpha)
    return white, True


WIDE_MODES = frozenset({"I;16", "I;16L", "I;16B", "I;16N", "I", "F"})
# White of 16-bit gray: sensors put 8, 10 or 12 bits into 16, which would come out all but black.
WHITES = (255, 1023, 4095, 65535)


def _eight_bits(image: Image.Image) -> Image.Image:
    """16- and 32-bit gray scaled (not clipped) to 8 bits."""
    values: NDArray[np.float64] = np.asarray(image).astype(np.float64)
    values = np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0)
    low, high = float(values.min()), float(values.max())
    if image.mode.startswith("I;16") or (low >= 0 and 255 < high <= 65535):
        values = values * (255.0 / next(white for white in WHITES if high <= white))
    elif image.mode == "F" and low >= 0 and high <= 1:
        values = values * 255.0
    elif low < 0 or high > 255:
        values = (values - low) * (255.0 / max(high - low, 1e-9))
    return Image.fromarray(np.clip(np.rint(values), 0, 255).astype(np.uint8))


def _line(error: BaseException) -> str:
    return " ".join(str(error).split())[:200]
