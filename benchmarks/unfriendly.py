"""What each unfriendliness of an engine does to a scrape: results, originals and outcome.

Run: python benchmarks/unfriendly.py [--pixset PATH] [--shown 150] [CASE …]
The replica is this tree's; `--pixset` names another version's command, to compare. A CASE is an
engine and a fault as in `pixset replica serve --fault` ("bing slow_xhr=0.3", or "bing" for none);
all of the list below without one. One engine a run.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from pixset.scraper.replica import Faults, serve

# engine, faults; "" is what the engine does by itself (Google's later batches in XHR only).
CASES = (
    ("google", ""), ("bing", ""), ("yahoo", ""),
    ("bing", "bing=decoy"), ("bing", "bing=decoy:1"), ("google", "google=one-tile"),
    ("google", "google=recycled"), ("bing", "bing=recycled"), ("bing", "bing=shadow"),
    ("yahoo", "yahoo=srcset"), ("bing", "bing=lazy-srcset"), ("google", "google=picture"),
    ("bing", "bing=background"), ("yahoo", "yahoo=blob"), ("google", "google=viewer"),
    ("bing", "bing=no-growth"), ("yahoo", "yahoo=no-growth"), ("bing", "bing=stuck"),
    ("yahoo", "yahoo=stuck"), ("google", "google=consent"), ("yahoo", "yahoo=consent"),
    ("google", "slow_xhr=0.3"), ("bing", "failing_xhr=0.3"), ("google", "failing_xhr=0.3"),
    ("bing", "restart=40"),
)  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cases", nargs="*")
    parser.add_argument("--pixset", default=f"{Path(sys.executable).parent}/pixset")
    parser.add_argument("--shown", type=int, default=150)
    parser.add_argument("--whole", type=int, help="so many results of all three engines instead")
    parser.add_argument("--pace", default="none")
    options = parser.parse_args()
    if options.whole:
        print(whole(options.pixset, options.whole, options.pace), flush=True)
        return
    cases = [(one.split()[0], "".join(one.split()[1:])) for one in options.cases] or CASES
    print("| engine | fault | shown | found | of the term | with original | fetched | outcome |")
    print("|---|---|---:|---:|---:|---:|---:|---|")
    for engine, fault in cases:
        print(row(options.pixset, engine, fault, options.shown), flush=True)


def whole(pixset: str, limit: int, pace: str) -> str:
    """One run over three engines: results, how many with their original, pictures, seconds."""
    root = Path(tempfile.mkdtemp(prefix="unfriendly-"))
    try:
        with serve(per_term=-(-limit // 3)) as replica:
            replica.warm("pizza")
            begun = time.monotonic()
            subprocess.run(
                [
                    *(pixset, "scrape", "--term", "pizza", "--limit", str(limit), "--pace", pace),
                    *("--replica", replica.url, "--into", str(root / "d"), "--unattended"),
                ],
                capture_output=True,
                check=False,
                timeout=1800,
            )
            seconds = time.monotonic() - begun
        with sqlite3.connect(root / "d" / "pixset.sqlite") as cat:
            counted = cat.execute("SELECT count(*), count(image_url) FROM sighting").fetchone()
        return f"| {limit} | {pace} | {counted[0]} | {counted[1]} | {seconds:.1f} |"
    finally:
        shutil.rmtree(root, ignore_errors=True)


def row(pixset: str, engine: str, fault: str, shown: int) -> str:
    """One run's line."""
    root = Path(tempfile.mkdtemp(prefix="unfriendly-"))
    try:
        faults = Faults.parse([fault] if fault else [])
        with serve(per_term=shown, faults=faults) as replica:
            done = subprocess.run(
                [
                    *(pixset, "scrape", "--term", "pizza", "--limit", str(shown)),
                    *("--engine", engine, "--replica", replica.url, "--into", str(root / "d")),
                    *("--unattended", "--json"),
                ],
                capture_output=True,
                text=True,
                check=False,
                timeout=300,
            )
            truth = {
                one["image_url"]
                for search in replica.truth()["searches"]
                if search["engine"] == engine and search["term"] == "pizza"
                for one in search["results"]
            }
        return f"| {engine} | {fault or '-'} | {shown} | {read(root / 'd', truth, done)} |"
    except subprocess.TimeoutExpired:
        return f"| {engine} | {fault or '-'} | {shown} | - | - | - | - | no end in 300 s |"
    finally:
        shutil.rmtree(root, ignore_errors=True)


def read(root: Path, truth: set[str], done: subprocess.CompletedProcess[str]) -> str:
    """What the catalogue holds: found, of the term, with original, fetched, outcome."""
    catalogue = root / "pixset.sqlite"
    if not catalogue.is_file():
        return f"0 | 0 | 0 | 0 | nothing is kept (exit {done.returncode})"
    with sqlite3.connect(catalogue) as cat:
        seen = cat.execute("SELECT image_url, page_url, title FROM sighting").fetchall()
        (fetched,) = cat.execute("SELECT count(*) FROM labelled").fetchone()
        outcomes = cat.execute("SELECT outcome FROM search").fetchall()
    originals = [url for url, _, _ in seen if url]
    ours = sum(
        (url in truth) if url else "pizza" in (title or "").lower() for url, _, title in seen
    )
    ended = ", ".join(json.loads(json.dumps(one)) or "not ended" for (one,) in outcomes)
    return f"{len(seen)} | {ours} | {len(originals)} | {fetched} | {ended} (exit {done.returncode})"


if __name__ == "__main__":
    main()
