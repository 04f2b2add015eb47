"""What a sample says of the whole."""

from __future__ import annotations


def wilson(right: int, number: int) -> tuple[float, float]:
    """The 95 % Wilson score interval of the share right/number, as (low, high) within 0 to 1.

    With `number` 0 nothing is known: (0, 1).
    """
    if number == 0:
        return 0.0, 1.0
    z = 1.959964
    share = right / number
    middle = (share + z * z / (2 * number)) / (1 + z * z / number)
    spread = (share * (1 - share) / number + z * z / (4 * number * number)) ** 0.5
    half = z * spread / (1 + z * z / number)
    return max(0.0, middle - half), min(1.0, middle + half)
