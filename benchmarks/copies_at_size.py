"""Copies at the size of a real job: crowds of one kind, growth, and running again.

    python benchmarks/copies_at_size.py [--mugs 100 200 400 2000] [--nights 1000] [--photos FOLDER]

Mugs are drawn in one outline and other colours, nights with a light in the middle; no two are
copies, so whatever is dropped or joined is wrong. `--photos` adds the growth over crops and
re-saves of a folder's photographs. CPU seconds are of families alone, looking excluded; "again"
is the same with its pair results remembered.
"""

from __future__ import annotations

import argparse
import hashlib
import resource
import sys
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image
from pixset.curation import Facts, find_families, look
from pixset.curation.duplicates.memory import InMemory

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from support.lookalikes import mug, night
from support.pictures import encode

if TYPE_CHECKING:
    from collections.abc import Iterable

HEAD = "| set | pictures | CPU s | again | dropped | review | largest split group | peak MB |"


def measure(name: str, files: Iterable[bytes]) -> None:
    data = {hashlib.sha256(one).hexdigest(): one for one in files}
    facts = [look(one) for one in data.values()]
    memory, seconds = InMemory(), []
    for _ in range(2):
        start = time.process_time()
        found = find_families(facts, read=data.__getitem__, memory=memory)
        seconds.append(time.process_time() - start)
    largest = max(Counter(found.split_group.values()).values(), default=0)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(
        f"| {name} | {len(facts):,} | {seconds[0]:.1f} | {seconds[1]:.1f} | {len(found.dropped())} "
        f"| {len(found.review)} | {largest} | {peak:,} |",
        flush=True,
    )


def versions(folder: Path, count: int) -> Iterable[bytes]:
    """`count` files: the folder's photographs, then crops and re-saves of them."""
    paths = sorted(path for path in folder.rglob("*") if isinstance(_looked(path), Facts))
    rng = np.random.default_rng(0)
    for number in range(count):
        path = paths[number % len(paths)]
        if number < len(paths):
            yield path.read_bytes()
            continue
        with Image.open(path) as picture:
            share = float(rng.uniform(0.8, 1.0))
            size = (int(picture.width * share), int(picture.height * share))
            left, top = (
                int(rng.integers(0, a - b + 1)) for a, b in zip(picture.size, size, strict=True)
            )
            part = picture.convert("RGB").crop((left, top, left + size[0], top + size[1]))
        yield encode(part, quality=int(rng.integers(60, 95)))


def _looked(path: Path) -> object:
    from pixset.curation import Unreadable

    try:
        return look(path.read_bytes()) if path.is_file() else None
    except Unreadable:
        return None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mugs", type=int, nargs="*", default=[100, 200, 400, 2000])
    parser.add_argument("--nights", type=int, nargs="*", default=[1000])
    parser.add_argument("--photos", type=Path)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1000, 3000, 10_000])
    options = parser.parse_args()
    print(HEAD)
    print("|---|---|---|---|---|---|---|---|", flush=True)
    for count in options.mugs:
        measure("mugs", (encode(mug(number), quality=90) for number in range(count)))
    for count in options.nights:
        measure("nights", (encode(night(number), quality=90) for number in range(count)))
    if options.photos:
        for count in options.sizes:
            measure("photographs", versions(options.photos, count))


if __name__ == "__main__":
    main()
