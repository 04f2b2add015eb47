"""Which pairs families will ask for: classified in stacks, not one by one."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .pairs import PairClassifier


def foresee(
    pairs: PairClassifier,
    neighbours: Mapping[int, Mapping[int, int]],
    copies: Callable[[int, int], bool],
) -> None:
    """Classify in stacks what `claims` is going to ask for one by one.

    A picture waits until its better neighbours are settled; then it is compared with those
    that are keepers, best first, until one claims it.
    """
    better: dict[int, list[int]] = defaultdict(list)
    for one, found in neighbours.items():
        for two in found:
            better[two].append(one)
    for above in better.values():
        above.sort(reverse=True)
    waiting, claimed = sorted(better), set[int]()
    while waiting:
        undecided = set(waiting)
        asked = []
        for place in waiting:
            keeper = _next_keeper(place, better[place], undecided, claimed, pairs, copies)
            if keeper is not None:
                asked.append((keeper, place, neighbours[keeper][place]))
        waiting = [place for place in waiting if place in undecided]
        pairs.classify_all(asked)


def _next_keeper(
    place: int,
    above: list[int],
    undecided: set[int],
    claimed: set[int],
    pairs: PairClassifier,
    copies: Callable[[int, int], bool],
) -> int | None:
    """The keeper that a picture has to be compared with next; decides it where nothing is open."""
    while above and above[-1] not in undecided:
        other = above[-1]
        if other not in claimed:
            if not pairs.known(other, place):
                return other
            if copies(other, place):
                claimed.add(place)
                undecided.discard(place)
                return None
        above.pop()
    if not above:
        undecided.discard(place)
    return None
