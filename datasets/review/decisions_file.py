"""decisions.csv: what people decided, out for scripts and colleagues, and in again.

A row a picture, val first, and a row for each pair that was stated. A picture is named by its
`id` (as in the tree's file names) or its `sha256`; where nobody decided, `decision` is empty.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ...curation.printable import counted
from ..catalogue import decisions, images, measurements, placements
from ..catalogue.decisions import Standing, Verdict
from ..curate.conflicts import best_label
from ..errors import UsageError
from ..files import whole_file
from ..names import fault
from ..tree.tables import read_csv, write_csv
from .precision import ORDER

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from ..catalogue import Catalogue
    from ..catalogue.images import ImageRecord
    from ..project import Project

COLUMNS: Final = ("id", "sha256", "split", "label", "decision", "other", "reason", "at", "file")
SAME, DIFFERENT = "duplicate", "not duplicate"
_WORDS = f"keep, drop, {SAME} or {DIFFERENT}"
_ID = 16  # hex digits
_NOTHING = Standing()


@dataclass(frozen=True, slots=True)
class DecisionsImport:
    """What was read: rows newly `recorded`, those that stood already, those without a decision.

    `wrong` has a line for each row that was left out, and why.
    """

    recorded: int
    unchanged: int
    undecided: int
    wrong: tuple[str, ...] = ()

    def to_json(self) -> dict[str, object]:
        """The result as one JSON object."""
        return {
            "recorded": self.recorded,
            "unchanged": self.unchanged,
            "undecided": self.undecided,
            "wrong": list(self.wrong),
        }

    def to_text(self) -> str:
        """One line for a terminal; the wrong rows are shown by whoever prints it."""
        line = (
            f"{counted(self.recorded, 'decision')} recorded, {self.unchanged} stood already, "
            f"{counted(self.undecided, 'row')} without a decision"
        )
        return f"{line}, {counted(len(self.wrong), 'row')} left out" if self.wrong else line


def export_decisions(project: Project, path: Path) -> int:
    """Write every picture that can be reviewed and every stated pair; returns the decisions."""
    with project.open_catalogue(write=False) as cat:
        rows = [*_picture_rows(cat), *_pair_rows(cat)]
    with whole_file(path) as beside:
        write_csv(beside, COLUMNS, ([row[name] for name in COLUMNS] for row in rows))
    return sum(bool(row["decision"]) for row in rows)


def _picture_rows(cat: Catalogue) -> list[dict[str, str]]:
    stands, placed = decisions.standings(cat), placements.placements(cat)
    measured = measurements.measured(cat)
    rows = []
    for one in images.images(cat):
        if one.sha256 not in measured:
            continue
        stand, place = stands.get(one.sha256, _NOTHING), placed.get(one.sha256)
        person = stand.person if stand.looked_at else None
        rows.append(
            {
                "id": one.sha256[:_ID],
                "sha256": one.sha256,
                "split": place.split if place else "",
                "label": _label(one, stand),
                "decision": person.decision if person else "",
                "other": "",
                "reason": person.reason if person else "",
                "at": (person.made_at or "") if person else "",
                "file": one.path,
            }
        )
    return sorted(rows, key=lambda row: (ORDER.get(row["split"], 3), row["label"], row["id"]))


def _pair_rows(cat: Catalogue) -> Iterator[dict[str, str]]:
    for word, pairs in zip((SAME, DIFFERENT), decisions.links(cat), strict=True):
        for one, other in sorted(sorted(pair) for pair in pairs):
            plain = dict.fromkeys(COLUMNS, "")
            yield plain | {"id": one[:_ID], "sha256": one, "decision": word, "other": other}


def import_decisions(project: Project, path: Path) -> DecisionsImport:
    """Record what a decisions.csv says, as one step; the newest decision of a person counts.

    A row that cannot be taken is left out, with a line that says why; the others are recorded.
    Raises UsageError where the file is no such table.
    """
    rows = _rows(path)
    with project.open_catalogue() as cat:
        table = _Table(cat)
        for number, row in rows:
            table.read(number, row)
        if table.verdicts or table.pairs:
            with cat.transaction():
                step = decisions.begin_step(cat, "review")
                decisions.record_verdicts(cat, table.verdicts, step=step)
                for (one, other), same in table.pairs.items():
                    decisions.state_pair(cat, one, other, same=same, step=step)
    return table.result()


def _rows(path: Path) -> list[tuple[int, dict[str, str]]]:
    """The rows with their numbers as a spreadsheet counts them."""
    if not path.is_file():
        raise UsageError(f"{path}: no such file; `pixset review --export-decisions FILE` makes one")
    rows = list(enumerate(read_csv(path), start=2))
    names = rows[0][1].keys() if rows else _head(path)
    if "decision" not in names or not {"id", "sha256"} & set(names):
        raise UsageError(
            f"{path}: expected columns decision and id or sha256, with commas between them; "
            f"found {', '.join(names) or 'none'}"
        )
    return rows


def _head(path: Path) -> list[str]:
    """The names of the columns of a file without rows."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return next(csv.reader(file), [])


class _Table:
    """The rows of a file against the catalogue: what to record, and what is wrong."""

    def __init__(self, cat: Catalogue) -> None:
        self.verdicts: list[Verdict] = []
        self.pairs: dict[tuple[str, str], bool] = {}
        self._stands = decisions.standings(cat)
        measured = measurements.measured(cat)
        self._pictures = {one.sha256: one for one in images.images(cat) if one.sha256 in measured}
        self._by_id = {sha[:_ID]: sha for sha in self._pictures}
        same, different = decisions.links(cat)
        self._stated = {**dict.fromkeys(same, True), **dict.fromkeys(different, False)}
        self._unchanged = self._undecided = 0
        self._seen: dict[str, tuple[int, tuple[str, str]]] = {}
        self._wrong: list[str] = []

    def result(self) -> DecisionsImport:
        """What came of the rows read so far."""
        recorded = len(self.verdicts) + len(self.pairs)
        return DecisionsImport(recorded, self._unchanged, self._undecided, tuple(self._wrong))

    def read(self, number: int, row: Mapping[str, str]) -> None:
        """Take one row, or say what is wrong with it."""
        try:
            self._take(number, {name: text.strip() for name, text in row.items()})
        except UsageError as error:
            self._wrong.append(f"row {number}: {error}")

    def _take(self, number: int, row: Mapping[str, str]) -> None:
        sha = self._named(row.get("sha256") or row.get("id", ""), "id")
        word = " ".join(row["decision"].lower().replace("-", " ").split())
        if word in (SAME, DIFFERENT):
            self._take_pair(sha, self._named(row.get("other", ""), "other"), same=word == SAME)
        elif word in ("keep", "drop"):
            self._take_verdict(number, sha, word, row.get("label", ""))
        elif word:
            raise UsageError(f"decision {row['decision']!r}: expected {_WORDS}, or nothing")
        elif row.get("label") and row["label"] != self._label(sha):
            raise UsageError(
                f"label {row['label']!r} is another, but decision is empty: write keep"
            )
        else:
            self._undecided += 1

    def _named(self, key: str, column: str) -> str:
        found = key.lower()
        sha = found if found in self._pictures else self._by_id.get(found)
        if not key:
            raise UsageError(f"{column} is empty: expected a picture's id or sha256")
        if sha is None:
            raise UsageError(f"{column} {key[:80]!r}: no picture of this dataset")
        return sha

    def _label(self, sha: str) -> str:
        return _label(self._pictures[sha], self._stands.get(sha, _NOTHING))

    def _take_verdict(self, number: int, sha: str, word: str, label: str) -> None:
        wrong = fault(label) if label and word == "keep" else None
        if wrong:
            raise UsageError(f"label {label!r}: {wrong}")
        asked = word, label if word == "keep" else ""
        before, same = self._seen.setdefault(sha, (number, asked))
        if same != asked:
            raise UsageError(f"{sha[:_ID]} is decided otherwise in row {before}")
        if before != number:
            return
        stand = self._stands.get(sha, _NOTHING)
        moved = word == "keep" and label not in ("", self._label(sha))
        if stand.looked_at and stand.dropped == (word == "drop") and not moved:
            self._unchanged += 1
        elif word == "drop":
            self.verdicts.append(Verdict(sha, "drop", "person", "reviewed"))
        else:
            self.verdicts.append(kept_as(self._pictures[sha], stand, label if moved else None))

    def _take_pair(self, one: str, other: str, *, same: bool) -> None:
        if one == other:
            raise UsageError("id and other are the same picture")
        if self._stated.get(frozenset((one, other))) == same:
            self._unchanged += 1
        else:
            self._stated[frozenset((one, other))] = same
            self.pairs[min(one, other), max(one, other)] = same


def kept_as(one: ImageRecord, stand: Standing, label: str | None = None) -> Verdict:
    """A person's keep: under a new `label`, or going on with the one given or settled on."""
    if label is not None:
        return Verdict(one.sha256, "keep", "person", "relabelled", {}, label)
    label = stand.label or (best_label(one.labels) if len(one.labels) > 1 else None)
    return Verdict(one.sha256, "keep", "person", "reviewed", {}, label)


def _label(one: ImageRecord, stand: Standing) -> str:
    return stand.label or best_label(one.labels) or ""
