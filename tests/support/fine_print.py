"""Pairs that differ in a few small characters or notes, drawn from a number; sheet music."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from .lookalikes import scene
from .pictures import encode

if TYPE_CHECKING:
    from collections.abc import Callable

    Pair = tuple[bytes, bytes]


def other_price(number: int) -> Pair:
    """One shelf with a price of 12 pixels on a yellow tag; two of four digits differ."""
    rng = np.random.default_rng(number)
    x, y = int(rng.integers(20, 540)), int(rng.integers(20, 420))
    files = []
    for price in rng.choice(np.arange(10, 99), 2, replace=False):
        picture = scene(number)
        draw = ImageDraw.Draw(picture)
        draw.rectangle((x, y, x + 48, y + 24), fill=(255, 225, 60))
        font = ImageFont.load_default(12)
        draw.text((x + 24, y + 12), f"{price}.42", fill=(200, 20, 20), font=font, anchor="mm")
        files.append(encode(picture, quality=int(rng.integers(80, 93))))
    return files[0], files[1]


def other_word_in_a_small_picture(number: int) -> Pair:
    """A thumbnail of 72 pixels beside one of 120, each with a sign of its own."""
    rng = np.random.default_rng(number)
    picture = scene(number, (320, 240)).resize((150, 150))
    x, y = rng.integers(15, 90, 2).tolist()
    files = []
    for word, side in (("SALE", 72), ("1 kg", 120)):
        copy = picture.copy()
        draw = ImageDraw.Draw(copy)
        draw.rectangle((x, y, x + 36, y + 18), fill="white")
        font = ImageFont.load_default(12)
        draw.text((x + 18, y + 9), word, fill="black", font=font, anchor="mm")
        files.append(encode(copy.resize((side, side), Image.Resampling.LANCZOS), quality=75))
    return files[0], files[1]


def other_digit(number: int) -> Pair:
    """A scanned form; of 56 digits one is another."""
    rng = np.random.default_rng(number)
    digits = rng.integers(0, 10, (7, 8))
    row, column = int(rng.integers(7)), int(rng.integers(8))
    files = []
    for more in (0, int(rng.integers(1, 10))):
        digits[row, column] = (digits[row, column] + more) % 10
        picture = Image.new("RGB", (760, 1000), (246, 245, 240))
        draw = ImageDraw.Draw(picture)
        for (down, across), digit in np.ndenumerate(digits):
            box = (230 + 58 * across, 110 + 115 * down, 280 + 58 * across, 165 + 115 * down)
            draw.rectangle(box, outline=(60, 60, 120), width=2)
            font = ImageFont.load_default(36)
            draw.text((box[0] + 14, box[1] + 5), str(digit), fill=(20, 20, 140), font=font)
        grain = np.random.default_rng(number + 9).normal(0, 1.5, (1000, 760, 1))
        pixels = np.clip(np.asarray(picture) + grain, 0, 255).astype(np.uint8)
        files.append(encode(Image.fromarray(pixels), quality=int(rng.integers(75, 93))))
    return files[0], files[1]


def sheet_music(number: int, moved: int = 0) -> Image.Image:
    """Five staves of twelve notes; one of them may lie `moved` places higher or lower."""
    rng = np.random.default_rng(number)
    pitches = rng.integers(0, 9, (5, 12))
    pitches[rng.integers(5), rng.integers(12)] += moved
    picture = Image.new("RGB", (800, 900), "white")
    draw = ImageDraw.Draw(picture)
    for (staff, note), pitch in np.ndenumerate(pitches):
        top, x = 80 + 160 * staff, 90 + 56 * note
        for line in range(5):
            draw.line((40, top + 12 * line, 760, top + 12 * line), fill=0)
        y = top + 6 * int(pitch)
        draw.ellipse((x - 8, y - 5, x + 8, y + 5), fill=0)
        draw.line((x + 7, y, x + 7, y - 38), fill=0, width=2)
    return picture


def moved_note(number: int) -> Pair:
    """One sheet of music on which one note has moved."""
    return encode(sheet_music(number), quality=90), encode(sheet_music(number, 3), quality=85)


FINE_PRINT: dict[str, Callable[[int], Pair]] = {
    "another price": other_price,
    "another word in a small picture": other_word_in_a_small_picture,
    "another digit in a form": other_digit,
    "a note that has moved": moved_note,
}
