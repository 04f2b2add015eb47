"""Bytes to one upright RGB picture: the only module that opens what others have made.

A JPEG is decoded at a scale of 1/2, 1/4 or 1/8 as long as enough pixels are left: a third of the
price of a full decode, and the file is still read to its end, so that damage is noticed. What a
header claims is judged before anything is decoded (`limits.py`); what no header tells (a decoder
that crashes, hangs or swells) is contained by `sandbox.py`, in which every picture is decoded when
it is looked at. What has come through that is decoded again outside, by its digest, for closer
looks at pairs.
"""

from __future__ import annotations

import io
import logging
import struct
import zlib
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Final

from PIL import Image

from ..errors import Unreadable
from .formats import CAMERA_RAW, ends_early, refusal
from .jpeg_pixels import jpeg_pixels
from .limits import MAX_BYTES, refuse_by_cost, refuse_by_header
from .pillow_warnings import PILLOW_WARNINGS_TO_LOG
from .png import SIGNATURE as PNG
from .png import transparent_level, without_bad_metadata
from .raw import is_raw_tiff
from .rgb import to_rgb

if TYPE_CHECKING:
    from collections.abc import Callable

    Size = tuple[int, int]
    Box = tuple[float, float, float, float]

LOG = logging.getLogger(__name__)

# Raised when the same bytes give other pixels, sizes or refusals: everything measured by an
# earlier version is then measured again, and what was refused is tried again.
VERSION: Final = 4

TARGET: Final = 128  # pixels the shorter side keeps: hashes drift at most 4 bits from a full decode
LONGEST: Final = 16_384  # pixels the longer side keeps for measuring, however thin the picture

# No EPS or WMF (they start other programs), no formats without a signature (TGA, PCX).
FORMATS: Final = (
    *("JPEG", "PNG", "GIF", "WEBP", "AVIF", "BMP", "TIFF", "ICO"),
    *("JPEG2000", "PPM", "DDS", "PSD"),
    "HEIF",  # there when the caller registered pillow-heif
)

# What Pillow's plugins raise on hostile bytes; DecompressionBombError is caught by name.
DECODER_ERRORS: Final = (
    *(OSError, SyntaxError, ValueError, TypeError, KeyError, IndexError, EOFError),
    *(AttributeError, OverflowError, ZeroDivisionError, NotImplementedError, RuntimeError),
    *(struct.error, zlib.error, AssertionError),
)

# Where Pillow keeps what may hold an orientation.
_METADATA: Final = frozenset({"exif", "xmp", "XML:com.adobe.xmp", "Raw profile type exif"})
# By EXIF orientation: how it is turned upright, and whether that swaps width and height.
_UPRIGHT: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_TRANSPOSED: Final = frozenset({5, 6, 7, 8})
# Where the last column and the last row of the file lie left and above.
_ENDS_LEFT: Final = frozenset({2, 3, 6, 7})
_ENDS_ABOVE: Final = frozenset({3, 4, 7, 8})


@dataclass(frozen=True, slots=True)
class Decoded:
    """One picture, upright, flattened on white, in sRGB, and what its header says.

    `picture` is RGB, possibly smaller than the source; `width` and `height` are the source's, after
    orientation. `shown` (left, top, right, bottom in pixels of `picture`) is the part that the
    source fills: what is decoded smaller ends in a part of a pixel. `steps` are what was done to
    the pixels: `exif` (turned upright), then those of `rgb.Converted`.
    """

    picture: Image.Image
    shown: Box
    format: str
    mode: str
    width: int
    height: int
    orientation: int
    frames: int
    has_alpha: bool
    jpeg_tables: tuple[tuple[int, ...], ...]
    steps: tuple[str, ...] = ()
    profile: bytes | None = None  # the ICC profile that the pixels were converted from


def decode(data: bytes, target: int | None = TARGET) -> Decoded:
    """Decode `data` no larger than needed for the shorter side to have `target` pixels.

    JPEG by scaled decoding, others by averaging whole blocks; `target` None: in full. Raises
    Unreadable with why = empty, not-an-image, unsupported, truncated, corrupt or bomb.
    """
    if target is None:
        return decode_at_least(data, lambda size: size)

    decoded = decode_at_least(data, lambda _: (target, target))
    across, down = _factors(decoded.picture.size, target)
    if (across, down) == (1, 1):
        return decoded
    left, top, right, bottom = decoded.shown
    return replace(
        decoded,
        picture=decoded.picture.reduce((across, down)),
        shown=(left / across, top / down, right / across, bottom / down),
    )


def decode_at_least(data: bytes, needed: Callable[[Size], Size]) -> Decoded:
    """Decode `data` in full; a JPEG at the smallest scale that has the `needed` pixels.

    `needed` is given the upright size of the whole picture and returns the least width and height
    that it must be decoded to. Raises Unreadable as `decode` does, and what `needed` raises.
    """
    if not data:
        raise Unreadable("empty", "the file has no bytes")
    if len(data) > MAX_BYTES:
        raise Unreadable("bomb", f"{len(data)} bytes, the cap is {MAX_BYTES}")
    with PILLOW_WARNINGS_TO_LOG:
        try:
            return _load(_open(data), data, needed)
        except Image.DecompressionBombError as error:
            raise Unreadable("bomb", _line(error)) from error
        except MemoryError as error:
            raise Unreadable("bomb", "the decoder ran out of memory") from error
        except DECODER_ERRORS as error:
            cut = "truncated" in str(error).lower() or ends_early(data)
            raise Unreadable("truncated" if cut else "corrupt", _line(error)) from error


def orientation_of(data: bytes) -> int:
    """The EXIF orientation (1-8) of a picture; bad metadata counts as upright.

    Raises Unreadable where no picture can be opened.
    """
    with PILLOW_WARNINGS_TO_LOG:
        try:
            return _orientation(_open(data))
        except DECODER_ERRORS as error:
            raise Unreadable("corrupt", _line(error)) from error


def _open(data: bytes) -> Image.Image:
    """Read the header. Not `Image.open`: its own limit (179 megapixels) comes before ours."""
    profile = None
    if data.startswith(PNG):
        data, profile = without_bad_metadata(data)
    elif is_raw_tiff(data):
        raise Unreadable("unsupported", CAMERA_RAW)
    fault: BaseException | None = None
    for name in _formats():
        factory, accepts = Image.OPEN[name]
        if accepts is not None and accepts(data[:16]) is not True:
            continue
        try:
            image = factory(io.BytesIO(data), "")
        except (SyntaxError, IndexError, TypeError, struct.error) as error:
            # It only began like one, as Pillow says itself. No frames: they would hold the bytes.
            fault = error.with_traceback(None)
            continue
        if profile is not None:
            image.info["icc_profile"] = profile
        if name == "PNG" and "transparency" in image.info:
            level = image.info["transparency"]
            image.info["transparency"] = transparent_level(data, level)
        return image
    raise Unreadable(*refusal(data, _formats())) from fault


@cache
def _formats() -> tuple[str, ...]:
    """The formats this build of Pillow has; a missing one must not end the search for others."""
    Image.init()
    return tuple(name for name in FORMATS if name in Image.OPEN)


def _load(image: Image.Image, data: bytes, needed: Callable[[Size], Size]) -> Decoded:
    mode, name = image.mode, _name(image)
    refuse_by_header(image, data)
    width, height = image.size
    scale = 1
    if name == "jpeg":
        pixels, scale = _jpeg(image, data, needed)
    else:
        refuse_by_cost(image, name, image.size)
        image.load()
        pixels = image
        width, height = image.size  # Pillow turns a TIFF itself, while it loads
    frames = _frames(image, name, data)
    orientation = _orientation(image)
    converted = to_rgb(pixels)
    turn = _UPRIGHT.get(orientation)
    if orientation in _TRANSPOSED:
        width, height = height, width
    picture = converted.picture if turn is None else converted.picture.transpose(turn)
    left = picture.width - width / scale if orientation in _ENDS_LEFT else 0.0
    top = picture.height - height / scale if orientation in _ENDS_ABOVE else 0.0
    profile = image.info.get("icc_profile") if "icc" in converted.steps else None
    picture.info = {}  # a comment or XMP would be written along, or refused as too long
    return Decoded(
        picture=picture,
        shown=(left, top, left + width / scale, top + height / scale),
        format=name,
        mode=mode,
        width=width,
        height=height,
        orientation=orientation,
        frames=frames,
        has_alpha=converted.has_alpha,
        jpeg_tables=_tables(image),
        steps=converted.steps if turn is None else ("exif", *converted.steps),
        profile=profile,
    )


def _jpeg(
    image: Image.Image, data: bytes, needed: Callable[[Size], Size]
) -> tuple[Image.Image, int]:
    """The JPEG's pixels at 1/1, 1/2, 1/4 or 1/8, the least that has what is needed, and which."""
    width, height = image.size
    sideways = _orientation(image) in _TRANSPOSED
    least = needed((height, width) if sideways else (width, height))
    across, down = reversed(least) if sideways else least
    room = min(width // max(1, across), height // max(1, down))
    scale = next((scale for scale in (8, 4, 2) if scale <= room), 1)
    size = -(-width // scale), -(-height // scale)
    refuse_by_cost(image, "jpeg", size)
    pixels = jpeg_pixels(data, image.mode, size)
    if pixels is not None:
        pixels.info = image.info
        return pixels, scale
    image.draft(None, size)
    image.load()
    return image, round(width / image.width)


def _name(image: Image.Image) -> str:
    """Pillow's format in lower case; an MPO is a JPEG that carries a second picture behind it."""
    name = (image.format or "").lower()
    return "jpeg" if name == "mpo" else name


def _frames(image: Image.Image, name: str, data: bytes) -> int:
    """Frames of an animation or pages of a TIFF; a JPEG's, PSD's or ICO's are no animation."""
    if name in {"jpeg", "psd", "ico"}:
        return 1
    try:
        if name in {"gif", "tiff"}:  # counting reads on, and what was loaded is loaded again
            image = _open(data)
        return max(1, int(getattr(image, "n_frames", 1)))
    except DECODER_ERRORS as error:
        LOG.debug("frames cannot be counted: %s", error)
        return 1


def _orientation(image: Image.Image) -> int:
    """EXIF (or XMP) orientation 1-8; bad metadata and invalid values count as upright."""
    if image.format != "TIFF" and _METADATA.isdisjoint(image.info):
        return 1
    try:
        value = image.getexif().get(0x0112, 1)
    except DECODER_ERRORS as error:
        LOG.debug("bad EXIF ignored: %s", error)
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def _tables(image: Image.Image) -> tuple[tuple[int, ...], ...]:
    tables = getattr(image, "quantization", None)
    if not isinstance(tables, dict):
        return ()
    return tuple(tuple(tables[key]) for key in sorted(tables))


def _factors(size: Size, target: int) -> Size:
    """How many pixels across and down are averaged, as scaled decoding does.

    The longer side alone where it is endless.
    """
    factor = max(1, min(size) // target)
    across, down = (max(factor, -(-side // LONGEST)) for side in size)
    return across, down


def _line(error: BaseException) -> str:
    return " ".join(str(error).split())[:200]
