"""The first pass: the engines look side by side, and this one loop writes what they saw.

For each thing asked the limit is shared evenly (sharing.py). An engine that has given its part
waits where it is; when all have given theirs or ended, what one could not give is asked of the
others. So what is taken depends on the pages, not on who was faster.
"""

from __future__ import annotations

import json
import logging
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from ...scraper.models import SETTLED, Outcome
from ..catalogue import searches
from .quotas import parts, taken
from .workers import BatchRead, Ended, Paused

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from ...curation.progress import Progress
    from ...scraper.errors import DriverError
    from ...scraper.models import Candidate
    from ..catalogue import Catalogue
    from ..recipe.allocation import Ask
    from .recorder import SightingRecorder
    from .workers import Event, WorkerPool

_log = logging.getLogger(__name__)
# After these the engine is not asked again in this run: the next query would fare the same.
GIVES_UP = frozenset(
    {
        Outcome.CONSENT,
        Outcome.CAPTCHA,
        Outcome.RATE_LIMITED,
        Outcome.BLOCKED,
        Outcome.UNREACHABLE,
        Outcome.BROWSER_LOST,
    }
)
# One odd page is not yet a changed layout, nor one decoy a habit; two in a row end the engine.
_ODD = frozenset({Outcome.LAYOUT_CHANGED, Outcome.SUSPECT})
_ODD_TWICE = 2
PROBE = 30  # candidates an engine gives before a query's yield is judged


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
    """Where one engine stands with one thing asked."""

    search: searches.SearchRecord
    quota: int = 0
    at: str = "waiting"  # waiting → running ⇄ paused (parked: before it began) → ended
    given: int = 0
    beyond: bool = False  # more was shown than the quota takes
    seen: dict[str, Candidate] = field(default_factory=dict)


@dataclass(slots=True)
class SearchPlan:
    """One thing asked, what engines gave earlier (`before`), and those that are asked now."""

    ask: Ask
    limit: int
    before: Mapping[str, int]
    engines: dict[str, EngineProgress]
    probing: bool = False


class SearchScheduler:
    """The writing loop over one pool of workers; `run` returns every answer, in order of ending."""

    def __init__(
        self,
        cat: Catalogue,
        workers: WorkerPool,
        plans: Sequence[SearchPlan],
        notes: SightingRecorder,
        given_up: set[str],
        worth: Callable[[SearchPlan], bool] = lambda _plan: True,
    ) -> None:
        self._cat = cat
        self._workers = workers
        self._plans = list(plans)
        self._notes = notes
        self._worth = worth
        self._place: dict[str, int] = {}
        self._odd: dict[str, int] = {}
        self._given_up = given_up
        self._looks: list[FinishedSearch] = []
        self._advance: dict[str, Callable[[int], None]] = {}

    def run(self, engines: Sequence[str], progress: Progress) -> list[FinishedSearch]:
        """Ask everything; raises what a thread or the disk died of, what is done is kept."""
        for plan in self._plans:
            for engine in self._given_up & plan.engines.keys():
                plan.engines[engine].at = "ended"
        with ExitStack() as shown:
            for engine in engines:
                total = sum(
                    parts(plan.limit, list(plan.engines), plan.before).get(engine, 0)
                    for plan in self._plans
                )
                if total:
                    self._advance[engine] = shown.enter_context(progress(engine, total))
                self._place[engine] = -1
            for engine in engines:
                self._next(engine)
            while any(one.at == "running" for plan in self._plans for one in plan.engines.values()):
                self._handle(self._workers.event())
        return self._looks

    def _handle(self, event: Event) -> None:
        plan = self._plans[self._place[event.engine]]
        one = plan.engines[event.engine]
        if isinstance(event, BatchRead):
            for candidate in event.batch.candidates:
                one.seen[candidate.key] = candidate
            self._notes.hold(event.engine, event.batch.previews)
            self._take(one)
        elif isinstance(event, Paused):
            one.at = "paused"
            self._settle(plan)
        else:
            self._end(plan, one, event)

    def _take(self, one: EngineProgress) -> None:
        """Record what the quota takes of what was seen, as far as it is new."""
        counts = self._notes.counts_for(one.search.label)
        engine = one.search.engine
        chosen = taken(one.seen.values(), one.quota, counts)
        with self._cat.transaction():
            for candidate in chosen:
                if self._notes.is_new(engine, candidate):
                    one.seen[candidate.key] = self._notes.note(one.search, candidate)
        given = sum(map(counts, chosen))
        if given > one.given and engine in self._advance:
            self._advance[engine](given - one.given)
        one.given = given
        one.beyond = len(one.seen) > len(chosen)

    def _next(self, engine: str) -> None:
        """Let an idle engine begin the next thing that is asked of it."""
        for place in range(self._place[engine] + 1, len(self._plans)):
            plan = self._plans[place]
            one = plan.engines.get(engine)
            if one is None or one.at == "ended":
                continue
            self._place[engine] = place
            one.quota = self._parts(plan)[engine]
            one.at = "parked" if one.quota == 0 else "running"
            if one.at == "running":
                self._begin(one)
            else:
                self._settle(plan)
            return

    def _begin(self, one: EngineProgress) -> None:
        with self._cat.transaction():
            searches.begin_search(self._cat, replace(one.search, asked=one.quota))
        counts = self._notes.counts_for(one.search.label)
        self._workers.begin(
            one.search.engine, searches.read_query(one.search.query), one.quota, counts
        )

    def _parts(self, plan: SearchPlan) -> dict[str, int]:
        ended = {name: one.given for name, one in plan.engines.items() if one.at == "ended"}
        limit = min(plan.limit, PROBE * len(plan.engines)) if plan.probing else plan.limit
        return parts(limit, list(plan.engines), {**plan.before, **ended})

    def _settle(self, plan: SearchPlan) -> None:
        """When every engine has given its part or ended: ask for what is missing, or end."""
        if any(one.at in ("waiting", "running") for one in plan.engines.values()):
            return
        waiting = [one for one in plan.engines.values() if one.at in ("paused", "parked")]
        if self._ask_more(plan, waiting):
            return
        if plan.probing and self._worth(plan):
            plan.probing = False
            if self._ask_more(plan, waiting):
                return
        for one in waiting:
            if one.at == "paused":
                one.at = "running"  # to its end
                self._workers.go_on(one.search.engine, 0)
            else:
                one.at = "ended"
                self._next(one.search.engine)

    def _ask_more(self, plan: SearchPlan, waiting: Sequence[EngineProgress]) -> bool:
        """Raise the quotas of those that wait; whether one of them has to go on for it."""
        quotas = self._parts(plan)
        going = False
        for one in waiting:
            quota = quotas[one.search.engine]
            if quota <= one.quota:
                continue
            one.quota = quota
            if one.at == "paused":
                self._take(one)  # what was shown beyond the part comes first
                if one.given >= quota:
                    continue
                self._workers.go_on(one.search.engine, quota)
            else:
                self._begin(one)
            one.at, going = "running", True
        return going

    def _end(self, plan: SearchPlan, one: EngineProgress, event: Ended) -> None:
        self._take(one)
        outcome, detail = event.outcome, event.detail
        if outcome is Outcome.LIMIT or (outcome in SETTLED and one.beyond):
            outcome, detail = Outcome.LIMIT, f"{one.given} taken, as many as were its part"
        one.at = "ended"
        if plan.probing and outcome in SETTLED:
            detail = "stopped early: it brought almost nothing new"
        if event.page is not None:
            detail = f"{detail}; page kept: {self._notes.keep_page(one.search, event.page)}"
        with self._cat.transaction():
            counts = json.dumps(event.counts.to_json()) if event.counts is not None else None
            ended = replace(one.search, asked=one.quota, counts=counts)
            searches.end_search(self._cat, ended, outcome, detail)
        self._notes.forget(one.search.engine)
        one.seen.clear()
        engine = one.search.engine
        self._looks.append(
            FinishedSearch(
                label=one.search.label,
                engine=engine,
                term=one.search.term,
                outcome=outcome,
                detail=detail,
                asked=one.quota,
                given=one.given,
                failed=event.failed,
            )
        )
        self._odd[engine] = self._odd.get(engine, 0) + 1 if outcome in _ODD else 0
        if outcome in GIVES_UP or self._odd[engine] >= _ODD_TWICE:
            self._give_up(engine, outcome)
        else:
            self._next(engine)
        self._settle(plan)

    def _give_up(self, engine: str, outcome: Outcome) -> None:
        """Ask this engine nothing more in this run; the others are asked for its parts."""
        self._given_up.add(engine)
        left = self._plans[self._place[engine] + 1 :]
        mine = [plan for plan in left if engine in plan.engines]
        if mine:
            _log.warning("%s: %s; its %d searches to come are left out", engine, outcome, len(mine))
        for plan in mine:
            plan.engines[engine].at = "ended"
        for plan in mine:
            self._settle(plan)
