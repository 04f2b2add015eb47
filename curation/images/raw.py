"""Cameras' raw pictures that are TIFFs: a decoder reads their small preview, or nothing.

NEF, ARW and DNG begin with a preview of 160 x 120 pixels or so; taken for the picture, it is small
and a copy of the JPEG that the camera wrote beside it.
"""

from __future__ import annotations

import struct
from typing import Final

_BYTE_ORDERS: Final = {b"II*\0": "<", b"MM\0*": ">"}
_MOST_TAGS: Final = 512  # raw files have some dozens
_SUBFILE, _PHOTOMETRIC, _SUB_IFDS, _DNG = 254, 262, 330, 50706  # TIFF 6.0, TIFF/EP, DNG 1.4
_SHORT: Final = 3  # the kind of number that takes two bytes
_PREVIEW: Final = 1  # bit of NewSubfileType: a smaller version of another picture in the file
_OF_SENSORS: Final = frozenset({32803, 34892})  # a colour filter array, linear raw


def is_raw_tiff(data: bytes) -> bool:
    """Whether bytes are a TIFF whose picture is a sensor's, and what can be read its preview."""
    order = _BYTE_ORDERS.get(data[:4])
    if order is None:
        return False
    if data[8:10] == b"CR":  # Canon's CR2
        return True
    tags = _first_tags(data, order)
    preview = tags.get(_SUBFILE, 0) & _PREVIEW and _SUB_IFDS in tags
    return bool(preview) or _DNG in tags or tags.get(_PHOTOMETRIC) in _OF_SENSORS


def _first_tags(data: bytes, order: str) -> dict[int, int]:
    """The first directory's tags, each with its first number; damage ends it early."""
    found: dict[int, int] = {}
    try:
        (at,) = struct.unpack_from(f"{order}I", data, 4)
        (number,) = struct.unpack_from(f"{order}H", data, at)
        for entry in range(at + 2, at + 2 + 12 * min(number, _MOST_TAGS), 12):
            tag, kind = struct.unpack_from(f"{order}HH", data, entry)
            size = "H" if kind == _SHORT else "I"
            (found[tag],) = struct.unpack_from(f"{order}{size}", data, entry + 8)
    except struct.error:
        pass
    return found
