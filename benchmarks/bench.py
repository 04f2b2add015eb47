"""Every figure of pixset's, beside its peers', on one page: what `make bench` does.

    .venv/bin/python benchmarks/bench.py [--size quick|full] [--only NAME ...]

Makes an environment for each peer (pinned in benchmarks/peers/), runs the benchmarks one after the
other, prints what they print, and writes it to benchmarks/RESULTS.md, with the machine, commit and
commands: nothing stands there that was not printed. `quick` takes some minutes and shows ratios
roughly; `full` takes two hours on two processors. TMPDIR in memory (/dev/shm) leaves out what a
disk does with files that were deleted a moment ago. With `--only` the page's other sections stay,
if they were measured on this machine. PIXSET_SAMPLES names the folder of real pictures that some
sections read; without it they are left out, and stay as they were.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path

from sections import SECTIONS, Section

HERE = Path(__file__).parent
PAGE = HERE / "RESULTS.md"
PEERS = ("img2dataset", "split-folders", "imagededup", "cleanvision")
TITLES = {one.title: one.name for one in SECTIONS}
DRAW = """
import sys
from pathlib import Path
from build_speed import draw
draw(Path(sys.argv[1]), int(sys.argv[2]))
"""


def environment(name: str, home: Path) -> Path | None:
    """A peer's interpreter, in an environment of its own that is made on the first run.

    None where it cannot be installed.
    """
    python = home / "bin" / "python"
    if not (home / "whole").exists():
        print(f"installing {name} into {home}", file=sys.stderr, flush=True)
        venv.create(home, with_pip=True, clear=True)
        needs = HERE / "peers" / f"{name}.txt"
        pip = [str(python), "-m", "pip", "install", "--quiet", "--requirement", str(needs)]
        if subprocess.run(pip, check=False).returncode:
            print(f"{name} cannot be installed: its sections run without it", file=sys.stderr)
            return None
        (home / "whole").touch()
    return python


def places(chosen: argparse.Namespace, wanted: list[Section], scratch: str) -> dict[str, str]:
    """What `{…}` stands for in the sections' arguments: folders, and peers that are there."""
    found = {"pictures": f"{scratch}/pictures"}
    if samples := os.environ.get("PIXSET_SAMPLES"):
        found["samples"] = samples
    given = dict(pair.split("=", 1) for pair in chosen.peer)
    for name in PEERS:
        if any(name in one.peers for one in wanted):
            home = chosen.peers.resolve() / name
            python = Path(given[name]) if name in given else environment(name, home)
            if python is not None:
                found |= {name: str(python), f"{name}_home": str(python.parent.parent)}
    if any("{pictures}" in one.full for one in wanted):
        number = "850" if chosen.size == "full" else "100"
        draw = [sys.executable, "-c", DRAW, found["pictures"], number]
        subprocess.run(draw, check=True, cwd=HERE)
    return found


def head(size: str) -> str:
    """The page's beginning: this machine, and how to read it."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    names = [row for row in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in row]
    model = names[0].partition(":")[2].strip() if names else platform.machine()
    python = platform.python_version()
    system = f"{os.cpu_count()} x {model}, {memory:.0f} GB, {platform.platform()}, Python {python}"
    return (
        f"# Measured: what `make bench` printed\n\n{system}; size {size}; temporary files in "
        f"{tempfile.gettempdir()}.\n\n"
        f"`make bench BENCH={size}` writes this page, `benchmarks/bench.py --only NAME` a section. "
        "[NOTES.md](NOTES.md) says what the figures mean, what was measured by hand, and what was "
        "tried. Wall seconds mean something on an idle machine only; CPU seconds (all processes) "
        "and ratios within one section, whose parts run in turn, stand on a busy one too."
    )


def earlier(page: Path, start: str) -> dict[str, str]:
    """The sections of a page with the same beginning, by name."""
    if not page.exists() or not (text := page.read_text("utf-8")).startswith(start):
        return {}
    found: dict[str, str] = {}
    name = ""
    for line in text.splitlines(keepends=True):
        name = TITLES.get(line.removeprefix("## ").strip(), name)
        if name:
            found[name] = found.get(name, "") + line
    return found


def run(section: Section, size: str, there: dict[str, str]) -> str:
    """One benchmark's output, with its command, as a section of the page."""
    words = section.words(size, there)
    shown = [word.format_map({name: name.upper() for name in there}) for word in words]
    load, began = os.getloadavg()[0], time.perf_counter()
    done = subprocess.run(
        [sys.executable, HERE / section.script, *(word.format_map(there) for word in words)],
        capture_output=True,
        check=False,  # one that fails is named on the page, and the others go on
        text=True,
    )
    minutes = (time.perf_counter() - began) / 60
    said = done.stdout if done.returncode == 0 else f"FAILED:\n\n```\n{done.stderr[-1500:]}\n```\n"
    command = " ".join(["python", f"benchmarks/{section.script}", *shown])
    note = f"{minutes:.1f} min, load average {load:.1f} before and {os.getloadavg()[0]:.1f} after"
    when = f"{time.strftime('%Y-%m-%d')}, commit {commit()}"
    return f"## {section.title}\n\n`{command}` · {when} · {note}\n\n{said.strip()}\n"


def commit() -> str:
    """The commit that is measured, with `+` where files differ from it (this page apart)."""
    git = ("git", "-C", str(HERE))
    named = subprocess.run(
        [*git, "rev-parse", "--short", "HEAD"], capture_output=True, check=False, text=True
    ).stdout.strip()
    changed = subprocess.run(
        [*git, "diff", "--quiet", "HEAD", "--", ".", ":!*.md"], check=False
    ).returncode
    return f"{named or 'unknown'}{'+' * bool(named and changed)}"


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--size", choices=("quick", "full"), default="full")
    options.add_argument("--only", nargs="+", choices=[one.name for one in SECTIONS])
    options.add_argument("--peers", type=Path, default=Path(".venv/peers"))
    options.add_argument("--peer", nargs="+", default=[], metavar="NAME=PYTHON")
    options.add_argument("--out", type=Path, default=PAGE)
    chosen = options.parse_args()
    wanted = [one for one in SECTIONS if not chosen.only or one.name in chosen.only]
    start = head(chosen.size)
    with tempfile.TemporaryDirectory(prefix="pixset-bench-") as scratch:
        there = places(chosen, wanted, scratch)
        for section in wanted:
            if section.wants_samples and "samples" not in there:
                print(f"{section.name}: left out, PIXSET_SAMPLES names no folder", file=sys.stderr)
                continue
            said = run(section, chosen.size, there)
            print(said, flush=True)
            page = earlier(chosen.out, start) | {section.name: said}
            parts = [start, *(page[one.name] for one in SECTIONS if one.name in page)]
            chosen.out.write_text("\n\n".join(part.strip() for part in parts) + "\n", "utf-8")


if __name__ == "__main__":
    main()
