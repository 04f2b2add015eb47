"""The closer look: pairs at as many pixels as both have, for what a thumb does not show.

Another number on a plate, a ball that has rolled on, another item on a slip, a frame a second
later: little things that stand out from what compression leaves everywhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .filters import blurred, luma, opponents, total
from .residuals import again, detail_match, laid_under, levels
from .thresholds import CLOSER, RESIDUALS
from .tone import fitted_tone, gain_of, sharpness, unclipped

if TYPE_CHECKING:
    from .filters import Pixels, Planes
    from .registration import Alignments
    from .residuals import Rows

# What a closer look finds, a row a pair; levels are those left after tone and sharpness are fitted
# and single pixels are smoothed away, as compression leaves high frequencies and a change does not.
#   fine, coarse: correlations of the detail at one to three and at two to six pixels.
#   spot, spread, stir: the greatest level of brightness left, that at the 98th percentile and that
#   at the 75th.
#   colour, colour_spread: the same of colour.
#   spot_within, colour_within, edge_within: the same without the frame's margin; inked: how many
#   times more strokes one has than the other where they differ in the margin; one_way: how much
#   of that is all brighter or all darker.
#   edge, edge_spread: spot against the edges beneath it, which no registration fits quite.
#   tone: mean difference of brightness before any fit, levels; gain: the straight line's slope.
#   level: the worst part's mean difference in one colour channel before any fit, levels;
#   painted: the share of parts in which it is more than a resaved drawing's.
CLOSE = np.dtype(
    [
        (name, "f8")
        for name in ("fine", "coarse", "spot", "spread", "colour", "colour_spread", "edge",
                     "edge_spread", "tone", "gain", "level", "painted",
                     "spot_within", "colour_within", "edge_within", "inked", "one_way", "stir")
    ]
)  # fmt: skip


def look_closely(first: Pixels, second: Pixels, alignments: Alignments) -> Rows:
    """CLOSE rows of pairs at as many pixels as both of them have."""
    laid, inside = laid_under(first, again(first, second, alignments))
    found = np.zeros(len(laid), dtype=CLOSE)
    one, two = luma(laid), luma(second)
    found["tone"] = (np.abs(one - two) * inside).sum((1, 2)) / np.maximum(inside.sum((1, 2)), 1)
    found["gain"], _ = gain_of(one, two, inside)
    level = levels(laid, second, inside)
    found["level"] = level.max((1, 2))
    found["painted"] = (level > CLOSER.levels[-1]).mean((1, 2))
    known = inside * unclipped(laid, second, one, two, inside)
    softer = (sharpness(one, known) < sharpness(two, known))[:, None, None]
    one, two = np.where(softer, two, one), np.where(softer, one, two)
    found["fine"] = detail_match(one, two, known, RESIDUALS.fine)
    found["coarse"] = detail_match(one, two, known, RESIDUALS.coarse)
    smooth = RESIDUALS.smooth if first.shape[1] >= RESIDUALS.smooth_from else 1.0
    signed = blurred((fitted_tone(one, two, known) - two) * known, smooth) * _rim(first.shape[1])
    left = np.abs(signed)
    down, across = (np.gradient(two, axis=axis) for axis in (1, 2))
    edges = left / (RESIDUALS.edge + blurred(np.hypot(down, across), 2 * smooth))
    colour = np.hypot(*(blurred(plane, smooth) for plane in _colour_rest(laid, second, inside)))
    rim = _rim(first.shape[1])
    edges, colour = edges * rim, colour * rim
    for name, spread, planes in (
        ("spot", "spread", left),
        ("edge", "edge_spread", edges),
        ("colour", "colour_spread", colour),
    ):
        found[name] = planes.max((1, 2))
        found[f"{name}_within"] = _within(planes).max((1, 2))
        flat = planes.reshape(len(planes), -1)
        place = int(0.98 * flat.shape[1])
        found[spread] = np.partition(flat, place, axis=1)[:, place]
    flat = left.reshape(len(left), -1)
    place = int(0.75 * flat.shape[1])
    found["stir"] = np.partition(flat, place, axis=1)[:, place]
    found["inked"], found["one_way"] = _inked(one, two, signed)
    return found


def _rim(side: int) -> Planes:
    """0 in the outermost lines, which every decoder and every cut leaves a little otherwise."""
    at = np.arange(side)
    lines = round(CLOSER.rim * side)
    inner = ((at >= lines) & (at < side - lines)).astype(np.float32)
    rim: Planes = inner[:, None] * inner[None, :]
    return rim


def _within(planes: Planes) -> Planes:
    margin = round(CLOSER.margin * planes.shape[1])
    return planes[:, margin:-margin, margin:-margin]


def _inked(one: Planes, two: Planes, signed: Planes) -> tuple[Planes, Planes]:
    """How many times more strokes one picture has than the other where the margin differs, and how
    much of that difference is one way, brighter or darker (0 to 1).
    """
    margin = signed.copy()
    _within(margin)[:] = 0
    worst = np.abs(margin).max((1, 2))[:, None, None]
    differs = np.abs(margin) > np.maximum(CLOSER.stands_out_spot, worst / 2)
    one_way = np.abs((margin * differs).sum((1, 2))) / ((np.abs(margin) * differs).sum((1, 2)) + 1)
    strokes = [
        (np.abs(planes - blurred(planes, 1.0)) * differs).sum((1, 2)) + 1 for planes in (one, two)
    ]
    return np.maximum(*strokes) / np.minimum(*strokes), one_way


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
