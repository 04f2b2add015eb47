"""Which drawn things are dropped as blank, and which plain tones are found: nothing but drawn sets.

    python benchmarks/blank.py [--count 40] [--seed 2]

Strokes of 1 to 3 pixels, small icons, pale words, stars, fog with one small thing; and beside them
plain tones, noise, faint gradients, scanned paper. PNG, JPEG (quality 50 to 95) and WebP, 300 to
1,600 pixels wide.
"""

from __future__ import annotations

import argparse
import io
import random
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw, ImageFilter
from pixset.curation import findings, look

if TYPE_CHECKING:
    from collections.abc import Callable

    Draw = Callable[[random.Random], Image.Image]

WIDTHS = (300, 480, 640, 900, 1200, 1600)
WORDS = ("pixset", "ACME", "nova", "fjord", "hello")
CARDS = ("image not available", "No image", "Photo unavailable", "404 not found")


def page(rng: random.Random, level: int = 255) -> tuple[Image.Image, int, int]:
    width = rng.choice(WIDTHS)
    height = int(width * rng.uniform(0.6, 1.3))
    return Image.new("L", (width, height), level), width, height


def scrawl(rng: random.Random, box: tuple[float, ...], bends: int) -> list[tuple[float, float]]:
    """A smooth line through random points of a box."""
    left, top, right, bottom = box
    points = np.array([(rng.uniform(left, right), rng.uniform(top, bottom)) for _ in range(bends)])
    line = np.repeat(points, 20, axis=0)
    kernel = np.ones(30) / 30
    smooth = [np.convolve(line[:, axis], kernel, "valid") for axis in (0, 1)]
    return list(zip(*smooth, strict=True))


def character(rng: random.Random) -> Image.Image:
    side = rng.choice([105, 128, 200, 300])
    picture = Image.new("L", (side, side), 255)
    for _ in range(rng.randint(1, 4)):
        line = scrawl(rng, (side * 0.1, side * 0.1, side * 0.9, side * 0.9), rng.randint(4, 7))
        ImageDraw.Draw(picture).line(line, rng.choice([0, 0, 60]), rng.randint(1, 3))
    return picture


def small_character(rng: random.Random) -> Image.Image:
    picture, width, height = page(rng)
    x, y = width * rng.uniform(0.3, 0.7), height * rng.uniform(0.3, 0.7)
    half = min(width, height) * rng.uniform(0.05, 0.1)
    line = scrawl(rng, (x - half, y - half, x + half, y + half), 6)
    ImageDraw.Draw(picture).line(line, 0, rng.randint(1, 3))
    return picture


def signature(rng: random.Random) -> Image.Image:
    picture, width, height = page(rng)
    line = scrawl(rng, (width * 0.3, height * 0.45, width * 0.7, height * 0.6), 14)
    ImageDraw.Draw(picture).line(line, rng.choice([0, 30, 80]), rng.randint(1, 3))
    return picture


def sketch(rng: random.Random) -> Image.Image:
    picture, width, height = page(rng, rng.choice([255, 245]))
    for _ in range(rng.randint(2, 6)):
        box = (width * 0.2, height * 0.2, width * 0.8, height * 0.8)
        line = scrawl(rng, box, rng.randint(5, 9))
        ImageDraw.Draw(picture).line(line, rng.choice([60, 100, 130]), rng.randint(1, 2))
    return picture


def outlines(rng: random.Random) -> Image.Image:
    picture, width, height = page(rng)
    brush = ImageDraw.Draw(picture)
    for _ in range(3):
        x, y, side = (rng.uniform(0.2, 0.6) * width, rng.uniform(0.2, 0.6) * height,
                      rng.uniform(0.1, 0.3) * width)  # fmt: skip
        rng.choice([brush.ellipse, brush.rectangle])((x, y, x + side, y + side), outline=0)
    return picture


def music(rng: random.Random) -> Image.Image:
    picture, width, height = page(rng)
    brush, step = ImageDraw.Draw(picture), max(4, int(height * 0.02))
    for row in range(5):
        at = height * 0.4 + row * step
        brush.line((width * 0.1, at, width * 0.9, at), 0)
    x = width * rng.uniform(0.15, 0.85)
    brush.ellipse((x, height * 0.4, x + step * 1.3, height * 0.4 + step), fill=0)
    return picture


def chart(rng: random.Random) -> Image.Image:
    picture, width, height = page(rng)
    brush = ImageDraw.Draw(picture)
    left, bottom = width * 0.1, height * 0.9
    brush.line((left, height * 0.1, left, bottom, width * 0.9, bottom), rng.choice([0, 128]))
    points = [(left + width * 0.8 * n / 12, height * rng.uniform(0.2, 0.8)) for n in range(13)]
    brush.line(points, rng.choice([0, 90]))
    return picture


def icon(rng: random.Random) -> Image.Image:
    picture, width, height = page(rng)
    half = min(width, height) * rng.uniform(0.025, 0.06)
    box = (width / 2 - half, height / 2 - half, width / 2 + half, height / 2 + half)
    brush = ImageDraw.Draw(picture)
    rng.choice([brush.ellipse, brush.rectangle])(box, fill=rng.choice([0, 70, 100, 195]))
    return picture


def word(rng: random.Random) -> Image.Image:
    picture, width, height = page(rng)
    size = max(9, int(min(width, height) * rng.uniform(0.05, 0.15)))
    ImageDraw.Draw(picture).text((width / 2, height / 2), rng.choice(WORDS), anchor="mm",
                                 fill=rng.choice([0, 90, 150, 190]), font_size=size)  # fmt: skip
    return picture


def card(rng: random.Random) -> Image.Image:
    picture, width, height = page(rng, rng.choice([230, 238, 245]))
    ImageDraw.Draw(picture).text(
        (width / 2, height / 2), rng.choice(CARDS), anchor="mm",
        fill=rng.choice([120, 150, 180]), font_size=max(10, int(width * 0.045)),
    )  # fmt: skip
    return picture


def stars(rng: random.Random) -> Image.Image:
    picture, width, height = page(rng, rng.choice([0, 4, 12]))
    for _ in range(rng.randint(15, 120)):
        x, y = rng.uniform(0, width), rng.uniform(0, height)
        r = rng.choice([0.5, 0.5, 1, 1.5]) * width / 500
        box = (x - r, y - r, x + r, y + r)
        ImageDraw.Draw(picture).ellipse(box, fill=rng.randint(140, 255))
    return picture


def fog(rng: random.Random) -> Image.Image:
    _, width, height = page(rng)
    tone = rng.randint(170, 225)
    picture = grain(rng, np.linspace(tone - 8, tone + 8, height)[:, None] + np.zeros(width), 2)
    x, y = width * rng.uniform(0.2, 0.7), height * rng.uniform(0.4, 0.7)
    side = min(width, height) * rng.uniform(0.05, 0.12)
    ImageDraw.Draw(picture).ellipse((x, y, x + side, y + side), fill=tone - rng.randint(50, 110))
    return picture.filter(ImageFilter.GaussianBlur(width / 600))


def grain(rng: random.Random, levels: np.ndarray, spread: float) -> Image.Image:
    noise = np.random.default_rng(rng.randrange(2**32)).normal(0, spread, levels.shape)
    return Image.fromarray((levels + noise).clip(0, 255).astype(np.uint8))


def gradient(rng: random.Random) -> Image.Image:
    _, width, height = page(rng)
    row = np.linspace(rng.randint(0, 80), rng.randint(150, 255), width)
    return grain(rng, row + np.zeros((height, 1)), 0)


def plain(rng: random.Random) -> Image.Image:
    return page(rng, rng.randint(0, 255))[0]


def noise(rng: random.Random) -> Image.Image:
    picture, _, _ = page(rng, rng.randint(20, 235))
    return grain(rng, np.asarray(picture, dtype=float), rng.uniform(0.5, 2.5))


def faint(rng: random.Random) -> Image.Image:
    _, width, height = page(rng)
    return grain(rng, 128 + np.linspace(-5, 5, height)[:, None] + np.zeros(width), 0)


def paper(rng: random.Random) -> Image.Image:
    _, width, height = page(rng)
    row = rng.uniform(235, 250) + np.linspace(-4, 3, width)
    return grain(rng, row + np.zeros((height, 1)), rng.uniform(1, 3))


THINGS: tuple[Draw, ...] = (
    *(character, small_character, signature, sketch, outlines, music, chart, icon, word, card),
    *(stars, fog, gradient),
)
NOTHING: tuple[Draw, ...] = (plain, noise, faint, paper)


def encoded(picture: Image.Image, rng: random.Random) -> bytes:
    kind, out = rng.choice(["PNG", "JPEG", "JPEG", "WEBP"]), io.BytesIO()
    options = {} if kind == "PNG" else {"quality": rng.choice([50, 70, 85, 95])}
    picture.convert("RGB").save(out, kind, **options)
    return out.getvalue()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--count", type=int, default=40)
    parser.add_argument("--seed", type=int, default=2)
    options = parser.parse_args()
    print("| drawn | n | blank | placeholder | lowest score | highest |\n|---|---|---|---|---|---|")
    for draw in (*THINGS, *NOTHING):
        named: Counter[str] = Counter()
        scores = []
        for number in range(options.count):
            rng = random.Random(f"{options.seed} {draw.__name__} {number}")
            facts = look(encoded(draw(rng), rng))
            scores.append(facts.scores["blank"])
            named.update(one.check for one in findings(facts))
        print(
            f"| {draw.__name__.replace('_', ' ')} | {options.count} | {named['blank']} "
            f"| {named['placeholder']} | {min(scores):.2f} | {max(scores):.2f} |"
        )


if __name__ == "__main__":
    main()
