"""Kill a stage at random moments until it has been killed often enough; compare what it leaves."""

from __future__ import annotations

import random
import shutil
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .runs import Moment, Ran, World, random_moment, run
from .snapshot import differences, snapshot

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .stages import Stage

_MOST_IN_A_ROW = 4


@dataclass(slots=True)
class Tally:
    """What the kills of one stage came to; `faults` has a line for each thing found."""

    stage: str
    kills: int = 0
    rows: int = 0  # worlds: rows of kills with one ending
    too_late: int = 0  # the run was over before its moment came
    seconds: float = 0.0
    faults: list[str] = field(default_factory=list)


def kill_stage(
    stage: Stage,
    home: Path,
    kills: int,
    seed: int,
    *,
    planted: bool = False,
    moment: Callable[[World], Moment] | None = None,
) -> Tally:
    """Kill a stage `kills` times in all; `moment` replaces the random ones."""
    tally = Tally(stage.name)
    chance = random.Random(f"{seed} {stage.name}")  # a seed that can be given again
    whole = stage.world(home / "undisturbed")
    first = run(whole, stage.words)
    _judge(tally, whole, first, "undisturbed")
    expected = snapshot(whole.work)
    begins = min(0.4, first.seconds / 3)
    while tally.kills < kills and tally.rows < 3 * kills + 3:
        tally.rows += 1
        world = stage.world(home / f"row {tally.rows}", planted=planted)
        moments = []
        for _ in range(min(chance.randint(1, _MOST_IN_A_ROW), kills - tally.kills)):
            when = (
                moment(world)
                if moment is not None
                else random_moment(chance, first.seconds, begins, world.work)
            )
            ran = run(world, stage.words, when)
            tally.seconds += ran.seconds
            moments.append(when.what)
            if not ran.killed:
                tally.too_late += 1
                break
            tally.kills += 1
        where = f"row {tally.rows} (killed {', '.join(moments)})"
        last = run(world, stage.words)
        tally.seconds += last.seconds
        _judge(tally, world, last, where)
        found = differences(expected, snapshot(world.work))
        tally.faults += [f"{where}: {line}" for line in found[:10]]
        shutil.rmtree(world.home)
    return tally


def _judge(tally: Tally, world: World, ran: Ran, where: str) -> None:
    if ran.code != 0:
        tally.faults.append(f"{where}: exit {ran.code}: {ran.err.strip()[-300:]}")
    if "Traceback" in ran.err:
        tally.faults.append(f"{where}: a traceback")
    if left := world.left_running():
        tally.faults.append(f"{where}: processes left running: {left}")
    if strays := sorted(path.name for path in world.tmp.iterdir()):
        tally.faults.append(f"{where}: left in TMPDIR: {', '.join(strays[:5])}")
