"""Families of copies: one strict graph for dropping, one generous graph for splitting.

Strict: pictures are taken best first; each that nobody has claimed becomes a keeper and claims
the pictures that are confirmed, pixel against pixel, as copies of itself. A star, never a chain:
every dropped picture was compared with the very picture that is kept in its place.

Generous: everything that might show the same, joined without end (connected components) into
split groups, so that a split that keeps groups whole cannot have a copy on either side.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from .candidates import candidates, connected
from .constraints import Constraints
from .keeper import rank, recentred
from .pairs import Kind, PairClassifier
from .pixel_source import PixelSource
from .placeholders import PlaceholderGroup, placeholder_groups

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from ..images.facts import Facts
    from .pairs import PairResult

Relation = Literal["exact", "copy", "maybe"]


@dataclass(frozen=True, slots=True)
class Member:
    """A picture beside its own keeper.

    relation: "exact" (every decoded pixel equal), "copy" (confirmed by the pixels or by a person)
    or "maybe" (for review; it is kept). phash and dhash are bits apart; difference is the worst
    block's mean colour difference on the aligned thumbs, 0-255. by_person: a person alone
    confirmed it.
    """

    sha256: str
    relation: Relation
    phash: int
    dhash: int
    difference: float
    by_person: bool = False


@dataclass(frozen=True, slots=True)
class Family:
    """A kept picture and what was found beside it; exact and copy members are dropped."""

    keeper: str
    members: tuple[Member, ...]


@dataclass(frozen=True, slots=True)
class Doubt:
    """A pair for a person to review, the better one first.

    likeness goes from 0 (surely other pictures) to 1 (all but a copy).
    """

    keeper: str
    other: str
    phash: int
    dhash: int
    difference: float
    likeness: float
    why: str


@dataclass(frozen=True, slots=True)
class Families:
    """What find_families found; every tuple is sorted, so equal inputs give equal values.

    split_group maps each picture that is not of low information to its split group's id, the
    smallest digest in it. review holds pairs most likely copies first.
    """

    families: tuple[Family, ...]
    split_group: Mapping[str, str]
    low_information: tuple[str, ...]
    review: tuple[Doubt, ...]
    placeholders: tuple[PlaceholderGroup, ...] = ()

    @property
    def component(self) -> Mapping[str, str]:
        """split_group by its name in 0.1."""
        return self.split_group

    @property
    def floods(self) -> tuple[PlaceholderGroup, ...]:
        """Placeholders by their name in 0.1."""
        return self.placeholders

    def dropped(self) -> dict[str, str]:
        """Digest of every picture that would be dropped → digest of its keeper."""
        return {
            member.sha256: family.keeper
            for family in self.families
            for member in family.members
            if member.relation != "maybe"
        }


def returned(before: Families, after: Families) -> tuple[str, ...]:
    """Pictures that `before` dropped and `after` keeps, though they are still there.

    A new picture can be a better keeper than the old one and yet no copy of all that the old one
    had claimed; those come back. Callers that show a new result say so instead of nothing.
    """
    now = after.dropped()
    there = set(after.split_group) | set(after.low_information)
    return tuple(sorted(sha for sha in before.dropped() if sha in there and sha not in now))


def find_families(
    facts: Sequence[Facts],
    *,
    read: Callable[[str], bytes],
    same: Collection[frozenset[str]] = (),
    different: Collection[frozenset[str]] = (),
) -> Families:
    """Group `facts` into families; the order of `facts` makes no difference.

    `read` gives the bytes of a digest for the closer look; where it raises OSError or the bytes
    have become unreadable, the pair stays unconfirmed and nothing is dropped for it. `same` and
    `different` are pairs of digests that must or cannot link by a person's review; they win over
    every measurement.
    A digest that occurs twice counts once: equal bytes are the caller's to collapse.
    """
    ordered = sorted({fact.sha256: fact for fact in facts}.values(), key=rank)
    places = {fact.sha256: place for place, fact in enumerate(ordered)}
    work = _Work(ordered, PixelSource(ordered, read), Constraints(same, different, places))
    claims = work.claims()
    review, maybes = work.doubts(claims)
    return Families(
        families=work.families(claims, maybes),
        split_group=work.split_groups(claims),
        low_information=tuple(sorted(ordered[place].sha256 for place in work.low)),
        review=review,
        placeholders=placeholder_groups(
            fact for place, fact in enumerate(ordered) if place not in work.low
        ),
    )


class _Work:
    """The pictures best first, their candidate pairs, and the steps to families."""

    def __init__(self, ordered: list[Facts], source: PixelSource, constraints: Constraints) -> None:
        self._facts = ordered
        self._source = source
        self._constraints = constraints
        self._pairs = PairClassifier(ordered, source, constraints)
        self.low = self._pairs.low_information()
        places = range(len(ordered))
        self._neighbours = self._found([place for place in places if place not in self.low])

    def _found(self, plain: list[int]) -> dict[int, dict[int, int]]:
        """Better place → worse place → reasons, for every candidate pair."""
        found = candidates([self._facts[place] for place in plain])
        if plain:
            at = np.array(plain)
            self._pairs.screen(at[found.left], at[found.right], found.reasons)
        neighbours: dict[int, dict[int, int]] = defaultdict(dict)
        for one, two, why in zip(
            found.left.tolist(), found.right.tolist(), found.reasons.tolist(), strict=True
        ):
            neighbours[plain[one]][plain[two]] = why
        return neighbours

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
        return recentred(claims, self._bridges(claims), self._plain_copies, self._standing)

    def _bridges(self, claims: Mapping[int, int]) -> Iterator[tuple[int, int]]:
        """Copies with different keepers."""
        for one, two, why in self._candidates():
            keepers = claims.get(one, one), claims.get(two, two)
            apart = keepers[0] != keepers[1] and (one in claims or two in claims)
            if apart and self._pairs.classify(one, two, why).kind is Kind.COPY:
                yield one, two

    def _standing(self, place: int) -> object:
        """What is equal for pictures that only their bytes put in an order."""
        return rank(self._facts[place])[:-2]

    def _shas(self, places: Iterable[int]) -> list[str]:
        return [self._facts[place].sha256 for place in places]

    def _copies(self, one: int, two: int) -> bool:
        return self._pairs.classify(one, two, self._neighbours[one][two]).kind is Kind.COPY

    def _plain_copies(self, one: int, two: int) -> bool:
        """Whether the pixels alone say so, with no constraint on either."""
        one, two = sorted((one, two))
        free = not any(self._constraints.constrains(sha) for sha in self._shas((one, two)))
        return free and two in self._neighbours.get(one, ()) and self._copies(one, two)

    def doubts(self, claims: Mapping[int, int]) -> tuple[tuple[Doubt, ...], dict[int, list[int]]]:
        """The review queue, and for each keeper the kept pictures that are its "maybe"."""
        pairs: dict[tuple[int, int], PairResult] = {}
        for one, two, why in self._candidates():
            keeper, other = sorted((claims.get(one, one), claims.get(two, two)))
            if keeper == other:
                continue  # nobody needs to know how alike two copies of one keeper are
            result = self._pairs.classify(one, two, why)
            if result.kind not in (Kind.COPY, Kind.MAYBE):
                continue
            shas = self._shas((keeper, other))
            if self._constraints.between(*shas) is None:
                known = pairs.get((keeper, other))
                if known is None or known.likeness < result.likeness:
                    pairs[keeper, other] = result
        ordered = sorted(pairs, key=lambda pair: (-pairs[pair].likeness, *self._shas(pair)))
        maybes: dict[int, list[int]] = defaultdict(list)
        seen = set()
        for keeper, other in ordered:
            if other not in seen:
                seen.add(other)
                maybes[keeper].append(other)
        return tuple(self._doubt(pair, pairs[pair]) for pair in ordered), maybes

    def _candidates(self) -> Iterator[tuple[int, int, int]]:
        for one, others in self._neighbours.items():
            for two, why in others.items():
                yield one, two, why

    def _doubt(self, pair: tuple[int, int], result: PairResult) -> Doubt:
        one, two = (self._facts[place] for place in pair)
        return Doubt(
            keeper=one.sha256,
            other=two.sha256,
            phash=apart(one, two, "phash"),
            dhash=apart(one, two, "dhash"),
            difference=round(self._pairs.classify(*pair).difference, 2),
            likeness=round(result.likeness, 4),
            why=result.why,
        )

    def families(
        self, claims: Mapping[int, int], maybes: Mapping[int, list[int]]
    ) -> tuple[Family, ...]:
        """Every keeper that has a member, by digest."""
        members: dict[int, list[Member]] = defaultdict(list)
        for other, keeper in claims.items():
            members[keeper].append(self._member(keeper, other, self._relation(keeper, other)))
        for keeper, others in maybes.items():
            members[keeper] += [self._member(keeper, other, "maybe") for other in others]
        return tuple(
            Family(self._facts[keeper].sha256, tuple(sorted(found, key=_member_order)))
            for keeper, found in sorted(
                members.items(), key=lambda item: self._facts[item[0]].sha256
            )
        )

    def _relation(self, keeper: int, other: int) -> Relation:
        return "exact" if self._source.same_pixels(keeper, other) else "copy"

    def _member(self, keeper: int, other: int, relation: Relation) -> Member:
        one, two = self._facts[keeper], self._facts[other]
        result = self._pairs.classify(keeper, other)
        unseen = relation == "copy" and result.kind is not Kind.COPY  # came with its unit
        return Member(
            sha256=two.sha256,
            relation=relation,
            phash=apart(one, two, "phash"),
            dhash=apart(one, two, "dhash"),
            difference=round(result.difference, 2),
            by_person=unseen or self._constraints.between(one.sha256, two.sha256) is True,
        )

    def split_groups(self, claims: Mapping[int, int]) -> dict[str, str]:
        """Digest → smallest digest in its split group; lone low-information ones left out."""
        edges = [*claims.items(), *self._constraints.linked]
        edges += [
            (one, two)
            for one, two, why in self._candidates()
            if claims.get(one, one) == claims.get(two, two)
            or self._pairs.classify(one, two, why).kind is not Kind.OTHER
        ]
        groups = connected(len(self._facts), edges)
        together: dict[int, list[str]] = defaultdict(list)
        for group, fact in zip(groups, self._facts, strict=True):
            together[group].append(fact.sha256)
        names = {group: min(shas) for group, shas in together.items()}
        return {
            fact.sha256: names[group]
            for place, (group, fact) in enumerate(zip(groups, self._facts, strict=True))
            if place not in self.low or len(together[group]) > 1
        }


def apart(one: Facts, two: Facts, kind: str) -> int:
    """Bits between two fingerprints of one kind."""
    return (one.fingerprints[kind] ^ two.fingerprints[kind]).bit_count()


def _member_order(member: Member) -> tuple[int, str]:
    return ("exact", "copy", "maybe").index(member.relation), member.sha256


__all__ = ["Doubt", "Families", "Family", "Member", "PlaceholderGroup", "find_families", "returned"]
