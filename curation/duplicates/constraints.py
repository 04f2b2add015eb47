"""Must-link and cannot-link constraints: pairs that a person has reviewed, by content."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from ..errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

Pair = frozenset[str]


class Constraints:
    """Reviewed pairs among the digests in `places` (digest → place, best first).

    Must-link is transitive (a = b and b = c make one unit of three) except where that would put
    two pictures together that cannot link; cannot-link is about its pair alone. A pair under both
    cannot link: keeping a picture loses nothing. Raises UsageError for a pair that is not two
    digests.
    """

    def __init__(
        self,
        must_link: Collection[Pair],
        cannot_link: Collection[Pair],
        places: Mapping[str, int],
    ) -> None:
        for pair in (*must_link, *cannot_link):
            if len(pair) != 2:
                raise UsageError(f"a reviewed pair is two pictures, not {len(pair)}")
        self._places = places
        self._apart: dict[str, set[str]] = defaultdict(set)
        for one, two in (tuple(pair) for pair in cannot_link if self._known(pair)):
            self._apart[one].add(two)
            self._apart[two].add(one)
        self.linked: tuple[tuple[int, int], ...] = ()
        self._units: dict[str, set[str]] = {}
        self._link(pair for pair in must_link if self._known(pair))

    def _known(self, pair: Pair) -> bool:
        return all(sha in self._places for sha in pair)

    def _link(self, pairs: Iterable[Pair]) -> None:
        linked = []
        for one, two in sorted(tuple(sorted(pair)) for pair in pairs):
            first, second = self._units.get(one, {one}), self._units.get(two, {two})
            if first is not second and self.forbidden(first, second):
                continue
            together = first | second
            self._units.update(dict.fromkeys(together, together))
            linked.append((self._places[one], self._places[two]))
        self.linked = tuple(linked)

    def unit(self, sha256: str) -> list[int]:
        """Places of all that must link with this one, itself too, best first."""
        if sha256 not in self._units:
            return [self._places[sha256]]
        return sorted(map(self._places.__getitem__, self._units[sha256]))

    def constrains(self, sha256: str) -> bool:
        """Whether any constraint is about this picture."""
        return sha256 in self._units or sha256 in self._apart

    def forbidden(self, some: Iterable[str], others: Collection[str]) -> bool:
        """Whether any of `some` cannot link with any of `others`."""
        return any(not self._apart[one].isdisjoint(others) for one in some if one in self._apart)

    def between(self, one: str, two: str) -> bool | None:
        """True: must link; False: cannot; None: unconstrained."""
        if two in self._apart.get(one, ()):
            return False
        return True if two in self._units.get(one, ()) else None
