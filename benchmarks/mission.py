"""The whole job on the replica, then once more: minutes, CPU, memory, rows, and where it goes.

    .venv/bin/python benchmarks/mission.py [--per-class 5000] [--replica-per-term 3000]

`pixset build binary --positive pizza --per-class N --pace none` against a replica of a process of
its own (drawn pictures), then the same again with nothing new, then each step again alone. CPU is
read from /proc twice a second for pixset with its decoding processes, and for the browsers, so it
lacks what a process spends in its last half second. Memory is proportional set size, peak.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

from pixset.datasets.catalogue import searches
from pixset.datasets.project import Project

PIXSET = (sys.executable, "-P", "-m", "pixset.datasets")
_TICKS = os.sysconf("SC_CLK_TCK")


class Family(threading.Thread):
    """What a command and all below it cost, split into `pixset` and `browsers`."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.peak: Counter[str] = Counter()
        self._spent: dict[tuple[int, str], float] = {}
        self._pid = pid
        self._done = threading.Event()

    def run(self) -> None:
        """Look twice a second until told to stop."""
        while not self._done.wait(0.5):
            now: Counter[str] = Counter()
            for pid, (who, spent) in _family(self._pid).items():
                self._spent[pid, who] = max(spent, self._spent.get((pid, who), 0.0))
                now[who] += _pss(pid)
            for who, size in now.items():
                self.peak[who] = max(self.peak[who], size)

    def stop(self) -> Counter[str]:
        """End; CPU seconds by who spent them."""
        self._done.set()
        self.join()
        total: Counter[str] = Counter()
        for (_, who), spent in self._spent.items():
            total[who] += spent  # type: ignore[assignment]  # seconds
        return total


def _family(root: int) -> dict[int, tuple[str, float]]:
    """Every process below `root`: who it is, and its CPU seconds until now."""
    found: dict[int, tuple[int, str, float]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                head, _, tail = (entry / "stat").read_text().rpartition(")")
            except OSError:
                continue
            words = tail.split()
            who = "browsers" if "chrom" in head else "pixset"
            found[int(entry.name)] = int(words[1]), who, (int(words[11]) + int(words[12])) / _TICKS
    family, grown = {root}, True
    while grown:
        more = {pid for pid, (parent, *_) in found.items() if parent in family} - family
        family |= more
        grown = bool(more)
    return {pid: found[pid][1:] for pid in family if pid in found}


def _pss(pid: int) -> int:
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) // 1024
    except OSError:
        pass  # the process has ended
    return 0


def measured(name: str, *words: str) -> None:
    """Run `pixset WORDS` and print its row."""
    began = time.perf_counter()
    with tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen([*PIXSET, *words], stdout=log, stderr=log)
        family = Family(process.pid)
        family.start()
        code = process.wait()
        spent, wall = family.stop(), time.perf_counter() - began
        print(
            f"| {name} | {code} | {wall / 60:.1f} | {spent['pixset']:.0f} |"
            f" {spent['browsers']:.0f} | {family.peak['pixset']} | {family.peak['browsers']} |",
            flush=True,
        )
        if code:
            log.seek(0)
            sys.stderr.write(log.read()[-2000:])


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--per-class", type=int, default=5000)
    options.add_argument("--replica-per-term", type=int, default=None)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="pixset-mission-") as place:
        dataset = str(Path(place) / "dataset")
        words = [*PIXSET, "replica", "serve", "--port", "0"]
        if chosen.replica_per_term:
            words += ["--per-term", str(chosen.replica_per_term)]
        with subprocess.Popen(words, stdout=subprocess.PIPE, text=True, cwd=place) as replica:
            try:
                assert replica.stdout is not None
                url = next(
                    word for line in replica.stdout for word in line.split() if "://" in word
                )
                print("| what | exit | min | pixset CPU s | browsers' | pixset MB | browsers' |")
                print("|---|---:|---:|---:|---:|---:|---:|")
                build = ("build", "binary", "--positive", "pizza", "--per-class")
                build += (str(chosen.per_class), "--pace", "none", "--headless", "--into", dataset)
                build += ("--replica", url)
                measured("build", *build)
                measured("build, again", *build)
            finally:
                replica.terminate()
        for step in ("check", "dedupe", "split", "status"):
            measured(f"{step}, again", step, dataset)
        measured("verify", "verify", f"{dataset}/ready", "--report")
        told = subprocess.run(
            [*PIXSET, "status", dataset, "--json"], capture_output=True, text=True, check=True
        )
        rows = json.loads(told.stdout)
        print()
        for label, columns in rows["labels"].items():
            print(f"- {label}: {columns}; placed {rows['placed'].get(label)}")
        project = Project(Path(dataset))
        with project.open_catalogue(write=False) as cat:
            searching = searches.search_times(cat).seconds / 60
        size = project.catalogue.stat().st_size / 1e6
        print(f"- searches were under way for {searching:.1f} min; catalogue {size:.1f} MB")


if __name__ == "__main__":
    main()
