"""Filters over stacks of small square pictures: brightness, colour, blur, means of blocks.

A stack is pairs x side x side (x 3 where it holds colours); one picture is a stack of one.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING

import numpy as np

from .thresholds import BLAS_LIMIT, BLOCK, CHROMA_BLUR, EDGES_SIDE, THUMB_SIDE

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

    Stack = NDArray[Any]
    Planes = NDArray[np.floating[Any]]  # pairs x side x side
    Pixels = NDArray[np.floating[Any]]  # pairs x side x side x 3

LUMA = np.array([0.299, 0.587, 0.114], dtype=np.float32)


@cache
def keep_freed_memory() -> None:
    """Have the C library keep for the next array what the one before has freed.

    glibc gives freed blocks back to the system, and each new one costs its pages again: a tenth of
    all that pairs cost. It stops once it has seen a block of nearly 32 MB come and go, which costs
    nothing as long as nobody writes to it.
    """
    np.empty(31 << 20, dtype=np.uint8)


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
    """left @ right.T for stacks of wide matrices of few rows, in slices of their columns.

    Eight rows by eight take 0.4 of the time of seven by seven.
    """
    step = max(1, BLAS_LIMIT // (left.shape[-2] * right.shape[-2]))
    right = right.swapaxes(-1, -2)
    total: Planes = left[..., :step] @ right[..., :step, :]
    for start in range(step, left.shape[-1], step):
        total = total + left[..., start : start + step] @ right[..., start : start + step, :]
    return total


def luma(pictures: Pixels) -> Planes:
    """Brightness of each pixel, 0-255."""
    gray: Planes = pictures @ LUMA
    return gray


def length(across: Planes, down: Planes) -> Planes:
    """The length of each vector; numpy's hypot takes some five times as long."""
    found: Planes = np.sqrt(across * across + down * down)
    return found


def rises(planes: Planes) -> tuple[Planes, Planes]:
    """Levels a pixel by which each plane rises, down and across."""
    down, across = np.empty_like(planes), np.empty_like(planes)
    for rise, there in ((down.swapaxes(1, 2), planes.swapaxes(1, 2)), (across, planes)):
        np.subtract(there[..., 2:], there[..., :-2], out=rise[..., 1:-1])
        rise[..., 1:-1] *= np.float32(0.5)
        rise[..., 0] = there[..., 1] - there[..., 0]
        rise[..., -1] = there[..., -1] - there[..., -2]
    return down, across


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
    ordered = np.where(known, values, np.float32(np.inf))
    medians: Planes = np.empty(len(values), dtype=ordered.dtype)
    # row by row: each has its own middle, and of all rows at once every middle would be sought
    for at, (row, half) in enumerate(zip(ordered, (known.sum(-1) // 2).tolist(), strict=True)):
        row.partition(half)
        medians[at] = row[half]
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
def _gaussian(side: int, sigma: float) -> Planes:
    """The matrix that blurs columns of `side` pixels; what lies beyond the edge has no weight."""
    at = np.arange(side)
    weights = np.exp(-0.5 * ((at[:, None] - at[None, :]) / sigma) ** 2)
    normal: Planes = (weights / weights.sum(1, keepdims=True)).astype(np.float32)
    return normal


def blurred(planes: Planes, sigma: float) -> Planes:
    """A blur of a Gaussian's shape and variance, sigma in pixels.

    Thumbs are blurred by matrices. Planes of more pixels are added to themselves, moved on by one,
    two and four pixels, until they are as wide: a fraction of the work. In large planes what lies
    beyond the edge is taken to be as the edge is; in small ones, where that would be much of the
    weight, it has none.
    """
    side = planes.shape[-1]
    if side <= THUMB_SIDE:
        matrix = _gaussian(side, sigma)
        return product(product(matrix, planes), matrix.T)
    return _summed(planes, sigma) * _weights(side, sigma)


@lru_cache(maxsize=64)
def _weights(side: int, sigma: float) -> Planes:
    """What the sums of pixels are to be multiplied by."""
    sums = _summed(np.ones((1, side, side), dtype=np.float32), sigma)
    weights: Planes = 1 / (sums[:, :1, :1] if side > EDGES_SIDE else sums)
    return weights


def _summed(planes: Planes, sigma: float) -> Planes:
    """Weighted sums of the pixels about each."""
    count, side = len(planes), planes.shape[-1]
    moves, beside = _moves(sigma)
    margin = sum(moves) // 2 + (beside > 0)
    within = slice(margin, margin + side)
    edge = np.float32(side > EDGES_SIDE)
    tall = np.empty((count, side + 2 * margin, side), dtype=np.float32)
    tall[:, within] = planes
    tall[:, :margin], tall[:, within.stop :] = edge * planes[:, :1], edge * planes[:, -1:]
    down = _smeared(tall, side, moves, beside)[:, :side]
    wide = np.empty((count, side, side + 2 * margin), dtype=np.float32)
    wide[..., within] = down
    wide[..., :margin], wide[..., within.stop :] = edge * down[..., :1], edge * down[..., -1:]
    across: Planes = _smeared(wide, 1, moves, beside)[..., :side]
    return across


@lru_cache(maxsize=64)
def _moves(sigma: float) -> tuple[tuple[int, ...], float]:
    """How far a plane is moved at each sum with itself, and the weight of neighbours in the end.

    A sum with itself, moved by n, adds a variance of n squared / 4.
    """
    left = sigma**2
    ones = min(8, 2 * int(2 * left))
    left -= ones / 4
    fours = max(0, int((left - 3) // 4))
    left -= 4 * fours
    twos = int(left)
    left -= twos
    if left >= 0.5:
        ones, left = ones + 2, left - 0.5
    return (1,) * ones + (2,) * twos + (4,) * fours, left / 2 / (1 - left)


def _smeared(planes: Planes, stride: int, moves: tuple[int, ...], beside: float) -> Planes:
    """Sums along one axis, whose pixels lie `stride` apart; wrong at its end, where rows meet."""
    now, then = planes.reshape(-1), np.empty(planes.size, dtype=planes.dtype)
    known = len(now)
    for move in moves:
        known -= move * stride
        np.add(now[:known], now[move * stride :][:known], out=then[:known])
        now, then = then, now
    if beside > 0:
        known -= 2 * stride
        np.add(now[:known], now[2 * stride :][:known], out=then[:known])
        then[:known] *= np.float32(beside)
        then[:known] += now[stride:][:known]
        now = then
    return now.reshape(planes.shape)


def neighbourhood(planes: Stack) -> tuple[Stack, Stack]:
    """The least and the greatest of each cell and its eight neighbours; colours, if any, last."""
    low = high = planes
    for axis in (1, 2):
        low, high = _spread(low, axis, np.minimum), _spread(high, axis, np.maximum)
    return low, high


def _spread(planes: Stack, axis: int, choose: np.ufunc) -> Stack:
    out = planes.copy()
    ahead, behind = out.swapaxes(1, axis), planes.swapaxes(1, axis)
    choose(ahead[:, 1:], behind[:, :-1], out=ahead[:, 1:])
    choose(ahead[:, :-1], behind[:, 1:], out=ahead[:, :-1])
    return out


def opponents(
    pictures: Pixels, inside: Planes, smooth: float = CHROMA_BLUR
) -> tuple[Planes, Planes]:
    """Blue and red against brightness, smoothed: JPEG keeps colour at half the resolution."""
    bright = luma(pictures)
    blue = (pictures[..., 2] - bright) * np.float32(0.564) * inside
    red = (pictures[..., 0] - bright) * np.float32(0.713) * inside
    return blurred(blue, smooth), blurred(red, smooth)


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
