"""What edits do to tone: a smooth curve, sharpness, colours driven into black or white."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from .filters import blurred, gram, luma, total, upper_median
from .thresholds import RESIDUALS, THUMB_SIDE

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

    from .filters import Pixels, Planes

    Floats = NDArray[np.floating[Any]]


class Explained(NamedTuple):
    """Brightness of laid pairs: the sharper of each two, with the tone of the softer fitted to it.

    gain: of the plain straight line from the first to the second. known: 1 where both have pixels
    that no edit has driven into black or white.
    """

    sharp: Planes
    soft: Planes
    fitted: Planes
    known: Planes
    gain: Floats


def explained(laid: Pixels, second: Pixels, inside: Planes) -> Explained:
    """The pairs with all that a smooth change of tone and sharpness explains."""
    one, two = luma(laid), luma(second)
    gain, shift = gain_of(one, two, inside)
    known = inside * unclipped(laid, second, gain, shift)
    softer = (sharpness(one, known) < sharpness(two, known))[:, None, None]
    sharp, soft = np.where(softer, two, one), np.where(softer, one, two)
    return Explained(sharp, soft, fitted_tone(sharp, soft, known), known, gain)


def unclipped(laid: Pixels, second: Pixels, gain: Floats, shift: Floats) -> Planes:
    """1 but where an edit has driven a colour into black or white, as the plain gain predicts.

    A brightened copy has lost what was there, which proves nothing against it. A white label on
    what should be dark is not predicted and stays.
    """
    white, black = RESIDUALS.white, RESIDUALS.black
    planes = laid.shape[:3]
    known = np.ones(planes[0] * planes[1] * planes[2], dtype=np.float32)
    first, other = laid.reshape(-1), second.reshape(-1)
    far = np.float32((white - black) / 2)
    at = np.flatnonzero(
        (np.abs(first - (black + far)) > far) | (np.abs(other - (black + far)) > far)
    )
    first, other, pair = first[at], other[at], at // (3 * planes[1] * planes[2])
    wanted = first * gain[pair] + shift[pair]
    lost = ((wanted > white) & (other > white)) | ((wanted < black) & (other < black))
    back = (other - shift[pair]) / np.maximum(gain[pair], 0.05)
    lost |= ((back > white) & (first > white)) | ((back < black) & (first < black))
    plain = (np.abs(first - 126) > 114) & (np.abs(first - other) < 12)  # white on white is known
    known[at[lost & ~plain] // 3] = 0
    return known.reshape(planes)


def gain_of(one: Planes, two: Planes, inside: Planes) -> tuple[Floats, Floats]:
    """The straight line that takes most of each `one` to its `two`."""
    step = max(1, one.shape[1] // THUMB_SIDE)
    one, two, inside = (planes[:, ::step, ::step] for planes in (one, two, inside))
    weights = inside
    for _ in range(3):
        count = total(weights) + 1e-6
        mean_one, mean_two = total(one * weights) / count, total(two * weights) / count
        flat = (one - mean_one) * weights
        gain = total(flat * (two - mean_two)) / np.maximum(total(flat * (one - mean_one)), 1.0)
        shift = mean_two - gain * mean_one
        miss = np.abs(gain * one + shift - two)
        spread = miss.mean((1, 2))[:, None, None] + 1.0
        weights = inside / (1 + (miss / (RESIDUALS.outlier * spread)) ** 2)
    return gain[:, 0, 0], shift[:, 0, 0]


def sharpness(planes: Planes, inside: Planes) -> Floats:
    """How much of each plane one pixel of blur takes away."""
    sharp: Floats = (np.abs(planes - blurred(planes, 1.0)) * inside).sum((1, 2))
    return sharp


def fitted_tone(sharp: Planes, soft: Planes, inside: Planes) -> Planes:
    """`sharp` with the tone curve and the sharpness that bring it nearest to `soft`."""
    count = len(sharp)
    step = max(1, sharp.shape[1] // THUMB_SIDE)  # as many pixels as a thumb has settle the curve
    blurs = [blurred(sharp, sigma) for sigma in RESIDUALS.bands]
    bands = [planes[:, ::step, ::step] for planes in (sharp, *blurs)]
    tone = bands[0] / 128
    sharper = [(fine - rough) / 32 for fine, rough in pairwise(bands)]
    terms = np.stack([np.ones_like(tone), tone, tone**2, tone**2 * tone, *sharper], axis=1)
    goal, known = (planes[:, ::step, ::step].reshape(count, 1, -1) for planes in (soft, inside))
    solved = _solved(terms.reshape(count, terms.shape[1], -1), goal, known)
    level, gain, bend, bend2 = solved[:, :4].T.astype(np.float32)[..., None, None]
    whole = sharp * np.float32(1 / 128)
    fitted: Planes = ((bend2 * whole + bend) * whole + gain) * whole + level
    shares = (np.diff(solved[:, 4:], prepend=0, append=0) / 32).astype(np.float32)
    for planes, weight in zip((sharp, *blurs), shares.T, strict=True):
        fitted += weight[:, None, None] * planes
    return fitted


def _solved(terms: Floats, goal: Floats, known: Floats) -> Floats:
    """The weights of the terms; what fits badly counts less, so no caption bends the curve."""
    prior = np.diag(RESIDUALS.prior)
    weights = known
    for turn in range(3):
        weighted = terms * weights
        normal = gram(weighted, terms).astype(np.float64) + prior
        solved = np.linalg.solve(normal, gram(weighted, goal).astype(np.float64))
        if turn < 2:
            miss = np.abs(solved.swapaxes(1, 2).astype(np.float32) @ terms - goal)
            scale = RESIDUALS.outlier * (1.48 * upper_median(miss)[..., None] + 1.0)
            weights = known / (1 + (miss / scale) ** 2)
    found: Floats = solved[..., 0]
    return found
