"""How many of a query's pictures look off topic, beside what its label's other queries brought.

A query's own pictures are no measure of it: those of a bad one are near each other. So a picture
is off topic where it lies farther from the pictures of the other queries than nearly all of those
lie from each other. Where that is so of most queries of a label, they show different things by
intent (not pizza: cars, sushi), and nothing is said of any.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from .nearness import mean_of_nearest, unit_rows

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from numpy.typing import NDArray

LEAST: Final = 7  # pictures of other queries, below which nothing is said
# Deviations above the median, chosen on nine camera scenes (`benchmarks/label_noise.py`, `tune`).
DEVIATIONS: Final = 3.0
_MOST: Final = 2000  # pictures that a query is measured against, drawn by their digests


@dataclass(frozen=True, slots=True)
class QueryTopic:
    """One query of a label: its `pictures`, and how many of them look `off_topic`.

    None where the label's other queries brought too little to tell, or show something else.
    """

    label: str
    query: str
    pictures: int
    off_topic: int | None


def query_topics(
    rows: Mapping[str, NDArray[np.float32]], queries: Mapping[tuple[str, str], Collection[str]]
) -> tuple[QueryTopic, ...]:
    """Count for each (label, query) how many of its pictures (digests) look off topic.

    `rows` are features by digest; pictures without any are left out. The worst queries first.
    """
    of_label: dict[str, list[tuple[str, list[str]]]] = defaultdict(list)
    for (label, query), pictures in queries.items():
        of_label[label].append((query, sorted(rows.keys() & set(pictures))))
    found = [
        topic for label, asked in of_label.items() for topic in _topics_of_label(rows, label, asked)
    ]
    return tuple(sorted(found, key=lambda one: (-_share(one), one.label, one.query)))


def _topics_of_label(
    rows: Mapping[str, NDArray[np.float32]], label: str, asked: Sequence[tuple[str, list[str]]]
) -> list[QueryTopic]:
    found = []
    for query, own in asked:
        others = sorted({one for _, pictures in asked for one in pictures}.difference(own))[:_MOST]
        count = None
        if own and len(others) >= LEAST:
            count = int(_far(_stacked(rows, own), _stacked(rows, others)).sum())
        found.append(QueryTopic(label, query, len(own), count))
    if np.median([_share(one) for one in found]) > 0.5:
        return [replace(one, off_topic=None) for one in found]
    return found


def _share(topic: QueryTopic) -> float:
    return (topic.off_topic or 0) / max(1, topic.pictures)


def _stacked(
    rows: Mapping[str, NDArray[np.float32]], digests: Sequence[str]
) -> NDArray[np.float32]:
    length = len(next(iter(rows.values())))
    return unit_rows(np.array([rows[one] for one in digests]).reshape(-1, length))


def _far(own: NDArray[np.float32], others: NDArray[np.float32]) -> NDArray[np.bool_]:
    among = 1.0 - others @ others.T
    np.fill_diagonal(among, np.inf)
    usual = mean_of_nearest(among)
    middle = np.median(usual)
    spread = 1.4826 * np.median(np.abs(usual - middle))  # a normal distribution's deviation
    far: NDArray[np.bool_] = mean_of_nearest(1.0 - own @ others.T) > middle + DEVIATIONS * spread
    return far
