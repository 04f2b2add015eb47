"""What one look costs: against the scaled decode it rests on, and against imagehash.

    python benchmarks/hashing.py FOLDER_OF_PHOTOS [--count 24] [--rounds 7]

Every photo is resized to each of three sizes and saved as JPEG of quality 88. Process time, one
thread, the best of the rounds for every picture, so that a busy machine adds little; the ratio is
between sums over the same pictures.
"""

from __future__ import annotations

import argparse
import io
import time
from pathlib import Path
from typing import TYPE_CHECKING

import imagehash
from PIL import Image, ImageOps
from pixset.curation.images.decode import TARGET
from pixset.curation.images.measure import look

if TYPE_CHECKING:
    from collections.abc import Callable

SIZES = ((500, 375), (1000, 750), (2000, 1500))


def photos(folder: Path, count: int) -> list[Image.Image]:
    """The largest photos of the folder: nothing is enlarged much."""
    found = sorted(folder.rglob("*.jp*g"), key=lambda path: (-path.stat().st_size, path.name))
    return [Image.open(path).convert("RGB") for path in found[:count]]


def jpeg(image: Image.Image, size: tuple[int, int]) -> bytes:
    out = io.BytesIO()
    ImageOps.fit(image, size).save(out, "JPEG", quality=88)
    return out.getvalue()


def scaled_decode(data: bytes) -> None:
    image = Image.open(io.BytesIO(data))
    image.draft("RGB", (TARGET, TARGET))
    image.load()


def by_imagehash(data: bytes) -> None:
    image = Image.open(io.BytesIO(data))
    imagehash.phash(image)
    imagehash.dhash(image)


def seconds(work: Callable[[bytes], object], data: bytes, rounds: int) -> float:
    times = []
    for _ in range(rounds):
        start = time.process_time_ns()
        work(data)
        work(data)
        times.append((time.process_time_ns() - start) / 2e9)
    return min(times)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--count", type=int, default=24)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    pictures = photos(options.folder, options.count)
    print("| size | KB | scaled decode ms | look ms | ratio | look/s | imagehash/s | times |")
    print("|---|---|---|---|---|---|---|---|")
    for size in SIZES:
        files = [jpeg(picture, size) for picture in pictures]
        base, ours, theirs = (
            sum(seconds(work, data, options.rounds) for data in files) / len(files)
            for work in (scaled_decode, look, by_imagehash)
        )
        print(
            f"| {size[0]} x {size[1]} | {sum(map(len, files)) / len(files) / 1000:.0f} "
            f"| {base * 1e3:.2f} | {ours * 1e3:.2f} | {ours / base:.2f} "
            f"| {1 / ours:.0f} | {1 / theirs:.0f} | {theirs / ours:.1f} |"
        )


if __name__ == "__main__":
    main()
