"""How a picture is laid out: borders around it, and seams between pictures in one frame."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .sample import Sample

    Floats = NDArray[np.floating[Any]]

_STEP: Final = 12  # levels across a seam that count: above what JPEG leaves in an even area
_REACH: Final = 2  # pixels over which a scaled decode smears a seam
_EDGE: Final = 0.08  # share of the frame at each end in which a line is a border, no seam
_BOTH: Final = 0.2  # share from which on a level and an upright seam make a grid
_GUTTER: Final = 10  # levels that a line between pictures may range, as a border's


def framed(sample: Sample) -> float:
    """The share of the frame that even borders cover (0 to 1)."""
    left, top, right, bottom = sample.content
    return 1.0 - (right - left) * (bottom - top)


def collage(sample: Sample) -> float:
    """How much of the height or the width a straight seam parts, 0 to 1.

    A seam from top to bottom is one of two pictures side by side. One from left to right may be a
    horizon: it counts where it is an even gutter, or where an upright one meets it.
    """
    luma = _content(sample).astype(np.float32)
    if min(luma.shape) < 32:
        return 0.0
    upright, gutter = _seam(luma)
    level, flat_gutter = _seam(luma.T)
    found = max(upright, gutter, flat_gutter)
    if min(upright, level) > _BOTH:  # a grid: neither seam need part all that it meets
        found = max(found, (upright + level) / (6 * _BOTH))
    half = int(np.argmax(_parted(luma.T)))
    for part in (luma[: half - 1], luma[half + 3 :]):
        if level > 0.5 and min(part.shape) >= 32:  # rows of other numbers of pictures
            found = max(found, min(level, _seam(part)[0]))
    return float(found)


def _content(sample: Sample) -> NDArray[np.uint8]:
    height, width = sample.luma.shape
    left, top, right, bottom = sample.content
    return sample.luma[
        round(top * height) : round(bottom * height), round(left * width) : round(right * width)
    ]


def _seam(luma: Floats) -> tuple[float, float]:
    """The share of rows that the best upright line parts, and the same for an even gutter."""
    parted = _parted(luma)
    return float(parted.max()), _gutter(luma)


def _parted(luma: Floats) -> Floats:
    """For each column: the share of rows that step across it, beyond those of its neighbours."""
    across = np.abs(luma[:, 1 + _REACH :] - luma[:, : -1 - _REACH]) > _STEP
    share = across.mean(0)
    wide = 3 * _REACH
    usual = np.zeros_like(share)
    usual[wide:-wide] = np.maximum(share[: -2 * wide], share[2 * wide :])
    edge = max(wide, int(_EDGE * luma.shape[1]))
    alone: Floats = np.maximum(share - usual, 0.0)
    alone[:edge] = alone[-edge:] = 0.0
    return alone


def _gutter(luma: Floats) -> float:
    """1 where a line of one tone runs from top to bottom between two textured parts."""
    edge = int(_EDGE * luma.shape[1])
    inner = luma[:, edge:-edge]
    even = np.ptp(inner, axis=0) <= _GUTTER
    if not even.any() or even.mean() > 0.2:  # plain grounds and blanks are full of such lines
        return 0.0
    at = np.flatnonzero(even)
    textured = luma.std(0) > 2 * _GUTTER
    left, right = textured[: edge + at[0]].mean(), textured[edge + at[-1] + 1 :].mean()
    return float(min(left, right) > 0.6)
