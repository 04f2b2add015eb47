"""The review page's queues: which pictures a person should look at, most doubtful first. Pure.

A queue is one function and one word in `QUEUES`; the page lists what stands there, in that order.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ..catalogue import label_findings
from ..catalogue import shown as order_of
from ..curate.rules import CONFLICT
from .doubts import Partner, likest_partners

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
    from typing import Literal

    from ..catalogue import Catalogue
    from ..catalogue.families import Beside
    from ..catalogue.label_findings import Kind
    from ..catalogue.shown import ShownImages

UNSURE = ("moment", "maybe")  # relations to a keeper that a person is asked about


@dataclass(frozen=True, slots=True)
class ReviewData:
    """What an order is made from: the catalogue, open for reading, and the pictures to show.

    `limits` are the checks' borders by the recipe; `stated` are pairs, by number, that a person
    has decided to be duplicates or not. `beside` are the pictures that were found beside a keeper,
    `copies` each keeper's confirmed ones in order of SHA-256.
    """

    cat: Catalogue
    shown: ShownImages
    limits: Mapping[str, tuple[Literal["below", "above"], float]]
    stated: Collection[frozenset[int]]
    beside: Sequence[Beside]
    copies: Mapping[int, Sequence[int]]


@dataclass(frozen=True, slots=True)
class Queue:
    """`title` and `done` (shown when it is empty) are for the page; `order` lists its pictures.

    `order` gives pictures by their numbers; those that cannot be shown are left out for it.
    `keeps_reviewed`: pictures stay listed once a person has decided. With `partners`, each picture
    is shown beside the one that they name, and the question is whether they are duplicates.
    `families`: the pictures listed are keepers, each is shown with its copies, and the question is
    which one stays. `optional`: the page leaves the queue out where nothing is listed.
    """

    title: str
    done: str
    order: Callable[[ReviewData], Iterable[int]]
    keeps_reviewed: bool = False
    partners: Callable[[ReviewData], Mapping[int, Partner]] | None = None
    families: bool = False
    optional: bool = False

    @property
    def pairs(self) -> bool:
        """Whether it lists pairs."""
        return self.partners is not None


def keepers(data: ReviewData) -> dict[int, Partner]:
    """The keeper of each member of a family."""
    return {one.image: Partner(one.keeper) for one in data.beside}


def likest(data: ReviewData) -> dict[int, Partner]:
    """The picture that a model takes for nearly the same as another."""
    return likest_partners(label_findings.proposed_pairs(data.cat))


def families_of_copies(data: ReviewData) -> list[int]:
    """The keepers of copies, the largest families first."""
    return sorted(data.copies, key=lambda keeper: -len(data.copies[keeper]))


def doubtful_pairs(data: ReviewData) -> list[int]:
    """Pictures that may be copies of their keeper and whose pair has no statement.

    The likeliest copies come first: those that would cost most if they stayed; by the difference
    of their pixels, then of their hashes.
    """
    found = [
        one
        for one in data.beside
        if one.relation in UNSURE
        and data.shown.can_be[one.keeper]
        and not (data.stated and frozenset((one.image, one.keeper)) in data.stated)
    ]
    place = data.shown.place
    found.sort(key=lambda one: (one.difference, one.hashes, place[one.image]))
    return [one.image for one in found]


def conflicts(data: ReviewData) -> list[int]:
    """Unreviewed pictures seen under several labels; those that were held back come first."""
    return order_of.ruled(data.cat, CONFLICT)


def questionable(data: ReviewData) -> list[int]:
    """Unreviewed pictures with a finding, nearest to a threshold first."""
    return [
        number
        for number in order_of.beyond(data.cat, data.limits, data.shown.place)
        if not data.shown.decided[number]
    ]


def mislabelled(data: ReviewData) -> list[int]:
    """Unreviewed pictures that look more like another label, the worst fit first."""
    return _doubted(data, "label")


def off_topic(data: ReviewData) -> list[int]:
    """Unreviewed pictures that look like no label, the farthest from all others first."""
    return _doubted(data, "off_topic")


def oddest(data: ReviewData) -> list[int]:
    """Every unreviewed picture that a model saw, the farthest from its label's others first."""
    return _doubted(data, "odd")[::-1]


def _doubted(data: ReviewData, kind: Kind) -> list[int]:
    """Pictures with a finding of a kind about the label that they still have, smallest first."""
    known = data.shown
    return [
        number
        for number, label in label_findings.doubted(data.cat, kind)
        if number in known
        and known.label[number] == label
        and not known.decided[number]
        and not known.dropped[number]
    ]


def look_alikes(data: ReviewData) -> list[int]:
    """Pictures that a model takes for nearly the same as another, the likest first."""
    return [
        number
        for number, other in likest(data).items()
        if other.number in data.shown and frozenset((number, other.number)) not in data.stated
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
    "pairs": Queue(
        "Maybe duplicates", "Every pair has been judged.", doubtful_pairs, partners=keepers
    ),
    "alike": Queue(
        "Alike to a model",
        "Every pair that a model proposed has been judged.",
        look_alikes,
        partners=likest,
        optional=True,
    ),
    "families": Queue("Families", "No copy was left out.", families_of_copies, families=True),
    "conflicts": Queue("Two labels", "No picture stands under two labels unsettled.", conflicts),
    "labels": Queue("Wrong labels", "No label is in doubt.", mislabelled, optional=True),
    "topics": Queue("Off topic", "Nothing looks off topic.", off_topic, optional=True),
    "odd": Queue("Oddest first", "Every picture has been looked at.", oddest, optional=True),
    "findings": Queue("Findings", "Nothing that a check found is waiting.", questionable),
    "val": Queue("Val", "All of val has been looked at.", _split("val")),
    "test": Queue("Test", "All of test has been looked at.", _split("test")),
    "train": Queue("Train", "All of train has been looked at.", _split("train")),
    "dropped": Queue("Dropped", "Nothing is dropped.", dropped, keeps_reviewed=True),
    "all": Queue("All pictures", "No pictures yet.", everything, keeps_reviewed=True),
}
