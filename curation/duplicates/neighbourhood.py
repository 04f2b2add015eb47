"""Which pictures are candidates of which: found anew, or known from an earlier run."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

from .candidates import candidates
from .coarse_screen import SIDE
from .crowds import ANYTHING, DRAWINGS, Template, crowds, of_one_template, sampled
from .pair_result import Kind

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from ..arrays import Places
    from ..images.facts import Facts
    from .candidates import Candidates
    from .memory import KnownPair, Recollection
    from .pair_result import PairResult
    from .pairs import PairClassifier
    from .pixel_source import PixelSource


class Neighbourhood:
    """The candidate pairs among `facts`, best first; pictures of `low` information have none.

    `neighbours`: better place → worse place → reasons, in order.
    """

    def __init__(
        self,
        facts: Sequence[Facts],
        pairs: PairClassifier,
        known: Recollection,
        low: Collection[int],
        source: PixelSource,
    ) -> None:
        self._facts = facts
        self._pairs = pairs
        self._consulted: set[tuple[int, int]] = set()
        self.neighbours: dict[int, dict[int, int]] = defaultdict(dict)
        self._templates: list[tuple[Template, bool]] = []  # and whether all of it differs widely
        self.templates = self._of_templates(known, low, source)  # crowds of one template each
        at = np.array([p for p in range(len(facts)) if p not in low], dtype=np.int64)
        new = np.array([place not in known.joined for place in at.tolist()], dtype=bool)
        found = self._among(at, new)
        rows = zip(
            at[found.left].tolist(), at[found.right].tolist(), found.reasons.tolist(), strict=True
        )
        earlier = [(one, two, why) for one, two, why, _ in known.pairs if why]
        # candidates before there were so many of their kind
        self._outgrown = self._of_one_kind(earlier)
        rejoined = (pair for pair in earlier if known.joined.issuperset(pair[:2]))
        for one, two, why in sorted((*rows, *rejoined)):
            self.neighbours[one][two] = why

    def _of_templates(
        self, known: Recollection, low: Collection[int], source: PixelSource
    ) -> list[list[int]]:
        """Crowds of one template; those that are not as they were are compared.

        Drawings first, as a word tells them apart; then whatever is left, if it differs widely.
        """
        if known.same:  # whom to ask opens the thumbs of all
            return []
        left = ~np.isin(np.arange(len(self._facts)), list(low))
        all_found, new = [], []
        for among, radii, wide in (
            (self._pairs.drawn, DRAWINGS, False),
            (np.ones_like(left), ANYTHING, True),
        ):
            kind = self._by_most_parts if wide else self._by_pixels
            for crowd in crowds(self._facts, np.flatnonzero(left & among), radii):
                if not known.rejoin(crowd):
                    pairs = sampled(crowd)
                    self.ask(pairs)
                    if not of_one_template([kind(*pair) for pair in pairs]):
                        continue
                    new.append((crowd, wide))
                all_found.append(crowd)
                left[crowd] = False
        for crowd, wide in new:
            known.joined.difference_update(crowd)
            cells = self._pairs.looks(crowd).reshape(len(crowd), SIDE, SIDE, 3)
            self._templates.append((Template(crowd, source, cells), wide))
        return all_found

    def _only_kind(self, one: Places, two: Places) -> NDArray[np.bool_]:
        """Which pairs of places are of one template and have nothing else in common.

        What a cut has in common lies elsewhere: where it can, a pair has to differ widely as well.
        """
        found = np.zeros(len(one), dtype=bool)
        for template, wide in self._templates:
            of_kind = template.only_kind(one, two)
            if wide:
                at = np.flatnonzero(of_kind)
                of_kind[at] = self._pairs.unlike(one[at], two[at])
            found |= of_kind
        return found

    def _of_one_kind(self, pairs: Sequence[tuple[int, int, int]]) -> set[tuple[int, int]]:
        if not self._templates:
            return set()
        ones, twos, _ = np.array(pairs, dtype=np.int64).reshape(-1, 3).T
        return {pairs[at][:2] for at in np.flatnonzero(self._only_kind(ones, twos)).tolist()}

    def _among(self, at: Places, new: NDArray[np.bool_] | None = None) -> Candidates:
        """The candidates among places `at` that the screens leave open."""

        def worth(one: Places, two: Places, reason: int) -> NDArray[np.bool_]:
            return self._pairs.worth(at[one], at[two], reason)

        found = candidates([self._facts[place] for place in at.tolist()], worth, new)
        if self._templates:
            found = found.where(~self._only_kind(at[found.left], at[found.right]))
        if len(found):
            self._pairs.screen(at[found.left], at[found.right], found.reasons)
        return found

    def candidates(self) -> Iterator[tuple[int, int, int]]:
        """Better place, worse place, reasons of each pair."""
        for one, others in self.neighbours.items():
            for two, why in others.items():
                yield one, two, why

    def result(self, one: int, two: int) -> PairResult:
        """What any two pictures are, in any order.

        Those of which an earlier run has found that they are no candidates, or other pictures,
        are looked at again as if they had come now.
        """
        one, two = min(one, two), max(one, two)
        self._consulted.add((one, two))
        return self._pairs.classify(one, two, self._reasons(one, two))

    def ask(self, pairs: Iterable[tuple[int, int]]) -> None:
        """Classify in stacks, not one by one, what `result` is going to be asked for."""
        ordered = [(min(pair), max(pair)) for pair in pairs]
        self._pairs.classify_all([(*pair, self._reasons(*pair)) for pair in ordered])

    def _reasons(self, one: int, two: int) -> int:
        reasons = self.neighbours.get(one, {}).get(two, 0)
        if reasons or self._pairs.known(one, two):
            return reasons
        found = self._among(np.array([one, two]))
        return int(found.reasons[0]) if len(found) else 0

    def _by_pixels(self, one: int, two: int) -> Kind:
        """What two pictures are whatever a person says; others where they cannot be read."""
        self.result(one, two)
        measured = self._pairs.measured(min(one, two), max(one, two))
        return measured.kind if measured else Kind.OTHER

    def _by_most_parts(self, one: int, two: int) -> Kind:
        """The same, but neither copies nor others are a doubt where they differ widely, else a
        moment: what has a scene in common has more than its kind.
        """
        kind = self._by_pixels(one, two)
        if kind.confirmed or kind is Kind.OTHER:
            return kind
        return Kind.LOOSE if self._pairs.unlike(*np.array([[one], [two]])).all() else Kind.MOMENT

    def to_remember(self) -> Iterator[KnownPair]:
        """What a later run needs of the pairs.

        What is settled as two other pictures is left out, unless it was asked for by name.
        """
        for one, two, why in self.candidates():
            result = self._pairs.measured(one, two)
            other = result is not None and result.kind is Kind.OTHER
            if not (other or self._pairs.forced(one, two)):
                yield one, two, why, result
        for one, two in sorted(self._outgrown):
            yield one, two, 0, self._pairs.measured(one, two)
        for one, two in sorted(self._consulted - self._outgrown):
            why = self.neighbours.get(one, {}).get(two, 0)
            result = self._pairs.measured(one, two)
            if result is None or self._pairs.forced(one, two):
                continue
            if not why or result.kind is Kind.OTHER:
                yield one, two, why, result
