"""The stages in their order: each looks what is done, and does what is missing."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeVar

from ...curation.progress import Progress, silent
from ...scraper.fetch import FetchLimits
from ..errors import UsageError
from ..exporters.shards import ShardSettings
from ..split import Ratios
from ..tree.finished import slug
from ..tree.target import Target
from .alone import alone
from .candidates import (
    BLOCK,
    JoinTask,
    join_block,
    join_input,
    join_parts,
    joined_places,
    read_candidates,
)
from .export import announce, check_format, export_shard, export_tasks, finish_export
from .families import LARGE, find_in_components, judge_pairs
from .fetch import FetchTask, fetch_lanes, fetch_parts, plan_turn
from .grouping import Components, families_tasks, judge_tasks
from .lists import check_list
from .look import LookTask, look_part, look_parts
from .parts import Done, Part, finished, missing
from .pictures import Pictures, read_pictures
from .place import Placing, place_all
from .plan import Plan, make_plan

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from .runner import Runner
    from .store import Store

    Task = TypeVar("Task", bound=Any)

_TASKS = 8  # fetch tasks a worker: as each is done, progress is told
STAGES: Final = (*("plan", "fetch", "look", "candidates", "judge", "families", "split", "export"),)


@dataclass(frozen=True, slots=True)
class ScaleSettings:
    """How a list becomes a set; `name` is the export's, `form` its format.

    `block` are the pictures that one task joins with all, `large` those of a component from which
    on it is judged pair by pair first: both change who does what, and no outcome.
    """

    label_column: str = "label"
    limits: FetchLimits = field(default_factory=FetchLimits)
    ratios: Ratios = field(default_factory=Ratios)
    seed: int = 0
    target: Target = field(default_factory=Target)
    form: str = "parquet"
    shards: ShardSettings = field(default_factory=ShardSettings)
    name: str = "dataset"
    block: int = BLOCK
    large: int = LARGE

    def check(self) -> None:
        """Raise UsageError for a setting that cannot be."""
        check_format(self.form)
        if self.shards.shard_size < 1:
            raise UsageError(f"--shard-size {self.shards.shard_size}: expected 1 or more pictures")
        if self.name != slug(self.name):
            raise UsageError(f"--name {self.name!r}: expected a name such as {slug(self.name)}")


def run(
    lists: Sequence[str],
    store: Store,
    settings: ScaleSettings,
    runner: Runner,
    *,
    until: str = STAGES[-1],
    progress: Progress = silent,
) -> None:
    """Do what is missing of every stage up to `until`.

    Raises UsageError for what cannot be asked and where another run writes the store, LabelMissing
    where nothing is kept, SplitRefused where a split would lack a label, and DatasetError where
    the store or a worker fails; what is done is kept, and the next run goes on.
    """
    if until not in STAGES:
        raise UsageError(f"--until {until!r}: expected one of {', '.join(STAGES)}")
    settings.check()
    for source in lists:
        check_list(source)
    with alone(store):
        _Run(store, settings, runner, progress).run(lists, STAGES.index(until))


class _Run:
    """One run; each stage's parts are those of all turns and blocks together."""

    def __init__(
        self, store: Store, settings: ScaleSettings, runner: Runner, progress: Progress
    ) -> None:
        self._store = store
        self._settings = settings
        self._runner = runner
        self._progress = progress

    def run(self, lists: Sequence[str], last: int) -> None:
        with self._progress("plan") as advance:
            plan = make_plan(self._store, lists, self._settings.label_column)
            advance(plan.rows)
        fetched = self._fetched(plan) if last >= 1 else {}
        looked = self._looked(plan, fetched) if last >= 2 else {}
        if last < 3:
            return
        pictures = read_pictures(self._store, sorted(looked), plan.labels)
        families = self._families(pictures, list(looked.values()), last)
        if last < 6:
            return
        placing = Placing(
            self._settings.ratios, self._settings.seed, self._settings.target, self._settings.shards
        )
        placed = place_all(self._store, pictures, families, placing)
        self._note("split", [Part(one.name, one.inputs) for one in placed.done.values()])
        if last < 7:
            return
        store, of = self._store, self._settings
        tasks = export_tasks(store, placed, of.form, of.name, of.target, self._runner.processors)
        announce(store, tasks, of.form)
        done = self._stage("export", tasks, export_shard, beside=(of.form,))
        finish_export(self._store, list(done.values()), placed, of.form, of.name)

    def _fetched(self, plan: Plan) -> dict[str, Done]:
        """Fetch turn by turn; the parts of all turns."""
        parts: list[Part] = []
        done: dict[str, Done] = {}
        lanes = plan.lanes
        for turn in range(plan.turns):
            planned = fetch_parts(turn, lanes, self._settings.limits)
            new = [part for lane in planned for part, _ in lane]
            parts += new
            self._note("fetch", parts)
            there = finished(self._store, "fetch")
            open_parts = {part.name for part in missing(new, there)}
            done |= {part.name: there[part.name] for part in new if part.name not in open_parts}
            left = [tuple(pair for pair in lane if pair[0].name in open_parts) for lane in planned]
            done |= self._fetch(turn, [lane for lane in left if lane], len(new), len(open_parts))
            now = [done[part.name] for part in new]
            if turn + 1 == plan.turns or not any(one.counts.get("again") for one in now):
                break
            lanes = plan_turn(self._store, turn + 1, now)
        return done

    def _fetch(
        self, turn: int, lanes: Sequence[tuple[tuple[Part, str], ...]], total: int, left: int
    ) -> dict[str, Done]:
        # A task holds whole lanes, so that no host is asked by two workers.
        number = 1 if self._runner.in_process else _TASKS * self._runner.slots
        groups = [lanes[at::number] for at in range(number)]
        tasks = [
            FetchTask(self._store, self._settings.limits, turn, tuple(group))
            for group in groups
            if group
        ]
        done: dict[str, Done] = {}
        with self._progress("fetch", total) as advance:
            advance(total - left)
            count = advance if self._runner.in_process else None
            for some in self._runner.map(fetch_lanes, tasks, count):
                done.update((one.name, one) for one in some)
                if count is None:
                    advance(len(some))
        return self._whole(done, lanes)

    def _whole(
        self, done: dict[str, Done], lanes: Sequence[tuple[tuple[Part, str], ...]]
    ) -> dict[str, Done]:
        """All of the lanes' parts, also those that a worker made before it was lost."""
        names = [part.name for lane in lanes for part, _ in lane]
        if all(name in done for name in names):
            return done
        there = finished(self._store, "fetch")
        return {name: there[name] for name in names}

    def _looked(self, plan: Plan, fetched: dict[str, Done]) -> dict[str, Done]:
        labels = tuple(plan.labels)
        tasks = [
            LookTask(self._store, part, source, labels, self._runner.processors)
            for part, source in look_parts(fetched, labels)
        ]
        return self._stage("look", tasks, look_part)

    def _families(self, pictures: Pictures, looked: Sequence[Done], last: int) -> list[Done]:
        places = joined_places(pictures)
        blocks = [
            JoinTask(self._store, part, begin, end)
            for part, begin, end in join_parts(len(places), looked, self._settings.block)
        ]
        joined = self._stage(
            "candidates", blocks, join_block, shared=lambda: join_input(pictures, places)
        )
        if last < 4:
            return []
        found = read_candidates(self._store, sorted(joined), places)
        components = Components(len(pictures), found.left, found.right, self._settings.large)
        tasks = judge_tasks(self._store, pictures, found, components)
        judged = self._stage("judge", tasks, judge_pairs)
        if last < 5:
            return []
        whole = families_tasks(self._store, pictures, found, components, list(judged.values()))
        return list(self._stage("families", whole, find_in_components).values())

    def _stage(
        self,
        name: str,
        tasks: Iterable[Task],
        work: Callable[[Task, Any], Done],
        *,
        shared: Callable[[], object] = lambda: None,
        beside: Sequence[str] = (),
    ) -> dict[str, Done]:
        """Do the tasks whose parts are missing; every part of the stage."""
        every = list(tasks)
        parts = [task.part for task in every]
        self._note(name, parts)
        there = finished(self._store, name, *beside) if parts else {}
        left = {part.name for part in missing(parts, there)}
        done = {part.name: there[part.name] for part in parts if part.name not in left}
        with self._progress(name, len(parts)) as advance:
            advance(len(done))
            if left:
                todo = (task for task in every if task.part.name in left)
                for one in self._runner.map(work, todo, shared()):
                    done[one.name] = one
                    advance(1)
        return done

    def _note(self, stage: str, parts: Sequence[Part]) -> None:
        """Say in the store which parts a stage has: `status` counts them."""
        text = json.dumps({one.name: one.inputs for one in parts}, sort_keys=True)
        self._store.write(f"{stage}/stage.json", text.encode())
