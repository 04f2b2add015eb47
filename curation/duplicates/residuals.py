"""Pixels against pixels: is the second picture a copy of the first?

The second is laid over the first (alignment), the tone of one is fitted to the other (a smooth
curve, sharpness, one saturation), and what then remains is judged block by block: the worst
block decides, because a copy has no worst block and a look-alike has one: another label,
another price, a bird that has flown on.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from .filters import blocks, blurred, colours, luma
from .products import gram, product
from .registration import IDENTITY, Placement, align, correlation, middle, refined, sampled

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

    Plane = NDArray[np.floating[Any]]
    Pixels = NDArray[np.floating[Any]]  # n x n x 3

THUMB_SIDE = 64  # pixels a side of the thumbs in Facts
FULL = 0.6  # share of a block that must lie in both pictures for it to be judged
BAD = 0.5  # a block's misfit from which on it counts as not fitting
AS_IS_MATCH, AS_IS_MISFIT = 0.95, 0.3  # pictures that need no alignment
NOISE = 12.0  # levels that compression may leave in a block without anything being different


@dataclass(frozen=True, slots=True)
class Comparison:
    """How two pictures, laid over one another, differ.

    difference: worst block's mean colour difference, 0-255, before any tone is fitted.
    misfit: worst block's remainder after the fit, against the detail in it (0 equal, 1 unrelated).
    usual: the same at the 95th percentile of blocks.
    bad, bad_within: blocks that do not fit, and those of them not in the outer eighth.
    chroma: worst block's colour remainder, levels.
    hue: correlation of the colours about their means (1 where one of the two is all but gray).
    saturation, tint: the one factor and the shift (levels) that fit the colours.
    match: correlation of luma. placement: where the second lies in the first.
    """

    difference: float
    misfit: float
    usual: float
    bad: int
    bad_within: int
    chroma: float
    hue: float
    saturation: float
    tint: float
    match: float
    placement: Placement
    one_is_gray: bool


def pixels(thumb: bytes) -> Pixels:
    """A thumb of Facts as 64 x 64 x 3 floats."""
    return np.asarray(Image.open(io.BytesIO(thumb)).convert("RGB"), dtype=np.float32)


def compare(
    first: Pixels,
    second: Pixels,
    starts: tuple[Placement, ...] = (IDENTITY,),
    *,
    near: Placement | None = None,
) -> Comparison:
    """Lay `second` over `first` as well as it goes and measure what is left.

    Most copies show the same window: where they fit as they are, nothing is moved. `near` is a
    placement already found on fewer pixels.
    """
    one, two = luma(first), luma(second)
    match = correlation(one, two, np.ones_like(one))
    if match > AS_IS_MATCH:
        seen = measured(first, second, IDENTITY, match)
        if seen.misfit <= AS_IS_MISFIT:
            return seen
    found = align(one, two, starts) if near is None else refined(one, two, near, 3)
    match, placement = found
    return measured(first, second, placement, match)


@dataclass(frozen=True, slots=True)
class Remainder:
    """The shapes' part of a Comparison."""

    misfit: float
    usual: float
    bad: int
    bad_within: int


NOTHING_IN_COMMON = Remainder(9.0, 9.0, 999, 999)


def compare_again(first: Pixels, second: Pixels, earlier: Comparison) -> Remainder:
    """The shapes again at more pixels, beginning from where an earlier comparison ended."""
    placement = earlier.placement
    if placement != IDENTITY:
        _, placement = refined(luma(first), luma(second), placement, 2)
    laid, inside = _laid(first, placement)
    full = blocks(inside) > FULL
    return _remainder(laid, second, inside, full) if full.any() else NOTHING_IN_COMMON


def _remainder(laid: Pixels, second: Pixels, inside: Plane, full: NDArray[np.bool_]) -> Remainder:
    misfit = np.where(full, _misfit(laid, second, inside), 0)
    ring = misfit.shape[0] // 8  # an eighth of the frame on every side
    return Remainder(
        misfit=float(misfit.max()),
        usual=float(np.quantile(misfit[full], 0.95)),
        bad=int((misfit > BAD).sum()),
        bad_within=int((misfit[ring:-ring, ring:-ring] > BAD).sum()),
    )


def measured(first: Pixels, second: Pixels, placement: Placement, match: float) -> Comparison:
    """What is left of `second` when `first` is laid under it at `placement`."""
    laid, inside = _laid(first, placement)
    share = blocks(inside)
    full = share > FULL
    if not full.any():
        return Comparison(255.0, 9.0, 9.0, 999, 999, 255.0, 0.0, 1.0, 0.0, match, placement, False)
    plain = blocks(np.abs(laid - second).mean(-1) * inside) / np.maximum(share, 0.01)
    left = _remainder(laid, second, inside, full)
    chroma, hue, saturation, tint, gray = colours(laid, second, inside, share, full)
    return Comparison(
        difference=float(plain[full].max()),
        misfit=left.misfit,
        usual=left.usual,
        bad=left.bad,
        bad_within=left.bad_within,
        chroma=chroma,
        hue=hue,
        saturation=saturation,
        tint=tint,
        match=match,
        placement=placement,
        one_is_gray=gray,
    )


def _laid(first: Pixels, placement: Placement) -> tuple[Pixels, Plane]:
    """`first` as seen through the placement, and 1 where it has pixels of its own."""
    side = first.shape[0]
    if placement == IDENTITY:
        return first, np.ones((side, side), dtype=np.float32)
    maps = sampled(side, placement)
    bands = [product(product(maps.down, first[..., band]), maps.across.T) for band in range(3)]
    return np.stack(bands, axis=-1), _eroded(maps.inside)


def _eroded(inside: Plane) -> Plane:
    """Without its outermost pixels where it ends within the frame: there borders shine through."""
    smaller = inside.copy()
    smaller[1:] *= inside[:-1]
    smaller[:-1] *= inside[1:]
    smaller[:, 1:] *= inside[:, :-1]
    smaller[:, :-1] *= inside[:, 1:]
    return smaller


def _misfit(laid: Pixels, second: Pixels, inside: Plane) -> Plane:
    """What no smooth change of tone and sharpness explains, block by block."""
    one, two = luma(laid), luma(second)
    inside = inside * _unclipped(laid, second, one, two, inside)
    if _detail(one, inside) < _detail(two, inside):
        one, two = two, one  # the softer is explained from the sharper
    fitted = _fitted(one, two, inside)
    known = blocks(inside)
    rest = blocks((fitted - two) ** 2 * inside) / np.maximum(known, 0.1)
    spread = _variance(fitted, inside, known) + _variance(two, inside, known)
    ratio: Plane = np.sqrt(rest / (NOISE**2 + spread))
    return ratio


def _unclipped(laid: Pixels, second: Pixels, one: Plane, two: Plane, inside: Plane) -> Plane:
    """1 but where an edit has driven a colour into black or white, as the plain gain predicts.

    A brightened copy has lost what was there, which proves nothing against it. A white label on
    what should be dark is not predicted and stays.
    """
    gain, shift = _gain(one, two, inside)
    known = np.ones(one.size, dtype=np.float32)
    first, other = laid.reshape(-1), second.reshape(-1)
    at = np.flatnonzero((first > 240) | (first < 12) | (other > 240) | (other < 12))
    few = len(at) < len(first) // 4
    if few:  # a photograph: only its few dark and light pixels need to be thought about
        first, other = first[at], other[at]
    wanted = first * np.float32(gain) + np.float32(shift)
    lost = ((wanted > 240) & (other > 240)) | ((wanted < 12) & (other < 12))
    back = (other - np.float32(shift)) / np.float32(max(gain, 0.05))
    lost |= ((back > 240) & (first > 240)) | ((back < 12) & (first < 12))
    plain = (np.abs(first - 126) > 114) & (np.abs(first - other) < 12)  # white on white is known
    lost &= ~plain
    known[at[lost] // 3 if few else lost.reshape(-1, 3).any(1)] = 0
    return known.reshape(one.shape)


def _gain(one: Plane, two: Plane, inside: Plane) -> tuple[float, float]:
    """The straight line that takes most of `one` to `two`."""
    step = max(1, one.shape[0] // THUMB_SIDE)
    one, two, inside = (plane[::step, ::step] for plane in (one, two, inside))
    weights = inside
    gain, shift = 1.0, 0.0
    for _ in range(3):
        total = float(weights.sum()) + 1e-6
        mean_one, mean_two = (
            float((one * weights).sum()) / total,
            float((two * weights).sum()) / total,
        )
        flat = (one - mean_one) * weights
        gain = float(
            (flat * (two - mean_two)).sum() / max(float((flat * (one - mean_one)).sum()), 1.0)
        )
        shift = mean_two - gain * mean_one
        miss = np.abs(gain * one + shift - two)
        weights = inside / (1 + (miss / (2.5 * (float(miss.mean()) + 1.0))) ** 2)
    return gain, shift


def _detail(plane: Plane, inside: Plane) -> float:
    return float((np.abs(plane - blurred(plane, 1.0)) * inside).sum())


def _variance(plane: Plane, inside: Plane, share: Plane) -> Plane:
    whole = np.maximum(share, 0.1)
    means = blocks(plane * inside) / whole
    squares = blocks(plane * plane * inside) / whole
    return np.maximum(squares - means * means, 0)


def _fitted(sharp: Plane, soft_one: Plane, inside: Plane) -> Plane:
    """`sharp` with the tone curve and the sharpness that bring it nearest to `soft_one`."""
    step = max(1, sharp.shape[0] // THUMB_SIDE)  # as many pixels as a thumb has settle the curve
    blurs = [blurred(sharp, sigma) for sigma in (0.8, 2.0, 4.0)]
    bands = [plane[::step, ::step] for plane in (sharp, *blurs)]
    tone = bands[0] / 128
    terms = np.stack([np.ones_like(tone), tone, tone**2, tone**2 * tone,
                      *((fine - soft) / 32 for fine, soft in pairwise(bands))])  # fmt: skip
    goal, known = (plane[::step, ::step].reshape(-1) for plane in (soft_one, inside))
    solved = _solved(terms.reshape(len(terms), -1), goal, known)
    level, gain, bend, bend2 = (float(value) for value in solved[:4])
    whole = sharp * np.float32(1 / 128)
    fitted: Plane = ((bend2 * whole + bend) * whole + gain) * whole + level
    shares = np.diff(solved[4:], prepend=0, append=0) / 32
    for plane, weight in zip((sharp, *blurs), shares.tolist(), strict=True):
        fitted += weight * plane
    return fitted


def _solved(flat: Plane, goal: Plane, known: Plane) -> Plane:
    """The weights of the terms; what fits badly counts less, so no caption bends the curve."""
    prior = np.diag([1e-2, 1e-2, 2.0, 6.0, 2.0, 2.0, 2.0])
    solved: Plane = np.zeros(len(flat))
    weights: Plane = known
    for turn in range(3):
        weighted = flat * weights
        normal = gram(weighted, flat).astype(np.float64) + prior
        solved = np.linalg.solve(normal, gram(weighted, goal[None])[:, 0].astype(np.float64))
        if turn < 2:
            miss = np.abs(solved.astype(np.float32) @ flat - goal)
            scale = 2.5 * (1.48 * middle(miss) + 1.0)
            weights = known / (1 + (miss / scale) ** 2)
    return solved


__all__ = [
    "Comparison",
    "Remainder",
    "compare",
    "compare_again",
    "correlation",
    "luma",
    "measured",
    "pixels",
]
