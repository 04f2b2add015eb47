"""Little things planted on photographs: what of them is dropped, and what of true copies is.

    python benchmarks/planted.py PHOTOS --count 25 --seeds 11 12

PHOTOS is any folder of photographs. On each of `count` of them a thing is drawn twice, so that the
two pictures differ in nothing else: a fruit in another colour, another number on a plate, another
lamp lit, a cyclist who has come, a ball that has moved, a thing that is gone. Both are saved as
JPEGs of qualities of their own. True copies are one of the two, saved again, at 75 %, as WebP or
with a palette. No seed may be one that the rules were tuned on.
"""

from __future__ import annotations

import argparse
import random
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from neardup import outcome
from PIL import Image, ImageDraw, ImageFilter, ImageFont
from synthetic import encoded

if TYPE_CHECKING:
    from collections.abc import Callable

    Place = tuple[int, int, int]  # left, top and side of what is planted
    Draw = Callable[[Image.Image, Place, random.Random, bool], None]

KINDS: dict[str, Draw] = {}
RIPENING = (
    ((200, 40, 40), (60, 120, 45)),
    ((235, 200, 60), (90, 150, 60)),
    ((90, 40, 110), (150, 60, 60)),
)


def kind(name: str) -> Callable[[Draw], Draw]:
    def named(draw: Draw) -> Draw:
        KINDS[name] = draw
        return draw

    return named


@kind("a fruit in another colour")
def fruit(image: Image.Image, at: Place, chance: random.Random, second: bool) -> None:
    x, y, side = at
    ripe, unripe = chance.choice(RIPENING)
    ImageDraw.Draw(image).ellipse((x, y, x + side, y + side), fill=unripe if second else ripe)


@kind("another number on a plate")
def plate(image: Image.Image, at: Place, chance: random.Random, second: bool) -> None:
    x, y, side = at
    digits = [chance.randrange(10) for _ in range(5)]
    changed = chance.sample(range(5), 2)
    if second:
        for place in changed:
            digits[place] = (digits[place] + chance.randint(1, 9)) % 10
    draw = ImageDraw.Draw(image)
    draw.rectangle((x, y, x + 2 * side, y + side * 2 // 3), fill=(236, 236, 226))
    font = ImageFont.load_default(side // 2)
    middle = (x + side, y + side // 3)
    draw.text(middle, "".join(map(str, digits)), fill=(20, 20, 20), font=font, anchor="mm")


@kind("another lamp lit")
def lamp(image: Image.Image, at: Place, chance: random.Random, second: bool) -> None:
    x, y, side = at
    side = side * 2 // 5
    first = chance.randrange(3)
    lit = (first + 1) % 3 if second else first
    draw = ImageDraw.Draw(image)
    draw.rectangle((x - 4, y - 4, x + side + 4, y + 3 * side + 12), fill=(28, 28, 28))
    for number, colour in enumerate(((230, 50, 40), (230, 180, 40), (50, 210, 90))):
        top = y + number * (side + 4)
        shade = colour if number == lit else (52, 52, 52)
        draw.ellipse((x, top, x + side, top + side), fill=shade)


@kind("a cyclist has come")
def cyclist(image: Image.Image, at: Place, chance: random.Random, second: bool) -> None:
    colour = tuple(chance.randint(20, 220) for _ in range(3))
    if not second:
        return
    x, y, side = at
    draw = ImageDraw.Draw(image)
    wheel = side // 3
    for left in (x, x + side - wheel):
        draw.ellipse(
            (left, y + side - wheel, left + wheel, y + side), outline=(20, 20, 20), width=3
        )
    draw.line(
        (x + wheel // 2, y + side - wheel, x + side // 2, y + side // 3), fill=colour, width=6
    )
    draw.ellipse((x + side // 3, y, x + side * 2 // 3, y + side // 3), fill=colour)


@kind("a ball has moved")
def ball(image: Image.Image, at: Place, chance: random.Random, second: bool) -> None:
    x, y, side = at
    colour = tuple(chance.randint(20, 240) for _ in range(3))
    aside = side + chance.randint(4, 20) if second else 0
    half = side // 2
    ImageDraw.Draw(image).ellipse((x + aside, y, x + aside + half, y + half), fill=colour)


@kind("a thing is gone")
def gone(image: Image.Image, at: Place, chance: random.Random, second: bool) -> None:
    """A piece of the same photograph stands elsewhere in the one picture and not in the other."""
    x, y, side = at
    left, top = (chance.randint(0, size - side) for size in image.size)
    piece = image.crop((left, top, left + side, top + side))
    mask = Image.new("L", piece.size, 0)
    ImageDraw.Draw(mask).ellipse((2, 2, side - 3, side - 3), fill=255)
    if not second:
        image.paste(piece, (x, y), mask.filter(ImageFilter.GaussianBlur(1)))


def pair(photo: Image.Image, draw: Draw, seed: str) -> tuple[Image.Image, Image.Image]:
    chance = random.Random(seed)
    side = round(min(photo.size) * chance.uniform(0.07, 0.13))
    room = (photo.width - 4 * side, photo.height - 3 * side)
    at = (side + chance.randint(0, room[0]), side + chance.randint(0, room[1]), side)
    found = []
    for second in (False, True):
        image = photo.copy()
        draw(image, at, random.Random(f"{seed} drawn"), second)
        found.append(image)
    return found[0], found[1]


def photographs(folder: Path, count: int, seed: int) -> list[tuple[str, Image.Image]]:
    """`count` photographs of 300 pixels a side and more, of 640 at most, chosen by the seed."""
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in {".jpg", ".jpeg"})
    random.Random(seed).shuffle(paths)
    found = []
    for path in paths:
        with Image.open(path) as opened:
            if min(opened.size) < 300:
                continue
            image = opened.convert("RGB")
        image.thumbnail((640, 640))
        if len(found) == count:
            break
        if min(image.size) >= 240:
            found.append((path.name, image))
    return found


def copies(image: Image.Image, chance: random.Random) -> dict[str, bytes]:
    small = image.resize((image.width * 3 // 4, image.height * 3 // 4), Image.Resampling.LANCZOS)
    return {
        "COPY saved again": encoded(image, quality=chance.randint(50, 85)),
        "COPY at 75 %": encoded(small, quality=chance.randint(60, 90)),
        "COPY as WebP": encoded(image, "WEBP", quality=75),
        "COPY with a palette": encoded(image.quantize(256), "GIF"),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("photos", type=Path)
    parser.add_argument("--count", type=int, default=25)
    parser.add_argument("--seeds", type=int, nargs="+", default=[11, 12])
    options = parser.parse_args()
    ends: dict[str, Counter[str]] = {}
    for seed in options.seeds:
        for number, (file, photo) in enumerate(photographs(options.photos, options.count, seed)):
            for name, draw in KINDS.items():
                key = f"{seed} {number} {name}"
                chance = random.Random(f"{key} saved")
                images = pair(photo, draw, key)
                one, two = (encoded(image, quality=chance.randint(75, 95)) for image in images)
                end = outcome(one, two)
                ends.setdefault(name, Counter())[end] += 1
                if end == "dropped":
                    print(f"  dropped: {name}, seed {seed}, {file}", flush=True)
            for name, copy in copies(images[0], chance).items():
                end = outcome(encoded(images[0], quality=92), copy)
                ends.setdefault(name, Counter())[end] += 1
                if end != "dropped":
                    print(f"  kept: {name}, seed {seed}, {file}", flush=True)
    print("\n| pairs | count | dropped | review | one component | apart |")
    print("|---|---|---|---|---|---|")
    for name, found in ends.items():
        cells = " | ".join(str(found[end]) for end in ("dropped", "review", "loose", "apart"))
        print(f"| {name} | {found.total()} | {cells} |")


if __name__ == "__main__":
    main()
