"""What the commands cost on a plain folder of photographs: first, again, and with a few new ones.

    python benchmarks/folder_speed.py PHOTOS [--sizes 1000 3000 10000] [--side 500]

The folder holds windows and copies of the photographs in PHOTOS (`copies_at_size.photographs`), one
in a hundred of them put in later. Whole commands, start-up included: `dedupe` the first time, again
with nothing new, and with the new ones; `split` into a tree, and again. CPU time of all processes,
peak memory of the largest.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from command import Cost, pixset
from copies_at_size import photographs, write
from growth import said


def costs(home: Path, photos: Path, count: int, side: int) -> dict[str, Cost]:
    """What each command cost on `count` pictures and one in a hundred more."""
    folder, tree, later = home / "pictures", home / "tree", home / "later"
    write(folder, photographs(photos, count + count // 100, side))
    new = {path: later / path.name for path in sorted(folder.rglob("*.jpg"))[count:]}
    later.mkdir()
    for path, aside in new.items():
        path.rename(aside)
    found = {"dedupe": pixset("dedupe", folder), "dedupe, again": pixset("dedupe", folder)}
    for path, aside in new.items():
        aside.rename(path)
    found[f"dedupe, {len(new)} new"] = pixset("dedupe", folder)
    found["split"] = pixset("split", folder, "--out", tree)
    found["split, again"] = pixset("split", folder, "--out", tree)
    return found


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("photos", type=Path)
    options.add_argument("--sizes", type=int, nargs="+", default=[1000, 3000, 10000])
    options.add_argument("--side", type=int, default=500)
    chosen = options.parse_args()
    first: dict[int, float] = {}
    print("| pictures | command | wall s | CPU s | CPU ms a picture | peak MB |")
    print("|---:|---|---:|---:|---:|---:|", flush=True)
    for count in chosen.sizes:
        with tempfile.TemporaryDirectory() as place:
            found = costs(Path(place), chosen.photos, count, chosen.side)
        for name, one in found.items():
            cells = (
                f"{one.wall:.1f} | {one.cpu:.1f} | {1000 * one.cpu / count:.2f} | {one.peak:.0f}"
            )
            print(f"| {count:,} | {name} | {cells} |", flush=True)
        first[count] = found["dedupe"].cpu
    if len(first) > 1:
        print(f"\nGrowth: {said('dedupe, the first time', first)}")


if __name__ == "__main__":
    main()
