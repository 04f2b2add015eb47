"""Pixels against pixels: is the second picture a copy of the first?

The second is laid over the first (registration), the tone of one is fitted to the other (a smooth
curve, sharpness, one saturation), and what then remains is judged block by block: the worst
block decides, because a copy has no worst block and a look-alike has one: another label,
another price, a bird that has flown on. Everything works on stacks of pairs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import simplejpeg

from .filters import blocks, blurred, length, luma, opponents, rises, total
from .registration import (
    IDENTITY,
    Sampling,
    align,
    corners,
    correlation,
    halved,
    is_moved,
    refine,
)
from .thresholds import CLOSER, PAIRS, RESIDUALS
from .tone import explained

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ..arrays import Floats
    from .filters import Pixels, Planes
    from .registration import Alignment, Alignments
    from .tone import Explained

    Rows = NDArray[np.void]

# How the shapes of two pictures differ, a row a pair.
#   misfit: worst block's remainder after the fit, against the detail in it (0 equal, 1 unrelated).
#   usual: the same at the 95th percentile of blocks.
#   bad, bad_within: blocks that do not fit, and those of them not in the outer eighth.
SHAPES = [("misfit", "f8"), ("usual", "f8"), ("bad", "i8"), ("bad_within", "i8")]

# How two pictures, laid over one another, differ.
#   difference: worst block's mean colour difference, 0-255, before any tone is fitted.
#   chroma: worst block's colour remainder, levels.
#   hue: correlation of the colours about their means (1 where one of the two is all but gray).
#   saturation, tint: the one factor and the shift (levels) that fit the colours.
#   confined: whether one is gray, and most of the other as well: colour stands in a part of it.
#   match: correlation of luma. detail: the same of what is finer than a twentieth of the frame.
#   level: the worst part's mean difference in one colour channel before any fit, levels;
#   painted: the share of parts in which it is more than a resaved drawing's.
#   alignment: where the second lies in the first; closer: the same at more pixels, once known.
COMPARISON = np.dtype(
    [
        *SHAPES,
        *((name, "f8") for name in ("difference", "chroma", "hue", "saturation", "tint")),
        ("one_is_gray", "?"),
        ("confined", "?"),
        ("match", "f8"),
        ("detail", "f8"),
        ("level", "f8"),
        ("painted", "f8"),
        ("alignment", "f8", (4,)),
        ("closer", "f8", (4,)),
    ]
)
#   still: whether nothing at all stands out.
REMAINDER = np.dtype([*SHAPES, ("still", "?")])

NOTHING_IN_COMMON = (9.0, 9.0, 999, 999)


def pixels(thumb: bytes) -> Pixels:
    """A thumb of Facts as 64 x 64 x 3 floats."""
    found: Pixels = simplejpeg.decode_jpeg(thumb, "RGB").astype(np.float32)
    return found


def compare(
    first: Pixels, second: Pixels, starts: Sequence[Sequence[Alignment]], near: Alignments
) -> Rows:
    """Lay each `second` over its `first` as well as it goes; COMPARISON rows of what is left.

    Most copies show the same window: where they fit as they are, nothing is moved. The others
    begin from `starts`, or, where a pair has none, from `near`: an alignment that was already
    found on fewer pixels.
    """
    one, two = luma(first), luma(second)
    identity = np.tile(np.array(IDENTITY), (len(first), 1))
    match = correlation(one, two, np.ones_like(one))
    seen = np.zeros(len(first), dtype=COMPARISON)
    as_is = np.flatnonzero(match > RESIDUALS.as_is_match)
    seen[as_is] = measured(first[as_is], second[as_is], identity[as_is], match[as_is])
    moved = np.ones(len(first), dtype=bool)
    moved[as_is] = seen["misfit"][as_is] > RESIDUALS.as_is_misfit
    known = np.array([not some for some in starts], dtype=bool)
    for places, begun in ((moved & ~known, True), (moved & known, False)):
        at = np.flatnonzero(places)
        if not len(at):
            continue
        if begun:
            found = align(one[at], two[at], [starts[place] for place in at.tolist()])
        else:
            found = refine(one[at], two[at], near[at], RESIDUALS.near_rounds)
        seen[at] = measured(first[at], second[at], found[1], found[0])
    return seen


def again(one: Planes, two: Planes, alignments: Alignments) -> Alignments:
    """Alignments that were found on fewer pixels, refined on the brightness of more."""
    step = RESIDUALS.again_step
    match, found = refine(one, two, alignments, RESIDUALS.again_rounds, step)
    # What went farther than a thumb's pixel was not laid well there, and may not be so yet.
    far = np.flatnonzero(np.abs(found - alignments).max(1) > PAIRS.as_is)
    if len(far):
        rest = refine(one[far], two[far], found[far], RESIDUALS.far_rounds, step)
        match[far], found[far] = rest
    # Thin lines mislead a thumb's registration by what is little there and a whole line here.
    near = np.flatnonzero(corners(found) < PAIRS.as_is)
    one, two = (planes[near, step // 2 :: step, step // 2 :: step] for planes in (one, two))
    as_is = near[correlation(one, two, np.ones_like(one)) >= match[near]]
    found[as_is] = IDENTITY
    return found


def detail_match(one: Planes, two: Planes, known: Planes, band: tuple[float, float]) -> Floats:
    """Correlation of what lies between two blurs, where both pictures have pixels."""
    whole = bool(known.all())

    shares = [] if whole else [np.maximum(blurred(known, sigma), 0.05) for sigma in band]

    def banded(planes: Planes) -> Planes:
        if whole:
            fine, rough = (blurred(planes, sigma) for sigma in band)
        else:
            planes = planes * known
            fine, rough = (
                blurred(planes, sigma) / share for sigma, share in zip(band, shares, strict=True)
            )
        return (fine - rough) * known

    first, second = banded(one), banded(two)
    powers = (total(first * first) + 1) * (total(second * second) + 1)
    match: Floats = (total(first * second) / np.sqrt(powers))[:, 0, 0]
    return match


def measured(first: Pixels, second: Pixels, alignments: Alignments, match: Floats) -> Rows:
    """COMPARISON rows of what is left of `second` when `first` is laid under it."""
    seen = np.zeros(len(first), dtype=COMPARISON)
    if not len(first):
        return seen
    seen["match"], seen["alignment"], seen["closer"] = match, alignments, alignments
    laid, inside = laid_under(first, alignments)
    share = blocks(inside)
    full = share > RESIDUALS.full
    apart = np.abs(laid - second)
    plain = (apart[..., 0] + apart[..., 1] + apart[..., 2]) * np.float32(1 / 3) * inside
    plain = blocks(plain) / np.maximum(share, 0.01)
    seen["difference"] = np.where(full, plain, 0).max((1, 2))
    shapes = remainder(explained(laid, second, inside), inside)
    for name, _ in SHAPES:
        seen[name] = shapes[name]
    seen["detail"] = detail_match(luma(laid), luma(second), inside, RESIDUALS.fine)
    _colours(seen, laid, second, inside, share, full)
    level = levels(laid, second, inside)
    seen["painted"] = (level > CLOSER.levels[-1]).mean((1, 2))
    seen["level"] = level.max((1, 2))
    strange = ~full.any((1, 2))
    seen["difference"][strange], seen["chroma"][strange], seen["hue"][strange] = 255.0, 255.0, 0.0
    return seen


def laid_under(first: Pixels, alignments: Alignments) -> tuple[Pixels, Planes]:
    """`first` as seen through the alignments, and 1 where it has pixels of its own."""
    inside = np.ones(first.shape[:3], dtype=np.float32)
    moved = np.flatnonzero(is_moved(alignments))
    if not len(moved):
        return first, inside
    sampling = Sampling(first.shape[1], alignments[moved])
    if len(moved) == len(first):
        return sampling(first), _eroded(sampling.inside)
    laid = first.copy()
    laid[moved] = sampling(first[moved])
    inside[moved] = _eroded(sampling.inside)
    return laid, inside


def levels(laid: Pixels, second: Pixels, inside: Planes) -> Planes:
    """Each even part's mean signed difference; at edges no registration fits quite, so they are 0.

    Noise and what little a smooth tone is aside leave nothing.
    """
    even = inside.copy()
    for pictures in (laid, second):
        bright = luma(pictures)
        down, across = rises(bright)
        even *= down * down + across * across < RESIDUALS.even**2
    share = _parts(even)
    apart = [np.abs(_parts((laid[..., band] - second[..., band]) * even)) for band in range(3)]
    means = np.max(apart, axis=0) / np.maximum(share, 0.01)
    known: Planes = np.where(share > RESIDUALS.known, means, 0)
    return known


def _parts(planes: Planes) -> Planes:
    """Means of parts of two by two blocks; an odd last row or column of blocks is left out."""
    found = blocks(planes)
    even = found.shape[1] // 2 * 2
    return halved(found[:, :even, :even])


def _eroded(inside: Planes) -> Planes:
    """Without its outermost pixels where it ends within the frame: there borders shine through."""
    smaller = inside.copy()
    smaller[:, 1:] *= inside[:, :-1]
    smaller[:, :-1] *= inside[:, 1:]
    smaller[:, :, 1:] *= inside[:, :, :-1]
    smaller[:, :, :-1] *= inside[:, :, 1:]
    return smaller


def remainder(pair: Explained, inside: Planes) -> Rows:
    """REMAINDER rows of the shapes alone."""
    full = blocks(inside) > RESIDUALS.full
    left = np.zeros(len(inside), dtype=REMAINDER)
    misfit = _misfit(pair)
    found = np.where(full, misfit, 0)
    ring = misfit.shape[1] // 8  # an eighth of the frame on every side
    left["misfit"] = found.max((1, 2))
    left["usual"] = _quantile(misfit, full, 0.95)
    left["bad"] = (found > RESIDUALS.bad).sum((1, 2))
    left["bad_within"] = (found[:, ring:-ring, ring:-ring] > RESIDUALS.bad).sum((1, 2))
    for (name, _), worst in zip(SHAPES, NOTHING_IN_COMMON, strict=True):
        left[name][~full.any((1, 2))] = worst
    return left


def _quantile(planes: Planes, known: NDArray[np.bool_], share: float) -> Floats:
    """The quantile of each plane's known values, between two of them in proportion."""
    ordered: Floats = np.sort(np.where(known, planes, np.inf).reshape(len(planes), -1), axis=1)
    at = np.maximum(known.sum((1, 2)) - 1, 0) * share
    low = np.floor(at).astype(np.int64)
    pair, part = np.arange(len(planes)), at - low
    below, above = ordered[pair, low], ordered[pair, np.ceil(at).astype(np.int64)]
    value: Floats = np.where(
        part > 0, below * (1 - part) + np.where(part > 0, above, 0) * part, below
    )
    return value


def _misfit(pair: Explained) -> Planes:
    """What no smooth change of tone and sharpness explains, block by block."""
    known = blocks(pair.known)
    rest = blocks((pair.fitted - pair.soft) ** 2 * pair.known) / np.maximum(known, 0.1)
    spread = _variance(pair.fitted, pair.known, known) + _variance(pair.soft, pair.known, known)
    ratio: Planes = np.sqrt(rest / (RESIDUALS.noise**2 + spread))
    return ratio


def _variance(planes: Planes, inside: Planes, share: Planes) -> Planes:
    whole = np.maximum(share, 0.1)
    means = blocks(planes * inside) / whole
    squares = blocks(planes * planes * inside) / whole
    return np.maximum(squares - means * means, 0)


def _confined(colour: Planes, other: Planes, bright: Planes) -> NDArray[np.bool_]:
    """Whether most of what could show a colour is gray, and a block has a colour of its own."""
    could = (bright > RESIDUALS.dim) & (bright < RESIDUALS.white)
    gray = ((colour < RESIDUALS.gray) & could).sum((1, 2))
    confined: NDArray[np.bool_] = (2 * gray > could.sum((1, 2))) & (
        blocks(other).max((1, 2)) > RESIDUALS.coloured
    )
    return confined


def _colours(
    seen: Rows, laid: Pixels, second: Pixels, inside: Planes, share: Planes, full: NDArray[np.bool_]
) -> None:
    """Fill in the colour that one saturation and one tint do not explain, and those two."""
    ones, twos = opponents(laid, inside), opponents(second, inside)
    count = total(inside)
    means = [[total(planes * inside) / count for planes in side] for side in (ones, twos)]
    flat = [
        [(planes - mean) * inside for planes, mean in zip(side, level, strict=True)]
        for side, level in zip((ones, twos), means, strict=True)
    ]
    power, other, both = (
        total(one[0] * two[0]) + total(one[1] * two[1])
        for one, two in ((flat[0], flat[0]), (flat[1], flat[1]), flat)
    )
    least = np.minimum(power, other)
    known = least > RESIDUALS.colour_power * count
    seen["hue"] = np.where(known, both / np.sqrt(np.maximum(power * other, 1e-9)), 1.0)[:, 0, 0]
    colour = [length(*side) * inside for side in (ones, twos)]
    strength = [total(planes) / count for planes in colour]
    seen["one_is_gray"] = np.minimum(*strength)[:, 0, 0] < RESIDUALS.gray
    at = np.flatnonzero(seen["one_is_gray"])
    if len(at):
        apart = length(*(a - b for a, b in zip(ones, twos, strict=True))) * inside
        seen["confined"][at] = _confined(np.maximum(*colour)[at], apart[at], luma(second[at]))
    factor = np.clip(both / (power + count), 0.0, 3.0)
    shifts = [two - factor * one for one, two in zip(*means, strict=True)]
    rest = length(*(factor * a + shift - b for a, b, shift in zip(ones, twos, shifts, strict=True)))
    worst = np.where(full, blocks(rest * inside) / np.maximum(share, 0.01), 0).max((1, 2))
    # in the weaker picture's colours
    weaker = np.sqrt(np.minimum(1, power / np.maximum(other, 1e-9)))[:, 0, 0]
    seen["chroma"] = worst * np.where(power[:, 0, 0] > 0, weaker, 1.0)
    seen["saturation"] = factor[:, 0, 0]
    # Of next to one colour no saturation is told: what noise takes for one is no shift either.
    faint = np.maximum(power, other) < RESIDUALS.colour_power * count
    tint, plain = np.hypot(*shifts), np.hypot(*(two - one for one, two in zip(*means, strict=True)))
    seen["tint"] = np.where(faint, np.minimum(tint, plain), tint)[:, 0, 0]
