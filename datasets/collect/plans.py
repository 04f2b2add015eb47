"""What is asked of whom in one run, and how far each engine has got with it."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ...scraper.errors import DriverError
    from ...scraper.models import Candidate, Outcome
    from ..catalogue import searches
    from ..recipe.allocation import Ask
    from .workers import Ended


@dataclass(frozen=True, slots=True)
class FinishedSearch:
    """One engine's answer to one thing asked. `given` counts what its part was filled with."""

    label: str
    engine: str
    term: str
    outcome: Outcome
    detail: str
    asked: int
    given: int
    failed: DriverError | None = None


@dataclass(slots=True)
class EngineProgress:
    """Where one engine stands with one thing asked.

    `at` goes from waiting to running, paused (at its quota, its page open), leaving and left (it
    gave its part and asks other things), parked (its part is nothing yet), and ended. `kept` is
    what it had given when it left.
    """

    search: searches.SearchRecord
    quota: int = 0
    at: str = "waiting"
    given: int = 0
    kept: int = 0
    ended: Ended | None = None  # how its search ended when it left
    beyond: bool = False  # more was shown than the quota takes
    seen: dict[str, Candidate] = field(default_factory=dict)


@dataclass(slots=True)
class SearchPlan:
    """One thing asked, what engines gave earlier (`before`), and those that are asked now.

    `synonyms` are the label's other words: its name, and what else is asked for it.
    """

    ask: Ask
    limit: int
    before: Mapping[str, int]
    engines: dict[str, EngineProgress]
    probing: bool = False
    synonyms: tuple[str, ...] = ()


def rotated(plans: Sequence[SearchPlan]) -> list[SearchPlan]:
    """The plans with their labels taking turns: a run that is cut short has some of each."""
    by_label: dict[str, deque[SearchPlan]] = {}
    for plan in plans:
        by_label.setdefault(plan.ask.label, deque()).append(plan)
    found: list[SearchPlan] = []
    while by_label:
        for label, left in list(by_label.items()):
            found.append(left.popleft())
            if not left:
                del by_label[label]
    return found
