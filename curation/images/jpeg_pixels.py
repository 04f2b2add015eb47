"""A JPEG's pixels, with what libjpeg only warns of taken seriously.

Pillow's decoder ignores libjpeg's warnings: half a scan closed with FFD9 comes out gray below,
without a word. simplejpeg is the same libjpeg-turbo (its pixels equal Pillow's, bit for bit) and
can stop at a warning, so damage is noticed at no price. Which warnings are damage:

| libjpeg says | |
|---|---|
| premature end of data segment, of file | truncated (unless only the end marker is missing) |
| bad Huffman or arithmetic code, marker instead of RST | corrupt |
| extraneous bytes before a marker in the scans | corrupt, but for padding with one value |
| extraneous bytes in the header | harmless: dropped, and looked at again |
| bad ICC marker, unknown JFIF revision | harmless: left out, and looked at again |
| odd scan parameters | harmless |

A hole whose garbage happens to decode to the right number of blocks is not noticed by anybody.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import simplejpeg
from PIL import Image

from ..errors import Unreadable
from .jpeg import first_scan, lacks_scans, with_clean_header, with_plain_head

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    Size = tuple[int, int]

_END: Final = b"\xff\xd9"
# RGBX is how Pillow keeps RGB: taken over as it is, in half the time that RGB takes.
_COLOURS: Final = {"RGB": "RGBX", "L": "GRAY", "CMYK": "CMYK"}
_EXTRANEOUS: Final = re.compile(r"(\d+) extraneous bytes before marker 0x([0-9a-f]{2})")


def jpeg_pixels(data: bytes, mode: str, size: Size) -> Image.Image | None:
    """Decode to `size`, which is the JPEG's own divided by 1, 2, 4 or 8 and rounded up.

    `mode` is Pillow's for this JPEG. Returns None where simplejpeg cannot say (then Pillow decides;
    of CMYK only the damage is reported). Raises Unreadable for damage.
    """
    if mode not in _COLOURS:
        return None
    width, height = size

    def decoded(source: bytes, *, strict: bool) -> NDArray[np.uint8]:
        found: NDArray[np.uint8] = simplejpeg.decode_jpeg(
            source,
            _COLOURS[mode],
            min_width=width,
            min_height=height,
            min_factor=1,
            strict=strict,
        )
        return found

    pixels = _believed(data, decoded)
    if mode == "CMYK" or pixels is None or pixels.shape[:2] != (height, width):
        return None
    if mode == "L":
        return Image.fromarray(pixels[..., 0])
    return Image.frombytes("RGB", size, pixels, "raw", "RGBX")


def _believed(data: bytes, decoded: Callable[..., NDArray[np.uint8]]) -> NDArray[np.uint8] | None:
    """Decode until libjpeg has nothing to say that matters; None where it cannot decode at all."""
    mended: set[str] = set()
    while True:
        try:
            return decoded(data, strict=True)
        except ValueError as error:
            warning = str(error)
        repair = _repair(data, warning)
        if repair is None or repair[0] in mended:
            break
        mended.add(repair[0])
        data = repair[1]
    try:
        return decoded(data, strict=False)
    except ValueError:
        return None


def _repair(data: bytes, warning: str) -> tuple[str, bytes] | None:
    """What to do about a warning: its name and the bytes to try again, None for nothing.

    Raises Unreadable where the warning is damage.
    """
    if warning.startswith("Premature end of JPEG file") and not data.endswith(_END):
        if lacks_scans(data + _END):
            raise Unreadable("truncated", "it ends before the last of its scans")
        return "end", data + _END
    if "remature end" in warning:
        raise Unreadable("truncated", f"libjpeg: {warning}")
    if warning.startswith("Insufficient memory"):
        raise Unreadable("bomb", f"libjpeg: {warning}")
    extra = _EXTRANEOUS.search(warning)
    if extra is not None:
        count, marker = int(extra[1]), int(extra[2], 16)
        clean = with_clean_header(data)
        if clean != data:
            return "header", clean
        if not _is_padding(data, count, marker):
            raise Unreadable("corrupt", f"libjpeg: {warning}")
    elif "bad ICC marker" in warning or "JFIF revision" in warning:
        return "head", with_plain_head(data)
    elif "bad " in warning or "instead of RST" in warning:
        raise Unreadable("corrupt", f"libjpeg: {warning}")
    return None


def _is_padding(data: bytes, count: int, marker: int) -> bool:
    """Whether `count` bytes of one value stand before a marker after the first scan's header."""
    ends = re.compile(b"(\\x00|\\xff)\\1{%d}\xff%s" % (count - 1, re.escape(bytes([marker]))))
    return ends.search(data, first_scan(data)) is not None
