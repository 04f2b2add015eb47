"""A PNG's chunks: what no decoder needs for the pixels is left out before it is decoded.

Pillow refuses a PNG for texts or a colour profile over 1 MB, a chunk that is too short for what it
is to say, packed in an unknown way or of a wrong checksum, and takes a text called `transparency`
for the picture's. Browsers show them all, and so must we: such chunks are dropped (a profile is
unpacked here), and texts but for those that hold an orientation. Chunks that hold pixels stay as
they are: a wrong checksum in one of them is damage.
"""

from __future__ import annotations

import struct
import zlib
from typing import Final, TypeVar

from ..errors import Unreadable

# What Pillow tells of transparency: a gray, a colour, or of a palette an entry or each one's alpha.
Level = TypeVar("Level", int, tuple[int, ...], bytes)

SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_NEEDED: Final = frozenset({b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"acTL", b"fcTL", b"fdAT"})
# Bytes that a chunk needs; transparency needs two for a gray and six for a colour.
_LEAST: Final = {b"gAMA": 4, b"sRGB": 1, b"cHRM": 32, b"pHYs": 9}
_LEAST_TRANSPARENCY: Final = {0: 2, 2: 6, 3: 1}  # by the header's colour type
_TEXTS: Final = frozenset({b"tEXt", b"zTXt", b"iTXt"})
_ORIENTED: Final = (b"XML:com.adobe.xmp\0", b"Raw profile type exif\0")
_LARGE: Final = 250_000  # bytes a chunk may have, packed, before we look closer
_UNPACKED: Final = 1_000_000  # what Pillow unpacks of a text or a profile (MAX_TEXT_CHUNK)
_PROFILE: Final = 16_000_000  # what we unpack of a profile


def without_bad_metadata(data: bytes) -> tuple[bytes, bytes | None]:
    """Return the PNG without metadata that Pillow would refuse it for, and its large ICC profile.

    A PNG without such chunks comes back as it is; the profile is None where Pillow reads it. Raises
    Unreadable for a wrong checksum of pixels, which Pillow does not compare.
    """
    kept, profile, start, at = [], None, 0, len(SIGNATURE)
    while at + 12 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        end = at + 12 + length
        if end > len(data):
            break
        body = data[at + 8 : end - 4]
        bad_sum = zlib.crc32(body, zlib.crc32(kind)) != int.from_bytes(data[end - 4 : end], "big")
        if bad_sum and kind in _NEEDED:
            raise Unreadable("corrupt", f"the checksum of its {kind.decode()} chunk is wrong")
        if bad_sum or _idle(kind, body) or _too_short(kind, body, data) or _too_large(kind, body):
            kept.append(data[start:at])
            start = end
            if kind == b"iCCP" and not bad_sum:
                profile = _unpacked(_packed_part(kind, body), _PROFILE)
        at = end
        if kind == b"IEND":
            break
    if start == 0:
        return data, None
    kept.append(data[start:])
    return b"".join(kept), profile


def transparent_level(data: bytes, level: Level) -> Level:
    """Return what a PNG's tRNS chunk makes transparent, as levels of the pixels that Pillow gives.

    Pillow hands on the chunk's own numbers and stretches grays of 2 and 4 bits to 8, and takes the
    upper 8 bits of 16-bit colours; 16-bit grays stay as they are.
    """
    depth, is_gray = data[24], data[25] == 0  # of a palette it is an entry's number
    if isinstance(level, tuple):
        return tuple(one >> 8 if depth == 16 else one & 0xFF for one in level)
    if isinstance(level, int) and is_gray and 1 < depth <= 8:
        most = (1 << depth) - 1
        return (level & most) * (0xFF // most)
    return level


def without_pixels(data: bytes) -> bytes:
    """The PNG's chunks but for those that hold pixels, and what follows where they break off."""
    kept, at = [data[: len(SIGNATURE)]], len(SIGNATURE)
    while at + 12 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        end = at + 12 + length
        if end > len(data):
            break
        if kind not in {b"IDAT", b"fdAT"}:
            kept.append(data[at:end])
        at = end
    kept.append(data[at:])
    return b"".join(kept)


def _idle(kind: bytes, body: bytes) -> bool:
    """Whether a chunk is a text that says nothing of the pixels."""
    return kind in _TEXTS and not body.startswith(_ORIENTED)


def _too_short(kind: bytes, body: bytes, data: bytes) -> bool:
    """Whether a chunk of the PNG `data` says too little, or is packed by no known method."""
    if kind == b"tRNS":  # of other colour types it says nothing
        return len(body) < _LEAST_TRANSPARENCY.get(data[25], 0)
    if kind in {b"zTXt", b"iCCP"}:
        return body.partition(b"\0")[2][:1] != b"\0"
    return len(body) < _LEAST.get(kind, 0)


def _too_large(kind: bytes, body: bytes) -> bool:
    """Whether a text, a profile or EXIF is more than Pillow takes; packed ones are tried."""
    if kind in {b"tEXt", b"eXIf"}:
        return len(body) > _LARGE
    if kind not in {b"zTXt", b"iTXt", b"iCCP"}:
        return False
    if len(body) > _LARGE:
        return True
    packed = _packed_part(kind, body)
    # Deflate makes a thousandth at best, so a small chunk is small unpacked.
    return len(packed) * 1032 > _UNPACKED and _unpacked(packed, _UNPACKED) is None


def _packed_part(kind: bytes, body: bytes) -> bytes:
    """The deflated bytes of a chunk: after name and method, in iTXt later still."""
    rest = body.partition(b"\0")[2]
    if kind != b"iTXt":
        return rest[1:]
    if rest[:1] != b"\1":
        return b""
    return rest[2:].split(b"\0", 2)[-1]


def _unpacked(packed: bytes, most: int) -> bytes | None:
    """What was deflated, None where it is more than `most` bytes or damaged."""
    unpacker = zlib.decompressobj()
    try:
        plain = unpacker.decompress(packed, most)
    except zlib.error:
        return None
    return None if unpacker.unconsumed_tail else plain
