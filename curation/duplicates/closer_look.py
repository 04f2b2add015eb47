"""The closer look: pairs at as many pixels as both have, for what a thumb does not show.

Another number on a plate, a ball that has rolled on, another item on a slip, a frame a second
later: little things that stand out from what compression leaves everywhere.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from .filters import blocks, blurred, length, luma, opponents, rises, total
from .margin import fill_in_margin, within
from .registration import halved
from .residuals import detail_match, levels, remainder
from .thresholds import CHROMA_BLUR, CLOSER, RESIDUALS, STILL
from .tone import explained, gain_of, unclipped

if TYPE_CHECKING:
    from ..arrays import Floats, Mask
    from .filters import Pixels, Planes
    from .residuals import Rows
    from .tone import Explained


# What a closer look finds, a row a pair; levels are those left after tone and sharpness are fitted
# and single pixels are smoothed away, as compression leaves high frequencies and a change does not.
#   fine, coarse: correlations of the detail at one to three and at two to six pixels.
#   spot, spread, stir: the greatest level of brightness left, that at the 98th percentile and that
#   at the 75th.
#   colour, colour_spread: the same of colour.
#   spot_within, colour_within, edge_within: the same without the frame's margin; inked: how many
#   times more strokes one has than the other where they differ in the margin; one_way: how much
#   of that is all brighter or all darker; kin: how strong strokes beside it are that both have.
#   edge, edge_spread: spot against the edges beneath it, which no registration fits quite.
#   grain, edge_grain: the medians along edges of brightness left and of that against the edges.
#   drift: how unlike the shifts of parts are, pixels: things that have moved, each its own way;
#   told of looks at CLOSER.large pixels a side and more.
#   tone: mean difference of brightness before any fit, levels; gain: the straight line's slope.
#   level: the worst part's mean difference in one colour channel before any fit, levels;
#   painted: the share of parts in which it is more than a resaved drawing's.
CLOSE = np.dtype(
    [
        (name, "f8")
        for name in ("fine", "coarse", "spot", "spread", "colour", "colour_spread", "edge",
                     "edge_spread", "tone", "gain", "level", "painted",
                     "spot_within", "colour_within", "edge_within", "inked", "one_way", "kin",
                     "stir", "grain", "edge_grain", "drift")
    ]
)  # fmt: skip


def compare_again(first: Pixels, second: Pixels) -> Rows:
    """REMAINDER rows: how the shapes of what both show differ, and whether they do."""
    inside = np.ones(first.shape[:3], dtype=np.float32)
    pair = explained(first, second, inside)
    left = remainder(pair, inside)
    _fill_in_still(left, pair, first, second)
    return left


class CloseLook:
    """CLOSE rows (`found`) of what both pictures of each pair show, at as many pixels as they have.

    Of pairs in which nothing stands out only that is told; of the others, and of `every` pair that
    is asked for, how and where it does so. Levels are those of `levelled` pairs.
    """

    def __init__(self, first: Pixels, second: Pixels, levelled: Mask) -> None:
        inside = np.ones(first.shape[:3], dtype=np.float32)
        self.found = found = np.zeros(len(first), dtype=CLOSE)
        at = np.flatnonzero(levelled)
        if len(at):
            level = levels(first[at], second[at], inside[at])
            found["level"][at] = level.max((1, 2))
            found["painted"][at] = (level > CLOSER.levels[-1]).mean((1, 2))
        self._pair = pair = explained(first, second, inside)
        found["tone"], found["gain"] = _toned(pair), pair.gain
        found["fine"] = detail_match(pair.sharp, pair.soft, pair.known, RESIDUALS.fine)
        self._smooth = _smooth(first.shape[1])
        self._signed = _signed(pair, self._smooth)
        _stand_out(found, "spot", np.abs(self._signed))
        _stand_out(found, "colour", _colour_left(first, second, self._smooth))
        found["coarse"] = found["inked"] = 1.0
        found["grain"] = found["edge_grain"] = np.inf  # until it is told
        loud = (found["spot"] > LOUD) | (found["colour"] > CLOSER.stands_out_hue)
        noise = np.maximum(found["spread"], CLOSER.least_spread)
        faint, drawn = CLOSER.faint_spot
        loud |= (found["spot"] > faint) & (found["spot"] > CLOSER.faint * noise)
        loud |= (found["spot"] > drawn) & levelled
        self._told = np.zeros(len(first), dtype=bool)
        self.tell(loud | (found["fine"] < CLOSER.fine))

    def tell(self, every: Mask) -> None:
        """Fill in how and where `every` pair differs."""
        at = np.flatnonzero(every & ~self._told)
        if not len(at):
            return
        sharp, soft, known = self._pair.sharp[at], self._pair.soft[at], self._pair.known[at]
        signed, some = self._signed[at], self.found[at]
        some["coarse"] = _coarse_match(sharp, soft, known)
        left, slopes = np.abs(signed), rises(soft)
        against = left / _edges(slopes, self._smooth)
        _stand_out(some, "edge", against)
        steep = (length(*slopes) > RESIDUALS.even) & (_rim(soft.shape[1]) > 0)
        some["grain"], some["edge_grain"] = _median(left, steep), _median(against, steep)
        if soft.shape[1] >= CLOSER.large:
            some["drift"] = _drift((self._pair.fitted[at] - soft) * known, slopes)
        fill_in_margin(some, sharp, soft, signed)
        self.found[at] = some
        self._told[at] = True


def look_for_moments(first: Pixels, second: Pixels, stirring: Mask) -> Rows:
    """CLOSE rows of pairs that are known to be no copies: their `coarse`, and nothing else.

    Of `stirring` pairs that may be of one scene how far it has `stirred`, too.
    """
    inside = np.ones(first.shape[:3], dtype=np.float32)
    found = np.zeros(len(first), dtype=CLOSE)
    one, two = luma(first), luma(second)
    known = inside * unclipped(first, second, *gain_of(one, two, inside))
    found["coarse"] = _coarse_match(one, two, known)
    at = np.flatnonzero(stirring & (found["coarse"] >= CLOSER.moment_coarse))
    if len(at):
        pair = explained(first[at], second[at], inside[at])
        left = np.abs(_signed(pair, _smooth(first.shape[1])))
        (found["stir"][at],) = _percentiles(left, 0.75)
    return found


# Below this nothing is said of edges, and nothing stands out.
LOUD = min(CLOSER.stands_out_spot, CLOSER.edge * RESIDUALS.edge)


def _coarse_match(one: Planes, two: Planes, known: Planes) -> Floats:
    """Correlation of the detail that half the pixels show as well, at a fourth of the price."""
    fine, rough = RESIDUALS.coarse
    return detail_match(halved(one), halved(two), halved(known), (_at_half(fine), _at_half(rough)))


def _smooth(side: int) -> float:
    """The blur (pixels) that takes away what compression leaves."""
    return RESIDUALS.smooth if side >= RESIDUALS.smooth_from else 1.0


def _toned(pair: Explained) -> Floats:
    mean: Floats = np.abs(pair.sharp - pair.soft).mean((1, 2))
    return mean


def _signed(pair: Explained, smooth: float) -> Planes:
    """What no tone explains, without single pixels and the rim."""
    left = blurred((pair.fitted - pair.soft) * pair.known, smooth)
    return left * _rim(left.shape[1])


def _edges(slopes: tuple[Planes, Planes], smooth: float) -> Planes:
    """How steep it is around each pixel; nowhere less than every edge may rise by."""
    return blurred(length(*slopes), 2 * smooth) + np.float32(RESIDUALS.edge)


def _median(planes: Planes, some: Mask) -> Floats:
    """The median of some pixels of each plane; 0 where there are none."""
    return np.array(
        [np.median(plane[at]) if at.any() else 0.0 for plane, at in zip(planes, some, strict=True)]
    )


def _drift(left: Planes, slopes: tuple[Planes, Planes]) -> Floats:
    """How unlike the shifts (pixels) are that explain what is left of parts; 0 where none does.

    The shift of a part is that of Lucas and Kanade: least squares of what is left on the slopes.
    """
    rim = _rim(left.shape[1])
    rest, down, across = (planes * rim for planes in (left, *slopes))
    steep = _parts(down * down) + 1  # a squared level: of what is flat no shift is told
    flat = _parts(across * across) + 1
    both, power = _parts(down * across), _parts(rest * rest)
    falls, runs = _parts(down * rest), _parts(across * rest)
    whole = steep * flat - both * both
    shifts = (flat * falls - both * runs) / whole, (steep * runs - both * falls) / whole
    told = shifts[0] * falls + shifts[1] * runs > CLOSER.told * (power + CLOSER.told_rest)
    told &= power > CLOSER.drifted**2
    drifts: Floats = np.zeros(len(left))
    for place in np.flatnonzero(told.any((1, 2))).tolist():
        drifts[place] = np.hypot(*(shift[place][told[place]].std() for shift in shifts))
    return drifts


def _parts(planes: Planes) -> Planes:
    """Means of parts of four by four blocks; odd rows and columns of blocks are left out."""
    found = blocks(planes)
    even = found.shape[1] // 4 * 4
    return halved(halved(found[:, :even, :even]))


def _stand_out(found: Rows, name: str, planes: Planes) -> None:
    """Fill in the greatest, that within the margin, and the 98th percentile."""
    found[name] = planes.max((1, 2))
    found[f"{name}_within"] = within(planes).max((1, 2))
    if name == "spot":
        found["stir"], found["spread"] = _percentiles(planes, 0.75, 0.98)
    else:
        (found[f"{name}_spread"],) = _percentiles(planes, 0.98)


def _percentiles(planes: Planes, *shares: float) -> Floats:
    """shares x planes: the level below which so many pixels of each plane lie."""
    flat = planes.reshape(len(planes), -1)
    places = [int(share * flat.shape[1]) for share in shares]
    values: Floats = np.partition(flat, places, axis=1)[:, places].T
    return values


def _fill_in_still(found: Rows, pair: Explained, first: Pixels, second: Pixels) -> None:
    """Fill in the pairs in which nothing stands out, though a closer look has more pixels.

    What is little enough to be missed here is less than a closer look calls a difference.
    """
    smooth = RESIDUALS.smooth * pair.soft.shape[1] / CLOSER.side
    left = np.abs(_signed(pair, smooth))
    spot = left.max((1, 2))
    even = spot < STILL.stands_out * CLOSER.least_spread
    even |= spread_exceeds(left, spot / STILL.stands_out)
    still = (spot < STILL.spot) & even & (_toned(pair) < STILL.tone)
    at = np.flatnonzero(still)
    if len(at):
        colour = _colour_left(first[at], second[at], smooth).max((1, 2))
        fine = detail_match(pair.sharp[at], pair.soft[at], pair.known[at], STILL.fine_band)
        still[at] = (colour < STILL.colour) & (fine > STILL.fine)
    found["still"] = still


def spread_exceeds(planes: Planes, levels: Floats) -> Mask:
    """Whether the 98th percentile of each plane lies above its level.

    Counting tells it in a tenth of the time that seeking the percentile takes.
    """
    above = planes > levels[:, None, None]
    pixels = above.shape[1] * above.shape[2]
    least = pixels - int(0.98 * pixels)
    return np.array([np.count_nonzero(one) >= least for one in above], dtype=bool)


def _at_half(sigma: float) -> float:
    """A blur at half the pixels: the mean of two by two has blurred a little already."""
    return float(np.sqrt(sigma**2 - 0.25)) / 2


@cache
def _rim(side: int) -> Planes:
    """0 in the outermost lines, which every decoder and every cut leaves a little otherwise."""
    at = np.arange(side)
    lines = round(CLOSER.rim * side)
    inner = ((at >= lines) & (at < side - lines)).astype(np.float32)
    rim: Planes = inner[:, None] * inner[None, :]
    return rim


def _colour_left(first: Pixels, second: Pixels, smooth: float) -> Planes:
    """The colours that one saturation and one tint leave, in the weaker picture's colours.

    At half the pixels a side, as JPEG keeps them.
    """
    halves = [halved(some) for some in (first, second)]
    inside: Planes = np.ones(halves[0].shape[:3], dtype=np.float32)
    pixels = inside.shape[1] ** 2
    sides = [
        [plane - total(plane) / pixels for plane in opponents(half, inside, _at_half(CHROMA_BLUR))]
        for half in halves
    ]
    power, other, both = (
        total(one[0] * two[0]) + total(one[1] * two[1])
        for one, two in ((sides[0], sides[0]), (sides[1], sides[1]), sides)
    )
    factor = np.clip(both / (power + pixels), 0.0, 3.0)
    weaker = np.sqrt(np.minimum(1, power / np.maximum(other, 1e-9)))
    rest = [
        blurred((factor * one - two) * weaker, smooth / 2) for one, two in zip(*sides, strict=True)
    ]
    return length(*rest) * _rim(inside.shape[1])
