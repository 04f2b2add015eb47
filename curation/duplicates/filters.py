"""Filters over stacks of small square pictures: brightness, colour, blur, means of blocks.

A stack is pairs x side x side (x 3 where it holds colours); one picture is a stack of one.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING

import numpy as np

from .thresholds import BLAS_LIMIT, BLOCK, BLUR_ROWS, CHROMA_BLUR, PRODUCT_SIDE, THUMB_SIDE

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


@lru_cache(maxsize=64)
def _gaussian(side: int, sigma: float) -> tuple[Planes, int]:
    """The matrix that blurs columns of `side` pixels, and how far its band reaches.

    In large planes what lies beyond the edge is taken to be as the edge is; in small ones, where
    that would be much of the weight, it has none.
    """
    at = np.arange(side)
    large = side > PRODUCT_SIDE
    reach = int((3.0 if large else 4.0) * sigma + 0.5)
    steps = np.arange(-reach, reach + 1)
    weights = np.exp(-0.5 * (steps / sigma) ** 2)
    matrix = np.zeros((side, side))
    for step, weight in zip(steps.tolist(), weights.tolist(), strict=True):
        there = at + step
        known = at if large else np.flatnonzero((there >= 0) & (there < side))
        np.add.at(matrix, (known, np.clip(there[known], 0, side - 1)), weight)
    normal: Planes = (matrix / matrix.sum(1, keepdims=True)).astype(np.float32)
    return normal, reach


def blurred(planes: Planes, sigma: float) -> Planes:
    """A Gaussian blur, sigma in pixels: products with a banded matrix, from both sides.

    Thumbs are blurred by the whole matrix; of more pixels most of it would be zeros, so there
    blocks of its rows meet only the pixels that they reach.
    """
    side = planes.shape[-1]
    matrix, reach = _gaussian(side, sigma)
    if side <= THUMB_SIDE:
        return product(product(matrix, planes), matrix.T)
    strip = next(width for width in (32, 24, 16, 8, 1) if side % width == 0)
    count, strips = len(planes), side // strip
    down = np.empty(planes.shape, np.result_type(planes, matrix))
    out = np.empty_like(down)
    for top in range(0, side, BLUR_ROWS):
        rows = slice(top, min(top + BLUR_ROWS, side))
        met = slice(max(0, top - reach), min(side, rows.stop + reach))
        part = planes[:, met].reshape(count, -1, strips, strip).transpose(0, 2, 1, 3)
        into = down[:, rows].reshape(count, -1, strips, strip)
        into[:] = (matrix[rows, met] @ part).transpose(0, 2, 1, 3)
        down[:, rows] = into.reshape(count, -1, side)
    lying = down.reshape(count, strips, strip, side)
    for left in range(0, side, BLUR_ROWS):
        rows = slice(left, min(left + BLUR_ROWS, side))
        met = slice(max(0, left - reach), min(side, rows.stop + reach))
        out.reshape(lying.shape)[..., rows] = lying[..., met] @ matrix[rows, met].T
    return out


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
