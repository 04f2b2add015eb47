"""`make bench`: what stands on its page is what its benchmarks printed, and growth is told."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"


def run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *words],
        capture_output=True,
        text=True,
        timeout=250,
        check=True,
        cwd=BENCHMARKS,
        env={name: said for name, said in os.environ.items() if name != "PIXSET_SAMPLES"},
    )


def test_the_page_holds_what_was_printed_and_names_machine_and_command(tmp_path: Path) -> None:
    page = tmp_path / "RESULTS.md"
    done = run("bench.py", "--size", "quick", "--only", "join", "--out", str(page))
    text = page.read_text("utf-8")
    assert done.stdout.strip() in text
    assert "FAILED" not in text
    assert "`python benchmarks/join.py --sizes 10000 100000`" in text
    assert re.search(r"\d+ x .*, \d+ GB, .*Python 3\.", text)
    assert "| 100,000 | 8 |" in text


def test_a_benchmark_that_fails_is_named_on_the_page_and_the_others_go_on(tmp_path: Path) -> None:
    page = tmp_path / "RESULTS.md"
    nowhere = tmp_path / "no-python"
    peer = f"split-folders={nowhere}"
    words = ("--size", "quick", "--only", "tree", "join", "--peer", peer, "--out", str(page))
    run("bench.py", *words)
    text = page.read_text("utf-8")
    assert "FAILED" in text
    assert "no-python" in text
    assert "| 100,000 | 8 |" in text


def test_only_some_sections_are_written_anew_and_the_others_stay_in_their_order(
    tmp_path: Path,
) -> None:
    page = tmp_path / "RESULTS.md"
    words = ("bench.py", "--size", "quick", "--only", "join", "--out", str(page))
    run(*words)
    kept = "## Parsing as a page grows\n\nas it was\n"
    page.write_text(
        f"{page.read_text('utf-8').replace('| 100,000 | 8 |', '| old |')}\n{kept}", "utf-8"
    )
    again = run(*words).stdout.strip()
    assert page.read_text("utf-8").endswith(f"{again}\n\n{kept}")
    other = page.read_text("utf-8").replace(" GB, ", " GB less, ", 1)
    page.write_text(other, "utf-8")
    run(*words)
    assert kept not in page.read_text("utf-8")


def test_sections_on_real_pictures_are_left_out_where_there_are_none(tmp_path: Path) -> None:
    page = tmp_path / "RESULTS.md"
    words = ("--size", "quick", "--only", "blank", "planted", "--out", str(page))
    said = run("bench.py", *words).stderr
    assert said == "planted: left out, PIXSET_SAMPLES names no folder\n"
    assert "## Nothing in it" in page.read_text("utf-8")


def test_growth_beyond_linear_is_named() -> None:
    code = (
        "from growth import said\n"
        "print(said('a', {100: 1.0, 200: 2.0, 400: 4.0}))\n"
        "print(said('b', {100: 1.0, 200: 4.0, 400: 16.0}))"
    )
    linear, square = run("-c", code).stdout.splitlines()
    assert linear == "a: n^1.00 over 100, 200, 400"
    assert square == "b: n^2.00 over 100, 200, 400 (MORE THAN LINEAR)"
