"""Laying one small picture over another: which window of the first does the second show?

Both are square planes (whole pictures squeezed), so the map has four numbers: a scale and a
shift across, a scale and a shift down. Gauss-Newton on the pixels themselves, with brightness
and contrast free and outliers (a caption, a watermark) weighted down. Everything works on stacks
of pairs; a single pair is a stack of one.
"""

from __future__ import annotations

from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from .filters import gram, product, rises, total, upper_median
from .thresholds import REGISTRATION, THUMB_SIDE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ..arrays import Floats, Mask
    from ..images.borders import Window
    from .filters import Planes

    Alignments = NDArray[np.float64]  # pairs x 4: across, left, down, top


class Alignment(NamedTuple):
    """Where the second's pixels lie in the first, in fractions: at = scale * x + shift."""

    across: float = 1.0
    left: float = 0.0
    down: float = 1.0
    top: float = 0.0


IDENTITY = Alignment()
ROWS = 64


def over(one: Window, two: Window) -> Alignment:
    """The alignment that lays the window of one picture over that of the other."""
    (left1, top1, right1, bottom1), (left2, top2, right2, bottom2) = one, two
    across, down = (right1 - left1) / (right2 - left2), (bottom1 - top1) / (bottom2 - top2)
    return Alignment(across, left1 - across * left2, down, top1 - down * top2)


def is_moved(alignments: Alignments) -> Mask:
    """Which alignments are more than one picture over the other as it is."""
    moved: Mask = (alignments != np.array(IDENTITY)).any(1)
    return moved


def in_common(alignment: Floats, margin: float) -> tuple[Window, Window]:
    """The windows of the first and of the second in which both show the same.

    Less a `margin`, in sides of the first: where one ends in the other, borders shine through.
    """
    across, left, down, top = alignment.tolist()
    near = max(0.0, left) + margin, max(0.0, top) + margin
    far = min(1.0, left + across) - margin, min(1.0, top + down) - margin
    return (*near, *far), (
        (near[0] - left) / across,
        (near[1] - top) / down,
        (far[0] - left) / across,
        (far[1] - top) / down,
    )


class Sampling:
    """Where the second's pixels lie in the first, and what the first shows there, bilinear.

    Thumbs are sampled by products with matrices; of more pixels most of those would be zeros.
    With a `step`, only every so many pixels of every so many lines are looked up.
    """

    def __init__(
        self, side: int, alignments: Floats, *, cells: bool = False, step: int = 1
    ) -> None:
        across, left, down, top = alignments.T
        self._across = _Lines(side, across, left, cells=cells, step=step)
        self._down = _Lines(side, down, top, cells=cells, step=step)
        self._matrices = side <= THUMB_SIDE
        if self._matrices:
            self._products = self._down.matrices(), self._across.matrices().transpose(0, 2, 1)
        rows, columns = self._down.inside, self._across.inside
        self.inside = (rows[:, :, None] & columns[:, None, :]).astype(np.float32)

    def __call__(self, planes: Planes) -> Planes:
        """The first's planes under the second's pixels; colours, if any, come last."""
        if self._matrices and planes.ndim > 3:
            return np.stack([self(planes[..., band]) for band in range(planes.shape[-1])], axis=-1)
        if self._matrices:
            return product(product(self._products[0], planes), self._products[1])
        lines = self.inside.shape[1]
        bands = 1 if planes.ndim == 3 else planes.shape[-1]
        laid = np.empty((len(planes), lines, lines * bands), dtype=planes.dtype)
        (low, *parts), (column, *sides) = self._down.weights, self._across.weights
        column = (column[..., None] * bands + np.arange(bands)).reshape(len(planes), -1)
        sides = [side.repeat(bands, axis=1) for side in sides]
        for pair, picture in enumerate(planes.reshape(*planes.shape[:2], -1)):
            for top in range(0, lines, ROWS):  # as many as stay in the caches
                some = slice(top, top + ROWS)
                before, after = (part[pair, some, None] for part in parts)
                rows = _mixed(picture, 0, low[pair, some], 1, (before, after))
                mixed = _mixed(rows, 1, column[pair], bands, [side[pair] for side in sides])
                laid[pair, some] = mixed
        return laid.reshape(len(planes), lines, lines, *planes.shape[3:])


def _mixed(
    picture: Planes, axis: int, low: NDArray[np.int64], step: int, weights: Sequence[Planes]
) -> Planes:
    """Lines of a picture and those `step` after them, by their weights.

    Colours lie side by side in each row: single numbers are taken in half the time of threes.
    """
    mixed: Planes = picture.take(low, axis)
    mixed *= weights[0]
    after = picture.take(low + step, axis)
    after *= weights[1]
    mixed += after
    return mixed


class _Lines:
    """Along one axis: which line of the first each of the second's lies at or after, and how far.

    Lines are `inside` when their centre is; `cells` (large ones) only where they lie there wholly.
    """

    def __init__(self, side: int, scale: Floats, shift: Floats, *, cells: bool, step: int) -> None:
        self._side = side
        at = (scale[:, None] * _centres(side, step) + shift[:, None]) * side - 0.5
        edge = np.full_like(scale, -REGISTRATION.edge)
        reach = (scale / 2 - REGISTRATION.cell_grace if cells else edge)[:, None]
        self.inside = (at > reach) & (at < side - 1 - reach)  # beyond, the edge would be guessed
        at = np.clip(at, 0, side - 1)
        self._low = np.minimum(at.astype(np.int64), side - 2)
        self._part = at - self._low

    def matrices(self) -> Planes:
        """pairs x lines x side."""
        count, lines = self._low.shape
        matrix = np.zeros((count, lines, self._side), dtype=np.float32)
        pair, row = np.arange(count)[:, None], np.arange(lines)[None, :]
        matrix[pair, row, self._low] = 1 - self._part
        matrix[pair, row, self._low + 1] += self._part
        matrix[~self.inside] = 0
        return matrix

    @cached_property
    def weights(self) -> tuple[NDArray[np.int64], Planes, Planes]:
        """The line before, its weight and that of the next; nothing outside."""
        before = np.where(self.inside, 1 - self._part, 0).astype(np.float32)
        return self._low, before, np.where(self.inside, self._part, 0).astype(np.float32)


@lru_cache(maxsize=16)
def _centres(side: int, step: int) -> NDArray[np.float64]:
    centres: NDArray[np.float64] = (np.arange(step // 2, side, step) + 0.5) / side
    return centres


def align(
    first: Planes, second: Planes, starts: Sequence[Sequence[Alignment]]
) -> tuple[Floats, Alignments]:
    """Each pair's best correlation (-1 to 1) and alignment from its starts, coarse to fine."""
    pair = np.repeat(np.arange(len(starts)), [len(some) for some in starts])
    begin = np.array([start for some in starts for start in some])
    coarse = halved(first)[pair], halved(second)[pair]
    match, found = refine(*coarse, begin, REGISTRATION.first_rounds)
    on = np.flatnonzero(match >= match[best_of_each(pair, match)][pair] - REGISTRATION.behind)
    on = on[_apart(pair[on], match[on], found[on])]
    one, two = (planes[on] for planes in coarse)
    match, found = refine(one, two, found[on], REGISTRATION.coarse_rounds)
    found = found[best_of_each(pair[on], match)]
    return refine(first, second, found, REGISTRATION.fine_rounds)


def _apart(pair: NDArray[np.int64], match: Floats, alignments: Alignments) -> Mask:
    """Which walks (of ascending pairs) have not met a better one: they would end together."""
    apart: Mask = np.ones(len(pair), dtype=bool)
    for step in range(1, int(np.bincount(pair).max())):
        met = np.abs(alignments[step:] - alignments[:-step]).max(1) < REGISTRATION.met
        met &= pair[step:] == pair[:-step]
        better = match[step:] > match[:-step]
        apart[:-step] &= ~(met & better)
        apart[step:] &= ~(met & ~better)
    return apart


def best_of_each(pair: NDArray[np.int64], match: Floats) -> NDArray[np.int64]:
    """For each pair (ascending numbers, each there) the first place of its greatest match."""
    order = np.lexsort((-np.arange(len(pair)), match, pair))
    last: NDArray[np.int64] = np.flatnonzero(np.diff(pair[order], append=-1))
    best: NDArray[np.int64] = order[last]
    return best


def halved(planes: Planes) -> Planes:
    """Means of 2 x 2 pixels; colours, if any, come last."""
    side = planes.shape[1] // 2
    rows = planes[:, : 2 * side : 2] + planes[:, 1 : 2 * side : 2]
    before, after = rows[:, :, : 2 * side : 2], rows[:, :, 1 : 2 * side : 2]
    means: Planes = np.empty(before.shape, dtype=rows.dtype)
    # one colour after the other: loops of three numbers take three times as long
    for band in np.ndindex(planes.shape[3:]):
        np.add(before[..., *band], after[..., *band], out=means[..., *band])
    means *= np.float32(0.25)
    return means


def refine(
    first: Planes, second: Planes, start: Floats, rounds: int, step: int = 1
) -> tuple[Floats, Alignments]:
    """Gauss-Newton from each pair's start: correlations and alignments, never worse than it.

    With a `step`, every so many pixels of every so many lines settle it, and are correlated.
    """
    slopes = rises(first)
    side = first.shape[1]
    second = second[:, step // 2 :: step, step // 2 :: step]
    centres = _centres(side, step).astype(np.float32)
    now = np.array(start, dtype=np.float64)
    best, match = now.copy(), np.full(len(now), -1.0)
    going = np.arange(len(now))
    for turn in range(rounds + 1):
        sampling = Sampling(side, now[going], step=step)
        laid, inside = sampling(first[going]), sampling.inside
        found = correlation(laid, second[going], inside)
        seen = inside.mean((1, 2)) >= REGISTRATION.least_overlap
        better = seen & (found > match[going])
        match[going[better]], best[going[better]] = found[better], now[going[better]]
        on = seen & (found >= match[going] - REGISTRATION.lost)
        if turn == rounds or not on.any():
            break
        down, across = (sampling(slope[going]) * side for slope in slopes)
        rising = across[on], down[on]
        change = _step(laid[on], rising, second[going[on]], inside[on], centres)
        moved, now[going[on]] = _moved(now[going[on]], change, REGISTRATION.still / side)
        going = going[on][moved]
        if not len(going):
            break
    return match, best


def _step(
    laid: Planes, rising: tuple[Planes, Planes], second: Planes, inside: Planes, centres: Planes
) -> Floats:
    """One weighted least-squares step: pairs x 5, the gain and the change of the alignment.

    `rising` are the slopes across and down, `centres` where lines and columns lie, in fractions.
    """
    across, down = rising
    steps = np.empty((len(laid), 8, *laid.shape[1:]), dtype=np.float32)  # as gram likes them
    steps[:, 0], steps[:, 1], steps[:, 3], steps[:, 5] = laid, 1, across, down
    steps[:, 6], steps[:, 7] = second, 0
    np.multiply(across, centres, out=steps[:, 2])
    np.multiply(down, centres[:, None], out=steps[:, 4])
    steps = steps.reshape(len(laid), 8, -1)
    flat = inside.reshape(len(inside), 1, -1)
    weights = flat * _trust(steps[:, :1], steps[:, 6:7], flat)
    sums = gram(steps * weights, steps).astype(np.float64)
    normal = sums[:, :6, :6] + np.diag(REGISTRATION.prior)
    solved = np.linalg.solve(normal, sums[:, :6, 6:7])[..., 0]
    return np.delete(solved, 1, axis=1)


def _moved(now: Floats, step: Floats, still: float) -> tuple[NDArray[np.bool_], Floats]:
    """Which alignments go on, and where to: a step that leads nowhere sensible ends them.

    So does one that is hardly any: nothing moves further than `still`.
    """
    limit, gain = REGISTRATION, step[:, :1]
    change = np.clip(step[:, 1:] / np.maximum(gain, limit.least_gain), -limit.stride, limit.stride)
    then = now + change
    scale = then[:, ::2]
    sensible = (gain[:, 0] >= limit.least_gain) & (np.abs(change).max(1) >= still)
    sensible &= ((scale > limit.least_scale) & (scale < limit.most_scale)).all(1)
    return sensible, np.where(sensible[:, None], then, now)


def _trust(laid: Planes, target: Planes, inside: Planes) -> Planes:
    """Less weight for pixels that fit badly: what was pasted over must not pull. Flat planes."""
    centred = (laid - total(laid * inside) / total(inside)) * inside
    gain = total(centred * target) / np.maximum(total(centred * centred), 1e-3)
    miss = target - gain * laid
    some = slice(None, None, 4)  # as many tell the medians
    known = inside[:, 0, some] > 0
    miss = miss - upper_median(miss[:, 0, some], known)[:, None, None]
    spread = upper_median(np.abs(miss[:, 0, some]), known)[:, None, None]
    scale = REGISTRATION.outlier * (1.48 * spread + REGISTRATION.noise)
    trust: Planes = 1 / (1 + (miss / scale) ** 2)
    return trust


def corners(alignments: Alignments) -> Floats:
    """How far the farthest corner has moved, in sides."""
    across, left, down, top = alignments.T
    far: Floats = np.abs(np.stack([left, across + left - 1, top, down + top - 1])).max(0)
    return far


def correlation(one: Planes, two: Planes, weights: Planes) -> Floats:
    """Weighted correlation of planes, pair by pair; -1 where less than one pixel has weight."""
    count = total(weights)
    some = np.maximum(count, 1e-6)
    one = one - total(one * weights) / some
    two = two - total(two * weights) / some
    powers = (total(one * one * weights) + 1) * (total(two * two * weights) + 1)
    match: Floats = (total(one * two * weights) / np.sqrt(powers))[:, 0, 0]
    return np.where(count[:, 0, 0] < 1, -1.0, match)
