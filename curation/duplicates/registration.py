"""Laying one small picture over another: which window of the first does the second show?

Both are square gray arrays (whole pictures squeezed), so the map has four numbers: a scale and a
shift across, a scale and a shift down. Gauss-Newton on the pixels themselves, with brightness
and contrast free and outliers (a caption, a watermark) weighted down.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from .products import gram, product

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

    from ..images.hashes import Window

    Plane = NDArray[np.floating[Any]]

LEAST_SCALE, MOST_SCALE = 0.6, 1.65
LEAST_OVERLAP = 0.45  # share of the second's area that must lie within the first


@dataclass(frozen=True, slots=True)
class Placement:
    """Where the second's pixels lie in the first, in fractions: at = scale * x + shift."""

    across: float = 1.0
    left: float = 0.0
    down: float = 1.0
    top: float = 0.0

    @property
    def area(self) -> float:
        """The share of the first's area that the second spans (more than 1: it shows more)."""
        return self.across * self.down


IDENTITY = Placement()


def cropped(across: float, down: float) -> tuple[Placement, Placement]:
    """The second shows the middle of the first; and the first that of the second."""
    left, top = (1 - across) / 2, (1 - down) / 2
    return (
        Placement(across, left, down, top),
        Placement(1 / across, -left / across, 1 / down, -top / down),
    )


def over(one: Window, two: Window) -> Placement:
    """The placement that lays the window of one picture over that of the other."""
    (left1, top1, right1, bottom1), (left2, top2, right2, bottom2) = one, two
    across, down = (right1 - left1) / (right2 - left2), (bottom1 - top1) / (bottom2 - top2)
    return Placement(across, left1 - across * left2, down, top1 - down * top2)


@dataclass(frozen=True, slots=True)
class Sampled:
    """Interpolation matrices of a placement and which rows and columns lie inside."""

    down: Plane
    across: Plane
    inside: Plane  # 1 where the second's pixel lies in the first


def sampled(side: int, placement: Placement) -> Sampled:
    """The matrices that fetch the first's pixels under the second's, bilinear."""
    across, columns = _interpolation(side, placement.across, placement.left)
    down, rows = _interpolation(side, placement.down, placement.top)
    return Sampled(down, across, np.outer(rows, columns).astype(np.float32))


@lru_cache(maxsize=8)
def _centres(side: int) -> NDArray[np.float64]:
    centres: NDArray[np.float64] = (np.arange(side) + 0.5) / side
    return centres


def _interpolation(side: int, scale: float, shift: float) -> tuple[Plane, NDArray[np.bool_]]:
    at = (scale * _centres(side) + shift) * side - 0.5
    inside = (at > -0.05) & (at < side - 0.95)  # beyond, the edge's pixels would be guessed
    at = np.clip(at, 0, side - 1)
    low = np.minimum(at.astype(np.int64), side - 2)
    part = at - low
    matrix = np.zeros((side, side), dtype=np.float32)
    rows = np.arange(side)
    matrix[rows, low] = 1 - part
    matrix[rows, low + 1] += part
    matrix[~inside] = 0
    return matrix, inside


def align(
    first: Plane, second: Plane, starts: tuple[Placement, ...] = (IDENTITY,)
) -> tuple[float, Placement]:
    """The best placement found from `starts` and its correlation (-1 to 1), coarse to fine."""
    coarse_first, coarse_second = halved(first), halved(second)
    best = max(
        (refined(coarse_first, coarse_second, start, 7) for start in starts),
        key=lambda found: found[0],
    )
    return refined(first, second, best[1], 5)


def halved(plane: Plane) -> Plane:
    """Means of 2 x 2 pixels."""
    side = plane.shape[0] // 2
    means: Plane = plane.reshape(side, 2, side, 2).mean((1, 3))
    return means


def refined(first: Plane, second: Plane, start: Placement, rounds: int) -> tuple[float, Placement]:
    """Gauss-Newton from `start`; never worse than the start."""
    side = first.shape[0]
    slope_down, slope_across = np.gradient(first)
    slope_across, slope_down = slope_across * side, slope_down * side
    x = _centres(side).astype(np.float32)[None, :]
    best, now = (-1.0, start), start
    for _ in range(rounds + 1):
        maps = sampled(side, now)
        laid = product(product(maps.down, first), maps.across.T)
        if maps.inside.mean() < LEAST_OVERLAP:
            break
        match = correlation(laid, second, maps.inside)
        if match > best[0]:
            best = (match, now)
        elif match < best[0] - 0.05:
            break
        east = product(product(maps.down, slope_across), maps.across.T)
        south = product(product(maps.down, slope_down), maps.across.T)
        steps = np.stack([laid, np.ones_like(laid), east * x, east, south * x.T, south])
        moved = _step(steps.reshape(6, -1), second.reshape(-1), maps.inside.reshape(-1), now)
        if moved is None:
            break
        now = moved
    return best


def _step(steps: Plane, target: Plane, inside: Plane, now: Placement) -> Placement | None:
    """One weighted least-squares step; None where it leads nowhere sensible."""
    laid = steps[0]
    weights = inside * _trust(laid, target, inside)
    weighted = steps * weights
    normal = gram(weighted, steps).astype(np.float64) + np.diag([1e-2, 1e-2, 1.0, 1.0, 1.0, 1.0])
    try:
        solved = np.linalg.solve(normal, gram(weighted, target[None])[:, 0].astype(np.float64))
    except np.linalg.LinAlgError:
        return None
    if solved[0] < 0.1:
        return None
    change = np.clip(solved[2:] / solved[0], -0.08, 0.08)
    if np.abs(change).max() < 2e-4:
        return None
    across, down = now.across + change[0], now.down + change[2]
    if not (LEAST_SCALE < across < MOST_SCALE and LEAST_SCALE < down < MOST_SCALE):
        return None
    return Placement(
        float(across), float(now.left + change[1]), float(down), float(now.top + change[3])
    )


def _trust(laid: Plane, target: Plane, inside: Plane) -> Plane:
    """Less weight for pixels that fit badly: what was pasted over must not pull."""
    count = inside.sum()
    centred = (laid - (laid * inside).sum() / count) * inside
    gain = float((centred * target).sum() / max(float((centred * centred).sum()), 1e-3))
    miss = target - gain * laid
    known = miss[inside > 0]
    usual = middle(known)
    miss = miss - usual
    scale = 2.5 * (1.48 * middle(np.abs(known - usual)) + 2.0)
    trust: Plane = 1 / (1 + (miss / scale) ** 2)
    return trust


def middle(values: Plane) -> float:
    """The upper median of flat values: np.median without its checks, which cost as much."""
    half = len(values) // 2
    return float(np.partition(values, half)[half])


def correlation(one: Plane, two: Plane, weights: Plane) -> float:
    """Weighted correlation of two planes."""
    total = float(weights.sum())
    if total < 1:
        return -1.0
    one = one - float((one * weights).sum()) / total
    two = two - float((two * weights).sum()) / total
    both: float = float((one * one * weights).sum() + 1) * float((two * two * weights).sum() + 1)
    return float((one * two * weights).sum() / np.sqrt(both))
