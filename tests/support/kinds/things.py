"""Things as shops and cameras show them: fruit, lamps, dials, products, boards, patterns."""

from __future__ import annotations

import math

import numpy as np
from PIL import ImageFilter

from .making import (
    COLOURS,
    INK,
    Table,
    canvas,
    colour,
    digits,
    from_levels,
    numbers,
    one_of,
    picture,
    soft,
    write,
)

THINGS = Table()


def ground(rng, size=(480, 360)):
    """Something out of focus behind a thing."""
    pen = canvas(size=size)
    picture(pen).paste(soft(rng, size, (12, 9), 60, 200))
    return pen


@THINGS("ripe and unripe fruit")
def fruit(rng, other):
    pen = ground(rng)
    for place in range(3):
        x, y = 60 + 130 * place + int(rng.integers(20)), 120 + int(rng.integers(80))
        tone = one_of(rng, other and place == 1, COLOURS[:5])
        pen.ellipse((x, y, x + 90, y + 90), fill=tone)
        pen.line((x + 45, y, x + 52, y - 20), fill=(90, 60, 30), width=5)
    return picture(pen)


@THINGS("traffic light")
def lamp(rng, other):
    pen, lit = ground(rng), one_of(rng, other, range(3))
    x, y = rng.integers(60, 340), rng.integers(30, 120)
    pen.rectangle((x, y, x + 60, y + 170), fill=(28, 28, 28))
    for place, tone in enumerate(((230, 50, 40), (230, 180, 40), (50, 210, 90))):
        top = y + 8 + 54 * place
        pen.ellipse((x + 8, top, x + 52, top + 44), fill=tone if place == lit else (55, 55, 55))
    return picture(pen)


def hand(pen, middle, turn, length, width):
    end = middle[0] + length * math.sin(turn), middle[1] - length * math.cos(turn)
    pen.line((*middle, *end), fill=INK, width=width)


@THINGS("clock at another time")
def clock(rng, other):
    pen, minutes = ground(rng, (400, 400)), one_of(rng, other, range(0, 720, 35))
    pen.ellipse((50, 50, 350, 350), fill=(245, 243, 235), outline=colour(rng), width=14)
    for hour in range(12):
        turn = hour * math.pi / 6
        write(pen, (200 + 118 * math.sin(turn), 200 - 118 * math.cos(turn)), hour or 12, 24)
    hand(pen, (200, 200), minutes * math.pi / 360, 65, 9)
    hand(pen, (200, 200), minutes % 60 * math.pi / 30, 100, 5)
    return picture(pen)


@THINGS("gauge at another value")
def gauge(rng, other):
    pen, value = ground(rng, (400, 300)), one_of(rng, other, range(-8, 9, 2))
    pen.pieslice((50, 40, 350, 340), 180, 360, fill=(240, 240, 238), outline=INK, width=5)
    for mark in range(-8, 9, 2):
        turn = mark * 0.18
        write(pen, (200 + 120 * math.sin(turn), 190 - 120 * math.cos(turn)), mark + 8, 18)
    hand(pen, (200, 190), value * 0.18, 100, 6)
    return picture(pen)


def shirt(pen, tone):
    pen.polygon([(130, 70), (350, 70), (430, 150), (380, 190), (350, 160), (350, 330), (130, 330),
                 (130, 160), (100, 190), (50, 150)], fill=tone)  # fmt: skip


@THINGS("product in another colour")
def product(rng, other):
    pen, tone = canvas((255, 255, 255)), one_of(rng, other, COLOURS)
    shirt(pen, tone)
    pen.ellipse((200, 45, 280, 95), fill="white")
    write(pen, (240, 180), digits(rng, False, 2), 60, "white")
    return picture(pen)


@THINGS("product in another pattern")
def pattern(rng, other):
    pen, tone, light = canvas((255, 255, 255)), colour(rng, 30, 150), colour(rng, 170, 240)
    shirt(pen, tone)
    kind = one_of(rng, other, ["across", "down", "dots", "plain"])
    for step in range(0, 240, 40):
        if kind == "across":
            pen.rectangle((130, 90 + step, 350, 108 + step), fill=light)
        elif kind == "down":
            pen.rectangle((135 + step * 0.9, 75, 150 + step * 0.9, 328), fill=light)
        elif kind == "dots":
            for x in range(150, 340, 45):
                pen.ellipse((x, 95 + step, x + 16, 111 + step), fill=light)
    return picture(pen)


@THINGS("pack with another weight")
def pack(rng, other):
    pen, tone = ground(rng, (360, 480)), colour(rng)
    pen.rectangle((70, 60, 290, 440), fill=tone)
    pen.ellipse((110, 110, 250, 250), fill=colour(rng))
    write(pen, (180, 300), "MUESLI", 44, "white")
    write(pen, (180, 400), f"{one_of(rng, other, range(100, 900, 50))} g", 30, "white")
    return picture(pen)


@THINGS("circuit board with a part missing")
def board(rng, other):
    pen, missing = canvas((25, 90, 55)), rng.integers(30)
    for _ in range(20):
        x, y, across, down = rng.integers(0, 360, 4).tolist()
        pen.line([(x, y), (across, y), (across, down)], fill=(70, 150, 95), width=3)
    for part in range(30):
        x, y = 20 + 76 * (part % 6), 18 + 68 * (part // 6)
        size, tone = rng.integers(18, 46, 2), rng.choice([25, 60, 150, 200])
        if not (other and part == missing):
            pen.rectangle((x, y, x + int(size[0]), y + int(size[1])), fill=(int(tone),) * 3)
    return picture(pen)


def relit(levels, other):
    """Light from the left, or from the right and brighter."""
    fall = np.linspace(0.75, 1.2, levels.shape[1])[None, :, None]
    return from_levels(levels * (fall[:, ::-1] * 1.3 if other else fall))


@THINGS("tiles under other light")
def tiles(rng, other):
    pen = canvas((200, 196, 188))
    for x in range(0, 480, 80):
        for y in range(0, 360, 80):
            tone = np.array([150, 140, 125]) + rng.integers(-18, 19)
            pen.rectangle((x + 3, y + 3, x + 76, y + 76), fill=tuple(tone.tolist()))
    return relit(np.asarray(picture(pen)) + rng.normal(0, 7, (360, 480, 1)), other)


@THINGS("brick wall under other light")
def bricks(rng, other):
    pen = canvas((190, 185, 178))
    for row in range(12):
        for x in range(-40 * (row % 2), 480, 80):
            tone = np.array([140, 70, 55]) + rng.integers(-25, 26)
            pen.rectangle((x + 2, 30 * row + 2, x + 77, 30 * row + 27), fill=tuple(tone.tolist()))
    return relit(np.asarray(picture(pen)) + rng.normal(0, 8, (360, 480, 1)), other)


@THINGS("wood planks, two of one kind")
def planks(rng, other):
    tone, seeds = rng.integers(90, 170), rng.integers(1 << 30, size=2)
    grain = np.random.default_rng(seeds[int(other)])
    streaks = np.repeat(grain.normal(0, 14, (360, 16)), 30, axis=1)
    levels = tone + streaks + grain.normal(0, 5, (360, 480))
    levels[::90] -= 60
    levels[1::90] -= 60
    tinted = levels[..., None] * np.array([1.1, 0.85, 0.6])
    return from_levels(tinted).filter(ImageFilter.GaussianBlur(0.8))


def cloth(rng, other, ground, tone):
    pen, step, wide = canvas(ground), int(rng.integers(50, 70)), int(rng.integers(12, 22))
    shift = step // 2 if other else 0
    for at in range(-step, 520, step):
        pen.rectangle((at + shift, 0, at + shift + wide, 360), fill=tone)
        pen.ellipse((at + 25, at // 2, at + 49, at // 2 + 24), fill=tone)
    return from_levels(np.asarray(picture(pen)) + rng.normal(0, 6, (360, 480, 1)))


@THINGS("fabric whose pattern is shifted")
def fabric(rng, other):
    return cloth(rng, other, colour(rng, 20, 100), colour(rng, 130, 240))


@THINGS("fabric in colours of one brightness")
def even_fabric(rng, other):
    return cloth(rng, other, *map(tuple, rng.permutation([(200, 70, 70), (60, 110, 235)]).tolist()))


@THINGS("shelf with another thing in one place")
def shelf(rng, other):
    pen, changed = canvas((150, 120, 90)), rng.integers(15)
    for place in range(15):
        x, y = 20 + 92 * (place % 5), 25 + 112 * (place // 5)
        tone = one_of(rng, other and place == changed, COLOURS)
        pen.rounded_rectangle((x, y, x + 56, y + 84), 10, fill=tone)
        pen.rectangle((x, y + 30, x + 56, y + 56), fill=(240, 238, 230))
    return picture(pen)


@THINGS("window lit in a house front")
def windows(rng, other):
    pen = canvas((70, 66, 78), (400, 480))
    for (row, column), lit in np.ndenumerate(numbers(rng, other, (7, 6), 2)):
        x, y = 22 + 62 * column, 20 + 64 * row
        pen.rectangle((x, y, x + 40, y + 44), fill=(250, 220, 130) if lit else (38, 42, 58))
    return picture(pen)
