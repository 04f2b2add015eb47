"""What each export costs, beside copying the same tree's bytes; and how both grow.

    TMPDIR=/dev/shm .venv/bin/python benchmarks/export_speed.py [--pictures 1000 3000 10000]

The tree holds drawn JPEGs of about 60 kB. Each format is written by a process of its own, from
opening the tree to the last checksum, and before each `shutil.copytree` of the tree. All figures
are medians over the rounds, the copy's over all copies of all rounds: what a new file costs changes
with what else the machine does, and on ext4 with what was deleted a moment ago (TMPDIR in memory
has no such thing). The goal is twice the copy, in CPU time, with a memory that does not grow.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from build_speed import build, draw
from command import Cost, code
from growth import said
from pixset.datasets.exporters import EXPORTERS

EXPORT = """
import sys
from pathlib import Path
from pixset.datasets.exporters import export
export(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]))
"""
COPY = "import shutil, sys; shutil.copytree(sys.argv[1], sys.argv[2])"


@dataclass(frozen=True, slots=True)
class Measured:
    """The costs at one size: of each format, once a round, and of all copies."""

    formats: dict[str, list[Cost]]
    copies: list[Cost]

    def of(self, form: str) -> Cost:
        """The median cost of a format."""
        return middle(self.formats[form])


def middle(costs: list[Cost]) -> Cost:
    """Wall and CPU seconds, each the median; the largest peak."""
    return Cost(
        median(one.wall for one in costs),
        median(one.cpu for one in costs),
        max(one.peak for one in costs),
    )


def measured(home: Path, number: int, rounds: int, forms: list[str]) -> Measured:
    tree, out = home / "tree", home / "out"
    build(draw(home / "source", number), tree, "copy")
    shutil.rmtree(home / "source")
    found = Measured(defaultdict(list), [])
    for _ in range(rounds):
        for form in forms:
            found.copies.append(code(COPY, tree, out))
            shutil.rmtree(out)
            found.formats[form].append(code(EXPORT, tree, form, out))
            shutil.rmtree(out)
    shutil.rmtree(home)
    return found


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--pictures", type=int, nargs="+", default=[1000, 3000, 10_000])
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--formats", nargs="+", default=list(EXPORTERS))
    chosen = options.parse_args()
    by_size: dict[int, Measured] = {}
    with tempfile.TemporaryDirectory() as place:
        for number in chosen.pictures:
            home = Path(place) / str(number)
            by_size[number] = measured(home, number, chosen.rounds, chosen.formats)
    start = code("import pixset.datasets.exporters").cpu
    print(f"A process that only loads the exporters takes {start:.2f} CPU s.\n")
    show(by_size, chosen.formats)


def show(by_size: dict[int, Measured], forms: list[str]) -> None:
    least, most = min(by_size), max(by_size)
    copies = [one.cpu for one in by_size[most].copies]
    base = median(copies)
    print(
        f"| {most:,} pictures | wall s | CPU s | against the copy | peak MB at {least:,} |"
        f" at {most:,} |"
    )
    print("|---|---:|---:|---:|---:|---:|")
    copy = middle(by_size[most].copies)
    print(f"| copytree, {len(copies)} times | {copy.wall:.2f} | {copy.cpu:.2f} | 1.00 | | |")
    for name in forms:
        one, small = by_size[most].of(name), by_size[least].of(name)
        print(
            f"| {name} | {one.wall:.2f} | {one.cpu:.2f} | {one.cpu / base:.2f} |"
            f" {small.peak:.0f} | {one.peak:.0f} |"
        )
    print(f"\nThe copies took {min(copies):.2f} to {max(copies):.2f} CPU s.\n")
    for name in forms:
        costs = {number: found.of(name).cpu for number, found in by_size.items()}
        print(f"- {said(name, costs)}")


if __name__ == "__main__":
    main()
