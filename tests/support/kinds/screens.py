"""Screens and plans whose writing is small, or whose lines are all that has a colour."""

from __future__ import annotations

import numpy as np

from ..lookalikes import scene
from .making import (
    COLOURS,
    INK,
    WORDS,
    Table,
    canvas,
    digits,
    from_levels,
    numbers,
    one_of,
    picture,
    sentence,
    write,
)

SCREENS = Table()


@SCREENS("chat with another time")
def chat(rng, other):
    pen, times = canvas((230, 222, 212), (360, 520)), numbers(rng, other, (6, 4))
    for row, time in enumerate(times.tolist()):
        x, y = 20 + 90 * int(rng.integers(2)), 20 + 84 * row
        pen.rounded_rectangle((x, y, x + 230, y + 66), 12, fill="white")
        write(pen, (x + 12, y + 22), sentence(rng, 3), 18, anchor="lm")
        hour, minute = time[:2], time[2:]
        shown = ":".join("".join(map(str, pair)) for pair in (hour, minute))
        write(pen, (x + 218, y + 50), shown, 13, (90, 90, 95), "rm")
    return picture(pen)


@SCREENS("program with another sign")
def program(rng, other):
    pen, changed = canvas((30, 30, 34), (560, 400)), rng.integers(16)
    tones = ((220, 220, 220), (200, 120, 190), (120, 190, 230), (150, 200, 120))
    for row in range(16):
        x = 20 + 20 * int(rng.integers(3))
        for place in range(4):
            sign = one_of(rng, other and row == changed and place == 0, "+-=<>;")
            words = f"{rng.choice(WORDS)}{sign}"
            write(pen, (x, 20 + 23 * row), words, 16, tones[rng.integers(4)], "lm")
            x += 90
    return picture(pen)


@SCREENS("wiring plan with another value")
def wiring(rng, other):
    pen = canvas((255, 255, 255))
    for (row, column), value in np.ndenumerate(numbers(rng, other, (3, 3))):
        x, y = 70 + 150 * column, 70 + 110 * row
        pen.line((x - 50, y, x + 90, y), fill=INK, width=2)
        pen.rectangle((x, y - 14, x + 60, y + 14), fill="white", outline=INK, width=2)
        write(pen, (x + 30, y - 28), f"{value}k", 18)
    return picture(pen)


@SCREENS("underground map, one line in another colour")
def underground(rng, other):
    pen, changed = canvas((255, 255, 255), (520, 420)), rng.integers(4)
    tones = rng.permutation(COLOURS).tolist()
    for line in range(4):
        stops = list(zip(range(30, 500, 92), rng.integers(30, 390, 6).tolist(), strict=True))
        tone = tones[5 if other and line == changed else line]
        pen.line(stops, fill=tuple(tone), width=7)
        for x, y in stops:
            pen.ellipse((x - 7, y - 7, x + 7, y + 7), fill="white", outline=INK, width=2)
    return picture(pen)


@SCREENS("camera with another time in the corner")
def stamped(rng, other):
    image = scene(int(rng.integers(1 << 30)))
    pen, time = canvas(size=image.size), digits(rng, other, 6)
    picture(pen).paste(image)
    write(pen, (628, 470), f"{time[:2]}:{time[2:4]}:{time[4:]}", 28, "white", "rs")
    return from_levels(np.asarray(picture(pen)) + rng.normal(0, 3, (480, 640, 1)))
