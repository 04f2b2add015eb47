"""The pixels behind the facts: thumbs, and closer looks at the files, each opened once."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from ..errors import Unreadable
from ..images.borders import content_window
from ..images.decode import decode
from ..images.reading import same_bytes
from .edit_thresholds import REMADE
from .filters import luma
from .residuals import pixels
from .thresholds import PAIRS, PHOTO, REMEMBERED, REMEMBERED_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from ..images.borders import Window
    from ..images.decode import Decoded
    from ..images.facts import Facts
    from .filters import Pixels

OPEN_PIXELS = 1 << 23  # of decoded files, 32 MB: what a stack of pairs shows


class PixelSource:
    """Pixels of places in `facts`; `read` gives the bytes of a digest.

    Other bytes, of a file that was replaced since it was looked at, are none of its pixels.
    """

    def __init__(self, facts: Sequence[Facts], read: Callable[[str], bytes]) -> None:
        self._facts = facts
        self._read = read
        self._thumbs: dict[int, NDArray[np.uint8]] = {}
        self._windows: dict[int, Window] = {}
        self._close: dict[tuple[int, int, str], NDArray[np.uint8] | None] = {}
        self._held = 0  # bytes of them
        self._files: dict[tuple[int, int], Decoded] = {}  # the last few: windows are cut from them
        self._open_pixels = 0
        self._wholes: dict[int, tuple[tuple[int, int], bytes]] = {}
        self.unread: set[int] = set()  # places whose files could not be read

    def thumb(self, place: int) -> Pixels:
        """The whole picture squeezed, side x side x 3, 0-255."""
        if place not in self._thumbs:
            if len(self._thumbs) >= REMEMBERED:
                del self._thumbs[next(iter(self._thumbs))]
            self._thumbs[place] = pixels(self._facts[place].thumb).astype(np.uint8)
        return self._thumbs[place].astype(np.float32)

    def thumbs(self, places: Sequence[int]) -> Pixels:
        """The thumbs of places, stacked."""
        return np.stack([self.thumb(place) for place in places])

    def window(self, place: int) -> Window:
        """The part of a thumb that no border covers."""
        if place not in self._windows:
            self._windows[place] = content_window(luma(self.thumb(place)).astype(np.uint8))
        return self._windows[place]

    def closely(self, place: int, side: int, mode: str = "RGB") -> NDArray[np.uint8] | None:
        """The file squeezed to side x side x 3, or side x side of mode "L".

        None where it can no longer be read.
        """
        key = (place, side, mode)
        if key in self._close:
            found = self._close.pop(key)  # what was asked for last goes last
        else:
            found = self._opened(*key)
            self._held += 0 if found is None else found.nbytes
        self._close[key] = found
        while self._held > REMEMBERED_BYTES:
            oldest = self._close.pop(next(iter(self._close)))
            self._held -= 0 if oldest is None else oldest.nbytes
        return found

    def cut(self, place: int, side: int, window: Window) -> NDArray[np.uint8] | None:
        """A window of the file, in fractions of its sides, squeezed to side x side x 3."""
        found = self._decoded(place, side)
        if found is None:
            return None
        left, top, right, bottom = found.shown
        across, down = right - left, bottom - top
        return _squeezed(
            found.picture,
            side,
            (
                left + window[0] * across,
                top + window[1] * down,
                left + window[2] * across,
                top + window[3] * down,
            ),
        )

    def at_smaller(
        self, one: int, two: int, side: int, longest: int
    ) -> tuple[NDArray[np.uint8], NDArray[np.uint8]] | None:
        """Both files in the size and shape of the smaller, height x width x 3.

        They are opened as for a look at `side`; no side of them is longer than `longest`. None
        where one can no longer be read.
        """
        first, second = (self._decoded(place, side) for place in (one, two))
        if first is None or second is None:
            return None
        smaller = min(first, second, key=_area).picture
        scale = min(1.0, longest / max(smaller.size))
        size = (max(1, round(smaller.width * scale)), max(1, round(smaller.height * scale)))
        return _sized(first, size), _sized(second, size)

    def _opened(self, place: int, side: int, mode: str) -> NDArray[np.uint8] | None:
        found = self._decoded(place, side)
        if found is None:
            return None
        picture = found.picture if mode == "RGB" else found.picture.convert(mode)
        # `shown` and not the whole: half a pixel of another scale hides what is small from a crop.
        return _squeezed(picture, side, found.shown)

    def _decoded(self, place: int, side: int) -> Decoded | None:
        """The file with pixels enough for `side`; None where it can no longer be read."""
        fact = self._facts[place]
        drawn = fact.scores.get("graphic", 0.0) >= PAIRS.graphic
        # Lines and things of a pixel or two look otherwise after a scaled decode.
        least = 2 * side if drawn or side < PHOTO.side else side
        key = (place, least)
        if key in self._files:
            return self._files[key]
        try:
            found = decode(self._bytes(place), least)
        except (OSError, Unreadable):
            self.unread.add(place)
            return None
        self._files[key] = found
        self._open_pixels += _area(found)
        while self._open_pixels > OPEN_PIXELS and len(self._files) > 1:
            self._open_pixels -= _area(self._files.pop(next(iter(self._files))))
        return found

    def opened(self, place: int, side: int) -> Decoded | None:
        """The file with `side` pixels or more a side, in full where it has a palette."""
        fact = self._facts[place]
        few = fact.width * fact.height <= REMADE.palette_pixels
        whole = few and (fact.format == "gif" or fact.mode == "P")
        try:
            return decode(self._bytes(place), None if whole else side)
        except (OSError, Unreadable):
            self.unread.add(place)
            return None

    def same_pixels(self, one: int, two: int) -> bool:
        """Whether both decode to the very same pixels (colour profile and metadata aside)."""
        first, second = self._facts[one], self._facts[two]
        if (first.width, first.height, first.fingerprints, first.thumb) != (
            second.width, second.height, second.fingerprints, second.thumb,
        ):  # fmt: skip
            return False
        whole = self._whole(one)
        return whole is not None and whole == self._whole(two)

    def _whole(self, place: int) -> tuple[tuple[int, int], bytes] | None:
        """The size and the digest of all pixels of a file; None where it can no longer be read."""
        if place not in self._wholes:
            try:
                picture = decode(self._bytes(place), None).picture
            except (OSError, Unreadable):
                self.unread.add(place)
                return None
            self._wholes[place] = picture.size, hashlib.sha256(picture.tobytes()).digest()
        return self._wholes[place]

    def _bytes(self, place: int) -> bytes:
        sha256 = self._facts[place].sha256
        return same_bytes(self._read(sha256), sha256)


def _area(decoded: Decoded) -> int:
    return decoded.picture.width * decoded.picture.height


def _sized(decoded: Decoded, size: tuple[int, int]) -> NDArray[np.uint8]:
    """A file at a size; as it is where it has that."""
    return np.asarray(decoded.picture.resize(size, Image.Resampling.BICUBIC, box=decoded.shown))


def _squeezed(
    picture: Image.Image, side: int, box: tuple[float, float, float, float]
) -> NDArray[np.uint8]:
    return np.asarray(
        picture.resize((side, side), Image.Resampling.BILINEAR, box=box, reducing_gap=2.0)
    )
