"""Frames, collages, pictures that say a model made them: found, and found where there are none.

    python benchmarks/layout_checks.py PHOTOS [--count 60]

Pictures are made from a folder of photographs: bordered ones, grids of two to nine with gutters (1
to 3 % of the width, half with an outer margin too), and files with the metadata that image models
write; false alarms are counted on the photographs themselves.
"""

from __future__ import annotations

import argparse
import io
import random
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image, ImageOps
from PIL.PngImagePlugin import PngInfo
from pixset.curation import Unreadable, look
from pixset.curation.images.quality import CHECKS

if TYPE_CHECKING:
    from collections.abc import Iterator

CHECKED = ("framed", "collage", "ai_made")
GRIDS = ((1, 2), (2, 1), (2, 2), (1, 3), (3, 1), (2, 3), (3, 3))
XMP = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf='
    '"http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description xmlns:Iptc4xmpExt='
    '"http://iptc.org/std/Iptc4xmpExt/2008-02-29/" Iptc4xmpExt:DigitalSourceType='
    '"http://cv.iptc.org/newscodes/digitalsourcetype/{}"/></rdf:RDF></x:xmpmeta>'
)


def encoded(picture: Image.Image, kind: str = "JPEG", **options: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def framed(picture: Image.Image, rng: random.Random) -> bytes:
    edge = round(rng.uniform(0.02, 0.08) * min(picture.size))
    colour = rng.choice(["white", "black", (rng.randrange(256), rng.randrange(256), 90)])
    return encoded(ImageOps.expand(picture, edge, colour), quality=rng.randint(60, 92))


def collage(pictures: list[Image.Image], rng: random.Random) -> bytes:
    rows, columns = rng.choice(GRIDS)
    width = rng.choice([480, 640, 1000, 1600])
    gutter, outer = max(2, round(width * rng.uniform(0.01, 0.03))), rng.random() < 0.5
    across = width // columns
    down = int(across * rng.uniform(0.7, 1.2))
    size = columns * (across + gutter) + gutter, rows * (down + gutter) + gutter
    ground = Image.new("RGB", size, rng.choice(["white", "white", "black", (200, 180, 190)]))
    for row in range(rows):
        for column in range(columns):
            place = gutter + column * (across + gutter), gutter + row * (down + gutter)
            ground.paste(ImageOps.fit(rng.choice(pictures), (across, down)), place)
    if not outer:
        ground = ImageOps.crop(ground, gutter)
    return encoded(ground, quality=rng.randint(60, 92))


def ai_made(picture: Image.Image, rng: random.Random) -> bytes:
    if rng.random() < 0.3:
        settings = PngInfo()
        settings.add_text("parameters", "a fox\nSteps: 20, Sampler: Euler a, CFG scale: 7")
        return encoded(picture.resize((128, 128)), "PNG", pnginfo=settings)
    kind = rng.choice(["trainedAlgorithmicMedia", "compositeWithTrainedAlgorithmicMedia"])
    return encoded(picture, rng.choice(["JPEG", "WEBP"]), xmp=XMP.format(kind).encode())


def camera_signed(picture: Image.Image) -> bytes:
    """A photograph that says so: no finding."""
    return encoded(picture, xmp=XMP.format("digitalCapture").encode())


def made(pictures: list[Image.Image], count: int) -> Iterator[tuple[str, str, bytes]]:
    rng = random.Random(7)
    for number in range(count):
        picture = pictures[number % len(pictures)]
        yield "framed", "bordered", framed(picture, rng)
        yield "collage", "grid with gutters", collage(pictures, rng)
        yield "ai_made", "says so itself", ai_made(picture, rng)
        yield "", "camera's source type", camera_signed(picture)


def found(data: bytes) -> set[str]:
    scores = look(data).scores
    return {name for name in CHECKED if CHECKS[name].fires(scores[name])}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("photos", type=Path)
    parser.add_argument("--count", type=int, default=60)
    options = parser.parse_args()
    paths = sorted(path for path in options.photos.rglob("*") if path.is_file())
    random.Random(7).shuffle(paths)
    false: Counter[str] = Counter()
    pictures, whole = [], 0
    for path in paths:
        try:
            alarms = found(path.read_bytes())
        except Unreadable:
            continue
        whole += 1
        for name in alarms:
            false[name] += 1
            print(f"  alarm: {name} {path.relative_to(options.photos)}")
        if not alarms and len(pictures) < 4 * options.count:
            with Image.open(path) as picture:
                pictures.append(ImageOps.contain(picture.convert("RGB"), (480, 480)))
    right: Counter[tuple[str, str]] = Counter()
    wrong: Counter[str] = Counter()
    every: Counter[tuple[str, str]] = Counter()
    for wanted, kind, data in made(pictures, options.count):
        every[wanted, kind] += 1
        alarms = found(data)
        right[wanted, kind] += wanted in alarms if wanted else not alarms
        for name in alarms - {wanted}:
            wrong[name] += 1
    print("\n| made | pictures | as it should be |\n|---|---|---|")
    for (wanted, kind), count in every.items():
        print(f"| {kind} ({wanted or 'no finding'}) | {count} | {right[wanted, kind]} |")
    print(f"\n| check | on made ones of other kinds | on {whole} photographs |\n|---|---|---|")
    for name in CHECKED:
        print(f"| {name} | {wrong[name]} | {false[name]} |")


if __name__ == "__main__":
    main()
