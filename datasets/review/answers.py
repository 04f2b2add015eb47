"""What the page asks and decides, as JSON values: to the session and back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import UsageError
from ..stats import wilson
from .precision import precision
from .queues import QUEUES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .session import ReviewSession

_MOST = 500  # entries a page


def answer(session: ReviewSession, name: str, asked: Mapping[str, str]) -> dict[str, object]:
    """Answer `summary`, `precision` or `page`; UsageError for anything else."""
    if name == "summary":
        return summary(session)
    if name == "precision":
        with session.project.open_catalogue(write=False) as cat:
            return {"rows": [row.to_json() for row in precision(cat)]}
    if name != "page":
        raise UsageError(f"api/{name}: expected summary, precision or page")
    try:
        after, count = int(asked.get("after", "-1")), int(asked.get("count", "120"))
    except ValueError:
        raise UsageError("after and count: expected whole numbers") from None
    entries, onward, total = session.page(
        asked.get("view", "val"),
        label=asked.get("label") or None,
        open_only=asked.get("open", "1") == "1",
        after=after,
        count=max(1, min(count, _MOST)),
    )
    return {"entries": entries, "onward": onward, "total": total}


def say(session: ReviewSession, request: Mapping[str, object]) -> dict[str, object]:
    """Do what a person asks; returns the pictures concerned as they stand now, and the summary.

    `request` is {"do": keep|drop|relabel|keeper|same|different|undo, "shas": […], "label": …}.
    The answer's `step` is what an undo of just this names, as `step`; without it the last goes.
    """
    do, shas = request.get("do"), _shas(request)
    step: int | None = None
    if do == "keep":
        step = session.keep(shas)
    elif do == "drop":
        step = session.drop(shas)
    elif do == "relabel":
        step = session.relabel(shas, str(request.get("label", "")))
    elif do == "keeper":
        step = session.keep_instead(shas)
    elif do in ("same", "different"):
        if len(shas) != 2:
            raise UsageError("a pair is two pictures")
        step = session.pair(*shas, same=do == "same")
    elif do == "undo":
        shas = session.undo(_step(request))
    else:
        raise UsageError(f"do {do!r}: expected keep, drop, relabel, keeper, same, different, undo")
    return {
        "changed": session.describe(shas),
        "pair": session.pair_state(shas),
        "step": step,
        "summary": summary(session),
    }


def summary(session: ReviewSession) -> dict[str, object]:
    """The dataset's name, labels, what is open in each view, and the measured precision."""
    sides: dict[str, object] = {}
    for side, table in session.tallies().items():
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
        "name": session.project.root.resolve().name,
        "labels": session.labels,
        "counts": session.counts(),
        "queues": [
            {
                "name": name,
                "title": queue.title,
                "done": queue.done,
                "pairs": queue.pairs,
                "families": queue.families,
                "keeps_reviewed": queue.keeps_reviewed,
            }
            for name, queue in QUEUES.items()
            if not queue.optional or session.lists(name)
        ],
        "sides": sides,
    }


def _step(request: Mapping[str, object]) -> int | None:
    step = request.get("step")
    if step is not None and (not isinstance(step, int) or isinstance(step, bool)):
        raise UsageError("step: expected a whole number")
    return step


def _shas(request: Mapping[str, object]) -> list[str]:
    shas = request.get("shas", [])
    if not isinstance(shas, list) or not all(isinstance(sha, str) for sha in shas):
        raise UsageError("shas: expected a list of SHA-256")
    return shas
