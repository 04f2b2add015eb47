"""Copies at the size of a real job: crowds of one kind, growth, joins, and running again.

    python benchmarks/copies_at_size.py [--mugs 100 200 400 2000] [--nights 1000]
        [--receipts 100 400] [--launches FOLDER --made 10000]
        [--photos FOLDER --sizes 1000 3000 10000 --side 500]
        [--joins 100000] [--write FOLDER] [--once]

Mugs are drawn in one outline and other colours, nights with a light in the middle, receipts of one
shop with numbers and sums of their own; no two are copies, so whatever is dropped or joined is
wrong. `--launches` takes a folder of centre-lit scenes as it is and, with `--made`, crops and other
tones of them. `--photos` takes windows and copies of a folder's photographs (`photographs` tells
which); with `--write` they are only written, for `pixset dedupe`. The pictures wait in a file until
they are asked for, so that the peak is that of facts and families. CPU seconds are of the look (in
this process), and of families alone: of all but one in a hundred, of the same again, of all ("new":
one in a hundred is), with their pairs remembered; with `--once` of all at once. `val` is the
share that an 80/20 split of what is kept gives it. `--joins` is all candidate joins of so many
hashes of `--photos`, looked at one in so many and met under as many masks as it takes: the same
distances within each mask.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import resource
import sys
import tempfile
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from growth import said
from PIL import Image
from pixset.curation import Facts, find_families, look
from pixset.curation.duplicates.candidates import candidates
from pixset.curation.duplicates.memory import InMemory
from pixset.datasets.split import Item, split

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from support.lookalikes import mug, night, receipt
from support.pictures import encode

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pixset.curation import Families

    Box = tuple[float, float, float, float]

HEAD = (
    "| set | pictures | look | first | again | new | dropped | review | largest group | val "
    "| peak MB |"
)


class Shelf:
    """Files kept in one temporary file, by digest."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 (closed with the process)
        self.places: dict[str, tuple[int, int]] = {}

    def put(self, sha256: str, data: bytes) -> None:
        """Keep `data`."""
        self.places[sha256] = (self._file.seek(0, os.SEEK_END), len(data))
        self._file.write(data)

    def read(self, sha256: str) -> bytes:
        """What was put."""
        start, length = self.places[sha256]
        self._file.seek(start)
        return self._file.read(length)


def measure(name: str, files: Iterable[bytes], *, once: bool) -> float:
    """Print one row of the table; the CPU seconds of looking and of families the first time."""
    shelf, facts, looking = Shelf(), [], 0.0
    for one in files:
        sha = hashlib.sha256(one).hexdigest()
        start = time.process_time()
        if sha not in shelf.places and (seen := _looked(one)) is not None:
            shelf.put(sha, one)
            facts.append(seen)
        looking += time.process_time() - start
    memory, seconds = InMemory(), []
    most = len(facts) - max(1, len(facts) // 100)
    for some in (facts,) if once else (facts[:most], facts[:most], facts):
        start = time.process_time()
        found = find_families(some, read=shelf.read, memory=memory)
        seconds.append(time.process_time() - start)
    shown = [f"{one:.1f}" for one in (looking, *seconds)] + [""] * (3 - len(seconds))
    largest = max(Counter(found.split_group.values()).values(), default=0)
    print(
        f"| {name} | {len(facts):,} | {' | '.join(shown)} | {len(found.dropped()):,} "
        f"| {len(found.review):,} | {largest} | {_val(found, shelf.places):.1%} | {_peak():,} |",
        flush=True,
    )
    return looking + seconds[0]


def _val(found: Families, digests: Iterable[str]) -> float:
    """The share of val when what is kept is split 80/20."""
    dropped = found.dropped()
    items = [
        Item(sha, "one", found.split_group.get(sha, sha)) for sha in digests if sha not in dropped
    ]
    placed = list(split(items).splits.values())
    return placed.count("val") / len(placed)


def joins(facts: Sequence[Facts], count: int) -> None:
    """Print what all candidate joins of `count` pictures cost."""
    rng = np.random.default_rng(0)
    many = list(facts)
    while len(many) < count:
        mask = int(rng.integers(0, 2**63))
        many += [
            replace(
                one, fingerprints={kind: bits ^ mask for kind, bits in one.fingerprints.items()}
            )
            for one in facts[: count - len(many)]
        ]
    before, start = _peak(), time.process_time()
    found = candidates(many)
    print(
        f"joins of {len(many):,}: {time.process_time() - start:.1f} CPU s, {len(found):,} pairs, "
        f"peak {_peak():,} MB, of which {before:,} before they began",
        flush=True,
    )


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def launches(folder: Path, made: int) -> Iterator[bytes]:
    """The folder's files, then `made` windows of them in other tones."""
    paths = sorted(path for path in folder.iterdir() if path.is_file())
    yield from (path.read_bytes() for path in paths)
    for number in range(made):
        rng = np.random.default_rng(number)
        with Image.open(paths[number % len(paths)]) as picture:
            whole = picture.convert("RGB")
        left, top, right, bottom = _within(rng, (0.0, 0.0, 1.0, 1.0), 0.6, 0.9)
        box = (left * whole.width, top * whole.height, right * whole.width, bottom * whole.height)
        part = whole.resize((320, 240), Image.Resampling.BICUBIC, box=box)
        gains = rng.uniform(0.6, 1.4, 3)
        pixels = np.clip(np.asarray(part, dtype=np.float32) * gains, 0, 255)
        yield encode(Image.fromarray(pixels.astype(np.uint8)), quality=90)


def photographs(folder: Path, count: int, side: int) -> Iterator[bytes]:
    """`count` files whose longer side is `side`: windows of the folder's photographs, and copies.

    First each photograph; then three in four are another window of one (a third to two thirds of
    each side), one in four is an earlier one again: 85 to 100 % of it, at another quality.
    """
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    with_pixels = [path for path in paths if _looked(path.read_bytes()) is not None]
    for number in range(count):
        path, box, quality = _drawn(number, len(with_pixels))
        with Image.open(with_pixels[path]) as picture:
            width, height = picture.size
            left, top, right, bottom = box
            window = (left * width, top * height, right * width, bottom * height)
            scale = side / max(window[2] - window[0], window[3] - window[1])
            size = [
                max(8, round(scale * (b - a))) for a, b in zip(window[:2], window[2:], strict=True)
            ]
            part = picture.convert("RGB").resize(size, Image.Resampling.BICUBIC, box=window)
        yield encode(part, quality=quality)


def _drawn(number: int, photographs: int) -> tuple[int, Box, int]:
    """Which photograph a file shows, which window of it, and its JPEG quality."""
    rng = np.random.default_rng(number)
    quality = int(rng.integers(60, 95))
    if number < photographs:
        return number, (0.0, 0.0, 1.0, 1.0), quality
    if rng.random() < 0.25:
        path, outer, _ = _drawn(int(rng.integers(0, number)), photographs)
        return path, _within(rng, outer, 0.85, 1.0), quality
    window = _within(rng, (0.0, 0.0, 1.0, 1.0), 1 / 3, 2 / 3)
    return int(rng.integers(0, photographs)), window, quality


def _within(rng: np.random.Generator, outer: Box, least: float, most: float) -> Box:
    share = float(rng.uniform(least, most))
    across, down = (outer[2] - outer[0]) * share, (outer[3] - outer[1]) * share
    left = outer[0] + float(rng.random()) * (outer[2] - outer[0] - across)
    top = outer[1] + float(rng.random()) * (outer[3] - outer[1] - down)
    return left, top, left + across, top + down


def _looked(data: bytes) -> Facts | None:
    from pixset.curation import Unreadable

    try:
        return look(data)
    except Unreadable:
        return None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mugs", type=int, nargs="*", default=[])
    parser.add_argument("--nights", type=int, nargs="*", default=[])
    parser.add_argument("--receipts", type=int, nargs="*", default=[])
    parser.add_argument("--launches", type=Path)
    parser.add_argument("--made", type=int, default=0)
    parser.add_argument("--photos", type=Path)
    parser.add_argument("--sizes", type=int, nargs="*", default=[])
    parser.add_argument("--side", type=int, default=500)
    parser.add_argument("--joins", type=int)
    parser.add_argument("--write", type=Path)
    parser.add_argument("--once", action="store_true")
    options = parser.parse_args()
    if options.write:
        write(options.write, photographs(options.photos, options.sizes[0], options.side))
        return
    if options.joins:
        few = photographs(options.photos, min(options.joins, 20_000), 200)
        joins([seen for one in few if (seen := _looked(one)) is not None], options.joins)
    print(HEAD)
    print("|" + "---|" * (HEAD.count("|") - 1), flush=True)
    for count in options.mugs:
        mugs = (encode(mug(number), quality=90) for number in range(count))
        measure("mugs", mugs, once=options.once)
    for count in options.nights:
        nights = (encode(night(number), quality=90) for number in range(count))
        measure("nights", nights, once=options.once)
    for count in options.receipts:
        slips = (encode(receipt(5, number), quality=90) for number in range(count))
        measure("receipts", slips, once=options.once)
    if options.launches:
        measure("launches", launches(options.launches, options.made), once=options.once)
    grown = {}
    for count in options.sizes:
        files = photographs(options.photos, count, options.side)
        grown[count] = measure(f"photographs, {options.side} px", files, once=options.once)
    if len(grown) > 1:
        print(f"\n- {said('photographs, looked at and judged the first time', grown)}")


def write(folder: Path, files: Iterable[bytes]) -> None:
    """The files in folders of a thousand."""
    for number, data in enumerate(files):
        path = folder / f"{number // 1000:03}" / f"{number:06}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


if __name__ == "__main__":
    main()
