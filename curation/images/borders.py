"""Where a picture's content lies within borders of one colour."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Window = tuple[float, float, float, float]  # left, top, right, bottom as fractions

VERSION: Final = 2  # raised when the same pixels give another window
WHOLE: Final = (0.0, 0.0, 1.0, 1.0)

_FLAT: Final = 14  # how far the luma of one border line may range (JPEG rings near the content)
_SAME: Final = 10  # how far a border line may be from the edge's own luma
_LEAST: Final = 0.3  # a window narrower than this is an empty picture's speck, no border's content


def content_window(luma: NDArray[np.uint8]) -> Window:
    """The window, in fractions, left when lines of one colour are cut off at the edges.

    `luma` is (h, w). A picture that is all border (one tone, bands, a gradient) is all content.
    """
    height, width = luma.shape
    top, bottom = _run(luma)
    if top >= bottom:
        return WHOLE
    left, right = _run(luma[top:bottom].T)
    if left >= right:
        return WHOLE
    if (left, right) != (0, width) and (top, bottom) == (0, height):
        # rows that run through a side border are not flat until it is gone
        top, bottom = _run(luma[:, left:right])
    if right - left < _LEAST * width or bottom - top < _LEAST * height:
        return WHOLE
    return left / width, top / height, right / width, bottom / height


def _run(lines: NDArray[np.uint8]) -> tuple[int, int]:
    """First and last + 1 line that belong to the content; equal where the two borders meet."""
    count = len(lines)
    if not (_flat(lines[0]) or _flat(lines[-1])):
        return 0, count
    low, high = lines.min(axis=1).astype(np.int16), lines.max(axis=1).astype(np.int16)
    start = _length(low, high)
    if start == count:
        return 0, count
    # Two bands are both border: what one side takes, the other cannot.
    return start, max(start, count - _length(low[::-1], high[::-1]))


def _flat(line: NDArray[np.uint8]) -> bool:
    few = line[:: max(1, len(line) // 4)].tolist()  # most lines of a photograph need no more
    return max(few) - min(few) <= _FLAT and int(line.max()) - int(line.min()) <= _FLAT


def _length(low: NDArray[np.int16], high: NDArray[np.int16]) -> int:
    """How many lines from the first on are flat and of the first one's colour."""
    first = (int(low[0]) + int(high[0])) / 2
    flat = (high - low <= _FLAT) & (np.abs((low + high) / 2 - first) <= _SAME)
    return len(flat) if flat.all() else int(np.argmin(flat))
