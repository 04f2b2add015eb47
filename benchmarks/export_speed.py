"""What each export costs, beside copying the same tree's bytes; and how both grow.

    .venv/bin/python benchmarks/export_speed.py [--pictures 1000 3000 10000]

The tree holds drawn JPEGs of about 60 kB. Each format is written by a process of its own, from
opening the tree to the last checksum; just before it `shutil.copytree` of the tree, each time anew,
since what a new file costs changes with what else the machine does. The goal is twice the copy, in
CPU time, with a memory that does not grow.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from collections import defaultdict
from pathlib import Path

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


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--pictures", type=int, nargs="+", default=[1000, 3000, 10_000])
    chosen = options.parse_args()
    costs: dict[str, dict[int, Cost]] = defaultdict(dict)
    copies: dict[str, dict[int, Cost]] = defaultdict(dict)
    with tempfile.TemporaryDirectory() as place:
        for number in chosen.pictures:
            home = Path(place) / str(number)
            tree, out = home / "tree", home / "out"
            build(draw(home / "source", number), tree, "copy")
            shutil.rmtree(home / "source")
            for form in EXPORTERS:
                copies[form][number] = code(COPY, tree, out)
                shutil.rmtree(out)
                costs[form][number] = code(EXPORT, tree, form, out)
                shutil.rmtree(out)
            shutil.rmtree(home)
    least, most = min(chosen.pictures), max(chosen.pictures)
    start = code("import pixset.datasets.exporters").cpu
    print(f"{most:,} pictures; a process that only loads the exporters takes {start:.2f} CPU s\n")
    print(
        "| what | wall s | CPU s | the copy just before it, CPU s | ratio |"
        f" peak MB at {least:,} | at {most:,} |"
    )
    print("|---|---:|---:|---:|---:|---:|---:|")
    for name, by_size in costs.items():
        one, copy = by_size[most], copies[name][most]
        print(
            f"| {name} | {one.wall:.2f} | {one.cpu:.2f} | {copy.cpu:.2f} |"
            f" {one.cpu / copy.cpu:.2f} | {by_size[least].peak:.0f} | {one.peak:.0f} |"
        )
    print()
    for name, by_size in costs.items():
        print(f"- {said(name, {number: one.cpu for number, one in by_size.items()})}")


if __name__ == "__main__":
    main()
