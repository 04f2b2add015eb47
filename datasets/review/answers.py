"""What the page asks and says, as JSON values: from words to the desk and back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import UsageError
from ..stats import wilson
from .queues import QUEUES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .desk import Desk

_MOST = 500  # entries a page


def answer(desk: Desk, name: str, asked: Mapping[str, str]) -> dict[str, object]:
    """Answer `summary` or `page`; UsageError for anything else."""
    if name == "summary":
        return summary(desk)
    if name != "page":
        raise UsageError(f"api/{name}: expected summary or page")
    try:
        after, count = int(asked.get("after", "-1")), int(asked.get("count", "120"))
    except ValueError:
        raise UsageError("after and count: expected whole numbers") from None
    entries, onward, total = desk.page(
        asked.get("view", "val"),
        label=asked.get("label") or None,
        open_only=asked.get("open", "1") == "1",
        after=after,
        count=max(1, min(count, _MOST)),
    )
    return {"entries": entries, "onward": onward, "total": total}


def say(desk: Desk, said: Mapping[str, object]) -> dict[str, object]:
    """Do what a person said; tells the pictures it was about as they stand now, and the summary.

    `said` is {"do": keep|drop|relabel|same|different|undo, "shas": […], "label": …}.
    """
    do, shas = said.get("do"), _shas(said)
    if do == "keep":
        desk.keep(shas)
    elif do == "drop":
        desk.drop(shas)
    elif do == "relabel":
        desk.relabel(shas, str(said.get("label", "")))
    elif do in ("same", "different"):
        if len(shas) != 2:
            raise UsageError("a pair is two pictures")
        desk.pair(*shas, same=do == "same")
    elif do == "undo":
        shas = desk.undo()
    else:
        raise UsageError(f"do {do!r}: expected keep, drop, relabel, same, different or undo")
    changed = [desk.describe(sha) for sha in shas if desk.path(sha)]
    return {"changed": changed, "pair": desk.pair_state(shas), "summary": summary(desk)}


def summary(desk: Desk) -> dict[str, object]:
    """The dataset's name, labels, what is open in each view, and the measured precision."""
    sides: dict[str, object] = {}
    for side, table in desk.tallies().items():
        seen = sum(tally.seen for tally in table.values())
        wrong = sum(tally.wrong for tally in table.values())
        low, high = wilson(seen - wrong, seen)
        sides[side] = {
            "pictures": sum(tally.pictures for tally in table.values()),
            "seen": seen,
            "wrong": wrong,
            "precision": [low, high],
            "labels": {
                label: {"pictures": t.pictures, "seen": t.seen, "wrong": t.wrong}
                for label, t in sorted(table.items())
            },
        }
    return {
        "name": desk.project.root.resolve().name,
        "labels": desk.labels,
        "counts": desk.counts(),
        "queues": [
            {
                "name": name,
                "title": queue.title,
                "done": queue.done,
                "pairs": queue.pairs,
                "keeps_reviewed": queue.keeps_reviewed,
            }
            for name, queue in QUEUES.items()
        ],
        "sides": sides,
    }


def _shas(said: Mapping[str, object]) -> list[str]:
    shas = said.get("shas", [])
    if not isinstance(shas, list) or not all(isinstance(sha, str) for sha in shas):
        raise UsageError("shas: expected a list of SHA-256")
    return shas
