"""Disjoint sets: what has been joined with what, directly or through others."""

from __future__ import annotations

from collections import defaultdict


class Sets:
    """Disjoint sets of the places 0 to count - 1."""

    def __init__(self, count: int) -> None:
        self._up = list(range(count))

    def root(self, place: int) -> int:
        """The smallest place joined with this one, directly or through others."""
        while self._up[place] != place:
            self._up[place] = self._up[self._up[place]]
            place = self._up[place]
        return place

    def join(self, one: int, two: int) -> None:
        """Make one set of the two that hold these places."""
        first, second = sorted((self.root(one), self.root(two)))
        self._up[second] = first

    def members(self) -> dict[int, list[int]]:
        """Root → its places."""
        sets: dict[int, list[int]] = defaultdict(list)
        for place in range(len(self._up)):
            sets[self.root(place)].append(place)
        return sets
