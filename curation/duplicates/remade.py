"""Whether one picture can be made from the other by what editors and sites do to a whole one.

A palette, another colour profile, one curve for each colour channel, a line of writing near the
edge: one of two pictures is remade so and laid over the other again. A copy then leaves noise,
spread over all of the frame; another thing in it stays what it was, a spot that no palette and no
curve explains.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from ..images.rgb import in_srgb
from .edit_thresholds import REMADE
from .filters import blurred, luma
from .registration import refine
from .residuals import detail_match, laid_under
from .thresholds import CLOSER, RESIDUALS, THUMB_SIDE
from .tone import explained

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..arrays import Floats
    from ..images.decode import Decoded
    from .filters import Pixels, Planes


@dataclass(frozen=True, slots=True)
class _Left:
    """What a remade picture leaves, levels: side x side planes, signed (per channel) and worst."""

    signed: Pixels
    near: Planes
    far: Planes
    fine: float


def remade(first: Decoded, second: Decoded) -> bool:
    """Whether either picture, remade in one of the known ways, is the other but for noise.

    Both show the same window, as far as is known; each is decoded at REMADE.side or above, one with
    a palette in full. Takes some 50 ms.
    """
    spot = _standing_out(*_squares(first.picture, second.picture))
    for source, result in ((first, second), (second, first)):
        for one, two, least in _prepared(source, result):
            if _explained(one, two, least, spot):
                return True
    return False


@dataclass(frozen=True, slots=True)
class _Spot:
    """What stands out before anything is remade: levels of brightness, and where, in sides."""

    levels: float
    row: float
    column: float

    def stays(self, left: _Left) -> bool:
        """Whether it is still there in what a remade picture leaves."""
        bright = _bright(luma(left.signed[None]))
        there = bright[_around((self.row, self.column), len(bright), REMADE.spot_room)]
        return float(there.max()) > REMADE.spot_stays * self.levels


def _standing_out(one: Pixels, two: Pixels) -> _Spot | None:
    """The one place that no tone and no sharpness explains, where the rest is even."""
    inside = np.ones(one.shape[:3], dtype=np.float32)
    pair = explained(one, two, inside)
    left = _bright((pair.fitted - pair.soft) * pair.known) * _inner(inside)[0]
    levels, side = float(left.max()), len(left)
    row, column = (int(at) / side for at in np.unravel_index(left.argmax(), left.shape))
    elsewhere = np.ones_like(left, dtype=bool)
    elsewhere[_around((row, column), side, REMADE.spot_reach)] = False
    spread = max(float(np.quantile(left[elsewhere], 0.98)), CLOSER.least_spread)
    return _Spot(levels, row, column) if levels > REMADE.stands_out * spread else None


def _bright(left: Planes) -> Planes:
    """How bright or dark what is left is, side x side, without compression's noise."""
    planes: Planes = np.abs(
        blurred(left, RESIDUALS.smooth if left.shape[1] >= RESIDUALS.smooth_from else 1.0)
    )[0]
    return planes


def _around(place: tuple[float, float], side: int, reach: float) -> tuple[slice, slice]:
    """The window `reach` (in sides) around a place."""
    down, across = (
        slice(max(0, round((at - reach) * side)), round((at + reach) * side) + 1) for at in place
    )
    return down, across


def _prepared(source: Decoded, result: Decoded) -> Iterator[tuple[Pixels, Pixels, float]]:
    """The two as they are and, where one has a palette or a profile, with that given to both.

    With them comes the least spread (levels) that noise has.
    """
    pictures = source.picture, result.picture
    if result.profile is not None and result.profile != source.profile:
        yield *_squares(in_srgb(pictures[0], result.profile), pictures[1]), REMADE.least_spread
    if _has_palette(result):
        for dither in (Image.Dither.NONE, Image.Dither.FLOYDSTEINBERG):
            yield *_squares(_in_palette_of(*pictures, dither), pictures[1]), REMADE.palette_spread
    yield *_squares(*pictures), REMADE.least_spread


def _has_palette(decoded: Decoded) -> bool:
    few = decoded.width * decoded.height <= REMADE.palette_pixels
    return few and (decoded.format == "gif" or decoded.mode == "P")


def _in_palette_of(picture: Image.Image, other: Image.Image, dither: Image.Dither) -> Image.Image:
    """A picture at the other's size, in no colours but the other's."""
    colours = other.getcolors(256)
    if colours is None:
        return picture
    flat = [level for _, colour in colours for level in colour]  # type: ignore[union-attr]
    palette = Image.new("P", (1, 1))
    palette.putpalette(flat + flat[:3] * (256 - len(colours)))
    return picture.resize(other.size, reducing_gap=2.0).quantize(palette=palette, dither=dither)


def _squares(one: Image.Image, two: Image.Image) -> tuple[Pixels, Pixels]:
    """Both squeezed to as many pixels a side as both have, in steps of 8, REMADE.side at most."""
    least = min(*one.size, *two.size)
    side = int(np.clip(least // 8 * 8, REMADE.least_side, REMADE.side))
    first, second = (
        np.asarray(
            picture.convert("RGB").resize(
                (side, side), Image.Resampling.BILINEAR, reducing_gap=2.0
            ),
            dtype=np.float32,
        )[None]
        for picture in (one, two)
    )
    return first, second


def _explained(one: Pixels, two: Pixels, least: float, spot: _Spot | None) -> bool:
    """Whether one curve a channel takes the first to the second, but for noise and writing.

    What stood out before has to be gone.
    """
    still = np.array([[1.0, 0.0, 1.0, 0.0]])
    fitted = in_curves(one, two, np.ones(one.shape[:3], dtype=np.float32))
    left = _left(fitted, two, np.ones(one.shape[:3], dtype=np.float32))
    if _is_written(left):
        return True
    if spot is not None and spot.stays(left):
        return False
    if _is_noise(left, least):
        return True
    if float(np.quantile(left.near, 0.98)) > REMADE.hopeless:
        return False
    # What tones have misled before lies a little aside.
    _, found = refine(luma(fitted), luma(two), still, REMADE.rounds)
    if np.abs(found - still).max() > REMADE.aside:
        return False
    laid, inside = laid_under(one, found)
    left = _left(in_curves(laid, two, inside), two, inside)
    return _is_noise(left, least)


def _left(fitted: Pixels, two: Pixels, inside: Planes) -> _Left:
    signed = (two - fitted) * inside[..., None]
    inner = _inner(inside)

    def worst(sigma: float) -> Planes:
        channels = [np.abs(blurred(np.ascontiguousarray(signed[..., band]), sigma)) * inner
                    for band in range(3)]  # fmt: skip
        greatest: Planes = np.max(channels, axis=0)[0]
        return greatest

    fine = detail_match(luma(fitted), luma(two), inside, RESIDUALS.fine)
    return _Left(signed[0], worst(REMADE.near), worst(REMADE.far), float(fine[0]))


def _inner(inside: Planes) -> Planes:
    """1 but in the outermost lines."""
    lines = max(2, round(REMADE.rim * inside.shape[1]))
    inner = np.zeros_like(inside)
    inner[:, lines:-lines, lines:-lines] = 1
    return inner


def _is_noise(left: _Left, least: float) -> bool:
    """Whether what is left is spread over the frame: nowhere much more than elsewhere."""
    if left.fine < REMADE.fine:
        return False
    most, spread = float(left.near.max()), float(np.quantile(left.near, 0.98))
    little = spread <= REMADE.spread and most <= REMADE.spot and left.far.max() <= REMADE.far_spot
    even = spread <= REMADE.even_spread and most <= REMADE.even * spread
    even = even and left.fine >= REMADE.even_fine
    return even or (little and most <= REMADE.spreads * max(spread, least))


def _is_written(left: _Left) -> bool:
    """Whether all that is left is one line of thin strokes of one ink near the upper or lower edge.

    Added to a picture, they are all brighter or all darker; where both pictures have writing and
    it says something else, some are the one and some the other.
    """
    side = left.near.shape[0]
    most = float(left.near.max())
    if most < REMADE.ink:
        return False
    rows, columns = np.nonzero(left.near > most * REMADE.ink_share)
    top, bottom = (int(np.quantile(rows, share)) for share in (0.01, 0.99))
    start, end = (int(np.quantile(columns, share)) for share in (0.01, 0.99))
    height, width = bottom - top + 1, end - start + 1
    low, high = REMADE.writing_height
    if not low * side <= height <= high * side or width < REMADE.writing_aspect * height:
        return False
    if REMADE.writing_edge * side < bottom and top < (1 - REMADE.writing_edge) * side:
        return False
    part = left.signed[top : bottom + 1, start : end + 1]
    strength = np.abs(part).max(-1)
    inked = strength > REMADE.stroke * np.quantile(strength, 0.95)
    one_way = np.abs(part[inked].sum()) / (np.abs(part[inked]).sum() + 1)
    strokes = (np.diff(inked.astype(np.int8), axis=1) == 1).sum(1).max()
    if one_way < REMADE.one_way or strokes < REMADE.strokes:
        return False
    if not REMADE.filled[0] <= inked.mean() <= REMADE.filled[1]:
        return False
    grace = round(REMADE.grace * side)
    rest = np.ones_like(left.near)
    rest[max(0, top - grace) : bottom + grace + 1, max(0, start - grace) : end + grace + 1] = 0
    # The writing stands in `far` farther out, and in `fine`.
    beside = replace(left, near=left.near * rest, far=np.zeros_like(left.far), fine=1.0)
    return _is_noise(beside, REMADE.least_spread)


def in_curves(one: Pixels, two: Pixels, inside: Planes) -> Pixels:
    """Each `one` (a stack of one) in the colours of its `two`, as far as curves take it there.

    A channel is a bent line of itself and a straight one of the brightness (saturation), cut at
    black and white as every editor does; what fits badly counts less. Where the second is cut it
    only says "at least".
    """
    step = max(1, one.shape[1] // THUMB_SIDE)
    few = one[:, ::step, ::step]
    known = inside[0, ::step, ::step].reshape(-1)
    fitted = np.empty_like(one)
    for band in range(3):
        terms = _terms(one, band)
        goal = two[0, ::step, ::step, band].reshape(-1)
        solved = _solved(_terms(few, band).reshape(-1, 6).astype(np.float64), goal, known)
        fitted[0, ..., band] = np.clip(terms @ solved, 0, 255)
    return fitted


def _terms(one: Pixels, band: int) -> Pixels:
    shown = one[0] / 128
    level, bright = shown[..., band], luma(one)[0] / 128
    others = [shown[..., other] for other in range(3) if other != band]
    terms: Pixels = np.stack([np.ones_like(level), level, level * level, bright, *others], axis=-1)
    return terms


def _solved(terms: Floats, goal: Floats, known: Floats) -> Floats:
    weights = known.astype(np.float64)
    mixing = REMADE.mixing * len(goal)
    prior = np.diag([1e-2, 1e-2, 2.0, 1.0, mixing, mixing])
    solved: Floats = np.zeros(terms.shape[1])
    for _ in range(5):
        weighted = terms * weights[:, None]
        solved = np.linalg.solve(weighted.T @ terms + prior, weighted.T @ goal)
        found = terms @ solved
        miss = np.abs(np.clip(found, 0, 255) - goal)
        scale = RESIDUALS.outlier * (1.48 * np.median(miss) + 1)
        weights = known / (1 + (miss / scale) ** 2)
        weights[((goal >= 250) & (found > 245)) | ((goal <= 5) & (found < 10))] = 0
    return solved
