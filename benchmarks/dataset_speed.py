"""What the commands cost on a dataset of drawn pictures, first and again, and how that grows.

    .venv/bin/python benchmarks/dataset_speed.py [--pictures 300 1000 3000] [--only import check]

Whole commands, start-up included: `import`, `check` (of the dataset and of the plain folder),
`dedupe`, `split`, `verify`, `status` and `--help`, each again with nothing new where that is a
thing to do. CPU time of all processes.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from collections import defaultdict
from pathlib import Path

from build_speed import draw
from command import Cost, pixset
from growth import said


def commands(home: Path) -> list[tuple[str, tuple[object, ...]]]:
    """A label's name and words for each command, in the order of the work."""
    dataset = home / "dataset"
    return [
        ("import", ("import", home / "source", "--into", dataset)),
        ("check", ("check", dataset)),
        ("check, again", ("check", dataset)),
        ("check of the folder", ("check", home / "source")),
        ("check of the folder, again", ("check", home / "source")),
        ("dedupe", ("dedupe", dataset)),
        ("dedupe, again", ("dedupe", dataset)),
        ("split", ("split", dataset)),
        ("split, again", ("split", dataset)),
        ("verify, without copies", ("verify", dataset / "ready", "--no-copies", "--report")),
        ("status", ("status", dataset)),
    ]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--pictures", type=int, nargs="+", default=[300, 1000, 3000])
    options.add_argument("--only", nargs="+", help="commands: others are left out")
    chosen = options.parse_args()
    costs: dict[str, dict[int, Cost]] = defaultdict(dict)
    helps = sorted(pixset("--help").cpu for _ in range(9))
    with tempfile.TemporaryDirectory() as place:
        for number in chosen.pictures:
            home = Path(place) / str(number)
            draw(home / "source", number)
            for name, words in commands(home):
                if chosen.only and words[0] not in chosen.only:
                    continue
                costs[name][number] = pixset(*words)
            shutil.rmtree(home)
    print(f"`pixset --help`: {helps[4]:.2f} CPU s, median of nine\n")
    print("| command | pictures | wall s | CPU s | ms a picture beyond --help, CPU | peak MB |")
    print("|---|---:|---:|---:|---:|---:|")
    for name, by_size in costs.items():
        for number, one in by_size.items():
            each = 1000 * max(0.0, one.cpu - helps[4]) / number
            print(
                f"| {name} | {number:,} | {one.wall:.2f} | {one.cpu:.2f} | {each:.2f} |"
                f" {one.peak:.0f} |"
            )
    print("\nGrowth of what is beyond `--help`, in CPU time:\n")
    for name, by_size in costs.items():
        beyond = {number: max(0.01, one.cpu - helps[4]) for number, one in by_size.items()}
        print(f"- {said(name, beyond)}")


if __name__ == "__main__":
    main()
