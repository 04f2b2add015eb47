"""Filters over stacks of small square pictures: brightness, colour, blur, means of blocks.

A stack is pairs x side x side (x 3 where it holds colours); one picture is a stack of one.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING

import numpy as np

from .thresholds import BLAS_LIMIT, BLOCK, CHROMA_BLUR, PRODUCT_SIDE

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

    Planes = NDArray[np.floating[Any]]  # pairs x side x side
    Pixels = NDArray[np.floating[Any]]  # pairs x side x side x 3


def product(left: Planes, right: Planes) -> Planes:
    """left @ right for matrices or stacks of them, on the calling thread alone.

    OpenBLAS wakes all its threads for products of more than BLAS_LIMIT multiplications. For
    matrices as small as these that costs more than it saves, and beside decoding threads, or on a
    busy machine, many times more. Sliced below that size, each slice is done where it stands.
    """
    rows, inner = left.shape[-2:]
    step = max(1, BLAS_LIMIT // (inner * right.shape[-1]))
    if rows <= step:
        return left @ right
    stack = np.broadcast_shapes(left.shape[:-2], right.shape[:-2])
    out = np.empty((*stack, rows, right.shape[-1]), dtype=np.result_type(left, right))
    for start in range(0, rows, step):
        out[..., start : start + step, :] = left[..., start : start + step, :] @ right
    return out


def gram(left: Planes, right: Planes) -> Planes:
    """left @ right.T for stacks of wide matrices of few rows, in slices of their columns."""
    step = max(1, BLAS_LIMIT // (left.shape[-2] * right.shape[-2]))
    right = right.swapaxes(-1, -2)
    total: Planes = left[..., :step] @ right[..., :step, :]
    for start in range(step, left.shape[-1], step):
        total = total + left[..., start : start + step] @ right[..., start : start + step, :]
    return total


def luma(pictures: Pixels) -> Planes:
    """Brightness of each pixel, 0-255."""
    gray: Planes = pictures[..., 0] * 0.299 + pictures[..., 1] * 0.587 + pictures[..., 2] * 0.114
    return gray


def total(planes: Planes) -> Planes:
    """The sum of each plane, shaped to be taken from it again."""
    sums: Planes = planes.sum((-2, -1))[..., None, None]
    return sums


def upper_median(values: Planes, known: NDArray[np.bool_] | None = None) -> Planes:
    """The upper median of each row, of its `known` values where they are given."""
    if known is None:
        half = values.shape[-1] // 2
        middle: Planes = np.partition(values, half, axis=-1)[..., half]
        return middle
    halves = known.sum(-1) // 2
    ordered = np.partition(np.where(known, values, np.inf), np.unique(halves), axis=-1)
    medians: Planes = np.take_along_axis(ordered, halves[..., None], axis=-1)[..., 0]
    return medians


def blocks(planes: Planes) -> Planes:
    """Means of the blocks, side / BLOCK squared of them in each plane."""
    count, side = len(planes), planes.shape[1] // BLOCK
    # whole rows first: one pass over the memory as it lies
    rows = planes.reshape(count, side, BLOCK, -1).sum(2)
    sums = rows.reshape(count, side, side, BLOCK).sum(3)
    means: Planes = sums * np.float32(1 / BLOCK**2)
    return means


@lru_cache(maxsize=32)
def _gaussian(side: int, sigma: float) -> Planes:
    at = np.arange(side)
    weights = np.exp(-0.5 * ((at[:, None] - at[None, :]) / sigma) ** 2)
    normal: Planes = (weights / weights.sum(1, keepdims=True)).astype(np.float32)
    return normal


def blurred(planes: Planes, sigma: float) -> Planes:
    """A Gaussian blur, sigma in pixels.

    Small planes are blurred as one product of matrices; in large ones most of it would be zeros.
    """
    if planes.shape[-1] > PRODUCT_SIDE:
        from scipy.ndimage import gaussian_filter1d  # heavy: loaded with the first closer look

        for axis in (-2, -1):
            planes = gaussian_filter1d(planes, sigma, axis=axis, mode="nearest", truncate=3.0)
        return planes
    weights = _gaussian(planes.shape[-1], sigma)
    return product(product(weights, planes), weights.T)


def opponents(pictures: Pixels, inside: Planes) -> tuple[Planes, Planes]:
    """Blue and red against brightness, smoothed: JPEG keeps colour at half the resolution."""
    bright = luma(pictures)
    blue = (pictures[..., 2] - bright) * np.float32(0.564) * inside
    red = (pictures[..., 0] - bright) * np.float32(0.713) * inside
    return blurred(blue, CHROMA_BLUR), blurred(red, CHROMA_BLUR)


def detail(pictures: Pixels) -> Planes:
    """Levels of brightness and colour that no plane explains: 0 for blanks and smooth gradients."""
    flat = pictures.reshape(len(pictures), -1, 3)
    planes = _planes(pictures.shape[1])
    left: Planes = np.abs(flat - planes @ (planes.T @ flat)).mean(1).max(1)
    return left


@cache
def _planes(side: int) -> Planes:
    """Orthonormal columns: a level, a ramp across and a ramp down."""
    at = np.linspace(-1, 1, side, dtype=np.float32)
    across, down = np.meshgrid(at, at)
    columns = np.stack([np.ones_like(across), across, down], axis=-1).reshape(-1, 3)
    orthonormal: Planes = columns / np.linalg.norm(columns, axis=0)
    return orthonormal
