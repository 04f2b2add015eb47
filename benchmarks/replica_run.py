"""A whole look-and-bring run against the replica: is everything found, and what does it cost?

    python benchmarks/replica_run.py                     # 1,800 at pace none, 300 at pace human
    python benchmarks/replica_run.py --pictures 1800 --pace none
    python benchmarks/replica_run.py --pictures 900 --fault google=recycled --fault slow_xhr=0.1

Starts a drawing replica (its previews are drawn before the clock starts), runs `pixset scrape`
for one term over three engines as a child process, and compares the catalogue with the
replica's own truth. Memory is read from /proc once a second: pixset is the child process, the
browsers are all below it (proportional set size, so that shared pages count once). Pauses are
added up by the child; engines pause side by side, so the engine that paused longest is what
the wall time is held against: the whole run's, with the start of three browsers and the
fetching in it, and the longest search's. Linux only.
"""

from __future__ import annotations

import argparse
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

TERM = "pizza"


def child(report: Path, arguments: list[str]) -> None:
    """Run the command line in this process, and write down what its paces waited."""
    from pixset.datasets import cli
    from pixset.scraper import pace as pacing

    made: list[pacing.Pace] = []
    original = pacing.pace

    def counted(*args: Any, **kwargs: Any) -> pacing.Pace:
        made.append(original(*args, **kwargs))
        return made[-1]

    pacing.pace = counted
    sys.argv = ["pixset", *arguments]
    try:
        cli.main()
    finally:
        report.write_text(json.dumps([one.waited for one in made]))


class Memory(threading.Thread):
    """Peaks, in MB, of a process and of everything below it."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.own = self.below = 0.0
        self._pid = pid
        self._done = threading.Event()

    def run(self) -> None:
        """Look once a second until told to stop."""
        while not self._done.wait(1.0):
            own, below = self._look()
            self.own, self.below = max(self.own, own), max(self.below, below)

    def stop(self) -> None:
        """End; the peaks stay."""
        self._done.set()
        self.join()

    def _look(self) -> tuple[float, float]:
        parents: dict[int, int] = {}
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    stat = (entry / "stat").read_text()
                except OSError:
                    continue
                parents[int(entry.name)] = int(stat.rpartition(")")[2].split()[1])
        family, grown = {self._pid}, True
        while grown:
            more = {pid for pid, parent in parents.items() if parent in family} - family
            family |= more
            grown = bool(more)
        return _pss(self._pid), sum(_pss(pid) for pid in family - {self._pid})


def _pss(pid: int) -> float:
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1024
    except OSError:
        pass  # the process has ended
    return 0.0


def run(pictures: int, pace: str, faults: Sequence[str] = ()) -> dict[str, Any]:
    """One run; the row of the table."""
    from pixset.scraper.replica import Faults, serve

    with (
        tempfile.TemporaryDirectory() as name,
        serve(per_term=pictures // 3, faults=Faults.parse(list(faults))) as replica,
    ):
        folder = Path(name)
        replica.warm(TERM)
        before = len(replica.requests())
        start = time.monotonic()
        process = subprocess.Popen(
            [
                sys.executable, "-P", __file__, "--child", str(folder / "waited.json"),
                "scrape", "--term", TERM, "--limit", str(pictures), "--replica", replica.url,
                "--pace", pace, "--headless", "--into", str(folder / "set"), "--json",
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )  # fmt: skip
        memory = Memory(process.pid)
        memory.start()
        summary = json.loads(process.communicate()[0])
        wall = time.monotonic() - start
        memory.stop()
        waits = json.loads((folder / "waited.json").read_text())
        row = compare(folder / "set" / "pixset.sqlite", replica.truth())
        asked_twice = sum(count > 1 for count in replica.requests().values())
        return {
            "asked": pictures, "pace": pace, **row,
            "outcomes": sorted({query["outcome"] for query in summary["queries"]}),
            "via": summary["via"], "requests": len(replica.requests()) - before,
            "asked twice": asked_twice, "wall s": round(wall, 1),
            "pauses s (longest engine)": round(max(waits, default=0.0), 1),
            "pauses s (all engines)": round(sum(waits), 1),
            "pixset MB": round(memory.own), "browsers MB": round(memory.below),
            "load": round(os.getloadavg()[0], 1),
        }  # fmt: skip


def compare(catalogue: Path, truth: dict[str, Any]) -> dict[str, Any]:
    """What the catalogue holds of what the replica showed."""
    with closing(sqlite3.connect(catalogue)) as db:
        sighted = set(db.execute("SELECT engine, image_url FROM sighting"))
        sightings, lacking = db.execute(
            "SELECT count(*), coalesce(sum(image_url IS NULL), 0) FROM sighting"
        ).fetchone()
        fetched = db.execute("SELECT count(*) FROM labelled").fetchone()[0]
        unique = db.execute("SELECT count(*) FROM image").fetchone()[0]
        spans = db.execute("SELECT started_at, finished_at FROM search").fetchall()
    results = [(one["engine"], shown) for one in truth["searches"] for shown in one["results"]]
    shown = {(engine, one["image_url"]) for engine, one in results}
    return {
        "shown": len(shown),
        "found": len(shown & sighted),
        "not shown": len({one for one in sighted if one[1]} - shown),
        "results": sightings,
        "results without original": lacking,
        "fetched": fetched,
        "unique files": unique,
        "searching s (longest engine)": max(map(seconds, spans)),
        "sources": len({one["source"] for _, one in results}),
    }


def seconds(span: tuple[str, str]) -> float:
    began, ended = (datetime.fromisoformat(moment) for moment in span)
    return round((ended - began).total_seconds(), 1)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--pictures", type=int)
    parser.add_argument("--pace", default="none")
    parser.add_argument("--fault", action="append", default=[])
    chosen = parser.parse_args()
    runs = [(1800, "none"), (300, "human")]
    if chosen.pictures:
        runs = [(chosen.pictures, chosen.pace)]
    for pictures, pace in runs:
        row = run(pictures, pace, chosen.fault)
        longest = row["pauses s (longest engine)"]
        if longest:
            for name in ("wall s", "searching s (longest engine)"):
                row[f"{name}: beyond the pauses"] = f"{(row[name] - longest) / longest:.1%}"
        row["found of shown"] = f"{row['found'] / row['shown']:.1%}"
        width = max(map(len, row))
        print("\n".join(f"{key:<{width}}  {value}" for key, value in row.items()), "\n", flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        child(Path(sys.argv[2]), sys.argv[3:])
    else:
        main()
