"""`make torture`: see the package's own words."""

from __future__ import annotations

import argparse
import platform
import random
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from .catalogues import damage
from .disks import fill_up, read_only, why_not
from .hostile import meet
from .kills import kill_stage
from .runs import World
from .stages import STAGES, Stage, all_stages

FULL = {"kills": 100, "each": 24, "good": 1000, "shares": (0.1, 0.3, 0.5, 0.7, 0.9)}


@dataclass(slots=True)
class Table:
    """The lines that are printed, as they come, and the faults below them."""

    faults: list[str] = field(default_factory=list)

    def line(self, what: str, tried: str, faults: list[str], seconds: float) -> None:
        """One row: what was done, how often, what it found."""
        self.faults += faults
        print(f"| {what} | {tried} | {len(faults)} | {seconds:.0f} |", flush=True)


def kills_of(stages: list[Stage], total: int) -> dict[str, int]:
    """How often each stage is killed: evenly, at least five times; `build` takes longest."""
    least = 5 if total >= 5 * len(stages) else max(1, total // len(stages))
    return {
        stage.name: max(least, total // len(stages) + (number < total % len(stages)))
        for number, stage in enumerate(stages)
    }


def main() -> int:
    parser = argparse.ArgumentParser(prog="torture", description=__doc__)
    parser.add_argument("--kills", type=int, default=FULL["kills"], help="in all, over the stages")
    parser.add_argument("--seed", type=int, help="default: a new one, printed")
    parser.add_argument("--stage", action="append", choices=list(STAGES), help="only these")
    parser.add_argument("--planted", action="store_true", help="with a fault on purpose")
    parser.add_argument("--only-kills", action="store_true", help="no disks, catalogues, hosts")
    given = parser.parse_args()
    seed = given.seed if given.seed is not None else random.SystemRandom().randrange(10**6)
    print(f"seed {seed}; {platform.platform()}, Python {platform.python_version()}\n")
    print("| what | times | faults | s |\n|---|---|---|---|")
    table = Table()
    with tempfile.TemporaryDirectory(prefix="pixset-torture-") as folder:
        home = Path(folder)
        with all_stages(home, given.stage or list(STAGES), each=FULL["each"]) as stages:
            _kill(stages, home, given.kills, seed, table, planted=given.planted)
            if not given.only_kills and not given.stage:
                _rest({stage.name: stage for stage in stages}, home, seed, table)
    print("\n" + "\n".join(table.faults or ["no fault found"]))
    return 1 if table.faults else 0


def _kill(
    stages: list[Stage], home: Path, total: int, seed: int, table: Table, *, planted: bool
) -> None:
    counts = kills_of(stages, total)
    done = 0
    for stage in stages:
        begun = time.monotonic()
        place = home / f"kills {stage.name}"
        tally = kill_stage(stage, place, counts[stage.name], seed, planted=planted)
        done += tally.kills
        what = f"`{stage.name}` killed, run again to its end and compared"
        tried = f"{tally.kills} kills in {tally.rows} rows ({tally.too_late} came too late)"
        faults = [f"{stage.name}: {fault}" for fault in tally.faults]
        table.line(what, tried, faults, time.monotonic() - begun)
    table.line("kills in all", str(done), [], 0)


def _rest(stages: dict[str, Stage], home: Path, seed: int, table: Table) -> None:
    begun = time.monotonic()
    met = meet(World(home / "hostile").make(), good=FULL["good"])
    what = f"hostile addresses among {met.good} good ones, peak {met.peak_megabytes:.0f} MB"
    table.line(what, f"{met.kinds} kinds", list(met.wrong), time.monotonic() - begun)
    begun = time.monotonic()
    tried, faults = damage(stages["split"].template, home / "catalogues", seed)
    table.line(
        "damaged catalogues, each before every command",
        str(tried),
        faults,
        time.monotonic() - begun,
    )
    if reason := why_not():
        table.line(f"full and read-only disks: left out, {reason}", "0", [], 0)
        return
    for name in ("import", "split", "split folders", "export", "fetch"):
        begun = time.monotonic()
        faults = fill_up(stages[name], home / f"full {name}", FULL["shares"])
        tried = f"{len(FULL['shares'])} disks"
        table.line(
            f"`{name}` on a disk that becomes full, then with room",
            tried,
            faults,
            time.monotonic() - begun,
        )
    begun = time.monotonic()
    faults = read_only(stages["split"].template, home / "read-only")
    table.line("commands on a read-only disk", "6", faults, time.monotonic() - begun)


if __name__ == "__main__":
    sys.exit(main())
