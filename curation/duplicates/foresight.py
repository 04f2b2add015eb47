"""Which pairs families will ask for: classified in stacks, not one by one."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

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
        pairs.classify_all(asked, closely=False)


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


def foresee_best(
    pairs: PairClassifier,
    versions: Sequence[tuple[Sequence[int], Sequence[int]]],
    neighbours: Mapping[int, Mapping[int, int]],
    free: Callable[[int, int], bool],
    copies: Callable[[int, int], bool],
) -> None:
    """Classify in stacks what is going to be asked of families' `versions`.

    Each is a family and those of it that may be its best, in turn: the first that is a copy of all
    the others is. `free` tells of which pairs no person has said anything.
    """

    def unknown(family: Sequence[int], better: Sequence[int]) -> Iterable[tuple[int, int, int]]:
        for best in better:
            for other in family:
                one, two = sorted((best, other))
                if one == two:
                    continue
                if not free(one, two) or two not in neighbours.get(one, ()):
                    break
                if not pairs.known(one, two):
                    yield one, two, neighbours[one][two]
                    return
                if not copies(one, two):
                    break
            else:
                return

    while asked := [pair for version in versions for pair in unknown(*version)]:
        pairs.classify_all(asked, closely=False)
