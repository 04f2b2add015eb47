"""Values as the catalogue's columns hold them: digests, moments, packed numbers, thumbs."""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

BITS = struct.Struct("<HQ")  # a measure's id, 64 bits of a fingerprint
SCORE = struct.Struct("<Hd")  # a measure's id, a check's score
_BEGIN, _END = b"\xff\xd8", b"\xff\xd9"
_SCAN = b"\xff\xda"  # where a JPEG's tables end and its pixels begin


def blob(sha256: str) -> bytes:
    """A digest's 32 bytes; raises ValueError for what is no hexadecimal digest."""
    return bytes.fromhex(sha256)


def pack(shape: struct.Struct, values: Iterable[tuple[int, int | float]]) -> bytes:
    """(measure's id, value) pairs as one blob, by id: equal values are equal bytes."""
    return b"".join(shape.pack(key, value) for key, value in sorted(values))


def unpack(shape: struct.Struct, packed: bytes, names: Mapping[int, str]) -> dict[str, int | float]:
    """What `pack` packed, by the measures' names."""
    return {names[key]: value for key, value in shape.iter_unpack(packed)}


def parts(thumb: bytes) -> tuple[bytes, bytes]:
    """A thumb's tables and the rest of it; together they are the thumb again."""
    at = max(0, thumb.find(_SCAN))
    return thumb[:at], thumb[at:]


def is_whole(thumb: bytes) -> bool:
    """Whether a thumb begins and ends as a JPEG does."""
    return thumb.startswith(_BEGIN) and thumb.endswith(_END)


def crc(thumb: bytes) -> int:
    """A thumb's CRC-32."""
    return zlib.crc32(thumb)
