"""Families of copies: one strict graph for dropping, one generous graph for splitting.

Strict: pictures are taken best first; each unclaimed one becomes a keeper and claims
the pictures that are confirmed, pixel against pixel, as copies of itself. A star, never a chain:
every dropped picture was compared with the very picture that is kept in its place.

Generous: everything that might show the same, joined without end (connected components) into
split groups, so that a split that keeps groups whole cannot have a copy on either side.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

import numpy as np

from .best_version import better_versions
from .candidates import connected
from .constraints import Constraints
from .foresight import foresee, foresee_best
from .keeper import adopted, rank, recentred
from .memory import Recollection
from .neighbourhood import Neighbourhood
from .pair_result import Kind
from .pairs import PairClassifier
from .pixel_source import PixelSource
from .placeholders import placeholder_groups
from .questions import Questions, apart
from .results import RELATIONS, Families, Family, Member, Relation

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from ..images.facts import Facts
    from .memory import KnownPair, PairMemory
    from .pair_result import PairResult


def find_families(
    facts: Sequence[Facts],
    *,
    read: Callable[[str], bytes],
    same: Collection[frozenset[str]] = (),
    different: Collection[frozenset[str]] = (),
    memory: PairMemory | None = None,
    drop_moments: bool = False,
) -> Families:
    """Group `facts` into families; the order of `facts` makes no difference.

    `read` gives the bytes of a digest for the closer look; where it raises OSError, or the bytes
    are unreadable or another picture's by now, the pair stays unconfirmed and nothing is dropped
    for it. `same` and `different` are pairs of digests that must or cannot link by a person's
    review; they win over every measurement. A digest that occurs twice counts once: equal bytes
    are the caller's to collapse. With `memory` only what earlier runs have not seen is compared;
    what is found is the same. `drop_moments` drops frames and bursts of one moment like copies.
    """
    ordered = sorted({fact.sha256: fact for fact in facts}.values(), key=rank)
    places = {fact.sha256: place for place, fact in enumerate(ordered)}
    known = Recollection(ordered, memory)
    source = PixelSource(ordered, read)
    work = _Work(
        ordered, source, known, Constraints(same, different, places), drop_moments=drop_moments
    )
    claims = work.claims()
    questions = work.questions(claims)
    found = Families(
        families=work.families(claims, questions.maybes),
        split_group=work.split_groups(claims, questions.alike),
        low_information=tuple(sorted(ordered[place].sha256 for place in work.low)),
        review=questions.review(),
        placeholders=placeholder_groups(
            fact for place, fact in enumerate(ordered) if place not in work.low
        ),
        drop_moments=drop_moments,
    )
    known.keep(work.low, work.templates, work.pairs_to_remember())
    return found


class _Work:
    """The pictures best first, their candidate pairs, and the steps to families."""

    def __init__(
        self,
        ordered: list[Facts],
        source: PixelSource,
        known: Recollection,
        constraints: Constraints,
        *,
        drop_moments: bool,
    ) -> None:
        self._facts = ordered
        self._constraints = constraints
        self._pairs = pairs = PairClassifier(
            ordered, source, constraints, postpone=not drop_moments
        )
        self._known = known
        self._dropping = {Kind.EXACT, Kind.COPY} | ({Kind.MOMENT} if drop_moments else set())
        new = np.array([p for p in range(len(ordered)) if p not in known.joined], dtype=np.int64)
        self.low = (known.low & known.joined) | pairs.low_information(new)
        pairs.recall(known.pairs)
        self._neighbourhood = Neighbourhood(ordered, pairs, known, self.low, source)
        self._neighbours = self._neighbourhood.neighbours
        foresee(pairs, self._neighbours, self._copies)

    @property
    def templates(self) -> list[list[int]]:
        """Crowds of pictures that are many of one template each."""
        return self._neighbourhood.templates

    def pairs_to_remember(self) -> Iterator[KnownPair]:
        """What a later run needs of the pairs."""
        return self._neighbourhood.to_remember()

    def claims(self) -> dict[int, int]:
        """Dropped place → its keeper's; what must link moves as one unit."""
        units = [self._constraints.unit(fact.sha256) for fact in self._facts]
        claims: dict[int, int] = {}
        for place, own in enumerate(units):
            if place in claims or own[0] != place:
                continue
            claims.update((other, place) for other in own[1:])
            family = self._shas(own)
            for other in sorted(self._neighbours.get(place, ())):
                unit = units[other]
                if other in claims or unit[0] in claims or unit[0] < place or unit is own:
                    continue
                joining = self._shas(unit)
                if not self._constraints.forbidden(family, joining) and self._copies(place, other):
                    claims.update((one, place) for one in unit)
                    family += joining
        claims = recentred(claims, self._bridges(claims), self._plain_copies, self._standing)
        return self._adopted(self._best(claims))

    def _adopted(self, claims: dict[int, int]) -> dict[int, int]:
        """Claims with the lone copies of keepers that others' claims had made only a member."""
        kept = [
            candidate
            for candidate in self._neighbourhood.candidates()
            if candidate[0] not in claims and candidate[1] not in claims
        ]
        self._pairs.classify_all(kept, closely=False)
        pairs = [candidate[:2] for candidate in kept]
        return adopted(claims, pairs, self._plain_copies, self._standing)

    def _best(self, claims: dict[int, int]) -> dict[int, int]:
        """Claims with each keeper the version that its family's others were rather made from.

        It must be a copy of all of them.
        """
        members: dict[int, list[int]] = defaultdict(list)
        for other, keeper in claims.items():
            members[keeper].append(other)
        found = dict(claims)
        versions = list(self._better([[one, *rest] for one, rest in members.items()]))
        foresee_best(self._pairs, versions, self._neighbours, self._free, self._copies)
        for family, better in versions:
            for best in better:
                rest = [place for place in family if place != best]
                if all(self._plain_copies(best, other) for other in rest):
                    del found[best]
                    found.update(dict.fromkeys(rest, best))
                    break
        return found

    def _better(self, families: Sequence[list[int]]) -> Iterator[tuple[list[int], list[int]]]:
        """Each family, its keeper first, and its versions that may be better, best first."""
        known = [self._known.better(family) for family in families]
        new = [one for one, better in zip(families, known, strict=True) if better is None]
        if new:  # all at once: one family after the other takes three times as long
            self._pairs.looks([place for family in new for place in family])
        for family, remembered in zip(families, known, strict=True):
            better = remembered
            if better is None:
                facts, looks = [self._facts[one] for one in family], self._pairs.looks(family)
                better = better_versions(*(family[0], family[1:]), facts, looks, self._pairs.tagged)
                if self._pairs.readable(family):
                    self._known.prefer(family, better)
            yield family, better

    def _bridges(self, claims: Mapping[int, int]) -> list[tuple[int, int]]:
        """Copies with different keepers, where one may be a copy of all in both families."""
        members: dict[int, list[int]] = defaultdict(list)
        for place in range(len(self._facts)):
            members[claims.get(place, place)].append(place)
        mergeable: dict[tuple[int, int], bool] = {}
        asked = []
        for one, two, why in self._neighbourhood.candidates():
            first, second = sorted((claims.get(one, one), claims.get(two, two)))
            if first == second or (one not in claims and two not in claims):
                continue
            if (first, second) not in mergeable:
                mergeable[first, second] = self._mergeable(members[first] + members[second])
            if mergeable[first, second]:
                asked.append((one, two, why))
        self._pairs.classify_all(asked, closely=False)
        return [(one, two) for one, two, _ in asked if self._copies(one, two)]

    def _mergeable(self, family: Sequence[int]) -> bool:
        """Whether one of equal standing with the best may be a copy of all others of a family."""
        standing = self._standing(min(family))
        return any(
            self._standing(centre) == standing
            and all(centre == other or self._may_be_copies(centre, other) for other in family)
            for centre in family
        )

    def _may_be_copies(self, one: int, two: int) -> bool:
        """Whether two places are candidates and not known to be no copies."""
        one, two = sorted((one, two))
        candidates = two in self._neighbours.get(one, ())
        return candidates and (not self._pairs.known(one, two) or self._copies(one, two))

    def questions(self, claims: Mapping[int, int]) -> Questions:
        """What a person is asked about the pictures that are kept."""
        return Questions(self._facts, self._neighbourhood, self._pairs, self._constraints, claims)

    def _standing(self, place: int) -> object:
        """What is equal for pictures that only their bytes put in an order."""
        return rank(self._facts[place])[:-3]  # without bytes, pixels and digest

    def _shas(self, places: Iterable[int]) -> list[str]:
        return [self._facts[place].sha256 for place in places]

    def _copies(self, one: int, two: int) -> bool:
        why = self._neighbours[one][two]
        return self._pairs.classify(one, two, why, closely=False).kind in self._dropping

    def _plain_copies(self, one: int, two: int) -> bool:
        """Whether the pixels alone say so, with no constraint on either."""
        one, two = sorted((one, two))
        return (
            self._free(one, two) and two in self._neighbours.get(one, ()) and self._copies(one, two)
        )

    def _free(self, one: int, two: int) -> bool:
        """Whether no person has said anything of either."""
        return not any(self._constraints.constrains(sha) for sha in self._shas((one, two)))

    def families(
        self, claims: Mapping[int, int], maybes: Mapping[tuple[int, int], PairResult]
    ) -> tuple[Family, ...]:
        """Every keeper that has a member, by digest."""
        members: dict[int, list[Member]] = defaultdict(list)
        for other, keeper in claims.items():
            result = self._neighbourhood.result(keeper, other)
            relation = _SURE.get(result.kind, "copy")
            members[keeper].append(self._member(keeper, other, relation, result))
        for (keeper, other), result in maybes.items():
            relation = "moment" if result.kind is Kind.MOMENT else "maybe"
            members[keeper].append(self._member(keeper, other, relation, result))
        return tuple(
            Family(self._facts[keeper].sha256, tuple(sorted(found, key=_member_order)))
            for keeper, found in sorted(
                members.items(), key=lambda item: self._facts[item[0]].sha256
            )
        )

    def _member(self, keeper: int, other: int, relation: Relation, result: PairResult) -> Member:
        one, two = self._facts[keeper], self._facts[other]
        unseen = relation == "copy" and not result.kind.confirmed  # came with its unit
        return Member(
            sha256=two.sha256,
            relation=relation,
            phash=apart(one, two, "phash"),
            dhash=apart(one, two, "dhash"),
            difference=result.difference,
            by_person=unseen or self._constraints.between(one.sha256, two.sha256) is True,
        )

    def split_groups(
        self, claims: Mapping[int, int], alike: Collection[tuple[int, int]]
    ) -> dict[str, str]:
        """Digest → smallest digest in its split group; lone low-information ones left out."""
        edges = [*claims.items(), *self._constraints.linked, *alike]
        left, right = np.array(edges, dtype=np.int64).reshape(-1, 2).T
        groups = connected(len(self._facts), left, right).tolist()
        together: dict[int, list[str]] = defaultdict(list)
        for group, fact in zip(groups, self._facts, strict=True):
            together[group].append(fact.sha256)
        names = {group: min(shas) for group, shas in together.items()}
        return {
            fact.sha256: names[group]
            for place, (group, fact) in enumerate(zip(groups, self._facts, strict=True))
            if place not in self.low or len(together[group]) > 1
        }


_SURE: Final[dict[Kind, Relation]] = {Kind.EXACT: "exact", Kind.MOMENT: "moment"}


def _member_order(member: Member) -> tuple[int, str]:
    return RELATIONS.index(member.relation), member.sha256
