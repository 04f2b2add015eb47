"""How long does a tree take, against split-folders on the same files?

    .venv/bin/python benchmarks/build_speed.py --peer PYTHON [--pictures 10000]

PYTHON is an interpreter with `split-folders`. The pictures are small drawn JPEGs of about 60 kB in
ten classes, once with nothing to cut out and once half of them with EXIF that has to go. Timed, in
turn and in one run, each into a fresh folder: split-folders by copy and by link
(`move="symlink"`), and pixset's tree by copy, by hard and by symbolic link, from `split` to the
last checksum, and again with nothing new. Then `verify` of a tree of 180-pixel squares and of one
of larger pictures, every picture decoded and checked, and beside it the decoding alone. Copies are
not looked for: each picture is drawn in twenty files, and `copies_at_size.py` measures that. Each
figure is the median of the rounds, wall and processor seconds.
"""

from __future__ import annotations

import argparse
import hashlib
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from functools import partial
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
from pixset.datasets.tree.layout import SourcePicture
from pixset.datasets.tree.manifest_row import TREE_RECORD as RECORD
from pixset.datasets.tree.settings import SplitSettings
from pixset.datasets.tree.target import Target
from pixset.datasets.verify import verify

if TYPE_CHECKING:
    from collections.abc import Callable

CLASSES, DIFFERENT = 10, 500
LARGER = 3_000  # of the pictures are verified as they are, 640 pixels wide
KINDS = {"plain": "nothing to cut", "camera": "half with EXIF"}
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


def draw(folder: Path, number: int, *, exif: bool = True) -> list[SourcePicture]:
    """Write the pictures, every second with EXIF if `exif`.

    Noise on a few patches, five hundred different; each has a comment and so a digest of its own.
    """
    luck = np.random.default_rng(0)
    drawn = [_drawn(luck) for _ in range(min(number, DIFFERENT))]
    camera = Image.Exif()
    camera[0x010F] = "camera"
    sources = []
    for n in range(number):
        picture = drawn[n % DIFFERENT]
        segments = _segment(0xFE, f"{n:06}".encode())
        if exif and n % 2:
            segments += _segment(0xE1, camera.tobytes())
        data = picture[:20] + segments + picture[20:]  # after JFIF's own segment
        label = f"class{n % CLASSES}"
        path = folder / label / f"{n:05}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        measured = _measured(data)
        sources.append(SourcePicture(measured, path, label, measured.sha256))
    return sources


def _drawn(luck: np.random.Generator) -> bytes:
    patches = luck.integers(0, 256, (6, 8, 3)).astype(np.uint8)
    image = Image.fromarray(patches).resize((640, 480), Image.Resampling.BICUBIC)
    noisy = np.asarray(image).astype(np.int16) + luck.integers(-12, 12, (480, 640, 1))
    out = BytesIO()
    Image.fromarray(np.clip(noisy, 0, 255).astype(np.uint8)).save(out, "JPEG", quality=80)
    return out.getvalue()


def _segment(code: int, body: bytes) -> bytes:
    return bytes((0xFF, code)) + (len(body) + 2).to_bytes(2, "big") + body


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
    options.add_argument("--kinds", nargs="+", default=list(KINDS), choices=KINDS)
    options.add_argument("--no-verify", action="store_true", help="trees alone")
    chosen = options.parse_args()
    times: dict[str, list[Seconds]] = defaultdict(list)
    with tempfile.TemporaryDirectory() as place:
        home = Path(place)
        for kind in chosen.kinds:
            words = KINDS[kind]
            sources = draw(home / kind, chosen.pictures, exif=kind == "camera")
            size = sum(s.measured.bytes for s in sources) / 1e6
            print(f"{len(sources)} pictures, {size:.0f} MB, {words}", file=sys.stderr)
            for _ in range(chosen.rounds):
                _trees(times, words, home, home / kind, sources, chosen.peer)
        if not chosen.no_verify:
            _verifying(times, home, sources, None, chosen.rounds)
            _verifying(times, home, sources, 180, chosen.rounds)
    show(times, chosen.pictures)


def _trees(  # one round of one kind
    times: dict[str, list[Seconds]],
    words: str,
    home: Path,
    source: Path,
    sources: list[SourcePicture],
    python: str | None,
) -> None:
    # Nothing is deleted in between: what a disk does after that would be counted with the next.
    turn = Path(tempfile.mkdtemp(dir=home, prefix=source.name))
    for link in ("copy", "sym") if python else ():
        taken = peer(python, source, turn / f"peer-{link}", link)
        times[f"split-folders, {link}: {words}"].append(taken)
    for link in ("copy", "hard", "sym"):
        out = turn / link
        for what in (f"pixset, {link}", f"pixset, {link}, again"):
            times[f"{what}: {words}"].append(timed(partial(build, sources, out, link)))


def _verifying(
    times: dict[str, list[Seconds]],
    home: Path,
    sources: list[SourcePicture],
    size: int | None,
    rounds: int,
) -> None:
    chosen = sources if size else sources[:LARGER]
    said = f"{len(chosen)} of {size or 640} px"
    tree = home / f"verify-{size}"
    build(chosen, tree, "copy", size)
    for _ in range(rounds):
        times[f"decoding alone: {said}"].append(timed(partial(decode_all, tree)))
        times[f"verify without copies: {said}"].append(timed(partial(verify, tree, copies=False)))


def show(times: dict[str, list[Seconds]], pictures: int) -> None:
    print("| what | wall s | CPU s | CPU ms a picture | CPU against copying or decoding alone |")
    print("|---|---:|---:|---:|---:|")
    medians = {
        name: [sorted(values)[len(values) // 2] for values in zip(*taken, strict=True)]
        for name, taken in times.items()
    }
    for name, (wall, used) in medians.items():
        said = name.partition(": ")[2]
        base = medians.get(f"split-folders, copy: {said}") or medians.get(f"decoding alone: {said}")
        ratio = f"{used / base[1]:.2f}" if base else ""
        number = pictures if said in KINDS.values() else int(said.split()[0])
        print(f"| {name} | {wall:.2f} | {used:.2f} | {used / number * 1000:.3f} | {ratio} |")


if __name__ == "__main__":
    main()
