"""How a picture is laid out: borders around it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from .borders import WHOLE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .sample import Sample

    Floats = NDArray[np.floating[Any]]

_STEP: Final = 12  # levels from a border that count: above what JPEG leaves in an even area
_REACH: Final = 2  # pixels over which a scaled decode smears a seam
_BEGINS: Final = 0.6  # share of a line along which a framed picture begins
_LEAST: Final = 32  # pixels a side below which nothing is told


def framed(sample: Sample) -> float:
    """The share of the frame that even borders on opposite sides cover (0 to 1).

    A border ends along its whole length where the picture begins. A sky, a night or a plain ground
    ends in a tip of what stands before it, and covers nothing here.
    """
    if sample.content == WHOLE:
        return 0.0
    luma = sample.luma.astype(np.float32)
    height, width = luma.shape
    left, top, right, bottom = sample.content
    rows, columns = (round(top * height), round(bottom * height)), (
        round(left * width), round(right * width)
    )  # fmt: skip
    inner = luma[rows[0] : rows[1], columns[0] : columns[1]]
    if min(inner.shape) < _LEAST:
        return 0.0
    across = columns[0] > 0 and columns[1] < width and _begins(inner.T, luma[:, 0].mean(),
                                                               luma[:, -1].mean())  # fmt: skip
    down = rows[0] > 0 and rows[1] < height and _begins(inner, luma[0].mean(), luma[-1].mean())
    share = (1.0 - (right - left) if across else 0.0), (1.0 - (bottom - top) if down else 0.0)
    return float(1.0 - (1.0 - share[0]) * (1.0 - share[1]))


def _begins(lines: Floats, first: float, last: float) -> bool:
    """Whether the first and the last lines differ from the borders' levels along their length."""
    return all(
        (np.abs(lines[at] - level) > _STEP).mean() > _BEGINS
        for at, level in ((_REACH, first), (-1 - _REACH, last))
    )
