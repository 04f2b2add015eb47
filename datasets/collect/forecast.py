"""What a run would ask, and how long it might take: nothing is asked and nothing written."""

from __future__ import annotations

import os
from collections import Counter
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from ...scraper.engines import ENGINES, asks_api
from ...scraper.search.estimate import expected_seconds
from ..catalogue.searches import read_query
from .plans import rotated
from .quotas import parts
from .run import plan

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..project import Project
    from ..recipe.allocation import Ask
    from ..recipe.models import Recipe
    from .plans import SearchPlan
    from .run import CollectOptions


@dataclass(frozen=True, slots=True)
class ExpectedSearch:
    """One query that an engine would be asked: how many results, and in how many seconds."""

    label: str
    engine: str
    term: str
    filters: dict[str, Any]
    asked: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a run would do at a pace; `finished` searches would not be asked again."""

    pace: str
    searches: tuple[ExpectedSearch, ...]
    finished: int

    def minutes(self) -> dict[str, float]:
        """Engine → minutes that its searches take, one after the other."""
        found: Counter[str] = Counter()
        for one in self.searches:
            found[one.engine] += one.seconds / 60  # type: ignore[assignment]  # minutes are fractions
        return {engine: round(number, 2) for engine, number in found.items()}

    @property
    def longest(self) -> float:
        """Minutes of the whole: the engines are asked side by side."""
        return max(self.minutes().values(), default=0.0)

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "pace": self.pace,
            "minutes": self.longest,
            "engines": self.minutes(),
            "finished": self.finished,
            "searches": [
                {**asdict(one), "seconds": round(one.seconds, 1)} for one in self.searches
            ],
        }


def forecast(
    project: Project,
    recipe: Recipe,
    asks: Sequence[Ask],
    options: CollectOptions,
    pace: str,
) -> Forecast:
    """What `collect` would ask at first; what it then asks for what is missing is not foreseen.

    An API with a token in the environment is asked deeper. Raises UsageError where a file stands
    in the dataset's place, as the run itself would.
    """
    project.refuse_files()
    with ExitStack() as opened:
        cat = None
        if project.catalogue.is_file():
            cat = opened.enter_context(project.open_catalogue(write=False))
        plans, skipped = plan(cat, recipe, asks, options)
    found = []
    for one in rotated(plans):
        for engine, number in _shares(one).items():
            query = read_query(one.engines[engine].search.query)
            filters = {k: v for k, v in asdict(query.filters).items() if v is not None}
            seconds = expected_seconds(ENGINES[engine], number, pace)
            found.append(
                ExpectedSearch(one.ask.label, engine, query.term, filters, number, seconds)
            )
    return Forecast(pace, tuple(found), skipped.finished)


def _shares(plan: SearchPlan) -> dict[str, int]:
    """What each engine is asked for; the others take over what an API is known not to show."""
    ended = dict(plan.before)
    while True:
        asked = parts(plan.limit, list(plan.engines), ended)
        shown = {name: _shown(name, number) for name, number in asked.items()}
        if shown == asked:
            break
        ended |= {name: number for name, number in shown.items() if number < asked[name]}
    every = {**ended, **asked}
    return {name: every[name] for name in plan.engines if every[name]}


def _shown(name: str, number: int) -> int:
    engine = ENGINES[name]
    most = engine.MANNERS.shown(os.environ) if asks_api(engine) else None
    return number if most is None else min(number, most)
