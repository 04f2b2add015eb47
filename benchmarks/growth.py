"""How a cost grows with the size: the power of n that fits it, said in a line."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

LINEAR = 1.15  # a power up to which a busy machine's linear work is called linear


def power(costs: Mapping[int, float]) -> float:
    """The slope of log(cost) over log(size) by least squares; NaN for fewer than two sizes."""
    points = [(math.log(size), math.log(cost)) for size, cost in costs.items() if cost > 0]
    if len(points) < 2:
        return math.nan
    x, y = (sum(values) / len(points) for values in zip(*points, strict=True))
    above = sum((a - x) * (b - y) for a, b in points)
    return above / sum((a - x) ** 2 for a, _ in points)


def said(name: str, costs: Mapping[int, float]) -> str:
    """`name` and its power over the sizes, named where it is more than linear."""
    found = power(costs)
    sizes = ", ".join(f"{size:,}" for size in sorted(costs))
    return f"{name}: n^{found:.2f} over {sizes}" + (" (MORE THAN LINEAR)" if found > LINEAR else "")
