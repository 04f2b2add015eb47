"""How long does a tree of 10,000 pictures take, against split-folders on the same files?

    .venv/bin/python -P benchmarks/build_speed.py --peer PYTHON [--pictures 10000]

PYTHON is an interpreter with `split-folders`. The pictures are small drawn JPEGs of about 60 kB,
half of them as cameras write them (EXIF that has to go), in ten classes. Timed, in turn and in one
run, each into a fresh folder: split-folders by copy and by link (`move="symlink"`), and pixset's
tree by copy, by hard link and by symbolic link, from `split` to the last checksum. What pixset does
besides (looking for copies, which split-folders does not do) is timed on its own.
"""

from __future__ import annotations

import argparse
import hashlib
import subprocess
import sys
import tempfile
import time
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image
from pixset.datasets.split import Item, Ratios, split
from pixset.datasets.tree import ready
from pixset.datasets.tree.card import Told, card
from pixset.datasets.tree.ready import Settings, Source
from pixset.datasets.tree.swap import swap

CLASSES = 10
PEER = """
import sys, time, splitfolders
began = time.perf_counter()
splitfolders.ratio(sys.argv[1], output=sys.argv[2], seed=0, ratio=(0.8, 0.2),
                   move="symlink" if sys.argv[3] == "sym" else False)
print(time.perf_counter() - began)
"""


def draw(folder: Path, number: int) -> list[Source]:
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
        digest = hashlib.sha256(out.getvalue()).hexdigest()
        sources.append(Source(digest, path, len(out.getvalue()), label, digest))
    return sources


def lay_out(sources: list[Source], out: Path, link: str) -> float:
    """Seconds for pixset's whole tree: split, pictures, manifest, card, checksums."""
    began = time.perf_counter()
    settings = Settings(Ratios(), 0, link=link)
    sides = split([Item(s.sha256, s.label, s.family) for s in sources])
    with swap(out) as change:
        laid = ready.write_tree(change, out, sources, sides, settings)
        names = {label: {"name": label, "definition": ""} for label in sides.counts}
        text = card(Told("speed"), list(laid.rows.values()), settings)
        ready.finish(change, laid, settings, names, {"name": "speed"}, text)
    return time.perf_counter() - began


def peer(python: str, source: Path, out: Path, link: str) -> float:
    words = [python, "-c", PEER, str(source), str(out), link]
    ran = subprocess.run(words, capture_output=True, text=True, check=True)
    return float(ran.stdout.split()[-1])


def families(sources: list[Source]) -> tuple[float, float]:
    """Seconds to look at every picture, and to find families among them."""
    from pixset.curation import Facts, find_families, look_all

    began = time.perf_counter()
    facts = [f for _, f in look_all([s.file for s in sources]) if isinstance(f, Facts)]
    looked = time.perf_counter() - began
    places = {s.sha256: s.file for s in sources}
    find_families(facts, read=lambda sha: places[sha].read_bytes())
    return looked, time.perf_counter() - began - looked


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--peer", required=True, help="an interpreter with split-folders")
    options.add_argument("--pictures", type=int, default=10_000)
    options.add_argument("--rounds", type=int, default=3)
    told = options.parse_args()
    with tempfile.TemporaryDirectory() as place:
        home = Path(place)
        sources = draw(home / "source", told.pictures)
        size = sum(s.bytes for s in sources) / 1e6
        print(f"{len(sources)} pictures, {size:.0f} MB", file=sys.stderr)
        times: dict[str, list[float]] = {}
        for turn in range(told.rounds):
            for link in ("copy", "sym"):
                out = home / f"peer-{link}-{turn}"
                taken = peer(told.peer, home / "source", out, link)
                times.setdefault(f"split-folders, {link}", []).append(taken)
            for link in ("copy", "hard", "sym"):
                out = home / f"ours-{link}-{turn}"
                times.setdefault(f"pixset, {link}", []).append(lay_out(sources, out, link))
            again = lay_out(sources, home / f"ours-copy-{turn}", "copy")
            times.setdefault("pixset, copy, again", []).append(again)
        looked, found = families(sources)
    base = sorted(times["split-folders, copy"])[told.rounds // 2]
    print("| what | seconds (median) | against split-folders by copy |\n|---|---:|---:|")
    for name, taken in times.items():
        middle = sorted(taken)[told.rounds // 2]
        print(f"| {name} | {middle:.2f} | {middle / base:.2f} |")
    print(f"| pixset, looking at every picture once | {looked:.2f} | {looked / base:.2f} |")
    print(f"| pixset, families among them | {found:.2f} | {found / base:.2f} |")


if __name__ == "__main__":
    main()
