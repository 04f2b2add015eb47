"""A picture's width and height as its first bytes claim them; nothing is decoded."""

from __future__ import annotations

from typing import Literal

_PNG = b"\x89PNG\r\n\x1a\n"
# Of JPEG's markers C0 to CF, those that begin no frame.
_NO_FRAME = frozenset({0xC4, 0xC8, 0xCC})
_ALONE = frozenset({0x01, *range(0xD0, 0xD9)})  # markers without a length
_MOST_MARKERS = 1_000  # fillers too: pictures have dozens before their frame
_PIXEL = 2  # a side's pixels: what counts visits, or holds a place, is no larger


def claimed_dimensions(data: bytes) -> tuple[int, int] | None:
    """(width, height) of a JPEG, PNG, GIF or WebP; None for another file or a damaged head."""
    if data.startswith(b"\xff\xd8"):
        return _jpeg(data)
    if data.startswith(_PNG) and len(data) >= 24:
        return _sides(data, 16, 4, "big")
    if data[:4] == b"GIF8" and len(data) >= 10:
        return _sides(data, 6, 2, "little")
    return _webp(data) if data[:4] == b"RIFF" and data[8:12] == b"WEBP" else None


def is_pixel(data: bytes) -> bool:
    """Whether a picture is a pixel or two: it counts visits or holds another's place."""
    sides = claimed_dimensions(data)
    return sides is not None and max(sides) <= _PIXEL


def _sides(data: bytes, at: int, size: int, order: Literal["little", "big"]) -> tuple[int, int]:
    first, second = data[at : at + size], data[at + size : at + 2 * size]
    return int.from_bytes(first, order), int.from_bytes(second, order)


def _jpeg(data: bytes) -> tuple[int, int] | None:
    at = 2
    for _ in range(_MOST_MARKERS):
        if at + 9 > len(data) or data[at] != 0xFF:
            return None
        marker = data[at + 1]
        if marker == 0xFF:  # a filler
            at += 1
        elif marker in _ALONE:
            at += 2
        elif 0xC0 <= marker <= 0xCF and marker not in _NO_FRAME:
            height, width = _sides(data, at + 5, 2, "big")
            return width, height
        else:
            at += 2 + max(2, int.from_bytes(data[at + 2 : at + 4], "big"))
    return None


def _webp(data: bytes) -> tuple[int, int] | None:
    kind = data[12:16]
    if kind == b"VP8X" and len(data) >= 30:
        width, height = _sides(data, 24, 3, "little")
        return width + 1, height + 1
    if kind == b"VP8L" and len(data) >= 25:
        bits = int.from_bytes(data[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8 " and data[23:26] == b"\x9d\x01\x2a" and len(data) >= 30:
        width, height = _sides(data, 26, 2, "little")
        return width & 0x3FFF, height & 0x3FFF
    return None
