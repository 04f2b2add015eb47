"""What one picture may cost, judged by its header before anything is decoded.

Headers are cheap to write: 80 bytes can claim a gigabyte. What a header does not tell (a decoder
that hangs or swells on damaged data) is bounded by `sandbox.py`, with the same figures.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ..errors import Unreadable

if TYPE_CHECKING:
    from PIL import Image

    Size = tuple[int, int]

MAX_BYTES: Final = 500_000_000
MAX_HEADER_PIXELS: Final = 250_000_000  # what a header may claim: a 200-megapixel phone passes
MAX_DECODED_PIXELS: Final = 100_000_000  # what is really decoded, a JPEG at its scale
MAX_SIDE: Final = 1_000_000  # no loader's buffers are made for longer lines
MAX_SCANS: Final = 500  # of a progressive JPEG: encoders write ten, and each costs a whole pass
MAX_TILES: Final = 500_000  # strips or tiles of a TIFF: Pillow makes an object of each
MAX_MEMORY: Final = 1_000_000_000  # bytes, with the copies that conversion to RGB makes
MAX_CPU_SECONDS: Final = 10.0  # a 100-megapixel TIFF takes three

# Bytes a pixel of Pillow's own storage and of the copies that `rgb.to_rgb` makes of it.
_BY_MODE: Final = {
    **dict.fromkeys(("1", "L", "P"), 5),
    **dict.fromkeys(("PA", "LA", "La", "RGBa"), 13),
    **dict.fromkeys(("RGBA",), 9),
    **dict.fromkeys(("I", "F"), 18),
    **dict.fromkeys(("I;16", "I;16L", "I;16B", "I;16N"), 9),
}
_OTHERWISE: Final = 8
# Bytes a pixel that a decoder holds besides: planes of 32 bits, frames before conversion.
_BY_FORMAT: Final = {"jpeg2000": 16, "avif": 8, "heif": 8, "webp": 4, "gif": 4, "psd": 4}


def refuse_by_header(image: Image.Image, data: bytes) -> None:
    """Raise Unreadable("bomb" or "corrupt") for what no picture worth keeping claims."""
    width, height = image.size
    if width < 1 or height < 1:
        raise Unreadable("corrupt", f"the header says {width} x {height}")
    if width * height > MAX_HEADER_PIXELS or max(width, height) > MAX_SIDE:
        raise Unreadable("bomb", f"the header says {width} x {height} pixels")
    if "progressive" in image.info and (scans := data.count(b"\xff\xda")) > MAX_SCANS:
        raise Unreadable("bomb", f"{scans} scans, the cap is {MAX_SCANS}")
    if (tiles := len(getattr(image, "tile", ()))) > MAX_TILES:
        raise Unreadable("bomb", f"{tiles} strips or tiles, the cap is {MAX_TILES}")


def refuse_by_cost(image: Image.Image, name: str, size: Size) -> None:
    """Raise Unreadable("bomb") where decoding to `size` would take too much memory."""
    pixels = size[0] * size[1]
    width, height = image.size
    if pixels > MAX_DECODED_PIXELS:
        raise Unreadable("bomb", f"{width} x {height} pixels would have to be decoded")
    each = _BY_MODE.get(image.mode, _OTHERWISE) + _BY_FORMAT.get(name, 0)
    if image.mode in {"P", "I;16"} and "transparency" in image.info:
        each += 8  # it becomes RGBA first
    memory = pixels * each
    if memory > MAX_MEMORY:
        raise Unreadable("bomb", f"{width} x {height} {image.mode} pixels take {memory} bytes")
