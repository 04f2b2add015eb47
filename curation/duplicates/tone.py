"""What edits do to tone: a smooth curve, sharpness, colours driven into black or white."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from .filters import blurred, gram, luma, total, upper_median
from .thresholds import RESIDUALS, THUMB_SIDE

if TYPE_CHECKING:
    from ..arrays import Floats
    from .filters import Pixels, Planes


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
    ends = first > white
    for beyond in (first < black, other > white, other < black):
        ends |= beyond
    at = np.flatnonzero(ends)
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
    one, two, inside = (
        np.ascontiguousarray(planes[:, ::step, ::step]) for planes in (one, two, inside)
    )
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
    terms = np.empty((count, len(RESIDUALS.prior) + 1, *bands[0].shape[1:]), dtype=np.float32)
    terms[:, 0] = 1
    tone = np.multiply(bands[0], np.float32(1 / 128), out=terms[:, 1])
    np.multiply(np.multiply(tone, tone, out=terms[:, 2]), tone, out=terms[:, 3])
    for at, (fine, rough) in enumerate(pairwise(bands), start=4):
        np.subtract(fine, rough, out=terms[:, at])
        terms[:, at] *= np.float32(1 / 32)
    terms[:, -1] = soft[:, ::step, ::step]
    known = inside[:, ::step, ::step].reshape(count, 1, -1)
    solved = _solved(terms.reshape(count, terms.shape[1], -1), known)
    shares = np.diff(solved[:, 4:], prepend=0, append=0) / 32
    solved[:, 1] += 128 * shares[:, 0]  # that of the picture as it is
    level, gain, bend, bend2 = solved[:, :4].T.astype(np.float32)[..., None, None]
    whole = sharp * np.float32(1 / 128)
    fitted: Planes = bend2 * whole
    for weight in (bend, gain):
        fitted += weight
        fitted *= whole
    fitted += level
    for planes, weight in zip(blurs, shares[:, 1:].T.astype(np.float32), strict=True):
        fitted += np.multiply(planes, weight[:, None, None], out=planes)
    return fitted


def _solved(terms: Floats, known: Floats) -> Floats:
    """The weights of the terms that give the last of them (eight in all, as gram likes them).

    What fits badly counts less, so no caption bends the curve.
    """
    prior = np.diag(RESIDUALS.prior)
    weights = known
    for turn in range(3):
        sums = gram(terms * weights, terms).astype(np.float64)
        solved = np.linalg.solve(sums[:, :-1, :-1] + prior, sums[:, :-1, -1:])
        if turn < 2:
            fit = np.append(solved, np.full_like(solved[:, :1], -1), axis=1)
            miss = np.abs(fit.swapaxes(1, 2).astype(np.float32) @ terms)
            scale = RESIDUALS.outlier * (1.48 * upper_median(miss[..., ::2])[..., None] + 1.0)
            weights = known / (1 + (miss / scale) ** 2)
    found: Floats = solved[..., 0]
    return found
