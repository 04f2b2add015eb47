"""A review in progress: the pictures in their queues, and the decisions that a person makes.

Every decision is in the catalogue before the page gets its answer. Between two decisions the
session holds no lock, so that another command can run beside an open page.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..catalogue import decisions, families, images, measurements
from ..catalogue import placements as placing
from ..catalogue.decisions import Standing, Verdict
from ..curate import recipe_of
from ..curate.conflicts import best_label
from ..curate.rules import findings_of, limits_of
from ..errors import UsageError
from ..names import fault
from .queues import QUEUES, ReviewData

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ...curation.images.quality import Finding
    from ..catalogue.families import MemberRow
    from ..catalogue.images import ImageRecord
    from ..catalogue.placements import Placement
    from ..project import Project

_NOTHING = Standing()


@dataclass(frozen=True, slots=True)
class ReviewTally:
    """How far the review of one label on one side is: pictures there, seen by a person, wrong."""

    pictures: int = 0
    seen: int = 0
    wrong: int = 0


class ReviewSession:
    """One dataset under review. Not for several threads at once: the server gives it one."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.reload()

    def refresh(self) -> None:
        """Read the dataset again if anything was written since it was read."""
        if self._stamp != self._written():
            self.reload()

    def reload(self) -> None:
        """Read the dataset as it is now."""
        self._stamp = self._written()
        recipe = recipe_of(self.project)
        with self.project.open_catalogue(write=False) as cat:
            self._sizes = measurements.sizes(cat)
            flagged = measurements.scored_beyond(cat, limits_of(recipe))
            facts = measurements.each_facts(cat, thumbs=False, only=flagged)
            findings = findings_of({one.sha256: one for one in facts}, recipe) if flagged else {}
            pictures = images.images(cat)
            self._stands = decisions.standings(cat)
            self._members: Mapping[str, MemberRow] = families.members(cat, related=True)
            self._placed: Mapping[str, Placement] = placing.placements(cat)
            same, different = decisions.links(cat)
        self._paired = {**dict.fromkeys(same, True), **dict.fromkeys(different, False)}
        self._pictures: dict[str, ImageRecord] = {
            p.sha256: p for p in pictures if p.sha256 in self._sizes
        }
        self._findings: Mapping[str, Sequence[Finding]] = findings
        named = {label.slug for label in recipe.labels}
        self.labels = tuple(sorted(named | {self._label(sha) for sha in self._pictures} - {""}))
        data = ReviewData(
            self._pictures, self._placed, self._stands, self._members, self._paired, self._findings
        )
        # An order does not change while the page is open.
        self._orders = {name: queue.order(data) for name, queue in QUEUES.items()}
        self._count()

    def _count(self) -> None:
        """Count what is open in each queue, and how far the review of each label is."""
        self._waiting: dict[str, set[str]] = {
            name: {sha for sha in order if QUEUES[name].keeps_reviewed or self._open(name, sha)}
            for name, order in self._orders.items()
        }
        self._tallies: dict[str, dict[str, ReviewTally]] = {}
        for sha in self._placed:
            self._tally(sha, 1)

    def _tally(self, sha: str, sign: int) -> None:
        """Add a placed picture to its label's tally, or take it off."""
        placed, stand = self._placed[sha], self._stands.get(sha, _NOTHING)
        seen = stand.person is not None
        right = stand.reviewed and (stand.person is None or stand.label in (None, placed.label))
        table = self._tallies.setdefault(placed.split, {})
        before = table.get(placed.label, ReviewTally())
        table[placed.label] = ReviewTally(
            before.pictures + sign,
            before.seen + sign * seen,
            before.wrong + sign * (seen and not right),
        )

    def _written(self) -> list[tuple[int, int]]:
        """What changes whenever the catalogue does: its files' times and sizes."""
        catalogue = self.project.catalogue
        files = (catalogue, catalogue.with_name(f"{catalogue.name}-wal"))
        found = [file.stat() for file in files if file.is_file()]
        return [(status.st_mtime_ns, status.st_size) for status in found]

    def counts(self) -> dict[str, int]:
        """Queue → what is still open there (where it keeps what is reviewed: how many it lists)."""
        return {name: len(waiting) for name, waiting in self._waiting.items()}

    def tallies(self) -> dict[str, dict[str, ReviewTally]]:
        """Side → label → how far the review is, by the label that a picture was placed under."""
        return self._tallies

    def page(
        self, view: str, *, label: str | None, open_only: bool, after: int, count: int
    ) -> tuple[list[dict[str, object]], int | None, int]:
        """Up to `count` entries of a view past position `after` (-1: from the start).

        Returns the entries, each with its `at`; the position to go on from, None at the end;
        and how many the view lists in all. Raises UsageError for an unknown view.
        """
        if view not in self._orders:
            raise UsageError(f"view {view!r}: expected one of {', '.join(QUEUES)}")
        listed = self._listed(view, label, open_only=open_only)
        past = [at for at in listed if at > after]
        entries = [self._entry(view, at) for at in past[:count]]
        return entries, past[count - 1] if len(past) > count else None, len(listed)

    def path(self, sha: str) -> str | None:
        """A picture's path relative to the dataset, None for one that is not here."""
        picture = self._pictures.get(sha)
        return picture.path if picture else None

    def keep(self, shas: Sequence[str]) -> None:
        """A person looked at these pictures and keeps them under their labels."""
        self._judge(
            [Verdict(sha, "keep", "person", "reviewed", {}, self._given(sha)) for sha in shas]
        )

    def drop(self, shas: Sequence[str]) -> None:
        """A person takes these pictures out."""
        self._judge([Verdict(sha, "drop", "person", "reviewed") for sha in shas])

    def relabel(self, shas: Sequence[str], label: str) -> None:
        """A person keeps these pictures under another label."""
        wrong = fault(label)
        if wrong:
            raise UsageError(f"label {label!r}: {wrong}")
        self._judge([Verdict(sha, "keep", "person", "relabelled", {}, label) for sha in shas])
        self.labels = tuple(sorted({*self.labels, label}))

    def pair(self, one: str, other: str, *, same: bool) -> None:
        """A person says whether two pictures are duplicates; the next dedupe acts on it."""
        if one == other or not {one, other} <= self._pictures.keys():
            raise UsageError("a pair is two different pictures of this dataset")
        with self.project.open_catalogue() as cat, cat.transaction():
            decisions.state_pair(cat, one, other, same=same)
        self._paired[frozenset((one, other))] = same
        for name in (name for name, queue in QUEUES.items() if queue.pairs):
            waiting = self._waiting[name]
            waiting -= {sha for sha in waiting & {one, other} if not self._open(name, sha)}

    def pair_state(self, shas: Sequence[str]) -> bool | None:
        """What stands for two pictures as a pair: True, False, or None where it is undecided."""
        return self._paired.get(frozenset(shas))

    def undo(self) -> list[str]:
        """Take back a person's last step; the pictures it was about. Older sessions' steps too."""
        with self.project.open_catalogue() as cat, cat.transaction():
            shas = decisions.undo(cat, stated=True)
            self._stands = decisions.standings(cat)
            same, different = decisions.links(cat)
        self._paired = {**dict.fromkeys(same, True), **dict.fromkeys(different, False)}
        self._count()
        return shas

    def _judge(self, verdicts: list[Verdict]) -> None:
        unknown = [v.sha256 for v in verdicts if v.sha256 not in self._pictures]
        if unknown or not verdicts:
            raise UsageError(
                f"no picture {unknown[0][:16]!r} here" if unknown else "no picture named"
            )
        with self.project.open_catalogue() as cat, cat.transaction():
            decisions.record_verdicts(cat, verdicts, what="review")
        for verdict in verdicts:
            sha = verdict.sha256
            if sha in self._placed:
                self._tally(sha, -1)
            self._stands[sha] = Standing(self._stands.get(sha, _NOTHING).rule, verdict)
            if sha in self._placed:
                self._tally(sha, 1)
            for name, queue in QUEUES.items():
                if not queue.keeps_reviewed and not queue.pairs:
                    self._waiting[name].discard(sha)

    def _given(self, sha: str) -> str | None:
        """The label that a plain keep must go on giving: a person's own, or the conflict's side."""
        stand = self._stands.get(sha, _NOTHING)
        if stand.label:
            return stand.label
        labels = self._pictures[sha].labels if sha in self._pictures else {}
        return best_label(labels) if len(labels) > 1 else None

    def _label(self, sha: str) -> str:
        given = self._stands.get(sha, _NOTHING).label
        return given or best_label(self._pictures[sha].labels) or ""

    def _listed(self, view: str, label: str | None, *, open_only: bool) -> list[int]:
        return [
            at
            for at, sha in enumerate(self._orders[view])
            if (label is None or self._label(sha) == label)
            and (not open_only or QUEUES[view].keeps_reviewed or self._open(view, sha))
        ]

    def _open(self, view: str, sha: str) -> bool:
        if QUEUES[view].pairs:
            return frozenset((sha, self._members[sha].keeper or "")) not in self._paired
        return self._stands.get(sha, _NOTHING).person is None

    def _entry(self, view: str, at: int) -> dict[str, object]:
        sha = self._orders[view][at]
        entry = {"at": at, **self.describe(sha)}
        if QUEUES[view].pairs:
            row = self._members[sha]
            other = row.keeper or ""
            entry["other"] = self.describe(other)
            entry["distance"] = {"phash": row.phash, "dhash": row.dhash, "pixels": row.difference}
            entry["same"] = self._paired.get(frozenset((sha, other)))
        return entry

    def describe(self, sha: str) -> dict[str, object]:
        """A picture as the page shows it."""
        stand = self._stands.get(sha, _NOTHING)
        verdict = stand.verdict
        placed = self._placed.get(sha)
        width, height = self._sizes[sha]
        return {
            "sha": sha,
            "label": self._label(sha),
            "labels": dict(self._pictures[sha].labels),
            "side": placed.split if placed else None,
            "width": width,
            "height": height,
            "state": ("dropped" if stand.dropped else "kept" if stand.reviewed else "open"),
            "by": verdict.by if verdict else None,
            "reason": verdict.reason if verdict else None,
            "findings": [
                {"check": f.check, "score": f.score, "threshold": f.threshold}
                for f in self._findings.get(sha, ())
            ],
        }
