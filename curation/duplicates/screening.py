"""A first look at many pairs at once, on cells of a few pixels: which of them can be no copies?

Drawn things and things on a plain ground come in crowds of one outline: each two of them are
candidates, and next to none are copies. Here each is laid over the other coarsely, a thousand
pairs in one go, and the pairs whose colours or shapes are far beyond what any copy has shown never
get the closer looks. All arrays are pairs x side x side (x 3: brightness, blue, red).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.floating[Any]]

ROUNDS = 6  # steps towards the best placement; most pairs are there after three
LEAST_SCALE, MOST_SCALE, LEAST_INSIDE = 0.55, 1.8, 0.4
PULL = np.diag([1e-2, 1e-2, 0.3, 0.3, 0.3, 0.3]).astype(np.float32)  # towards no step at all


def cells(picture: Floats, side: int) -> NDArray[np.uint8]:
    """side x side x 3: brightness, and blue and red against it (128 is gray), cell by cell."""
    step = picture.shape[0] // side
    rows = picture.reshape(side, step, -1).sum(1).reshape(side, side, step, 3)
    means = rows.sum(2) * np.float32(1 / step**2)
    out: NDArray[np.uint8] = np.clip(np.rint(means @ _OPPONENTS + _GRAY), 0, 255).astype(np.uint8)
    return out


_LUMA = np.array([0.299, 0.587, 0.114])
_OPPONENTS = np.stack(
    [_LUMA, 0.564 * (np.array([0, 0, 1]) - _LUMA), 0.713 * (np.array([1, 0, 0]) - _LUMA)], axis=1
).astype(np.float32)
_GRAY = np.array([0, 128, 128], dtype=np.float32)


def colouring(cell: NDArray[np.uint8]) -> Floats:
    """pictures x 2: how far, and which way, the usual colour is from the most common one.

    No crop, scale or turn changes the direction much, no tint any of it.
    """
    colours = cell[..., 1:].reshape(len(cell), -1, 2)
    way: Floats = colours.mean(1, dtype=np.float32) - np.median(colours, axis=1)
    return way


def aligned(
    first: Floats, second: Floats, start: Floats, rounds: int = ROUNDS
) -> tuple[Floats, Floats]:
    """The best placements found (across, left, down, top) and their correlations; Gauss-Newton.

    first and second are brightness alone; start is pairs x 4.
    """
    now = start.astype(np.float32)
    best, match = now.copy(), np.full(len(now), -1.0, dtype=np.float32)
    target = second.reshape(len(second), -1, 1)
    for turn in range(rounds + 1):
        laid, inside = lay(first, now)
        found = np.where(inside.mean((1, 2)) < LEAST_INSIDE, -1, _correlation(laid, second, inside))
        better = found > match
        match[better], best[better] = found[better], now[better]
        if turn < rounds:
            steps = _steps(laid, now)
            weighted = steps * _trust(laid, second, inside).reshape(len(laid), 1, -1)
            normal = np.matmul(weighted, steps.transpose(0, 2, 1)) + PULL
            solved = np.linalg.solve(normal, np.matmul(weighted, target))[:, :, 0]
            change = np.clip(solved[:, 2:] / np.maximum(solved[:, :1], 0.1), -0.08, 0.08)
            now = now + np.where(solved[:, :1] > 0.1, change, 0)
            now[:, ::2] = np.clip(now[:, ::2], LEAST_SCALE, MOST_SCALE)
    return best, match


def lay(planes: Floats, placement: Floats) -> tuple[Floats, Floats]:
    """The first's cells under the second's, and 1 where a cell lies wholly within the first."""
    side = planes.shape[1]
    across, columns = _weights(side, placement[:, 0], placement[:, 1])
    down, rows = _weights(side, placement[:, 2], placement[:, 3])
    laid = np.matmul(np.matmul(down, planes), across.transpose(0, 2, 1))
    return laid, rows[:, :, None] * columns[:, None, :]


def _weights(side: int, scale: Floats, shift: Floats) -> tuple[Floats, Floats]:
    places = np.arange(side, dtype=np.float32)
    at = scale[:, None] * (places + 0.5) + shift[:, None] * side - 0.5
    reach = scale[:, None] / 2 - 0.7
    inside = ((at > reach) & (at < side - 1 - reach)).astype(np.float32)
    at = np.clip(at, 0, side - 1)
    return np.maximum(0, 1 - np.abs(at[:, :, None] - places)).astype(np.float32), inside


def _steps(laid: Floats, now: Floats) -> Floats:
    """What each of the six numbers (gain, offset, two scales, two shifts) changes, cell by cell."""
    side = laid.shape[1]
    east, south = np.empty_like(laid), np.empty_like(laid)
    east[:, :, 1:-1] = laid[:, :, 2:] - laid[:, :, :-2]
    east[:, :, 0], east[:, :, -1] = east[:, :, 1], east[:, :, -2]
    south[:, 1:-1] = laid[:, 2:] - laid[:, :-2]
    south[:, 0], south[:, -1] = south[:, 1], south[:, -2]
    east *= (side / 2 / now[:, 0])[:, None, None]
    south *= (side / 2 / now[:, 2])[:, None, None]
    x = ((np.arange(side, dtype=np.float32) + 0.5) / side)[None, None, :]
    y = x.transpose(0, 2, 1)
    steps = np.stack([laid, np.ones_like(laid), east * x, east, south * y, south], axis=1)
    return steps.reshape(len(laid), 6, -1)


def _sums(planes: Floats) -> Floats:
    sums: Floats = planes.sum((1, 2))[:, None, None]
    return sums


def _centred(planes: Floats, weights: Floats) -> Floats:
    return planes - _sums(planes * weights) / np.maximum(_sums(weights), 1)


def _correlation(one: Floats, two: Floats, inside: Floats) -> Floats:
    one, two = _centred(one, inside) * inside, _centred(two, inside) * inside
    power = ((one * one).sum((1, 2)) + 1) * ((two * two).sum((1, 2)) + 1)
    match: Floats = (one * two).sum((1, 2)) / np.sqrt(power)
    return match


def _trust(laid: Floats, second: Floats, inside: Floats) -> Floats:
    """Less weight for cells that fit badly: what was pasted over must not pull."""
    one, two = _centred(laid, inside) * inside, _centred(second, inside) * inside
    gain = _sums(one * two) / np.maximum(_sums(one * one), 1e-3)
    miss = np.abs(two - gain * one)
    scale = 2.4 * _sums(miss) / np.maximum(_sums(inside), 1) + 4.0
    return inside / (1 + (miss / scale) ** 2)


def shape_left(laid: Floats, second: Floats, inside: Floats) -> tuple[Floats, Floats]:
    """The worst 2 x 2 cells' brightness that one tone curve leaves, against all the contrast.

    First where every cell may also have the tone of a neighbour, so that a placement half a cell
    off does no harm; then without that grace.
    """
    weights = _trust(laid, second, inside)
    one, two = _centred(laid, weights), _centred(second, weights)
    powers = [_sums(plane * plane * weights) for plane in (one, two)]
    swap = powers[0] < powers[1]
    strong, weak = np.where(swap, two, one), np.where(swap, one, two)
    model = _curve(strong, weak, weights)
    contrast = np.sqrt(np.minimum(*powers) / np.maximum(_sums(weights), 1) + 1)[:, 0, 0]
    kind = _worst(np.minimum(_beyond(model, weak), _beyond(weak, model)) * inside)
    return kind / contrast, _worst(np.abs(model - weak) * inside) / contrast


def _curve(strong: Floats, weak: Floats, weights: Floats) -> Floats:
    """`strong` with the gain and the bend that bring it nearest to `weak`."""
    bend = _centred(strong * strong / 128, weights)
    a, b, c = (
        _sums(one * two * weights) + prior
        for one, two, prior in ((strong, strong, 1), (strong, bend, 0), (bend, bend, 1e3))
    )
    p, q = _sums(strong * weak * weights), _sums(bend * weak * weights)
    span = np.maximum(a * c - b * b, 1e-3)
    curve: Floats = strong * ((c * p - b * q) / span) + bend * ((a * q - b * p) / span)
    return curve


def colour_left(first: Floats, second: Floats, inside: Floats) -> tuple[Floats, Floats]:
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
    total = np.maximum(inside.sum((1, 2)), 1)
    factor = np.clip(both / (power + total), 0, 3)[:, None, None]
    misses = [
        np.minimum(_beyond(factor * a, b), _beyond(b, factor * a))
        for a, b in zip(ones, twos, strict=True)
    ]
    weaker = np.sqrt(np.minimum(1, power / np.maximum(other, 1e-6)))
    hue = both / np.sqrt(np.maximum(power * other, 1e-6))
    faint = np.minimum(power, other) < 4 * total
    return _worst(np.hypot(*misses) * inside) * weaker, np.where(faint, 1.0, hue)


def _worst(planes: Floats) -> Floats:
    count, side = planes.shape[0], planes.shape[1] // 2
    quads = planes.reshape(count, side, 2, side, 2)
    worst: Floats = quads.sum((2, 4)).max((1, 2)) / 4
    return worst


def _beyond(model: Floats, other: Floats) -> Floats:
    """How far `other` lies outside what `model` holds in each cell and its eight neighbours."""
    low, high = model.copy(), model.copy()
    for axis in (1, 2):
        low, high = _spread(low, axis, np.minimum), _spread(high, axis, np.maximum)
    return np.maximum(np.maximum(low - other, other - high), 0)


def _spread(planes: Floats, axis: int, choose: np.ufunc) -> Floats:
    out = planes.copy()
    ahead, behind = out.swapaxes(1, axis), planes.swapaxes(1, axis)
    choose(ahead[:, 1:], behind[:, :-1], out=ahead[:, 1:])
    choose(ahead[:, :-1], behind[:, 1:], out=ahead[:, :-1])
    return out
