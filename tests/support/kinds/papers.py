"""Papers and screens: documents, tables, notes, codes, and files of more than one page."""

from __future__ import annotations

import numpy as np
from PIL import Image

from .making import (
    INK,
    WORDS,
    Table,
    canvas,
    colour,
    digits,
    from_levels,
    numbers,
    one_of,
    picture,
    sentence,
    soft,
    write,
)

PAPERS = Table()


@PAPERS("calendar page")
def calendar(rng, other):
    first, month = numbers(rng, other, 1, 7)[0], rng.integers(12)
    pen = canvas()
    write(pen, (240, 35), WORDS[month].upper(), 36, (180, 30, 30))
    for day in range(30):
        row, column = divmod(day + int(first), 7)
        write(pen, (60 + 60 * column, 90 + 45 * row), day + 1, 24)
    return picture(pen)


@PAPERS("receipt")
def receipt(rng, other):
    shop, goods = rng.integers(100, 999), rng.permutation(WORDS)[:8]
    pen = canvas(size=(340, 480))
    write(pen, (170, 40), f"SHOP {shop}", 30)
    for row, item in enumerate(goods):
        write(pen, (30, 100 + 32 * row), item, 20, anchor="lm")
        write(pen, (310, 100 + 32 * row), f"{rng.integers(99, 999) / 100}", 20, anchor="rm")
    write(pen, (30, 400), f"TOTAL {digits(rng, other, 4)}", 28, anchor="lm")
    return picture(pen)


@PAPERS("invoice")
def invoice(rng, other):
    pen = canvas(size=(420, 560))
    pen.rectangle((30, 30, 130, 80), fill=colour(rng))
    write(pen, (390, 60), f"No {digits(rng, other, 5)}", 24, anchor="rm")
    for row in range(9):
        pen.line((30, 150 + 36 * row, 390, 150 + 36 * row), fill=(150, 150, 150))
        write(pen, (40, 168 + 36 * row), sentence(rng, 3), 16, anchor="lm")
        write(pen, (380, 168 + 36 * row), rng.integers(10, 999), 16, anchor="rm")
    return picture(pen)


@PAPERS("form filled in otherwise")
def form(rng, other):
    pen, filled = canvas((244, 246, 240), (420, 540)), numbers(rng, other, (9, 3), 2)
    for (row, column), cross in np.ndenumerate(filled):
        x, y = 230 + 60 * column, 60 + 50 * row
        pen.rectangle((x, y, x + 26, y + 26), outline=INK, width=2)
        if cross:
            pen.line((x, y, x + 26, y + 26), fill=(20, 30, 140), width=4)
            pen.line((x, y + 26, x + 26, y), fill=(20, 30, 140), width=4)
    for row in range(9):
        write(pen, (30, 73 + 50 * row), sentence(rng, 2), 20, anchor="lm")
    return picture(pen)


@PAPERS("slide of one template")
def slide(rng, other):
    tone, title = colour(rng, 20, 140), sentence(rng, 2)
    lines = [one_of(rng, other and row == 2, WORDS) for row in range(4)]
    pen = canvas((255, 255, 255))
    pen.rectangle((0, 0, 480, 70), fill=tone)
    write(pen, (20, 35), title, 34, "white", "lm")
    for row, line in enumerate(lines):
        pen.ellipse((30, 112 + 55 * row, 42, 124 + 55 * row), fill=tone)
        write(pen, (60, 118 + 55 * row), f"{line} {row}", 26, anchor="lm")
    return picture(pen)


@PAPERS("screenshot with another text")
def screenshot(rng, other):
    pen, tone = canvas((236, 238, 242), (560, 420)), colour(rng)
    pen.rectangle((0, 0, 560, 40), fill=tone)
    pen.rectangle((0, 40, 130, 420), fill=(60, 66, 78))
    for row in range(6):
        write(pen, (15, 75 + 40 * row), rng.choice(WORDS), 18, (220, 220, 225), "lm")
    for row in range(4):
        pen.rounded_rectangle((150, 60 + 88 * row, 540, 136 + 88 * row), 8, fill="white")
        write(pen, (170, 85 + 88 * row), sentence(rng, 3), 20, anchor="lm")
        words = one_of(rng, other and row == 1, WORDS)
        write(pen, (170, 115 + 88 * row), words, 18, (110, 110, 110), "lm")
    return picture(pen)


@PAPERS("chart with other bars")
def chart(rng, other):
    pen, tone, bars = canvas((255, 255, 255)), colour(rng), numbers(rng, other, 7, 6)
    for line in range(6):
        pen.line((50, 310 - 50 * line, 460, 310 - 50 * line), fill=(215, 215, 215))
        write(pen, (28, 310 - 50 * line), 10 * line, 16)
    for place, bar in enumerate(bars):
        x = 70 + 55 * place
        pen.rectangle((x, 300 - 45 * int(bar), x + 34, 310), fill=tone)
    return picture(pen)


@PAPERS("sheet music")
def sheet_music(rng, other):
    pen = canvas(size=(520, 560))
    for (staff, note), pitch in np.ndenumerate(numbers(rng, other, (4, 9), 9)):
        top, x = 60 + 130 * staff, 60 + 50 * note
        for line in range(5):
            pen.line((30, top + 12 * line, 490, top + 12 * line), fill=INK)
        y = top + 6 * int(pitch)
        pen.ellipse((x - 8, y - 6, x + 8, y + 6), fill=INK)
        pen.line((x + 7, y, x + 7, y - 36), fill=INK, width=2)
    return picture(pen)


@PAPERS("crossword grid")
def crossword(rng, other):
    pen = canvas(size=(440, 440))
    for (row, column), black in np.ndenumerate(numbers(rng, other, (10, 10), 2)):
        box = (20 + 40 * column, 20 + 40 * row, 60 + 40 * column, 60 + 40 * row)
        pen.rectangle(box, fill=INK if black else "white", outline=INK)
    return picture(pen)


@PAPERS("map with another marker")
def street_map(rng, other):
    pen = canvas((232, 228, 214))
    for _ in range(9):
        x, y = rng.integers(0, 480, 2).tolist()
        pen.polygon([(x, y), (x + 90, y + 20), (x + 60, y + 80)], fill=(190, 220, 170))
    for _ in range(12):
        ends = rng.integers(0, 480, 4).tolist()
        pen.line(ends, fill="white", width=9)
    x, y = one_of(rng, other, [(a, b) for a in range(60, 430, 90) for b in (80, 160, 240, 320)])
    pen.polygon([(x, y), (x - 14, y - 28), (x + 14, y - 28)], fill=(210, 40, 40))
    pen.ellipse((x - 14, y - 44, x + 14, y - 16), fill=(210, 40, 40))
    return picture(pen)


@PAPERS("comic panels")
def comic(rng, other):
    pen = canvas((255, 255, 255))
    for panel in range(4):
        x, y = 15 + 230 * (panel % 2), 15 + 170 * (panel // 2)
        pen.rectangle((x, y, x + 215, y + 158), fill=colour(rng, 120), outline=INK, width=4)
        pen.ellipse((x + 60, y + 70, x + 120, y + 130), fill=(240, 205, 170), outline=INK, width=3)
        pen.rounded_rectangle((x + 90, y + 12, x + 205, y + 55), 16, fill="white", outline=INK)
        said = one_of(rng, other and panel == 2, WORDS)
        write(pen, (x + 147, y + 34), said, 22)
    return picture(pen)


@PAPERS("barcode")
def barcode(rng, other):
    pen, number = canvas((255, 255, 255), (420, 260)), numbers(rng, other, 12)
    x = 40
    for digit in number.tolist():
        for place in range(7):
            if (digit * 37 + 11) >> place & 1:
                pen.rectangle((x, 30, x + 3, 190), fill="black")
            x += 4
    write(pen, (210, 220), "".join(map(str, number)), 30)
    return picture(pen)


@PAPERS("QR code")
def code(rng, other):
    first, second = rng.integers(0, 2, (2, 25, 25))
    cells = second if other else first
    for y, x in ((0, 0), (0, 18), (18, 0)):
        cells[y : y + 7, x : x + 7] = 1
        cells[y + 1 : y + 6, x + 1 : x + 6] = 0
        cells[y + 2 : y + 5, x + 2 : x + 5] = 1
    framed = np.pad(1 - cells, 3, constant_values=1) * 255
    return from_levels(framed).resize((372, 372), Image.Resampling.NEAREST)


@PAPERS("handwriting")
def handwriting(rng, other):
    pen = canvas((246, 246, 240))
    for row in range(4):
        pen.line((20, 85 + 80 * row, 460, 85 + 80 * row), fill=(170, 190, 225), width=2)
        shapes, changed = rng.integers(0, 40, (9, 4)), rng.integers(0, 40, 4)
        if other and row == 1:
            shapes[5] = changed
        for place, shape in enumerate(shapes.tolist()):
            x, y = 35 + 47 * place, 40 + 80 * row
            pen.line([(x + 9 * n, y + h) for n, h in enumerate(shape)], fill=(30, 40, 110), width=4)
    return picture(pen)


@PAPERS("signature")
def signature(rng, other):
    seeds = rng.integers(1 << 30, size=2)
    pen, curve = canvas(size=(480, 200)), np.random.default_rng(seeds[int(other)])
    steps = np.linspace(0, 1, 160)
    waves = [curve.uniform(8, 30) * np.sin(curve.uniform(8, 45) * steps + n) for n in range(4)]
    line = np.stack([50 + 370 * steps + waves[0], 90 + waves[1] + waves[2] + waves[3]], axis=1)
    pen.line([tuple(point) for point in line], fill=(20, 25, 90), width=4)
    pen.line((40, 160, 440, 160), fill=(150, 150, 150), width=2)
    return picture(pen)


def frames(rng, other, size=(300, 220)):
    first, one, two = (soft(rng, size, (9, 7)) for _ in range(3))
    return [first, two if other else one, two if other else one]


@PAPERS("animation or document with one first frame")
def moving(rng, other):
    return frames(rng, other)


@PAPERS("document whose second page differs in a number")
def pages(rng, other):
    found = []
    for page in range(2):
        pen = canvas(size=(360, 480))
        for row in range(9):
            write(pen, (30, 50 + 44 * row), sentence(rng, 3), 20, anchor="lm")
        write(pen, (330, 450), digits(rng, other and page == 1, 5), 28, anchor="rm")
        found.append(picture(pen))
    return found
