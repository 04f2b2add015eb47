"""The review page's queues: which pictures a person should look at, most doubtful first. Pure.

A queue is one function and one word in `QUEUES`; the page lists what stands there, in that order.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ..catalogue.decisions import Standing
from ..curate.conflicts import best_label
from ..curate.rules import CONFLICT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from ...curation.images.quality import Finding
    from ..catalogue.families import MemberRow
    from ..catalogue.images import ImageRecord
    from ..catalogue.placements import Placement

_NOTHING = Standing()


@dataclass(frozen=True, slots=True)
class ReviewData:
    """What the catalogue says of the pictures that can be shown, by SHA-256.

    `stated` are pairs that a person has decided to be duplicates or not.
    """

    pictures: Mapping[str, ImageRecord]
    placed: Mapping[str, Placement]
    standings: Mapping[str, Standing]
    members: Mapping[str, MemberRow]
    stated: Mapping[frozenset[str], bool]
    findings: Mapping[str, Sequence[Finding]]

    def label(self, sha: str) -> str:
        """The label that a picture has now, empty where it has none."""
        given = self.standings.get(sha, _NOTHING).label
        return given or best_label(self.pictures[sha].labels) or ""

    def reviewed(self, sha: str) -> bool:
        """Whether a person has decided about a picture."""
        return self.standings.get(sha, _NOTHING).person is not None


@dataclass(frozen=True, slots=True)
class Queue:
    """`title` and `done` (shown when it is empty) are for the page; `order` lists its pictures.

    `keeps_reviewed`: pictures stay listed once a person has decided. `pairs`: each picture is
    shown beside its keeper, and the question is whether they are duplicates.
    """

    title: str
    done: str
    order: Callable[[ReviewData], list[str]]
    keeps_reviewed: bool = False
    pairs: bool = False


def doubtful_pairs(data: ReviewData) -> list[str]:
    """Pictures that may be copies of their keeper and whose pair has no statement.

    The likeliest copies come first: those that would cost most if they stayed; by the difference
    of their pixels, then of their hashes.
    """
    rows = [
        row
        for row in data.members.values()
        if row.relation in ("moment", "maybe")
        and row.keeper in data.pictures
        and row.sha256 in data.pictures
        and frozenset((row.sha256, row.keeper)) not in data.stated
    ]

    def unlikeness(row: MemberRow) -> tuple[float, int, str]:
        return row.difference or 0.0, (row.phash or 0) + (row.dhash or 0), row.sha256

    return [row.sha256 for row in sorted(rows, key=unlikeness)]


def conflicts(data: ReviewData) -> list[str]:
    """Unreviewed pictures seen under several labels; those that were held back come first."""
    found = [
        (stand.rule.decision == "keep", sha)
        for sha, stand in data.standings.items()
        if stand.rule
        and stand.rule.reason == CONFLICT
        and stand.person is None
        and sha in data.pictures
    ]
    return [sha for _, sha in sorted(found)]


def questionable(data: ReviewData) -> list[str]:
    """Unreviewed pictures with a finding, nearest to a threshold first."""

    def nearness(sha: str) -> float:
        found = data.findings[sha]
        return min(abs(f.score - f.threshold) / (abs(f.threshold) or 1.0) for f in found)

    found = [sha for sha in data.findings if data.findings[sha] and not data.reviewed(sha)]
    return sorted(found, key=lambda sha: (nearness(sha), sha))


def dropped(data: ReviewData) -> list[str]:
    """What is left out, by label."""
    return _by_label(data, (s for s in data.pictures if data.standings.get(s, _NOTHING).dropped))


def everything(data: ReviewData) -> list[str]:
    """Every picture, by label."""
    return _by_label(data, data.pictures)


def _split(name: str) -> Callable[[ReviewData], list[str]]:
    def placed(data: ReviewData) -> list[str]:
        return _by_label(
            data, (s for s, p in data.placed.items() if p.split == name and s in data.pictures)
        )

    return placed


def _by_label(data: ReviewData, shas: Iterable[str]) -> list[str]:
    return sorted(shas, key=lambda sha: (data.label(sha), sha))


QUEUES: Final[dict[str, Queue]] = {
    "pairs": Queue("Maybe duplicates", "Every pair has been judged.", doubtful_pairs, pairs=True),
    "conflicts": Queue("Two labels", "No picture stands under two labels unsettled.", conflicts),
    "findings": Queue("Findings", "Nothing that a check found is waiting.", questionable),
    "val": Queue("Val", "All of val has been looked at.", _split("val")),
    "test": Queue("Test", "All of test has been looked at.", _split("test")),
    "train": Queue("Train", "All of train has been looked at.", _split("train")),
    "dropped": Queue("Dropped", "Nothing is dropped.", dropped, keeps_reviewed=True),
    "all": Queue("All pictures", "No pictures yet.", everything, keeps_reviewed=True),
}
