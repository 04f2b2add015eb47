"""The review page's queues: which pictures a person should look at, most doubtful first. Pure.

A queue is one function and one word in `QUEUES`; the page lists what stands there, in that order.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ..catalogue import families
from ..catalogue import shown as order_of
from ..curate.rules import CONFIRMED, CONFLICT

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping
    from typing import Literal

    from ..catalogue import Catalogue
    from ..catalogue.shown import Shown

UNSURE = ("moment", "maybe")  # relations to a keeper that a person is asked about


@dataclass(frozen=True, slots=True)
class ReviewData:
    """What an order is made from: the catalogue, open for reading, and the pictures to show.

    `limits` are the checks' borders by the recipe; `stated` are pairs, by number, that a person
    has decided to be duplicates or not.
    """

    cat: Catalogue
    shown: Shown
    limits: Mapping[str, tuple[Literal["below", "above"], float]]
    stated: Collection[frozenset[int]]


@dataclass(frozen=True, slots=True)
class Queue:
    """`title` and `done` (shown when it is empty) are for the page; `order` lists its pictures.

    `order` gives pictures by their numbers; those that cannot be shown are left out for it.
    `keeps_reviewed`: pictures stay listed once a person has decided. `pairs`: each picture is
    shown beside its keeper, and the question is whether they are duplicates. `families`: the
    pictures listed are keepers, each is shown with its copies, and the question is which one stays.
    """

    title: str
    done: str
    order: Callable[[ReviewData], Iterable[int]]
    keeps_reviewed: bool = False
    pairs: bool = False
    families: bool = False


def families_of_copies(data: ReviewData) -> list[int]:
    """The keepers of copies, the largest families first."""
    found = families.copies(data.cat, CONFIRMED)
    return sorted(found, key=lambda keeper: -len(found[keeper]))


def doubtful_pairs(data: ReviewData) -> list[int]:
    """Pictures that may be copies of their keeper and whose pair has no statement.

    The likeliest copies come first: those that would cost most if they stayed; by the difference
    of their pixels, then of their hashes.
    """
    return [
        number
        for number, keeper in order_of.possible_copies(data.cat, UNSURE)
        if data.shown.can_be[keeper] and frozenset((number, keeper)) not in data.stated
    ]


def conflicts(data: ReviewData) -> list[int]:
    """Unreviewed pictures seen under several labels; those that were held back come first."""
    return order_of.ruled(data.cat, CONFLICT)


def questionable(data: ReviewData) -> list[int]:
    """Unreviewed pictures with a finding, nearest to a threshold first."""
    return [
        number
        for number in order_of.beyond(data.cat, data.limits)
        if not data.shown.decided[number]
    ]


def dropped(data: ReviewData) -> list[int]:
    """What is left out, by label."""
    return [number for number in data.shown.by_label if data.shown.dropped[number]]


def everything(data: ReviewData) -> Iterable[int]:
    """Every picture, by label."""
    return data.shown.by_label


def _split(name: str) -> Callable[[ReviewData], list[int]]:
    def placed(data: ReviewData) -> list[int]:
        return [number for number in data.shown.by_label if data.shown.split[number] == name]

    return placed


QUEUES: Final[dict[str, Queue]] = {
    "pairs": Queue("Maybe duplicates", "Every pair has been judged.", doubtful_pairs, pairs=True),
    "families": Queue("Families", "No copy was left out.", families_of_copies, families=True),
    "conflicts": Queue("Two labels", "No picture stands under two labels unsettled.", conflicts),
    "findings": Queue("Findings", "Nothing that a check found is waiting.", questionable),
    "val": Queue("Val", "All of val has been looked at.", _split("val")),
    "test": Queue("Test", "All of test has been looked at.", _split("test")),
    "train": Queue("Train", "All of train has been looked at.", _split("train")),
    "dropped": Queue("Dropped", "Nothing is dropped.", dropped, keeps_reviewed=True),
    "all": Queue("All pictures", "No pictures yet.", everything, keeps_reviewed=True),
}
