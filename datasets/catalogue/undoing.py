"""The steps of a catalogue, and taking them back: an undo is one more step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .decisions import UNDO, Standing, Verdict, begin_step, record_verdicts, standings, verdicts_of
from .rows import SHA256

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .decisions import By
    from .store import Catalogue


@dataclass(frozen=True, slots=True)
class Step:
    """What one command or one click decided.

    `what` is the command's word; `verdicts` counts by (by, reason); `pairs` are statements about
    two pictures, True for duplicates. `undone` where a later step took it back, `undoes` where
    it is an undo itself.
    """

    number: int
    what: str
    made_at: str
    undoes: int | None
    undone: bool
    verdicts: Mapping[tuple[By, str], int]
    pairs: tuple[tuple[str, str, bool], ...]

    @property
    def stated(self) -> bool:
        """Whether a person states something in it: it is then taken back whole."""
        return bool(self.pairs) or any(by == "person" for by, _ in self.verdicts)


def steps(cat: Catalogue) -> list[Step]:
    """Every step that decided something, newest first."""
    verdicts: dict[int, dict[tuple[By, str], int]] = {}
    for number, by, reason, count in cat.rows(
        "SELECT step, by, reason, count(*) FROM verdict_row GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
    ):
        verdicts.setdefault(number, {})[by, reason] = count
    pairs: dict[int, list[tuple[str, str, bool]]] = {}
    for number, one, other, must in cat.rows(
        f"SELECT l.step, {SHA256.format('a')}, {SHA256.format('b')}, l.must FROM link l "
        "JOIN image_row a ON a.id = l.a JOIN image_row b ON b.id = l.b ORDER BY l.id"
    ):
        pairs.setdefault(number, []).append((one, other, bool(must)))
    rows = cat.rows(
        "SELECT id, what, made_at, undoes, id IN (SELECT undoes FROM step WHERE undoes NOT NULL) "
        "FROM step ORDER BY id DESC"
    )
    return [
        Step(number, what, made_at, undoes, bool(undone), verdicts.get(number, {}),
             tuple(pairs.get(number, ())))
        for number, what, made_at, undoes, undone in rows
        if number in verdicts or number in pairs or undoes is not None
    ]  # fmt: skip


def next_to_undo(cat: Catalogue, *, stated: bool = False, number: int | None = None) -> Step | None:
    """The newest step that is not taken back; `stated` asks for a person's, never a rule's."""
    live = (step for step in steps(cat) if step.undoes is None and not step.undone)
    asked = (step for step in live if number in (None, step.number))
    return next((step for step in asked if step.stated or not stated), None)


def undo(cat: Catalogue, *, stated: bool = False, number: int | None = None) -> list[str]:
    """Take the newest step back (`stated`: of a person), or the one of this `number`.

    Returns its pictures; none where there is no such step, or it was taken back.
    """
    step = next_to_undo(cat, stated=stated, number=number)
    return take_back(cat, step) if step else []


def take_back(cat: Catalogue, step: Step) -> list[str]:
    """Take a step back, by one more step; returns the digests of the pictures it was about.

    What a person stated is as if it had never been stated, together with what rules made of it
    in the same step. What a rule decided by itself is overruled: the rule would decide the same
    again at the next build, and the picture stays in or out as it was before. Only a command that
    is asked for by name decides on it once more (`decide_again`).
    """
    images = dict.fromkeys(one.sha256 for one in verdicts_of(cat, step.number))
    number = begin_step(cat, UNDO, undoes=step.number, voids=step.stated)
    if not step.stated:
        earlier = standings(cat, before=step.number, stated=False)
        overruled = [
            Verdict(
                sha,
                "drop" if earlier.get(sha, Standing()).dropped else "keep",
                "person",
                UNDO,
                {"undoes": step.number},
            )
            for sha in images
        ]
        record_verdicts(cat, overruled, step=number)
    pairs = [sha for one, other, _ in step.pairs for sha in (one, other)]
    return list(dict.fromkeys([*images, *pairs]))


def decide_again(cat: Catalogue, what: str) -> set[str]:
    """Lift what undos overruled, for the command `what` that is asked anew; returns its pictures.

    `dedupe` decides on everything, and so lifts every such undo; another command those of its
    own steps. Statements that were taken back stay so.
    """
    known = steps(cat)
    of_step = {one.number: one.what for one in known}
    pictures: set[str] = set()
    for one in filter(_overrules, known):
        if what in ("dedupe", of_step.get(one.undoes or 0)):
            pictures |= {verdict.sha256 for verdict in verdicts_of(cat, one.number)}
            begin_step(cat, what, undoes=one.number, voids=True)
    return pictures


def overrules(cat: Catalogue) -> bool:
    """Whether any undo overrules a rule, so that there is something to `decide_again`."""
    return any(map(_overrules, steps(cat)))


def _overrules(step: Step) -> bool:
    return step.undoes is not None and bool(step.verdicts) and not step.undone
