"""Pillow's Lanczos resize of a gray picture as matrix products, equal to it in every pixel.

Pillow resizes "L" in two passes, each a weighted sum in fixed point (22 bits) that is rounded to 8
bits. With the same integer weights in float64 the sums are exact, and take a third of the time.
Which pass comes first is Pillow's choice, by version and by size: sizes are tried before they are
believed (each tall one, some wide ones for all); one that comes out otherwise is left to Pillow.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Size = tuple[int, int]

_SUPPORT: Final = 3.0  # Lanczos' reach, in pixels of the smaller picture
_ONE: Final = float(1 << 22)  # PRECISION_BITS of Pillow's Resample.c


def resized(luma: NDArray[np.uint8], sizes: Sequence[Size]) -> list[NDArray[np.float64]]:
    """Resize (h, w) gray to each (width, height) of `sizes`: arrays of (height, width) levels."""
    exact = luma.astype(np.float64)
    height, width = luma.shape
    return [_WAYS[_way(width, height, size)](luma, exact, size) for size in sizes]


def _across_first(
    _: NDArray[np.uint8], exact: NDArray[np.float64], size: Size
) -> NDArray[np.float64]:
    height, _width = exact.shape
    return _rounded(weights(height, size[1]) @ _rounded(_across(exact, size[0])))


def _down_first(
    _: NDArray[np.uint8], exact: NDArray[np.float64], size: Size
) -> NDArray[np.float64]:
    _height, width = exact.shape
    rows = _rounded(_across(exact.T, size[1]).T)
    return _rounded(rows @ weights(width, size[0]).T)


def _by_pillow(luma: NDArray[np.uint8], _: NDArray[np.float64], size: Size) -> NDArray[np.float64]:
    small = Image.fromarray(luma).resize(size, Image.Resampling.LANCZOS)
    return np.asarray(small, dtype=np.float64)


_WAYS: Final = (_across_first, _down_first, _by_pillow)


def _way(width: int, height: int, size: Size) -> int:
    """The place in `_WAYS` of what gives Pillow's own pixels for pictures of this size."""
    if width >= height and _wide_go_across_first(size):
        return 0
    return _tried(width, height, size)


@cache
def _wide_go_across_first(size: Size) -> bool:
    """Whether this Pillow takes the cheaper pass first for pictures no higher than wide."""
    return all(_tried(*probe, size) == 0 for probe in ((96, 96), (171, 128), (500, 130)))


@lru_cache(maxsize=8192)
def _tried(width: int, height: int, size: Size) -> int:
    """The first of the ways that gives Pillow's own pixels for a picture of noise."""
    luma = np.random.default_rng(0).integers(0, 256, (height, width), dtype=np.uint8)
    exact = luma.astype(np.float64)
    expected = _by_pillow(luma, exact, size)
    ways = (way(luma, exact, size) for way in _WAYS)
    return next(place for place, way in enumerate(ways) if np.array_equal(way, expected))


def _across(exact: NDArray[np.float64], target: int) -> NDArray[np.float64]:
    """The sums of one pass, (h, target): each part of the columns takes what reaches it alone."""
    parts = _parts(exact.shape[1], target)
    return np.concatenate([exact[:, start:end] @ part for start, end, part in parts], axis=1)


@lru_cache(maxsize=256)
def _parts(source: int, target: int) -> tuple[tuple[int, int, NDArray[np.float64]], ...]:
    """Eight columns of the transposed weights at a time, with the rows where they are not zero."""
    whole = weights(source, target)
    parts = []
    for first in range(0, target, 8):
        part = whole[first : first + 8]
        (reached,) = np.nonzero(part.any(axis=0))
        start, end = int(reached[0]), int(reached[-1]) + 1
        parts.append((start, end, np.ascontiguousarray(part[:, start:end].T)))
    return tuple(parts)


def _rounded(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    sums += _ONE / 2
    sums *= 1 / _ONE
    np.floor(sums, out=sums)
    return np.clip(sums, 0, 255, out=sums)


@lru_cache(maxsize=256)
def weights(source: int, target: int) -> NDArray[np.float64]:
    """(target, source): each new pixel's integer weights, which sum to about 2^22."""
    scale = source / target
    stretch = max(scale, 1.0)
    reach = _SUPPORT * stretch
    rows = np.zeros((target, source))
    for place in range(target):
        centre = (place + 0.5) * scale
        first = max(0, int(centre - reach + 0.5))
        last = min(source, int(centre + reach + 0.5))
        at = (np.arange(first, last) - centre + 0.5) / stretch
        row = np.where(np.abs(at) < _SUPPORT, np.sinc(at) * np.sinc(at / _SUPPORT), 0.0)
        total = float(np.cumsum(row)[-1])  # summed one by one, as Pillow does
        row = row / total * _ONE
        rows[place, first:last] = np.trunc(row + np.copysign(0.5, row))
    return rows
