"""Planes of one small picture: brightness, colour, blur, means of blocks."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING

import numpy as np

from .products import product

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

    Plane = NDArray[np.floating[Any]]
    Pixels = NDArray[np.floating[Any]]  # n x n x 3

BLOCK = 8  # pixels a side of the blocks that are judged


def luma(picture: Pixels) -> Plane:
    """Brightness of each pixel, 0-255."""
    gray: Plane = picture[..., 0] * 0.299 + picture[..., 1] * 0.587 + picture[..., 2] * 0.114
    return gray


def blocks(plane: Plane) -> Plane:
    """Means of the blocks, side / 8 squared of them."""
    side = plane.shape[0] // BLOCK
    # whole rows first: one pass over the memory as it lies
    sums = plane.reshape(side, BLOCK, -1).sum(1).reshape(side, side, BLOCK).sum(2)
    means: Plane = sums * np.float32(1 / BLOCK**2)
    return means


@lru_cache(maxsize=32)
def _gaussian(side: int, sigma: float) -> Plane:
    at = np.arange(side)
    weights = np.exp(-0.5 * ((at[:, None] - at[None, :]) / sigma) ** 2)
    normal: Plane = (weights / weights.sum(1, keepdims=True)).astype(np.float32)
    return normal


def blurred(plane: Plane, sigma: float) -> Plane:
    """A Gaussian blur, sigma in pixels."""
    weights = _gaussian(plane.shape[0], sigma)
    return product(product(weights, plane), weights.T)


def colours(
    laid: Pixels, second: Pixels, inside: Plane, share: Plane, full: NDArray[np.bool_]
) -> tuple[float, float, float, float, bool]:
    """Colour that one saturation and one tint do not explain, in the worst block.

    Then the hue's correlation, that saturation and tint, and whether one picture is gray.
    """
    ones, twos = _opponents(laid, inside), _opponents(second, inside)
    count = float(inside.sum())
    mean_one = [float((plane * inside).sum()) / count for plane in ones]
    mean_two = [float((plane * inside).sum()) / count for plane in twos]
    flat_one = [(plane - mean) * inside for plane, mean in zip(ones, mean_one, strict=True)]
    flat_two = [(plane - mean) * inside for plane, mean in zip(twos, mean_two, strict=True)]
    power = sum(float((plane * plane).sum()) for plane in flat_one)
    other = sum(float((plane * plane).sum()) for plane in flat_two)
    both = sum(float((a * b).sum()) for a, b in zip(flat_one, flat_two, strict=True))
    hue = both / (power * other) ** 0.5 if min(power, other) > 4 * count else 1.0
    gray = min(_strength(ones, inside, count), _strength(twos, inside, count)) < 3.0
    factor = float(np.clip(both / (power + count), 0.0, 3.0))
    shifts = [two - factor * one for one, two in zip(mean_one, mean_two, strict=True)]
    rest = np.sqrt(
        sum(
            (factor * one + shift - two) ** 2
            for one, two, shift in zip(ones, twos, shifts, strict=True)
        )
    )
    worst = (blocks(rest * inside) / np.maximum(share, 0.01))[full].max()
    if power > 0 and other > power:
        worst = worst * (power / other) ** 0.5  # in the weaker picture's colours
    return float(worst), hue, factor, float(np.hypot(shifts[0], shifts[1])), gray


def _strength(planes: list[Plane], inside: Plane, count: float) -> float:
    return float((np.hypot(planes[0], planes[1]) * inside).sum()) / count


def _opponents(picture: Pixels, inside: Plane) -> list[Plane]:
    """Blue and red against brightness, smoothed: JPEG keeps colour at half the resolution."""
    bright = luma(picture)
    return [
        blurred((picture[..., 2] - bright) * np.float32(0.564) * inside, 1.2),
        blurred((picture[..., 0] - bright) * np.float32(0.713) * inside, 1.2),
    ]


def detail(picture: Pixels) -> float:
    """Levels of brightness and colour that no plane explains: 0 for blanks and smooth gradients."""
    flat = picture.reshape(-1, 3)
    planes = _planes(picture.shape[0])
    return float(np.abs(flat - planes @ (planes.T @ flat)).mean(0).max())


@cache
def _planes(side: int) -> Pixels:
    """Orthonormal columns: a level, a ramp across and a ramp down."""
    at = np.linspace(-1, 1, side, dtype=np.float32)
    across, down = np.meshgrid(at, at)
    columns = np.stack([np.ones_like(across), across, down], axis=-1).reshape(-1, 3)
    orthonormal: Pixels = columns / np.linalg.norm(columns, axis=0)
    return orthonormal
