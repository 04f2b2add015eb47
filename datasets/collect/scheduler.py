"""The first pass: the engines look side by side, and this one loop writes what they saw.

For each thing asked the limit is shared evenly (quotas.py), so that what is taken depends on the
pages and not on who was faster. An engine that has given its part does not wait for slower ones
while there is something else to ask it: it leaves for that, and comes back where the others fall
short, to ask again for more. Labels take turns.
"""

from __future__ import annotations

import json
import logging
from collections import deque
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING

from ...scraper.models import SETTLED, Outcome
from ..catalogue import searches
from .plans import FinishedSearch, rotated
from .quotas import parts, taken
from .workers import BatchRead, Ended, Paused

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ...curation.progress import Progress
    from ..catalogue import Catalogue
    from .plans import EngineProgress, SearchPlan
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
# An engine waits for others that have this much of their part: coming back costs its page anew.
_NEAR = 0.75


class SearchScheduler:
    """The writing loop over one pool of workers; `run` returns every answer, in order of ending."""

    def __init__(
        self,
        cat: Catalogue,
        workers: WorkerPool,
        plans: Sequence[SearchPlan],
        recorder: SightingRecorder,
        given_up: set[str],
        worth: Callable[[SearchPlan], bool] = lambda _plan: True,
    ) -> None:
        self._cat = cat
        self._workers = workers
        self._plans = rotated(plans)
        self._recorder = recorder
        self._worth = worth
        self._queues: dict[str, deque[SearchPlan]] = {}
        self._current: dict[str, SearchPlan] = {}
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
                mine = [plan for plan in self._plans if engine in plan.engines]
                self._queues[engine] = deque(mine)
            for engine in engines:
                if engine not in self._current:
                    self._next(engine)
            while self._current:
                self._handle(self._workers.event())
        return self._looks

    def _handle(self, event: Event) -> None:
        plan = self._current[event.engine]
        one = plan.engines[event.engine]
        if isinstance(event, BatchRead):
            for candidate in event.batch.candidates:
                one.seen[candidate.key] = candidate
            self._recorder.hold(event.engine, event.batch.previews)
            self._take(one)
        elif isinstance(event, Paused):
            if one.at == "running":  # else it is being sent on already
                one.at = "paused"
                self._settle(plan)
                self._leave(event.engine)
        else:
            self._end(plan, one, event)

    def _take(self, one: EngineProgress) -> None:
        """Record what the quota takes of what was seen, as far as it is new."""
        counts = self._recorder.counts_for(one.search.label)
        engine = one.search.engine
        chosen = taken(one.seen.values(), one.quota, counts)
        with self._cat.transaction():
            for candidate in chosen:
                if self._recorder.is_new(engine, candidate):
                    one.seen[candidate.key] = self._recorder.record(one.search, candidate)
        given = max(sum(map(counts, chosen)), one.kept)
        if given > one.given and engine in self._advance:
            self._advance[engine](given - one.given)
        one.given = given
        one.beyond = len(one.seen) > len(chosen)

    def _next(self, engine: str) -> None:
        """Let an idle engine begin the next thing that is asked of it."""
        queue = self._queues[engine]
        while queue and engine not in self._current:
            plan = queue.popleft()
            one = plan.engines[engine]
            if one.at != "waiting":
                continue
            one.quota = self._parts(plan)[engine]
            if one.quota > 0:
                self._current[engine] = plan
                self._begin(plan, one)
            else:
                one.at = "parked"
                self._settle(plan)

    def _begin(self, plan: SearchPlan, one: EngineProgress) -> None:
        one.at = "running"
        with self._cat.transaction():
            searches.begin_search(self._cat, replace(one.search, asked=one.quota))
        counts = self._recorder.counts_for(one.search.label)
        query = replace(searches.read_query(one.search.query), synonyms=plan.synonyms)
        self._workers.begin(one.search.engine, query, one.quota, counts)

    def _leave(self, engine: str) -> None:
        """End a search that waits for other engines where there is something else to ask."""
        plan = self._current.get(engine)
        if plan is None or plan.engines[engine].at != "paused":
            return
        is_wanted = any(one.engines[engine].at == "waiting" for one in self._queues[engine])
        if is_wanted and not _is_near(plan):
            plan.engines[engine].at = "leaving"
            self._workers.finish(engine, plan.engines[engine].quota)

    def _parts(self, plan: SearchPlan) -> dict[str, int]:
        ended = {name: one.given for name, one in plan.engines.items() if one.at == "ended"}
        limit = min(plan.limit, PROBE * len(plan.engines)) if plan.probing else plan.limit
        return parts(limit, list(plan.engines), {**plan.before, **ended})

    def _settle(self, plan: SearchPlan) -> None:
        """When every engine has given its part or ended: ask for what is missing, or end."""
        if any(one.at in ("waiting", "running", "leaving") for one in plan.engines.values()):
            return
        idle = [one for one in plan.engines.values() if one.at in ("paused", "parked", "left")]
        if self._ask_more(plan, idle):
            return
        if plan.probing and self._worth(plan):
            plan.probing = False
            if self._ask_more(plan, idle):
                return
        for one in idle:
            if one.at == "paused":
                one.at = "running"  # to its end
                self._workers.finish(one.search.engine, one.quota)
            else:
                self._close_idle(plan, one)

    def _close_idle(self, plan: SearchPlan, one: EngineProgress) -> None:
        """Ask an engine nothing more of a plan, that left it or never had a part in it."""
        if one.at == "left" and one.ended is not None:
            self._close(plan, one, one.ended, Outcome.LIMIT)
        one.at = "ended"

    def _ask_more(self, plan: SearchPlan, idle: Sequence[EngineProgress]) -> bool:
        """Raise the quotas of those that wait; whether one of them has to go on for it."""
        quotas = self._parts(plan)
        returning: list[str] = []
        going = False
        for one in idle:
            engine, quota = one.search.engine, quotas[one.search.engine]
            if quota <= one.quota:
                continue
            one.quota = quota
            if one.at == "paused":
                self._take(one)  # what was shown beyond the part comes first
                if one.given >= quota:
                    continue
                one.at = "running"
                self._workers.go_on(engine, quota)
            else:
                one.at = "waiting"
                self._queues[engine].appendleft(plan)
                returning.append(engine)
            going = True
        for engine in returning:
            if engine in self._current:
                self._leave(engine)
            else:
                self._next(engine)
        return going

    def _end(self, plan: SearchPlan, one: EngineProgress, event: Ended) -> None:
        self._take(one)
        engine, outcome = one.search.engine, event.outcome
        if outcome in SETTLED and one.beyond:
            outcome = Outcome.LIMIT
        one.kept = one.given
        self._recorder.forget(engine)
        one.seen.clear()
        del self._current[engine]
        if one.at == "leaving" and outcome is Outcome.LIMIT:
            # Not on record as ended before the others are: a run that is killed asks it again.
            one.at, one.ended = "left", event
        else:
            self._close(plan, one, event, outcome)
        self._odd[engine] = self._odd.get(engine, 0) + 1 if outcome in _ODD else 0
        if outcome in GIVES_UP or self._odd[engine] >= _ODD_TWICE:
            self._give_up(engine, outcome)
        self._settle(plan)
        if engine not in self._current:
            self._next(engine)

    def _close(self, plan: SearchPlan, one: EngineProgress, event: Ended, outcome: Outcome) -> None:
        """Record how a search ended, for good."""
        one.at = "ended"
        detail = event.detail
        if outcome is Outcome.LIMIT:
            detail = f"{one.given} taken, as many as were its part"
        if plan.probing and outcome in SETTLED:
            detail = "stopped early: it brought almost nothing new"
        if event.page is not None:
            detail = f"{detail}; page kept: {self._recorder.keep_page(one.search, event.page)}"
        with self._cat.transaction():
            counts = json.dumps(event.counts.to_json()) if event.counts is not None else None
            ended = replace(one.search, asked=one.quota, counts=counts)
            searches.end_search(self._cat, ended, outcome, detail)
        self._looks.append(
            FinishedSearch(
                label=one.search.label,
                engine=one.search.engine,
                term=one.search.term,
                outcome=outcome,
                detail=detail,
                asked=one.quota,
                given=one.given,
                failed=event.failed,
            )
        )

    def _give_up(self, engine: str, outcome: Outcome) -> None:
        """Ask this engine nothing more in this run; the others are asked for its parts."""
        self._given_up.add(engine)
        self._queues[engine].clear()
        going = ("waiting", "parked", "left")
        mine = [
            plan
            for plan in self._plans
            if engine in plan.engines and plan.engines[engine].at in going
        ]
        left_out = sum(plan.engines[engine].at == "waiting" for plan in mine)
        if left_out:
            _log.warning("%s: %s; searches left out: %d", engine, outcome, left_out)
        for plan in mine:
            self._close_idle(plan, plan.engines[engine])
        for plan in mine:
            self._settle(plan)


def _is_near(plan: SearchPlan) -> bool:
    """Whether every engine has given most of its part, so that the plan is soon settled."""
    running = [one for one in plan.engines.values() if one.at == "running"]
    return not any(one.at == "waiting" for one in plan.engines.values()) and all(
        one.given >= one.quota * _NEAR for one in running
    )
