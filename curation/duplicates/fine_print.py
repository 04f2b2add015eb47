"""The finest look at drawn pictures: at the pixels of the smaller one, in its own shape.

Squeezed to a square, a character of 12 pixels in a page is a few gray levels. Here each picture is
cut into tiles, tone and sharpness are fitted in each, and a stroke that only one of them has
stands far above what compression leaves around letters and lines.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .filters import blurred, luma
from .thresholds import FINE_PRINT
from .tone import explained

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .filters import Pixels


def prints_differ(first: NDArray[np.uint8], second: NDArray[np.uint8]) -> bool:
    """Whether one of two pictures, height x width x 3 of one size, has a stroke of its own."""
    one, two = _tiles(first), _tiles(second)
    if np.abs(blurred(luma(one) - luma(two), FINE_PRINT.blur)).max() < FINE_PRINT.spot:
        return False  # most copies: no tone has to be fitted
    pair = explained(one, two, np.ones(one.shape[:3], dtype=np.float32))
    left = np.abs(blurred((pair.fitted - pair.soft) * pair.known, FINE_PRINT.blur))
    rim = FINE_PRINT.rim
    left = left[:, rim:-rim, rim:-rim]
    spot = float(left.max())
    if spot < FINE_PRINT.spot:
        return False
    place = int(0.98 * left.size)
    return spot > FINE_PRINT.stands_out * float(np.partition(left, place, axis=None)[place])


def _starts(length: int) -> list[int]:
    """Where tiles begin that cover a side but for its rim; the last ends with it."""
    side = FINE_PRINT.tile
    last = length - side
    return [*range(0, last, side - 2 * FINE_PRINT.rim), last]


def _tiles(picture: NDArray[np.uint8]) -> Pixels:
    side = FINE_PRINT.tile
    lacking = [(0, max(0, side - length)) for length in picture.shape[:2]]
    whole = np.pad(picture, [*lacking, (0, 0)], mode="edge")
    tiles: Pixels = np.stack(
        [
            whole[top : top + side, left : left + side]
            for top in _starts(whole.shape[0])
            for left in _starts(whole.shape[1])
        ]
    ).astype(np.float32)
    return tiles
