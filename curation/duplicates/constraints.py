"""What a person said of pairs: "the same" and "not the same", remembered by content for ever."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from ..errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

Pair = frozenset[str]


class Opinions:
    """Pairs judged by a person, among the digests in `places` (digest → place, best first).

    "Same" is taken further (a = b and b = c make one unit of three) except where that would put
    two pictures together that a person called different; "different" is about its pair alone.
    Where both were said of one pair, "different" wins: keeping a picture loses nothing. Raises
    UsageError for a pair that is not two digests.
    """

    def __init__(
        self, same: Collection[Pair], different: Collection[Pair], places: Mapping[str, int]
    ) -> None:
        for pair in (*same, *different):
            if len(pair) != 2:
                raise UsageError(f"an opinion is about two pictures, not {len(pair)}")
        self._places = places
        self._different = {pair for pair in different if all(sha in places for sha in pair)}
        self.same: tuple[tuple[int, int], ...] = ()
        self._units: dict[str, set[str]] = {}
        self._enemies: dict[str, set[str]] = defaultdict(set)
        for one, two in map(tuple, self._different):
            self._enemies[one].add(two)
            self._enemies[two].add(one)
        self._join(pair for pair in same if all(sha in places for sha in pair))

    def _join(self, same: Iterable[Pair]) -> None:
        joined = []
        for one, two in sorted(tuple(sorted(pair)) for pair in same):
            first, second = self._units.get(one, {one}), self._units.get(two, {two})
            if first is not second and self.forbidden(first, second):
                continue
            together = first | second
            self._units.update(dict.fromkeys(together, together))
            joined.append((self._places[one], self._places[two]))
        self.same = tuple(joined)

    def unit(self, sha256: str) -> list[int]:
        """Places of all that is the same as this by a person's word, itself too, best first."""
        return sorted(self._places[sha] for sha in self._units.get(sha256, {sha256}))

    def about(self, sha256: str) -> bool:
        """Whether a person has said anything about this picture."""
        return sha256 in self._units or sha256 in self._enemies

    def forbidden(self, some: Iterable[str], others: Collection[str]) -> bool:
        """Whether a person called any of `some` different from any of `others`."""
        return any(
            not self._enemies[one].isdisjoint(others) for one in some if one in self._enemies
        )

    def said(self, one: str, two: str) -> bool | None:
        """True: the same; False: different; None: nobody has said."""
        if frozenset((one, two)) in self._different:
            return False
        return True if two in self._units.get(one, ()) else None
