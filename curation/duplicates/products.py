"""Matrix products that stay on the thread that asked for them.

OpenBLAS wakes all its threads for products of more than 2^18 multiplications. For matrices as
small as ours that costs more than it saves, and beside our own decoding threads, or on a busy
machine, many times more. Sliced below that size, each slice is done where it stands.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Matrix = NDArray[np.floating[Any]]

LIMIT = 1 << 18  # multiplications that OpenBLAS does on one thread


def product(left: Matrix, right: Matrix) -> Matrix:
    """left @ right for two matrices, in slices of left's rows."""
    rows, inner = left.shape
    step = max(1, LIMIT // (inner * right.shape[1]))
    if rows <= step:
        return left @ right
    out = np.empty((rows, right.shape[1]), dtype=np.result_type(left, right))
    for start in range(0, rows, step):
        np.matmul(left[start : start + step], right, out=out[start : start + step])
    return out


def gram(left: Matrix, right: Matrix) -> Matrix:
    """left @ right.T for two wide matrices of few rows, in slices of their columns."""
    step = max(1, LIMIT // (left.shape[0] * right.shape[0]))
    total = left[:, :step] @ right[:, :step].T
    for start in range(step, left.shape[1], step):
        total += left[:, start : start + step] @ right[:, start : start + step].T
    return total
