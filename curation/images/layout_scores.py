"""How a picture is laid out: borders around it, gutters that divide it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from .borders import WHOLE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..arrays import Floats
    from .sample import Sample

_STEP: Final = 12  # levels from a border that count: above what JPEG leaves in an even area
_REACH: Final = 2  # pixels over which a scaled decode smears a seam
_BEGINS: Final = 0.6  # share of a line along which a framed picture begins
_FLAT: Final = 14  # levels that a gutter's line may range over
_PANEL: Final = 0.12  # of the side that a panel has at least
_WIDEST: Final = 0.15  # of the side that a gutter has at most
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
    first_row, last_row = round(top * height), round(bottom * height)
    first_column, last_column = round(left * width), round(right * width)
    inner = luma[first_row:last_row, first_column:last_column]
    if min(inner.shape) < _LEAST:
        return 0.0
    beside = first_column > 0 and last_column < width
    beside = beside and _begins(inner.T, luma[:, 0].mean(), luma[:, -1].mean())
    above = first_row > 0 and last_row < height
    above = above and _begins(inner, luma[0].mean(), luma[-1].mean())
    return float(1.0 - (right - left if beside else 1.0) * (bottom - top if above else 1.0))


def _begins(lines: Floats, first: float, last: float) -> bool:
    """Whether the first and the last lines differ from the borders' levels along their length."""
    return all(
        (np.abs(lines[at] - level) > _STEP).mean() > _BEGINS
        for at, level in ((_REACH, first), (-1 - _REACH, last))
    )


def collage(sample: Sample) -> float:
    """The number of panels that plain, straight gutters from edge to edge divide it into; 1: none.

    Both neighbours of a gutter differ from it along most of its length, so that the white between
    lines of text, or around a product, is none. Gutters that end inside the picture do not count.
    """
    left, top, right, bottom = sample.content
    height, width = sample.luma.shape
    rows = slice(round(top * height), round(bottom * height))
    inner = sample.luma[rows, round(left * width) : round(right * width)]
    if min(inner.shape) < _LEAST:
        return 1.0
    return float((1 + _gutters(inner)) * (1 + _gutters(inner.T)))


def _gutters(lines: NDArray[np.uint8]) -> int:
    """How many gutters run along the lines."""
    # Few places of each line settle most photographs; they lie side by side, line by line.
    few = np.ascontiguousarray(lines[:, :: max(1, lines.shape[1] // 16)].T)
    if int((few.max(axis=0) - few.min(axis=0)).min()) > _FLAT:
        return 0
    flat = np.ptp(lines, axis=1) <= _FLAT
    changes = np.flatnonzero(np.diff(np.concatenate(([False], flat, [False]))))
    count, last = len(lines), 0
    found = 0
    for start, end in zip(changes[::2].tolist(), changes[1::2].tolist(), strict=True):
        if end - start > _WIDEST * count:
            continue
        if min(start - last, count - end) >= _PANEL * count and _divides(lines, start, end):
            found, last = found + 1, end
    return found


def _divides(lines: NDArray[np.uint8], start: int, end: int) -> bool:
    """Whether the lines from start to end are of one level and both neighbours are of others."""
    gutter = lines[start:end].astype(np.float32)
    level = float(gutter.mean())
    if float(np.abs(gutter.mean(axis=1) - level).max()) > _FLAT:
        return False
    beside = lines[max(0, start - _REACH)], lines[min(len(lines) - 1, end - 1 + _REACH)]
    return all((np.abs(line - level) > _STEP).mean() > _BEGINS for line in beside)
