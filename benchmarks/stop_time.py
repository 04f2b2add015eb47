"""How soon a scrape ends after Ctrl-C, at every pace and in every phase.

    python benchmarks/stop_time.py [--times 5] [--pace human …]

A run against a local replica gets SIGINT at moments spread over its course: while browsers start,
while pages are scrolled, while pictures are fetched. Printed are the seconds until the command
has returned (its browsers closed, its exit code 130) and whether a process is left behind.
"""

from __future__ import annotations

import argparse
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from pixset.scraper.replica import serve

COMMAND = [sys.executable, "-P", "-m", "pixset.datasets", "scrape", "--term", "pizza"]


def stop(url: str, pace: str, after: float) -> tuple[float, int]:
    """Seconds from SIGINT to the command's end, and its exit code."""
    with tempfile.TemporaryDirectory() as folder:
        words = ["--replica", url, "--pace", pace, "--unattended", "--limit", "300"]
        words += ["--source", "original", "--into", "ds"]
        process = subprocess.Popen(
            [*COMMAND, *words],
            cwd=folder,
            env={**os.environ, "TMPDIR": folder},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(after)  # Ctrl-C comes at another moment of the run each time
        if process.poll() is not None:
            return 0.0, process.returncode
        begun = time.monotonic()
        process.send_signal(signal.SIGINT)
        code = process.wait(60)
        took = time.monotonic() - begun
        strays = [path.name for path in Path(folder).iterdir() if path.name != "ds"]
        if strays:
            print(f"left behind: {strays}")
        return took, code


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--pace", action="append", choices=["human", "brisk", "none"])
    given = parser.parse_args()
    print("| pace | stopped after (s) | median s | most s | codes |\n|---|---|---|---|---|")
    with serve(per_term=100) as replica:
        for pace in given.pace or ["human", "brisk", "none"]:
            moments = [0.8 + 2.2 * number for number in range(given.times)]
            ended = [stop(replica.url, pace, moment) for moment in moments]
            stopped = [took for took, code in ended if code == 130]
            codes = sorted({code for _, code in ended})
            shown = ", ".join(f"{moment:.1f}" for moment in moments)
            if stopped:
                middle, most = statistics.median(stopped), max(stopped)
                print(f"| {pace} | {shown} | {middle:.2f} | {most:.2f} | {codes} |", flush=True)


if __name__ == "__main__":
    main()
