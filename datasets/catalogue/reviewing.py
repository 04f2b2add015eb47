"""What a person at the review page says, and takes back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from . import decisions as judgement
from .decisions import UNDO, Verdict

if TYPE_CHECKING:
    from .store import Catalogue


def opinion(cat: Catalogue, one: str, other: str) -> bool | None:
    """What a person said of a pair: True for duplicates, False for not, None for nothing yet."""
    rows = cat.rows("SELECT same FROM opinion WHERE (a, b) = (?, ?)", sorted((one, other)))
    return bool(rows[0][0]) if rows else None


def say_again(cat: Catalogue, one: str, other: str, *, same: bool | None) -> None:
    """Bring an opinion back to what it was; None forgets it."""
    if same is None:
        cat.execute("DELETE FROM opinion WHERE (a, b) = (?, ?)", sorted((one, other)))
    else:
        judgement.say(cat, one, other, same=same)


def undo_person(cat: Catalogue) -> list[str]:
    """Take back the newest batch of a person's verdicts, by one more verdict each.

    Rules' verdicts are never touched, unlike by `judgement.undo`. Returns the pictures, an
    empty list where a person said nothing that still stands.
    """
    rows = cat.rows("SELECT id, sha256, decision, detail, reason, made_at FROM verdict "
                    "WHERE by = 'person' ORDER BY id DESC")  # fmt: skip
    done = {json.loads(row["detail"])["undoes"] for row in rows if row["reason"] == UNDO}
    standing = [row for row in rows if row["reason"] != UNDO and row["id"] not in done]
    batch = [row for row in standing if row["made_at"] == standing[0]["made_at"]]
    judgement.judge(
        cat,
        [
            Verdict(
                row["sha256"],
                "keep" if row["decision"] == "drop" else "drop",
                "person",
                UNDO,
                {"undoes": row["id"], "was": "person"},
            )
            for row in batch
        ],
    )
    return [str(row["sha256"]) for row in batch]
