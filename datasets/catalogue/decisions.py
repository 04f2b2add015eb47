"""What was decided about pictures: verdicts and statements, each within a step.

Nothing is ever changed: an undo is one more step (undoing.py). What stands for a picture is read
from its verdicts: the newest of a person, else what an undo overruled, else the newest rule's.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

from .packing import blob
from .rows import IMAGE, SHA256, among, insert

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from .store import Catalogue

Decision = Literal["keep", "drop"]
By = Literal["rule", "person"]
UNDO = "undo"  # the reason of a verdict that overrules a rule, and what such a step is called
OTHER_KEPT = "another-kept"  # a person keeps another picture of the same family
NO_LOOK = frozenset({UNDO, OTHER_KEPT})  # a person's reasons that say nothing of the label


@dataclass(frozen=True, slots=True)
class Verdict:
    """One decision about one picture.

    `reason` is a short stable word (a check's name, `duplicate`, `label-conflict`, or a person's
    own); `detail` what it rests on; `label` the label given with it, where there is one.
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
    """What holds for one picture now: `rule` and `person` are their newest verdicts, if any.

    An undo's overruling is `person` only where nobody decided on the picture themselves.
    """

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
    def reviewed(self) -> bool:
        """Whether a person looked at it and kept it (taking back a rule's drop is no look)."""
        by = self.person
        return by is not None and by.decision == "keep" and by.reason != UNDO

    @property
    def looked_at(self) -> bool:
        """Whether a person decided whether the picture shows what its label says."""
        return self.person is not None and self.person.reason not in NO_LOOK

    def confirms(self, label: str) -> bool:
        """Whether a person who looked at it left it under `label`."""
        return self.reviewed and self.label in (None, label)

    @property
    def label(self) -> str | None:
        """The label given by the person, else by the rule."""
        given = (one.label for one in (self.person, self.rule) if one is not None)
        return next((label for label in given if label), None)


# Verdicts and statements of steps that were taken back as if they had never been made are void.
LIVE = "step NOT IN (SELECT undoes FROM step WHERE voids = 1)"
_VERDICT = insert(
    "verdict_row", ("step", "image", "decision", "by", "reason", "detail", "label"), image=IMAGE
)
_COLUMNS = (
    f"{SHA256.format('i')} AS sha256, v.decision, v.by, v.reason, v.detail, v.label, s.made_at"
)


def newest_states(these: str = "1") -> str:
    """The table `state`, for `WITH`: of every picture with any, its newest verdicts.

    Its columns are image, a rule's decision and reason (`rule`, `why`), a person's (`person`,
    `word`) and the label given. `these` is a condition on the pictures.
    """
    return f"""
        newest AS MATERIALIZED (
            SELECT image, max(CASE by WHEN 'rule' THEN id END) AS r, coalesce(
                max(CASE WHEN by = 'person' AND reason <> '{UNDO}' THEN id END),
                max(CASE by WHEN 'person' THEN id END)) AS p
            FROM verdict_row WHERE {LIVE} AND {these} GROUP BY image
        ),
        state AS (
            SELECT n.image, r.decision AS rule, r.reason AS why, p.decision AS person,
                p.reason AS word, coalesce(p.label, r.label) AS label
            FROM newest n LEFT JOIN verdict_row r ON r.id = n.r
                LEFT JOIN verdict_row p ON p.id = n.p
        )
    """


def begin_step(cat: Catalogue, what: str, *, undoes: int | None = None, voids: bool = False) -> int:
    """Begin what one undo will take back; returns its number, for what is recorded in it."""
    return cat.insert(
        "INSERT INTO step (what, made_at, undoes, voids) VALUES (?, ?, ?, ?)",
        (what, _moment(cat), undoes, int(voids)),
    )


def record_verdicts(
    cat: Catalogue, verdicts: Iterable[Verdict], *, what: str = "", step: int | None = None
) -> int:
    """Append verdicts, as one step or within the one given; returns how many.

    Without a `step` they make one called `what`; none is made for no verdicts.
    """
    rows = [
        {
            "sha256": blob(one.sha256),
            "decision": one.decision,
            "by": one.by,
            "reason": one.reason,
            "detail": _json(one.detail),
            "label": one.label,
        }
        for one in verdicts
    ]
    if rows:
        by = str(rows[0]["by"])
        number = begin_step(cat, what or by) if step is None else step
        cat.execute_many(_VERDICT, [row | {"step": number} for row in rows])
    return len(rows)


def standings(
    cat: Catalogue,
    before: int | None = None,
    *,
    only: Collection[int] | None = None,
    stated: bool = True,
) -> dict[str, Standing]:
    """What holds for every picture that anything was decided about; `before` a step, or now.

    `only` leaves out the pictures of other numbers; without the `stated` it is as if no person had
    said anything but to undo.
    """
    earlier = "" if before is None else "AND step < :before"
    if not stated:
        earlier += f" AND (by = 'rule' OR reason = '{UNDO}')"
    these, given = among("image", only)
    rows = cat.each(
        f"SELECT {_COLUMNS} FROM verdict_row v JOIN image_row i ON i.id = v.image "
        "JOIN step s ON s.id = v.step WHERE v.id IN (SELECT max(id) FROM verdict_row "
        f"WHERE {LIVE} AND {these} {earlier} GROUP BY image, by, reason = '{UNDO}') "
        f"ORDER BY i.sha256, v.reason <> '{UNDO}'",  # an undo overrules rules, and no person
        given if before is None else given | {"before": before},
    )
    found: dict[str, dict[str, Verdict]] = {}
    for row in rows:
        one = _verdict(row)
        found.setdefault(one.sha256, {})[one.by] = one
    return {sha: Standing(by.get("rule"), by.get("person")) for sha, by in found.items()}


def verdicts_of(cat: Catalogue, step: int) -> list[Verdict]:
    """The verdicts of the step of that number, in order."""
    rows = cat.rows(
        f"SELECT {_COLUMNS} FROM verdict_row v JOIN image_row i ON i.id = v.image "
        "JOIN step s ON s.id = v.step WHERE v.step = ? ORDER BY v.id",
        (step,),
    )
    return [_verdict(row) for row in rows]


def state_pair(
    cat: Catalogue, one: str, other: str, *, same: bool, step: int | None = None
) -> None:
    """Record that a person calls two pictures duplicates (must link), or not (cannot link)."""
    step = begin_step(cat, "pair") if step is None else step
    cat.execute(
        "INSERT INTO link (step, a, b, must) SELECT ?, min(id), max(id), ? FROM image_row "
        "WHERE sha256 IN (?, ?)",
        (step, int(same), blob(one), blob(other)),
    )


def links(cat: Catalogue) -> tuple[set[frozenset[str]], set[frozenset[str]]]:
    """Pairs of sha256 that a person called the same, and pairs called different."""
    found: tuple[set[frozenset[str]], set[frozenset[str]]] = (set(), set())
    for one, other, must in cat.rows(
        f"SELECT {SHA256.format('a')}, {SHA256.format('b')}, l.must FROM link l "
        "JOIN image_row a ON a.id = l.a JOIN image_row b ON b.id = l.b WHERE l.id IN "
        f"(SELECT max(id) FROM link WHERE {LIVE} GROUP BY a, b)"
    ):
        found[0 if must else 1].add(frozenset((one, other)))
    return found


def _moment(cat: Catalogue) -> str:
    """Now in microseconds, later than every step on record."""
    moment = datetime.now(UTC).isoformat(timespec="microseconds")
    last = str(cat.value("SELECT max(made_at) FROM step") or "")
    if moment > last:
        return moment
    later = datetime.fromisoformat(last) + timedelta(microseconds=1)
    return later.isoformat(timespec="microseconds")


def _json(detail: Mapping[str, object]) -> str | None:
    return json.dumps(detail, sort_keys=True, ensure_ascii=False) if detail else None


def _verdict(row: Iterable[Any]) -> Verdict:
    """A verdict of a row of `_COLUMNS`."""
    sha256, decision, by, reason, detail, label, made_at = row
    given = json.loads(detail) if detail else {}
    return Verdict(sha256, decision, by, reason, given, label, made_at)
