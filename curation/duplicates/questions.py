"""Which doubts a person is asked about: as many as join the pictures, not every two of a scene.

Of the windows of one photograph every two are a doubt, and nobody answers the square of them. So
a pair of kept pictures is a question unless likelier questions join the two already, directly or
not: a maximum spanning forest. By the answer "the same" two pictures become one unit, by
"different" the pair is no doubt any more; either way the forest is made anew, and what was left
out comes up where the two are still apart.

The same holds for the work. Two kept pictures that are candidates are laid over one another, as one
may be a copy of the other. Where their thumbs rule that out, the closer look that tells what else
they are (Kind.DOUBT until then) waits until the pair's turn comes, likeliest first, and is taken if
the two are not joined by then, or the worse one is not yet shown beside another. A pair of which
one is dropped can only show that two keepers are alike: it is compared, after those, where the
keepers are not joined, nearest pHash first.

Both are functions of the pictures and the answers. What an earlier run has compared beyond that is
not consulted, and pairs of two other pictures, which no memory keeps, join nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .pair_result import Kind
from .results import Doubt

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..images.facts import Facts
    from .constraints import Constraints
    from .neighbourhood import Neighbourhood
    from .pair_result import PairResult
    from .pairs import PairClassifier

    Pair = tuple[int, int]
    Candidate = tuple[int, int, int]  # better place, worse place, reasons


class Questions:
    """The doubts between pictures that are kept; `claims` are dropped places → their keepers'.

    `maybes`: kept pictures beside the better ones that they are likest, each of them once.
    `alike`: candidate pairs that must share a split; with the claims they join all that must.
    """

    def __init__(
        self,
        facts: Sequence[Facts],
        neighbourhood: Neighbourhood,
        pairs: PairClassifier,
        constraints: Constraints,
        claims: Mapping[int, int],
    ) -> None:
        self._facts = facts
        self._candidates = neighbourhood.candidates
        self._pairs = pairs
        self._constraints = constraints
        self.alike: list[Pair] = []
        self._doubts: dict[Pair, PairResult] = {}  # of two kept pictures the likeliest
        self._compare(claims)
        likest = sorted(
            self._doubts, key=lambda pair: (-self._doubts[pair].likeness, *self._shas(pair))
        )
        first_seen = {pair[1]: pair for pair in reversed(likest)}
        self.maybes = {pair: self._doubts[pair] for pair in first_seen.values()}
        forest = Forest()
        self._asked = [pair for pair in likest if forest.join(*pair)]

    def _compare(self, claims: Mapping[int, int]) -> None:
        """Compare candidates until all whose keepers are alike are joined."""
        kept: list[Candidate] = []
        stated: list[tuple[Pair, Candidate]] = []
        waiting: list[tuple[Pair, Candidate]] = []
        for candidate in self._candidates():
            one, two = (claims.get(place, place) for place in candidate[:2])
            if one == two:
                continue  # how alike two copies of one keeper are is of no use
            keepers = min(one, two), max(one, two)
            if self._constraints.between(*self._shas(keepers)) is not None:
                stated.append((keepers, candidate))
            elif keepers == candidate[:2]:
                kept.append(candidate)
            else:
                waiting.append((keepers, candidate))
        self._pairs.classify_all([candidate for _, candidate in stated])
        for keepers, candidate in stated:
            self._add(keepers, candidate)
        self._pairs.classify_all(kept, closely=False)
        forest = self._consult(self._likest_first(kept), Forest(), beside=True)
        waiting.sort(key=lambda one: (apart(*self._both(one[1]), "phash"), one[1]))
        self._consult(waiting, forest, beside=False)

    def _likest_first(self, kept: Sequence[Candidate]) -> list[tuple[Pair, Candidate]]:
        """Those that may be a doubt; what is only alike is noted."""
        found = []
        for candidate in kept:
            result = self._pairs.classify(*candidate, closely=False)
            if _doubtful(result):
                found.append((-result.likeness, self._shas(candidate[:2]), candidate))
            else:
                self._add(candidate[:2], candidate)
        return [(candidate[:2], candidate) for *_, candidate in sorted(found)]

    def _consult(
        self, line: Sequence[tuple[Pair, Candidate]], forest: Forest, *, beside: bool
    ) -> Forest:
        """Note the pairs of a line whose keepers are apart when their turn comes; what is joined.

        `beside`: and those whose worse picture has not been in a doubt of a better one. All that
        are to be compared are taken for doubts until they are; where one is none, others' turns
        come.
        """
        while True:
            joined, seen = forest.copy(), set[int]()
            consulted, unknown = [], []
            for keepers, candidate in line:
                if joined.joined(*keepers) and not (beside and keepers[1] not in seen):
                    continue
                consulted.append((keepers, candidate))
                known = self._pairs.known(*candidate[:2], closely=True)
                if not known:
                    unknown.append(candidate)
                if not known or _doubtful(self._pairs.classify(*candidate)):
                    joined.join(*keepers)
                    seen.add(keepers[1])
            if not unknown:
                break
            self._pairs.classify_all(unknown)
        for pair in consulted:
            self._add(*pair)
        return joined

    def _add(self, keepers: Pair, candidate: Candidate) -> None:
        """Note what two pictures are."""
        result = self._pairs.classify(*candidate)
        if result.kind is not Kind.OTHER:
            self.alike.append(candidate[:2])
        doubt = _doubtful(result) and self._constraints.between(*self._shas(keepers)) is None
        known = self._doubts.get(keepers)
        if doubt and (known is None or known.likeness < result.likeness):
            self._doubts[keepers] = result

    def _shas(self, places: Pair) -> tuple[str, str]:
        return self._facts[places[0]].sha256, self._facts[places[1]].sha256

    def _both(self, pair: Candidate) -> tuple[Facts, Facts]:
        return self._facts[pair[0]], self._facts[pair[1]]

    def review(self) -> tuple[Doubt, ...]:
        """The review queue, likeliest first."""
        return tuple(self._doubt(pair) for pair in self._asked)

    def _doubt(self, pair: Pair) -> Doubt:
        one, two = (self._facts[place] for place in pair)
        result = self._doubts[pair]
        return Doubt(
            keeper=one.sha256,
            other=two.sha256,
            phash=apart(one, two, "phash"),
            dhash=apart(one, two, "dhash"),
            difference=result.difference,
            likeness=round(result.likeness, 4),
            why=result.why,
        )


class Forest:
    """Places that are joined pair by pair."""

    def __init__(self, above: Mapping[int, int] | None = None) -> None:
        self._above = dict(above or {})

    def copy(self) -> Forest:
        """Another one that is joined as this is now."""
        return Forest(self._above)

    def _root(self, place: int) -> int:
        above = self._above
        while (up := above.get(place, place)) != place:
            above[place] = place = above.get(up, up)  # halves the way for who comes next
        return place

    def joined(self, one: int, two: int) -> bool:
        """Whether two places are joined, directly or not."""
        return self._root(one) == self._root(two)

    def join(self, one: int, two: int) -> bool:
        """Join two places; whether they were apart."""
        first, second = self._root(one), self._root(two)
        self._above[second] = first
        return first != second


def apart(one: Facts, two: Facts, kind: str) -> int:
    """Bits between two fingerprints of one kind."""
    return (one.fingerprints[kind] ^ two.fingerprints[kind]).bit_count()


def _doubtful(result: PairResult) -> bool:
    return result.kind not in (Kind.LOOSE, Kind.OTHER)
