"""A first look at many pairs at once, on cells of a few pixels: which of them can be no copies?

Drawn things and things on a plain ground come in crowds of one outline: each two of them are
candidates, and next to none are copies. Here each is laid over the other coarsely, a thousand
pairs in one go; a pair whose colours or shapes are further apart than those of any copy on record
never gets the closer looks. To be settled here is never to be a copy.

Cells are pairs x side x side x 3: brightness, and blue and red against it.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np

from .filters import neighbourhood, total
from .pair_rules import unmoved
from .registration import IDENTITY, Sampling, best_of_each, refine
from .screen_thresholds import COARSE, FINE, PREFILTER
from .thresholds import PAIRS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from ..arrays import Floats, Places
    from .filters import Pixels, Planes
    from .registration import Alignment, Alignments
    from .screen_thresholds import PrefilterBounds

    Cells = NDArray[np.uint8]
    Starts = Callable[[int, int, int], Sequence[Alignment]]


class Screened(IntEnum):
    """What the prefilter says of a pair."""

    OPEN = 0  # it has to be looked at
    ALIKE = 1  # no copy, but alike
    OTHER = 2  # no copy, and not alike


class Prefilter:
    """Settles pairs of places; `thumb` gives a place's pixels, `starts` the first alignments."""

    def __init__(self, thumb: Callable[[int], Pixels], starts: Starts) -> None:
        self._thumb = thumb
        self._starts = starts

    def screen(
        self, one: Places, two: Places, reasons: NDArray[np.uint8], turned: NDArray[np.bool_]
    ) -> tuple[NDArray[np.int8], Alignments]:
        """Each pair as a Screened, and where the second lies in the first of those left OPEN.

        `turned` marks pairs that may be alike turned: they are ALIKE at least.
        """
        found, alignments = np.zeros(len(one), dtype=np.int8), np.zeros((len(one), 4))
        if not len(one):
            return found, alignments
        pictures, first, second = self._cells(one, two, COARSE.side)
        coloured = _other_colours(_colouring(pictures), first, second)
        for start in range(0, len(one), PREFILTER.block):
            pairs = np.arange(start, min(start + PREFILTER.block, len(one)))
            cells = _floats(pictures, first[pairs], second[pairs])
            begin = [
                () if other else self._starts(one[pair], two[pair], reasons[pair])
                for pair, other in zip(pairs.tolist(), coloured[pairs].tolist(), strict=True)
            ]
            match, alignment = _aligned(*cells, begin)
            asked = np.flatnonzero(~coloured[pairs])
            settled = coloured[pairs].copy()
            settled[asked] = _beyond(
                cells[0][asked], cells[1][asked], match[asked], alignment[asked], COARSE
            )
            left = np.flatnonzero(~settled)
            settled[left], alignments[pairs[left]] = self._finely(
                one[pairs[left]], two[pairs[left]], alignment[left]
            )
            alike = turned[pairs] | (match >= PAIRS.loose_match)
            found[pairs] = np.where(
                settled, np.where(alike, Screened.ALIKE, Screened.OTHER), Screened.OPEN
            )
        return found, alignments

    def _cells(self, one: Places, two: Places, side: int) -> tuple[Cells, Places, Places]:
        """The pictures' cells, and which of them are the first and the second of each pair."""
        places, at = np.unique(np.concatenate([one, two]), return_inverse=True)
        pictures = np.stack([_cells(self._thumb(place), side) for place in places.tolist()])
        return pictures, at[: len(one)], at[len(one) :]

    def _finely(
        self, one: Places, two: Places, alignments: Alignments
    ) -> tuple[NDArray[np.bool_], Alignments]:
        """Whether pairs that passed the coarse bounds are beyond the fine ones; where they lie."""
        found = alignments.copy()
        settled = np.zeros(len(one), dtype=bool)
        for start in range(0, len(one), PREFILTER.block // 4):
            some = slice(start, start + PREFILTER.block // 4)
            first, second = _floats(*self._cells(one[some], two[some], FINE.side))
            match, found[some] = refine(
                first[..., 0], second[..., 0], alignments[some], FINE.rounds
            )
            settled[some] = _beyond(first, second, match, found[some], FINE)
        return settled, found


def _cells(picture: Pixels, side: int) -> Cells:
    """side x side x 3 of one picture; 128 is gray."""
    step = picture.shape[0] // side
    rows = picture.reshape(side, step, -1).sum(1).reshape(side, side, step, 3)
    means = rows.sum(2) * np.float32(1 / step**2)
    out: Cells = np.clip(np.rint(means @ _OPPONENTS + _GRAY), 0, 255).astype(np.uint8)
    return out


_LUMA = np.array([0.299, 0.587, 0.114])
_OPPONENTS = np.stack(
    [_LUMA, 0.564 * (np.array([0, 0, 1]) - _LUMA), 0.713 * (np.array([1, 0, 0]) - _LUMA)], axis=1
).astype(np.float32)
_GRAY = np.array([0, 128, 128], dtype=np.float32)


def _floats(pictures: Cells, first: Places, second: Places) -> tuple[Pixels, Pixels]:
    return pictures[first].astype(np.float32), pictures[second].astype(np.float32)


def _colouring(cells: Cells) -> Floats:
    """pictures x 2: how far, and which way, the usual colour is from the most common one.

    No crop, scale or turn changes the direction much, no tint any of it.
    """
    colours = cells[..., 1:].reshape(len(cells), -1, 2)
    way: Floats = colours.mean(1, dtype=np.float32) - np.median(colours, axis=1)
    return way


def _other_colours(colours: Floats, first: Places, second: Places) -> NDArray[np.bool_]:
    """Whether both are coloured, and each in another direction from gray."""
    strength = np.hypot(colours[:, 0], colours[:, 1])
    known = np.minimum(strength[first], strength[second]) > PREFILTER.colourful
    agreeing = (colours[first] * colours[second]).sum(1)
    least = PREFILTER.same_direction * strength[first] * strength[second]
    other: NDArray[np.bool_] = known & (agreeing < least)
    return other


def _aligned(
    first: Pixels, second: Pixels, starts: Sequence[Sequence[Alignment]]
) -> tuple[Floats, Alignments]:
    """Each pair's best correlation and alignment; as they lie for pairs without starts."""
    match, found = np.full(len(starts), -1.0), np.tile(np.array(IDENTITY), (len(starts), 1))
    still = np.array([not some for some in starts], dtype=bool)
    if still.any():
        at = np.flatnonzero(still)
        match[at], _ = refine(first[at, ..., 0], second[at, ..., 0], found[at], 0)
    pair = np.repeat(np.arange(len(starts)), [len(some) for some in starts])
    if not len(pair):
        return match, found
    begin = np.array([start for some in starts for start in some])
    matches, ends = np.zeros(len(pair)), np.zeros((len(pair), 4))
    for start in range(0, len(pair), PREFILTER.block):
        some = slice(start, start + PREFILTER.block)
        at = pair[some]
        matches[some], ends[some] = refine(
            first[at, ..., 0], second[at, ..., 0], begin[some], COARSE.rounds
        )
    best = best_of_each(pair, matches)
    match[~still], found[~still] = matches[best], ends[best]
    return match, found


def _beyond(
    first: Pixels, second: Pixels, match: Floats, alignments: Alignments, bounds: PrefilterBounds
) -> NDArray[np.bool_]:
    """Whether pairs, laid at their alignments, are further apart than any copy."""
    sampling = Sampling(first.shape[1], alignments, cells=True)
    inside = sampling.inside
    shape, exact = _shape_left(sampling(first[..., 0]), second[..., 0], inside)
    colours = np.stack([sampling(first[..., band] - 128) for band in (1, 2)], axis=-1)
    chroma, hue = _colour_left(colours, second[..., 1:] - 128, inside)
    area = alignments[:, 0] * alignments[:, 2]
    beyond: NDArray[np.bool_] = (
        (match < bounds.match)
        | (chroma > bounds.chroma)
        | ((hue < bounds.hue) & (chroma > PREFILTER.agreed))
        | (shape > bounds.shape)
        | (unmoved(alignments) & (exact > bounds.exact))
        | (area < bounds.areas[0])
        | (area > bounds.areas[1])
    )
    return beyond


def _centred(planes: Planes, weights: Planes) -> Planes:
    return planes - total(planes * weights) / np.maximum(total(weights), 1)


def _trust(laid: Planes, second: Planes, inside: Planes) -> Planes:
    """Less weight for cells that fit badly: what was pasted over must not bend the tone."""
    one, two = _centred(laid, inside) * inside, _centred(second, inside) * inside
    gain = total(one * two) / np.maximum(total(one * one), 1e-3)
    miss = np.abs(two - gain * one)
    scale = PREFILTER.outlier * total(miss) / np.maximum(total(inside), 1) + PREFILTER.noise
    trust: Planes = inside / (1 + (miss / scale) ** 2)
    return trust


def _shape_left(laid: Planes, second: Planes, inside: Planes) -> tuple[Floats, Floats]:
    """The worst 2 x 2 cells' brightness that one tone curve leaves, against all the contrast.

    First where every cell may also have the tone of a neighbour, so that an alignment half a cell
    off does no harm; then without that grace.
    """
    weights = _trust(laid, second, inside)
    one, two = _centred(laid, weights), _centred(second, weights)
    powers = [total(plane * plane * weights) for plane in (one, two)]
    swap = powers[0] < powers[1]
    strong, weak = np.where(swap, two, one), np.where(swap, one, two)
    model = _curve(strong, weak, weights)
    contrast = np.sqrt(np.minimum(*powers) / np.maximum(total(weights), 1) + 1)[:, 0, 0]
    kind = _worst(np.minimum(_outside(model, weak), _outside(weak, model)) * inside)
    return kind / contrast, _worst(np.abs(model - weak) * inside) / contrast


def _curve(strong: Planes, weak: Planes, weights: Planes) -> Planes:
    """`strong` with the gain and the bend that bring it nearest to `weak`."""
    bend = _centred(strong * strong / 128, weights)
    a, b, c = (
        total(one * two * weights) + prior
        for one, two, prior in ((strong, strong, 1), (strong, bend, 0), (bend, bend, 1e3))
    )
    p, q = total(strong * weak * weights), total(bend * weak * weights)
    span = np.maximum(a * c - b * b, 1e-3)
    curve: Planes = strong * ((c * p - b * q) / span) + bend * ((a * q - b * p) / span)
    return curve


def _colour_left(first: Pixels, second: Pixels, inside: Planes) -> tuple[Floats, Floats]:
    """The worst cells' colour (levels) that one saturation and one tint leave; the hues' match.

    first (laid) and second are pairs x side x side x 2, about 0. Measured in the weaker picture's
    colours; where one of the two is all but gray the hues match.
    """
    ones = [_centred(first[..., band], inside) for band in range(2)]
    twos = [_centred(second[..., band], inside) for band in range(2)]
    power, other, both = (
        sum((a * b * inside).sum((1, 2)) for a, b in zip(left, right, strict=True))
        for left, right in ((ones, ones), (twos, twos), (ones, twos))
    )
    count = np.maximum(inside.sum((1, 2)), 1)
    factor = np.clip(both / (power + count), 0, 3)[:, None, None]
    misses = [
        np.minimum(_outside(factor * a, b), _outside(b, factor * a))
        for a, b in zip(ones, twos, strict=True)
    ]
    weaker = np.sqrt(np.minimum(1, power / np.maximum(other, 1e-6)))
    hue = both / np.sqrt(np.maximum(power * other, 1e-6))
    faint = np.minimum(power, other) < PREFILTER.faint * count
    return _worst(np.hypot(*misses) * inside) * weaker, np.where(faint, 1.0, hue)


def _worst(planes: Planes) -> Floats:
    count, side = planes.shape[0], planes.shape[1] // 2
    quads = planes.reshape(count, side, 2, side, 2)
    worst: Floats = quads.sum((2, 4)).max((1, 2)) / 4
    return worst


def _outside(model: Planes, other: Planes) -> Planes:
    """How far `other` lies outside what `model` holds in each cell and its eight neighbours."""
    low, high = neighbourhood(model)
    return np.maximum(np.maximum(low - other, other - high), 0)
