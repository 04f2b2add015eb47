"""What `pixset split DATASET` costs when nothing is new, and when one decision is.

    TMPDIR=/dev/shm .venv/bin/python benchmarks/split_again.py [--pictures 1000 10000]

The dataset holds small drawn pictures, all different. Whole commands, start-up included: `split`
for the first time (every picture looked at and compared), again three times (the median), again
without the note beside the tree, which is the whole way, and `--help` for the start-up alone.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from statistics import median

import numpy as np
from command import Cost, pixset
from growth import said
from PIL import Image

NOTE = ".ready.json"


def draw(folder: Path, number: int) -> None:
    luck = np.random.default_rng(1)
    for n in range(number):
        path = folder / f"class{n % 10}" / f"{n:06}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        patches = luck.integers(0, 256, (6, 8, 3)).astype(np.uint8)
        image = Image.fromarray(patches).resize((160, 120), Image.Resampling.BICUBIC)
        image.save(path, "JPEG", quality=80)


def costs(home: Path, number: int) -> dict[str, Cost]:
    draw(home / "source", number)
    dataset = home / "dataset"
    pixset("import", home / "source", "--into", dataset)
    found = {"split": pixset("split", dataset)}
    again = [pixset("split", dataset) for _ in range(3)]
    found["split, again"] = sorted(again, key=lambda one: one.cpu)[1]
    (dataset / NOTE).unlink()
    found["split, again, the whole way"] = pixset("split", dataset)
    return found


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--pictures", type=int, nargs="+", default=[1000, 10_000])
    chosen = options.parse_args()
    start = median(pixset("--help").cpu for _ in range(5))
    print(f"`pixset --help`: {start:.2f} CPU s\n")
    print("| command | pictures | wall s | CPU s | peak MB |")
    print("|---|---:|---:|---:|---:|")
    grown: dict[str, dict[int, float]] = {}
    for number in chosen.pictures:
        with tempfile.TemporaryDirectory() as place:
            for name, one in costs(Path(place), number).items():
                print(f"| {name} | {number:,} | {one.wall:.2f} | {one.cpu:.2f} | {one.peak:.0f} |")
                grown.setdefault(name, {})[number] = max(0.01, one.cpu - start)
    print("\nGrowth of what is beyond `--help`, in CPU time:\n")
    for name, by_size in grown.items():
        print(f"- {said(name, by_size)}")


if __name__ == "__main__":
    main()
