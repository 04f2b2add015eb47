"""The closer look: pairs at as many pixels as both have, for what a thumb does not show.

Another number on a plate, a ball that has rolled on, another item on a slip, a frame a second
later: little things that stand out from what compression leaves everywhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .filters import blurred, luma, opponents, total
from .residuals import (
    again,
    detail_match,
    laid_under,
)
from .thresholds import RESIDUALS
from .tone import fitted_tone, gain_of, sharpness, unclipped

if TYPE_CHECKING:
    from .filters import Pixels, Planes
    from .registration import Alignments
    from .residuals import Rows

# What a closer look finds, a row a pair; levels are those left after tone and sharpness are fitted
# and single pixels are smoothed away, as compression leaves high frequencies and a change does not.
#   fine, coarse: correlations of the detail at one to three and at two to six pixels.
#   spot, spread: the greatest level of brightness left, and that at the 98th percentile.
#   colour, colour_spread: the same of colour.
#   edge, edge_spread: spot against the edges beneath it, which no registration fits quite.
#   tone: mean difference of brightness before any fit, levels; gain: the straight line's slope.
CLOSE = np.dtype(
    [
        (name, "f8")
        for name in ("fine", "coarse", "spot", "spread", "colour", "colour_spread", "edge",
                     "edge_spread", "tone", "gain")
    ]
)  # fmt: skip


def look_closely(first: Pixels, second: Pixels, alignments: Alignments) -> Rows:
    """CLOSE rows of pairs at as many pixels as both of them have."""
    laid, inside = laid_under(first, again(first, second, alignments))
    found = np.zeros(len(laid), dtype=CLOSE)
    one, two = luma(laid), luma(second)
    found["tone"] = (np.abs(one - two) * inside).sum((1, 2)) / np.maximum(inside.sum((1, 2)), 1)
    found["gain"], _ = gain_of(one, two, inside)
    known = inside * unclipped(laid, second, one, two, inside)
    softer = (sharpness(one, known) < sharpness(two, known))[:, None, None]
    one, two = np.where(softer, two, one), np.where(softer, one, two)
    found["fine"] = detail_match(one, two, known, RESIDUALS.fine)
    found["coarse"] = detail_match(one, two, known, RESIDUALS.coarse)
    smooth = RESIDUALS.smooth if first.shape[1] >= RESIDUALS.smooth_from else 1.0
    left = np.abs(blurred((fitted_tone(one, two, known) - two) * known, smooth))
    down, across = (np.gradient(two, axis=axis) for axis in (1, 2))
    edges = left / (RESIDUALS.edge + blurred(np.hypot(down, across), 2 * smooth))
    colour = np.hypot(*(blurred(plane, smooth) for plane in _colour_rest(laid, second, inside)))
    for name, spread, planes in (
        ("spot", "spread", left),
        ("edge", "edge_spread", edges),
        ("colour", "colour_spread", colour),
    ):
        found[name] = planes.max((1, 2))
        flat = planes.reshape(len(planes), -1)
        place = int(0.98 * flat.shape[1])
        found[spread] = np.partition(flat, place, axis=1)[:, place]
    return found


def _colour_rest(laid: Pixels, second: Pixels, inside: Planes) -> list[Planes]:
    """The colours that one saturation and one tint leave, in the weaker picture's colours."""
    sides = [
        [
            (plane - total(plane * inside) / total(inside)) * inside
            for plane in opponents(some, inside)
        ]
        for some in (laid, second)
    ]
    power, other, both = (
        total(one[0] * two[0]) + total(one[1] * two[1])
        for one, two in ((sides[0], sides[0]), (sides[1], sides[1]), sides)
    )
    factor = np.clip(both / (power + total(inside)), 0.0, 3.0)
    weaker = np.sqrt(np.minimum(1, power / np.maximum(other, 1e-9)))
    return [(factor * one - two) * weaker * inside for one, two in zip(*sides, strict=True)]
