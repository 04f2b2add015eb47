"""How long does a tree take, against split-folders on the same files?

    .venv/bin/python benchmarks/build_speed.py --peer PYTHON [--pictures 10000]

PYTHON is an interpreter with `split-folders`. The pictures are small drawn JPEGs of about 60 kB,
half of them as cameras write them (EXIF that has to go), in ten classes. Timed, in turn and in one
run, each into a fresh folder: split-folders by copy and by link (`move="symlink"`), and pixset's
tree by copy, by hard link and by symbolic link, from `split` to the last checksum, and by copy
again with nothing new. Then `verify` of the tree of 180-pixel squares, every picture decoded, and
beside it the decoding alone. Each figure is the median of the rounds, wall and processor seconds.
"""

from __future__ import annotations

import argparse
import hashlib
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from command import spent
from PIL import Image
from pixset.curation.images.jpeg import markers
from pixset.curation.images.quality import CHECKS
from pixset.curation.images.trainable import trainable
from pixset.datasets.catalogue.placements import Measured
from pixset.datasets.folder_swap import swap_folder
from pixset.datasets.split import Item, Ratios, split
from pixset.datasets.tree import layout
from pixset.datasets.tree.card import CardFacts, card_text
from pixset.datasets.tree.layout import RECORD, SourcePicture
from pixset.datasets.tree.prepare import Target
from pixset.datasets.tree.settings import SplitSettings
from pixset.datasets.verify import verify

if TYPE_CHECKING:
    from collections.abc import Callable

CLASSES = 10
PEER = """
import resource, sys, time, splitfolders
began = time.perf_counter()
splitfolders.ratio(sys.argv[1], output=sys.argv[2], seed=0, ratio=(0.8, 0.2),
                   move="symlink" if sys.argv[3] == "sym" else False)
took = time.perf_counter() - began
spent = resource.getrusage(resource.RUSAGE_SELF)
print(took, spent.ru_utime + spent.ru_stime)
"""
Seconds = tuple[float, float]  # wall, processor


def draw(folder: Path, number: int) -> list[SourcePicture]:
    """Write the pictures; noise on a few patches, so that each has its own bytes and hash."""
    luck = np.random.default_rng(0)
    exif = Image.Exif()
    exif[0x010F] = "camera"
    sources = []
    for n in range(number):
        patches = luck.integers(0, 256, (6, 8, 3)).astype(np.uint8)
        image = Image.fromarray(patches).resize((640, 480), Image.Resampling.BICUBIC)
        noisy = np.asarray(image).astype(np.int16) + luck.integers(-12, 12, (480, 640, 1))
        out = BytesIO()
        picture = Image.fromarray(np.clip(noisy, 0, 255).astype(np.uint8))
        picture.save(out, "JPEG", quality=80, **({"exif": exif} if n % 2 else {}))
        label = f"class{n % CLASSES}"
        path = folder / label / f"{n:05}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(out.getvalue())
        measured = _measured(out.getvalue())
        sources.append(SourcePicture(measured, path, label, measured.sha256))
    return sources


def _measured(data: bytes) -> Measured:
    """What a row of the manifest takes from the look, and what spares reading the file again."""
    digest = hashlib.sha256(data).hexdigest()
    hashes = digest[:16], digest[16:32]
    scores = dict.fromkeys(CHECKS, 0.123456)
    needs = trainable(data, markers(data))
    return Measured(digest, len(data), "JPEG", 640, 480, *hashes, scores, needs, int(time.time()))


def build(sources: list[SourcePicture], out: Path, link: str, size: int | None = None) -> None:
    """Build pixset's whole tree: split, pictures, manifest, card, checksums."""
    settings = SplitSettings(Ratios(), 0, target=Target(size=size), link=link)
    splits = split([Item(s.sha256, s.label, s.group) for s in sources])
    with swap_folder(out, RECORD) as change:
        written = layout.write_tree(change, sources, splits, settings)
        names = {label: {"name": label, "definition": ""} for label in splits.counts}
        text = card_text(CardFacts("speed"), list(written.rows.values()), settings)
        layout.finish_tree(change, written, settings, names, {"name": "speed"}, text)


def decode_all(tree: Path) -> None:
    """Decode every picture of a tree and do nothing else."""
    for path in tree.rglob("*.jpg"):
        with Image.open(path) as image:
            image.load()


def timed(work: Callable[[], object]) -> Seconds:
    began, before = time.perf_counter(), spent()
    work()
    return time.perf_counter() - began, spent() - before


def peer(python: str, source: Path, out: Path, link: str) -> Seconds:
    words = [python, "-c", PEER, str(source), str(out), link]
    ran = subprocess.run(words, capture_output=True, text=True, check=True)
    wall, used = ran.stdout.split()[-2:]
    return float(wall), float(used)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--peer", help="an interpreter with split-folders")
    options.add_argument("--pictures", type=int, default=10_000)
    options.add_argument("--rounds", type=int, default=3)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as place:
        home = Path(place)
        sources = draw(home / "source", chosen.pictures)
        size = sum(s.measured.bytes for s in sources) / 1e6
        print(f"{len(sources)} pictures, {size:.0f} MB", file=sys.stderr)
        times: dict[str, list[Seconds]] = defaultdict(list)
        for turn in range(chosen.rounds):
            for link in ("copy", "sym") if chosen.peer else ():
                out = home / f"peer-{link}-{turn}"
                times[f"split-folders, {link}"].append(
                    peer(chosen.peer, home / "source", out, link)
                )
            for link in ("copy", "hard", "sym"):
                out = home / f"ours-{link}-{turn}"
                times[f"pixset, {link}"].append(timed(lambda: build(sources, out, link)))  # noqa: B023 - called at once
                times[f"pixset, {link}, again"].append(timed(lambda: build(sources, out, link)))  # noqa: B023
            small = home / f"ours-small-{turn}"
            build(sources, small, "copy", 180)
            times["decoding 180 px alone"].append(timed(lambda: decode_all(small)))  # noqa: B023
            times["verify, 180 px"].append(timed(lambda: verify(small, copies=False)))  # noqa: B023
            large = home / f"ours-copy-{turn}"
            times["decoding 640 px alone"].append(timed(lambda: decode_all(large)))  # noqa: B023
            times["verify, 640 px"].append(timed(lambda: verify(large, copies=False)))  # noqa: B023
    show(times, chosen.pictures)


def show(times: dict[str, list[Seconds]], pictures: int) -> None:
    print("| what | wall, s | processor, s | ms a picture (wall) |\n|---|---:|---:|---:|")
    for name, taken in times.items():
        wall, used = (sorted(values)[len(values) // 2] for values in zip(*taken, strict=True))
        print(f"| {name} | {wall:.2f} | {used:.2f} | {wall / pictures * 1000:.2f} |")


if __name__ == "__main__":
    main()
