"""What was measured in each picture, and what was decided about it.

Measurements are written once and never changed; verdicts are appended and never changed
either. What stands for a picture is read from its verdicts: the newest of a person, else the
newest rule's. An undo is one more verdict that names the ones it takes back.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Literal

from .store import Catalogue, Row, now

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ...curation.errors import Unreadable
    from ...curation.images.facts import Facts

Decision = Literal["keep", "drop"]
By = Literal["rule", "person"]
UNDO = "undo"  # the reason of a verdict that takes others back


@dataclass(frozen=True, slots=True)
class Verdict:
    """One decision about one picture.

    `reason` is a short stable word (a check's name, `duplicate`, `label-conflict`, or what a
    person said); `detail` what it rests on; `label` the label given with it, where there is one.
    `made_at` (UTC ISO-8601) is set by the catalogue.
    """

    sha256: str
    decision: Decision
    by: By
    reason: str
    detail: Mapping[str, object] = field(default_factory=dict)
    label: str | None = None
    made_at: str | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """What holds for one picture now: `rule` and `person` are their newest verdicts, if any."""

    rule: Verdict | None = None
    person: Verdict | None = None

    @property
    def verdict(self) -> Verdict | None:
        """The one that counts: a person's beats a rule's."""
        return self.person or self.rule

    @property
    def dropped(self) -> bool:
        """Whether the picture is out."""
        return self.verdict is not None and self.verdict.decision == "drop"

    @property
    def verified(self) -> bool:
        """Whether a person looked at it and kept it (taking back a rule's drop is no look)."""
        said = self.person
        return said is not None and said.decision == "keep" and said.reason != UNDO

    @property
    def label(self) -> str | None:
        """The label given by the person, else by the rule."""
        given = (said.label for said in (self.person, self.rule) if said is not None)
        return next((label for label in given if label), None)


@dataclass(frozen=True, slots=True)
class MemberRow:
    """A picture's place in the last dedupe.

    `component` is the loose family it must share a side with (the smallest SHA-256 in it), None
    where the picture holds too little to be compared; `keeper` the picture it is a copy of, with
    the relation `exact`, `copy` or `maybe` and the distances to that keeper.
    """

    sha256: str
    component: str | None
    keeper: str | None = None
    relation: str | None = None
    phash: int | None = None
    dhash: int | None = None
    difference: float | None = None


def unmeasured(cat: Catalogue) -> list[tuple[str, str]]:
    """Pictures nobody looked at yet: (sha256, path relative to the dataset)."""
    rows = cat.rows(
        "SELECT sha256, path FROM image WHERE sha256 NOT IN (SELECT sha256 FROM facts) "
        "AND sha256 NOT IN (SELECT sha256 FROM unreadable) ORDER BY sha256"
    )
    return [(row[0], row[1]) for row in rows]


def put_facts(cat: Catalogue, facts: Facts) -> None:
    """Record what was measured in one picture."""
    f = facts
    cat.execute(
        "INSERT OR REPLACE INTO facts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            f.sha256, f.format, f.width, f.height, f.mode, f.orientation, f.frames,
            int(f.has_alpha), int(f.gray), f.jpeg_quality, *f.trimmed, f.thumb,
        ),
    )  # fmt: skip
    cat.execute_many(
        "INSERT OR REPLACE INTO fingerprint VALUES (?, ?, ?)",
        [(f.sha256, kind, f"{bits:016x}") for kind, bits in f.fingerprints.items()],
    )
    cat.execute_many(
        "INSERT OR REPLACE INTO score VALUES (?, ?, ?)",
        [(f.sha256, check, float(value)) for check, value in f.scores.items()],
    )


def put_unreadable(cat: Catalogue, sha256: str, fault: Unreadable) -> None:
    """Record that a picture cannot be decoded: it has no facts and is nobody's duplicate."""
    cat.execute(
        "INSERT OR REPLACE INTO unreadable VALUES (?, ?, ?)", (sha256, fault.why, fault.detail)
    )


def unreadable(cat: Catalogue) -> dict[str, str]:
    """What cannot be decoded: sha256 → why."""
    return {row[0]: row[1] for row in cat.rows("SELECT sha256, why FROM unreadable")}


def measured(cat: Catalogue) -> set[str]:
    """The pictures that could be decoded and measured, by sha256."""
    return {row[0] for row in cat.rows("SELECT sha256 FROM facts")}


def all_facts(cat: Catalogue) -> dict[str, Facts]:
    """Everything measured, by sha256, in its order."""
    from ...curation.images.facts import Facts

    bits: dict[str, dict[str, int]] = {}
    for row in cat.rows("SELECT sha256, kind, bits FROM fingerprint ORDER BY sha256, kind"):
        bits.setdefault(row[0], {})[row[1]] = int(row[2], 16)
    scores: dict[str, dict[str, float]] = {}
    for row in cat.rows("SELECT sha256, check_name, value FROM score ORDER BY sha256, check_name"):
        scores.setdefault(row[0], {})[row[1]] = row[2]
    rows = cat.rows("SELECT f.*, i.bytes FROM facts f JOIN image i USING (sha256) ORDER BY sha256")
    return {
        row["sha256"]: Facts(
            sha256=row["sha256"],
            bytes=row["bytes"],
            format=row["format"],
            width=row["width"],
            height=row["height"],
            mode=row["mode"],
            orientation=row["orientation"],
            frames=row["frames"],
            has_alpha=bool(row["has_alpha"]),
            gray=bool(row["gray"]),
            jpeg_quality=row["jpeg_quality"],
            trimmed=(row["trimmed_width"], row["trimmed_height"]),
            fingerprints=bits.get(row["sha256"], {}),
            scores=scores.get(row["sha256"], {}),
            thumb=row["thumb"],
        )
        for row in rows
    }


def judge(cat: Catalogue, verdicts: Iterable[Verdict]) -> int:
    """Append verdicts as one batch, which `undo` takes back as one; returns how many."""
    made_at = _moment(cat)
    rows = [
        (v.sha256, v.decision, v.by, v.reason, _json(v.detail), v.label, made_at) for v in verdicts
    ]
    cat.execute_many(
        "INSERT INTO verdict (sha256, decision, by, reason, detail, label, made_at) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        rows,
    )
    return len(rows)


def standing(cat: Catalogue) -> dict[str, Standing]:
    """What holds for every picture that was ever judged."""
    return _standing(cat.rows("SELECT * FROM verdict ORDER BY id DESC"))


def _standing(newest_first: Iterable[Row]) -> dict[str, Standing]:
    taken_back: set[int] = set()
    newest: dict[str, dict[str, Verdict]] = {}
    for row in newest_first:
        verdict = _verdict(row)
        if row["id"] in taken_back:
            continue
        # Taking back what a person said leaves what was before; a rule goes on saying what it
        # says, and the undo overrules it.
        if verdict.reason == UNDO and verdict.detail["was"] == "person":
            taken_back.add(int(str(verdict.detail["undoes"])))
            continue
        newest.setdefault(verdict.sha256, {}).setdefault(verdict.by, verdict)
    return {sha: Standing(said.get("rule"), said.get("person")) for sha, said in newest.items()}


def undo(cat: Catalogue) -> list[Verdict]:
    """Take back the newest batch of verdicts that is not taken back yet; returns what it was.

    What a person said is forgotten. What a rule decided is overruled for good: the picture is
    in or out as it was before. An empty list means that there is nothing to take back.
    """
    rows = cat.rows("SELECT * FROM verdict ORDER BY id DESC")
    done = {json.loads(row["detail"])["undoes"] for row in rows if row["reason"] == UNDO}
    standing_rows = [row for row in rows if row["reason"] != UNDO and row["id"] not in done]
    batch = [row for row in standing_rows if row["made_at"] == standing_rows[0]["made_at"]]
    ids = {row["id"] for row in batch}
    before = _standing(row for row in rows if row["id"] not in ids)
    judge(
        cat,
        [
            Verdict(
                row["sha256"],
                "drop" if before.get(row["sha256"], Standing()).dropped else "keep",
                "person",
                UNDO,
                {"undoes": row["id"], "was": row["by"]},
            )
            for row in batch
        ],
    )
    return [_verdict(row) for row in batch]


def say(cat: Catalogue, one: str, other: str, *, same: bool) -> None:
    """Remember for ever that a person called two pictures duplicates, or not duplicates."""
    a, b = sorted((one, other))
    cat.execute("INSERT OR REPLACE INTO opinion VALUES (?, ?, ?, ?)", (a, b, int(same), now()))


def opinions(cat: Catalogue) -> tuple[set[frozenset[str]], set[frozenset[str]]]:
    """Pairs of sha256 that a person called the same, and pairs called different."""
    said: tuple[set[frozenset[str]], set[frozenset[str]]] = (set(), set())
    for row in cat.rows("SELECT a, b, same FROM opinion"):
        said[0 if row["same"] else 1].add(frozenset((row["a"], row["b"])))
    return said


def put_members(cat: Catalogue, members: Sequence[MemberRow]) -> None:
    """Record the last dedupe's families, in place of the one before."""
    cat.execute("DELETE FROM member")
    cat.execute_many(
        "INSERT INTO member VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            (m.sha256, m.component, m.keeper, m.relation, m.phash, m.dhash, m.difference)
            for m in members
        ],
    )


def members(cat: Catalogue) -> dict[str, MemberRow]:
    """The last dedupe's families, by sha256."""
    return {row["sha256"]: MemberRow(**dict(row)) for row in cat.rows("SELECT * FROM member")}


def _moment(cat: Catalogue) -> str:
    """Now in microseconds, later than every verdict on record: one batch, one moment."""
    moment = datetime.now(UTC).isoformat(timespec="microseconds")
    last = cat.rows("SELECT max(made_at) FROM verdict")[0][0] or ""
    if moment > last:
        return moment
    later = datetime.fromisoformat(last) + timedelta(microseconds=1)
    return later.isoformat(timespec="microseconds")


def _json(detail: Mapping[str, object]) -> str | None:
    return json.dumps(detail, sort_keys=True, ensure_ascii=False) if detail else None


def _verdict(row: Row) -> Verdict:
    raw = row["detail"]
    return Verdict(
        sha256=str(row["sha256"]),
        decision="keep" if row["decision"] == "keep" else "drop",
        by="rule" if row["by"] == "rule" else "person",
        reason=str(row["reason"]),
        detail=json.loads(str(raw)) if raw else {},
        label=None if row["label"] is None else str(row["label"]),
        made_at=str(row["made_at"]),
    )
