"""How near pictures lie to each other by their features: odd ones of a label, and likely pairs.

Evidence for a person, never a reason to drop: what lies far may be the label's best picture.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

NEIGHBOURS: Final = 5  # whose mean distance is a picture's distance from its label
# The cosine of a pair worth a look, chosen on the sets intel_resize and webscrape_weather
# (`benchmarks/model_evidence.py`).
ALIKE: Final = 0.85
_EACH: Final = 3  # pairs that one picture brings at the most
_ROWS: Final = 1024  # pictures compared with all others at once: 40 MB for 10,000


@dataclass(frozen=True, slots=True)
class NearPair:
    """Two pictures by their places, and the cosine of their features."""

    one: int
    other: int
    likeness: float


def oddness(
    vectors: NDArray[np.float32], labels: Sequence[str], groups: Sequence[str]
) -> NDArray[np.float64]:
    """Return each picture's distance (0 to 2) from the pictures of its own label.

    It is the mean distance (1 - cosine) to the five nearest; copies (of one group) do not count
    as near. A picture that is alone under its label has none: NaN.
    """
    unit = unit_rows(vectors)
    numbers, families = _numbered(labels), _numbered(groups)
    found = np.full(len(labels), np.nan)
    for label in range(int(numbers.max(initial=-1)) + 1):
        members = np.flatnonzero(numbers == label)
        for rows in _slices(len(members)):
            places = members[rows]
            distances = 1.0 - unit[places] @ unit[members].T
            distances[families[places][:, None] == families[members][None, :]] = np.inf
            found[places] = mean_of_nearest(distances)
    return found


def near_pairs(vectors: NDArray[np.float32], groups: Sequence[str]) -> tuple[NearPair, ...]:
    """Return pairs of different groups with a cosine of `ALIKE` or more, the likest first.

    No picture brings more than its three nearest, so that a thousand frames of one scene are no
    half a million pairs.
    """
    unit = unit_rows(vectors)
    families = _numbered(groups)
    found: dict[tuple[int, int], float] = {}
    count = min(_EACH, len(unit) - 1)
    for rows in _slices(len(unit)) if count > 0 else ():
        places = np.arange(len(unit))[rows]
        likeness = unit[places] @ unit.T
        likeness[families[places][:, None] == families[None, :]] = -1.0
        nearest = np.argpartition(-likeness, count - 1, axis=1)[:, :count]
        for place, others in zip(places.tolist(), nearest.tolist(), strict=True):
            for other in others:
                cosine = float(likeness[place - places[0], other])
                if cosine >= ALIKE:
                    found[min(place, other), max(place, other)] = cosine
    ranked = sorted(found.items(), key=lambda item: (-item[1], item[0]))
    return tuple(NearPair(one, other, min(1.0, cosine)) for (one, other), cosine in ranked)


def mean_of_nearest(distances: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the mean of each row's five smallest distances; infinite ones do not count."""
    nearest = np.sort(distances, axis=1)[:, :NEIGHBOURS].astype(np.float64)
    nearest[~np.isfinite(nearest)] = np.nan
    there = (~np.isnan(nearest)).sum(axis=1)
    sums = np.nansum(nearest, axis=1)
    return np.where(there > 0, sums / np.maximum(there, 1), np.nan)


def unit_rows(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the rows scaled to length 1; a row of zeros stays."""
    scaled: NDArray[np.float32] = vectors / np.maximum(
        np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12
    )
    return scaled


def _numbered(names: Sequence[str]) -> NDArray[np.int64]:
    return np.unique(np.asarray(names), return_inverse=True)[1].astype(np.int64)


def _slices(length: int) -> Iterator[slice]:
    return (slice(at, at + _ROWS) for at in range(0, length, _ROWS))
