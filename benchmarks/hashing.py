"""What one look costs: against the scaled decode it rests on, and against imagehash.

    python benchmarks/hashing.py FOLDER_OF_PHOTOS [--count 24] [--rounds 7] [--product 782]

Every photo is resized to each of three sizes and saved as JPEG of quality 88. Process time, one
thread, the best of the rounds for every picture, so that a busy machine adds little; the ratio is
between sums over the same pictures.

`--product N` instead: N crops of 500 x 375 as files through `look_all` of two workers, as every
command looks, CPU time of all processes, against the scaled decode of the same bytes. What a run
costs once is left out: it is N pictures less a hundred of them.
"""

from __future__ import annotations

import argparse
import io
import resource
import subprocess
import sys
import tempfile
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


_LOOK_ALL = """
import sys
from pathlib import Path
from pixset.curation import look_all
for _ in look_all(sorted(Path(sys.argv[1]).iterdir())[: int(sys.argv[2])], workers=2):
    pass
"""
_DECODE = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[3])
from hashing import scaled_decode
for path in sorted(Path(sys.argv[1]).iterdir())[: int(sys.argv[2])]:
    scaled_decode(path.read_bytes())
"""


def by_product(pictures: list[Image.Image], count: int, rounds: int) -> None:
    """Print what a further picture costs in a run of `look_all`, beside the scaled decode."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for number in range(count):
            turn, which = divmod(number, len(pictures))
            picture = pictures[which]
            inset = [round(side * 0.4 * turn * len(pictures) / count) for side in picture.size]
            part = picture.crop((*inset, *picture.size))
            (folder / f"{number:05}.jpg").write_bytes(jpeg(part, SIZES[0]))
        look_ms, decode_ms = (
            1e3
            / (count - 100)
            * (
                min(cpu_seconds(code, name, count) for _ in range(rounds))
                - min(cpu_seconds(code, name, 100) for _ in range(rounds))
            )
            for code in (_LOOK_ALL, _DECODE)
        )
    print("| look_all ms | scaled decode ms | ratio |")
    print("|---|---|---|")
    print(f"| {look_ms:.2f} | {decode_ms:.2f} | {look_ms / decode_ms:.2f} |")


def cpu_seconds(code: str, folder: str, count: int) -> float:
    """CPU time of a new interpreter and of the processes that it started."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    here = str(Path(__file__).parent)
    subprocess.run([sys.executable, "-c", code, folder, str(count), here], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--count", type=int, default=24)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--product", type=int, default=0, metavar="N")
    options = parser.parse_args()
    pictures = photos(options.folder, options.count)
    if options.product:
        by_product(pictures, options.product, options.rounds)
        return
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
