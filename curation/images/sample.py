"""The pixels that all measurements of one picture share, each made when it is first asked for."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from PIL import Image

from .borders import content_window
from .jpeg import markers

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from .borders import Window
    from .decode import Decoded
    from .jpeg import Markers

    Made = TypeVar("Made")

THUMB_SIDE = 64


def levels(picture: Image.Image) -> NDArray[np.uint8]:
    """A picture of mode "L" as (h, w), of "RGB" as (h, w, 3), read-only; `asarray` is slower."""
    width, height = picture.size
    shape = (height, width) if picture.mode == "L" else (height, width, 3)
    return np.frombuffer(picture.tobytes(), dtype=np.uint8).reshape(shape)


class Sample:
    """One decoded picture as measurements want it.

    `decoded` is what the decoder gave: its picture is scaled, upright RGB of (w, h) pixels, its
    `width` and `height` are the source's. `data` are the file's bytes, for what stands beside the
    pixels.
    """

    def __init__(self, decoded: Decoded, data: bytes = b"") -> None:
        self.decoded = decoded
        self.data = data
        self._made: dict[Callable[[Sample], object], object] = {}

    @cached_property
    def markers(self) -> Markers | None:
        """What a JPEG's markers say; None where it is no whole JPEG."""
        return markers(self.data)

    @cached_property
    def pixels(self) -> NDArray[np.uint8]:
        """(h, w, 3) RGB."""
        return np.asarray(self.decoded.picture)

    @cached_property
    def luma(self) -> NDArray[np.uint8]:
        """(h, w) gray, as Pillow's "L"."""
        return levels(self.decoded.picture.convert("L"))

    @cached_property
    def content(self) -> Window:
        """The part within uniform borders, in fractions."""
        return content_window(self.luma)

    @cached_property
    def thumb(self) -> Image.Image:
        """The whole picture squeezed to 64 x 64 pixels, RGB."""
        size = (THUMB_SIDE, THUMB_SIDE)
        return self.decoded.picture.resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0)

    @cached_property
    def thumb_pixels(self) -> NDArray[np.uint8]:
        """(64, 64, 3) RGB of the thumb."""
        return levels(self.thumb)

    @cached_property
    def thumb_luma(self) -> NDArray[np.float64]:
        """(64, 64) gray of the thumb."""
        return levels(self.thumb.convert("L")).astype(np.float64)

    def once(self, measure: Callable[[Sample], Made]) -> Made:
        """Return `measure(self)`, measured the first time only."""
        if measure not in self._made:
            self._made[measure] = measure(self)
        made: Made = self._made[measure]  # type: ignore[assignment]  # what it returned
        return made
