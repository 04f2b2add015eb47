"""Which JPEGs every training package reads alike: as they are, or once their metadata is gone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from .jpeg import Markers

AS_IS: Final = "same"
STRIPPED: Final = "stripped"  # the same pixels without metadata and without what follows the end
HEAD_STRIPPED: Final = "stripped-head"  # the same; nothing has to go after the first scan's marker


def trainable(data: bytes, read: Markers | None, orientation: int | None = None) -> str | None:
    """What a JPEG needs before training: AS_IS for nothing, one of STRIPPED, None for new pixels.

    `read` are its markers, None for what is no whole JPEG; `orientation` is its EXIF orientation
    where that is known already. Only baseline colour of 8 bits is read alike everywhere, and only
    where decoders that ignore metadata see the right pixels: upright and sRGB.
    """
    if read is None or not read.baseline or read.precision != 8 or read.components != 3:
        return None
    if (read.exif or read.icc is not None) and not _right_without_metadata(data, read, orientation):
        return None
    if not read.clean_end or any(start > read.scan for start, _ in read.foreign):
        return STRIPPED
    return HEAD_STRIPPED if read.foreign else AS_IS


def _right_without_metadata(data: bytes, read: Markers, orientation: int | None) -> bool:
    from .decode import orientation_of  # Pillow is loaded when it is needed
    from .rgb import is_srgb

    if read.icc is not None and not is_srgb(read.icc):
        return False
    # Broken EXIF reads as none, in Pillow as in the loaders.
    return not read.exif or (orientation_of(data) if orientation is None else orientation) == 1
