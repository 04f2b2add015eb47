"""Every speed of pixset's, beside its peers', in one run: what `make bench` does.

    .venv/bin/python benchmarks/bench.py [--size quick|full] [--only NAME ...]

Makes an environment for each peer (pinned in benchmarks/peers/), runs the benchmarks one after
the other, prints what they print, and writes it to benchmarks/SPEED.md, with the machine and the
commands: nothing stands there that was not printed. `quick` takes some minutes and shows ratios
roughly; `full` takes an hour or two on two processors.
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
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).parent
PAGE = HERE / "SPEED.md"
PEERS = ("img2dataset", "split-folders", "imagededup", "cleanvision")
DRAW = """
import sys
from pathlib import Path
from build_speed import draw
draw(Path(sys.argv[1]), int(sys.argv[2]))
"""


@dataclass(frozen=True, slots=True)
class Section:
    """One benchmark: its script, and its arguments by size; `{peer}` is a peer's interpreter."""

    name: str
    title: str
    script: str
    full: str
    quick: str
    peers: tuple[str, ...] = field(default=())

    def words(self, size: str, places: dict[str, str]) -> list[str]:
        """The script with its arguments, without the options of a peer that is not there."""
        given = (self.full if size == "full" else self.quick).split()
        for name in [name for name in self.peers if name not in places]:
            at = next(n for n, word in enumerate(given) if word.startswith(f"{{{name}"))
            del given[at - 1 : at + 1]
        return [self.script, *(word.format_map(places) for word in given)]


SECTIONS = (
    Section("dataset", "The commands on a dataset, first and again", "dataset_speed.py",
            "--pictures 1000 3000 10000", "--pictures 100 200 400"),
    Section("catalogue", "Catalogue, `status` and the review page", "catalogue_size.py",
            "--pictures 10000 30000 100000", "--pictures 1000 2000 4000"),
    Section("fetch", "`pixset fetch` and the bring pass beside img2dataset", "fetch_speed.py",
            "--pictures 5000 20000 --alone 1000 10000 50000 --runs 1 --peer-threads 16 "
            "--peer-home {img2dataset_home}",
            "--pictures 500 --alone 250 500 1000 --runs 1 --peer-threads 16 "
            "--peer-home {img2dataset_home}", ("img2dataset",)),
    Section("tree", "The tree and `verify` beside split-folders", "build_speed.py",
            "--pictures 10000 --peer {split-folders}",
            "--pictures 300 --rounds 1 --peer {split-folders}", ("split-folders",)),
    Section("exports", "Exports beside copying the bytes", "export_speed.py",
            "--pictures 1000 3000 10000", "--pictures 100 200 400"),
    Section("look", "One look beside imagededup and cleanvision", "checks.py",
            "{pictures} --imagededup {imagededup} --cleanvision {cleanvision}",
            "{pictures} --rounds 1 --imagededup {imagededup} --cleanvision {cleanvision}",
            ("imagededup", "cleanvision")),
    Section("mission", "The whole job on the replica, and once more", "mission.py",
            "--per-class 5000", "--per-class 20"),
    Section("join", "All pairs within 8 bits", "join.py", "", "--sizes 10000 100000"),
    Section("parse", "Parsing as a page grows", "parse_growth.py", "", ""),
)  # fmt: skip


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


def machine() -> str:
    """This machine in a line."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    names = [row for row in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in row]
    model = names[0].partition(":")[2].strip() if names else platform.machine()
    python = platform.python_version()
    return f"{os.cpu_count()} x {model}, {memory:.0f} GB, {platform.platform()}, Python {python}"


def run(section: Section, size: str, places: dict[str, str]) -> str:
    """One benchmark's output, with its command, as a section of the page."""
    words = section.words(size, places)
    shown = " ".join(word.replace(places["scratch"], "…") for word in words)
    load, began = os.getloadavg()[0], time.perf_counter()
    done = subprocess.run(
        [sys.executable, str(HERE / words[0]), *words[1:]],
        capture_output=True,
        check=False,  # one that fails is named on the page, and the others go on
        text=True,
    )
    minutes = (time.perf_counter() - began) / 60
    said = done.stdout if done.returncode == 0 else f"FAILED:\n\n```\n{done.stderr[-1500:]}\n```\n"
    after = os.getloadavg()[0]
    note = f"{minutes:.1f} min, load average {load:.1f} before and {after:.1f} after"
    return f"## {section.title}\n\n`python benchmarks/{shown}` · {note}\n\n{said.strip()}\n"


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--size", choices=("quick", "full"), default="full")
    options.add_argument("--only", nargs="+", choices=[one.name for one in SECTIONS])
    options.add_argument("--peers", type=Path, default=Path(".venv/peers"))
    options.add_argument("--peer", nargs="+", default=[], metavar="NAME=PYTHON")
    options.add_argument("--out", type=Path, default=PAGE)
    chosen = options.parse_args()
    wanted = [one for one in SECTIONS if not chosen.only or one.name in chosen.only]
    given = dict(pair.split("=", 1) for pair in chosen.peer)
    about = (
        f"`make bench BENCH={chosen.size}` wrote this page whole. {machine()}. Wall seconds mean "
        "something on an idle machine only; CPU seconds (all processes) and ratios within one "
        "section, whose parts run in turn, stand on a busy one too."
    )
    page = ["# Speed, as `make bench` measured it", about]
    with tempfile.TemporaryDirectory(prefix="pixset-bench-") as scratch:
        places = {"scratch": scratch, "pictures": f"{scratch}/pictures"}
        for name in PEERS:
            if any(name in one.peers for one in wanted):
                home = chosen.peers.resolve() / name
                python = Path(given[name]) if name in given else environment(name, home)
                if python is not None:
                    places |= {name: str(python), f"{name}_home": str(python.parent.parent)}
        if any("{pictures}" in one.quick for one in wanted):
            number = "850" if chosen.size == "full" else "100"
            subprocess.run(
                [sys.executable, "-c", DRAW, places["pictures"], number], check=True, cwd=HERE
            )
        for section in wanted:
            page.append(run(section, chosen.size, places))
            print(page[-1], flush=True)
            chosen.out.write_text("\n\n".join(part.strip() for part in page) + "\n", "utf-8")


if __name__ == "__main__":
    main()
