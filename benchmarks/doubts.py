"""Pairs whose true answer is a doubt: how many of them a person is shown.

    python benchmarks/doubts.py PHOTOS --each 20 --seeds 21 22

Made of photographs in PHOTOS and of drawn things, `each` of five kinds and of every seed: a thing
on a plain ground in other tones (the same picture edited, or another thing?), a picture with a
caption and without, two cuts of one picture, two exposures of one scene, frames a moment apart.
Shown is what stands in the review queue, moments included; dropped and silently kept are misses.
"""

from __future__ import annotations

import argparse
import random
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from neardup import outcome
from PIL import Image, ImageDraw, ImageEnhance, ImageFont
from planted import ball, cyclist, photographs
from synthetic import encoded

if TYPE_CHECKING:
    from collections.abc import Callable

    Pair = tuple[bytes, bytes]
    Maker = Callable[[Image.Image, random.Random], Pair]


def saved(image: Image.Image, chance: random.Random) -> bytes:
    return encoded(image, quality=chance.randint(75, 92))


def other_tones(photo: Image.Image, chance: random.Random) -> Pair:
    """A piece of a photograph as a thing on white, as it was and in other tones."""
    side = min(photo.size) * 2 // 3
    left, top = ((size - side) // 2 for size in photo.size)
    piece = photo.crop((left, top, left + side, top + side)).resize((300, 300))
    mask = Image.new("L", piece.size, 0)
    ImageDraw.Draw(mask).rounded_rectangle((20, 6, 280, 294), 60, fill=255)
    change = chance.choice([ImageEnhance.Brightness, ImageEnhance.Color, ImageEnhance.Contrast])
    found = []
    for factor in (1.0, chance.choice([0.6, 1.5])):
        image = Image.new("RGB", (500, 500), "white")
        image.paste(change(piece).enhance(factor), (100, 100), mask)
        found.append(saved(image, chance))
    return found[0], found[1]


def captioned(photo: Image.Image, chance: random.Random) -> Pair:
    """Large letters over the upper or the lower quarter, as memes have them."""
    image = photo.copy()
    font = ImageFont.load_default(photo.height // 9)
    text = chance.choice(["WHEN MONDAY COMES", "NOT AGAIN", "ONE DOES NOT SIMPLY", "SUCH WOW"])
    at = photo.width // 2, round(photo.height * chance.choice([0.12, 0.87]))
    ImageDraw.Draw(image).text(
        at, text, fill="white", font=font, anchor="mm", stroke_width=3, stroke_fill="black"
    )
    return saved(photo, chance), saved(image, chance)


def two_cuts(photo: Image.Image, chance: random.Random) -> Pair:
    """Two windows of 85 % of the frame, a tenth of it apart."""
    width, height = (round(0.85 * size) for size in photo.size)
    step = round(0.1 * photo.width), round(0.05 * photo.height)
    left, top = (chance.randint(0, photo.width - width - step[0]) for _ in range(2))
    top = min(top, photo.height - height - step[1])
    boxes = [(left + n * step[0], top + n * step[1]) for n in range(2)]
    one, two = (photo.crop((x, y, x + width, y + height)) for x, y in boxes)
    return saved(one, chance), saved(two, chance)


def two_exposures(photo: Image.Image, chance: random.Random) -> Pair:
    """One scene in two exposures, each with its own noise and hand."""
    found = []
    for power in (1.0, chance.choice([0.6, 1.6])):
        noise = np.random.default_rng(chance.randrange(1 << 30)).normal(
            0, 5, (*photo.size[::-1], 3)
        )
        levels = 255 * (np.asarray(photo) / 255.0) ** power + noise
        image = Image.fromarray(np.clip(levels, 0, 255).astype(np.uint8))
        x, y = chance.randint(0, 6), chance.randint(0, 6)
        image = image.crop((x, y, image.width - 6 + x, image.height - 6 + y))
        found.append(saved(image, chance))
    return found[0], found[1]


def a_moment_apart(photo: Image.Image, chance: random.Random) -> Pair:
    """A ball has moved or a cyclist has come, and each frame has its own noise."""
    side = min(photo.size) // 8
    at = (photo.width // 3, photo.height // 2, side)
    draw = chance.choice([ball, cyclist])
    seed, found = chance.randrange(1 << 30), []
    for second in (False, True):
        image = photo.copy()
        draw(image, at, random.Random(seed), second)
        noise = np.random.default_rng(chance.randrange(1 << 30)).normal(
            0, 3, (*photo.size[::-1], 3)
        )
        levels = np.asarray(image) + noise
        found.append(saved(Image.fromarray(np.clip(levels, 0, 255).astype(np.uint8)), chance))
    return found[0], found[1]


KINDS: dict[str, Maker] = {
    "a thing on white in other tones": other_tones,
    "with a caption": captioned,
    "two cuts": two_cuts,
    "two exposures": two_exposures,
    "a moment apart": a_moment_apart,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("photos", type=Path)
    parser.add_argument("--each", type=int, default=20)
    parser.add_argument("--seeds", type=int, nargs="+", default=[21])
    options = parser.parse_args()
    chosen = {seed: photographs(options.photos, options.each, seed) for seed in options.seeds}
    shown = Counter[int]()
    print("| true doubts | count | shown | dropped | one split group, not shown | apart |")
    print("|---|---|---|---|---|---|")
    for name, make in KINDS.items():
        ends: Counter[str] = Counter()
        for seed, photos in chosen.items():
            for number, (_, photo) in enumerate(photos):
                end = outcome(*make(photo, random.Random(f"{seed} {number} {name}")))
                ends[end] += 1
                shown[seed] += end == "review"
        cells = " | ".join(str(ends[end]) for end in ("review", "dropped", "loose", "apart"))
        print(f"| {name} | {ends.total()} | {cells} |", flush=True)
    of_each = ", ".join(f"{shown[seed]} of seed {seed}" for seed in chosen)
    print(f"\nshown, of {len(KINDS) * options.each} each: {of_each}")


if __name__ == "__main__":
    main()
