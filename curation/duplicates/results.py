"""What find_families returns: families, their members, doubts, split groups."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .placeholders import PlaceholderGroup

Relation = Literal["exact", "copy", "moment", "maybe"]
RELATIONS: tuple[Relation, ...] = ("exact", "copy", "moment", "maybe")
CONFIRMED = RELATIONS[:2]  # the pixels, or a person, say that it is the keeper's copy


@dataclass(frozen=True, slots=True)
class Member:
    """A picture beside its own keeper.

    relation: "exact" (every decoded pixel equal), "copy" (confirmed by the pixels or by a person),
    "moment" (a frame of one scene and time; kept unless asked otherwise) or "maybe" (for review;
    it is kept). phash and dhash are bits apart; difference is the worst block's mean colour
    difference on the aligned thumbs, 0-255. by_person: a person alone confirmed it.
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

    likeness goes from 0 (surely other pictures) to 1 (all but a copy). It, difference and why are
    those of the likeliest pair among the two and their copies.
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
    smallest digest in it. review holds pairs most likely copies first, and only as many as join
    what is in doubt: no pair that likelier ones join already.
    """

    families: tuple[Family, ...]
    split_group: Mapping[str, str]
    low_information: tuple[str, ...]
    review: tuple[Doubt, ...]
    placeholders: tuple[PlaceholderGroup, ...] = ()
    drop_moments: bool = False

    @property
    def component(self) -> Mapping[str, str]:
        """split_group by its name in 0.1."""
        return self.split_group

    @property
    def floods(self) -> tuple[PlaceholderGroup, ...]:
        """Placeholders by their name in 0.1."""
        return self.placeholders

    def dropping(self) -> tuple[Relation, ...]:
        """The relations whose members are dropped."""
        return (*CONFIRMED, "moment") if self.drop_moments else CONFIRMED

    def dropped(self) -> dict[str, str]:
        """Digest of every picture that would be dropped → digest of its keeper."""
        dropping = self.dropping()
        return {
            member.sha256: family.keeper
            for family in self.families
            for member in family.members
            if member.relation in dropping
        }


def returned(before: Families, after: Families) -> tuple[str, ...]:
    """Pictures that `before` dropped and `after` keeps, though they are still there.

    A new picture can be a better keeper than the old one and yet no copy of all that the old one
    had claimed; those come back. Callers that show a new result say so instead of nothing.
    """
    now = after.dropped()
    there = set(after.split_group) | set(after.low_information)
    return tuple(sorted(sha for sha in before.dropped() if sha in there and sha not in now))
