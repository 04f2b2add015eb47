"""Views: skies, streets, fields and what cameras other than the eye's show."""

from __future__ import annotations

import math

import numpy as np
from PIL import ImageDraw

from ..lookalikes import scene
from .making import Table, canvas, colour, from_levels, numbers, one_of, picture, soft
from .things import ground

SCENES = Table()
ACROSS, DOWN = np.meshgrid(np.linspace(-1, 1, 480), np.linspace(-0.75, 0.75, 360))


def glow(x, y, wide, tall=None):
    return np.exp(-(((ACROSS - x) / wide) ** 2) - ((DOWN - y) / (tall or wide)) ** 2)


def ours(rng, other):
    """A generator for what the two of a pair do not share."""
    return np.random.default_rng(rng.integers(1 << 30, size=2)[int(other)])


@SCENES("starry sky over one hill")
def stars(rng, other):
    tones, hill = np.array([20, 26, 48]), 0.45 + 0.15 * np.sin(3 * ACROSS + rng.normal()) < DOWN
    chance = ours(rng, other)
    pen = canvas((0, 0, 0))
    for x, y, size in chance.integers(0, (480, 360, 4), (120, 3)).tolist():
        pen.ellipse((x, y, x + size, y + size), fill=(60 + 60 * size,) * 3)
    sky = np.asarray(picture(pen))
    levels = np.where(hill[..., None], 8, tones + 30 * glow(0, 0.4, 1, 0.4)[..., None] + sky)
    return from_levels(levels + chance.normal(0, 2, levels.shape))


@SCENES("fireworks over one town")
def fireworks(rng, other):
    pen = canvas((12, 14, 30))
    for x in range(0, 480, 30):
        pen.rectangle((x, 360 - int(rng.integers(30, 110)), x + 30, 360), fill=(35, 35, 45))
    chance = ours(rng, other)
    for _ in range(3):
        x, y, tone = chance.integers(90, 390), chance.integers(60, 200), colour(chance, 120, 255)
        for ray in range(22):
            turn, reach = ray * math.pi / 11, chance.integers(40, 80)
            pen.line(
                (x, y, x + reach * math.cos(turn), y + reach * math.sin(turn)), fill=tone, width=3
            )
    return picture(pen)


@SCENES("moon of another phase")
def moon(rng, other):
    phase, x, y = one_of(rng, other, [-0.3, 0.0, 0.3, 0.6]), *rng.uniform(-0.3, 0.3, 2)
    disc = (ACROSS - x) ** 2 + (DOWN - y) ** 2 < 0.16
    shadow = (ACROSS - x - phase * 0.8 - 0.2) ** 2 + (DOWN - y) ** 2 < 0.16
    seas = np.asarray(soft(rng, (480, 360), (16, 12), 150, 250).convert("L"))
    levels = np.where(disc & ~shadow, seas, 10) + rng.normal(0, 2, disc.shape)
    return from_levels(levels)


@SCENES("night scenes of one kind")
def night(rng, other):
    chance, light = ours(rng, other), np.zeros((360, 480))
    for _ in range(3):
        x, y = chance.normal(0, 0.25, 2)
        light += chance.uniform(0.5, 1) * glow(x, y, *chance.uniform(0.04, 0.4, 2))
    levels = 255 * np.clip(light, 0, 1)[..., None] * np.array([1, 0.8, 0.55])
    return from_levels(levels + 12 + chance.normal(0, 3, levels.shape))


@SCENES("x-ray with another spot")
def x_ray(rng, other):
    levels = 40 + 90 * glow(-0.35, 0, 0.28, 0.6) + 90 * glow(0.35, 0, 0.28, 0.6)
    for rib in range(7):
        bend = DOWN - 0.18 * rib + 0.55 + 0.25 * ACROSS**2 + 0.02 * rng.normal()
        levels += 35 * np.exp(-((bend / 0.025) ** 2))
    x, y = one_of(rng, other, [(a, b) for a in (-0.4, 0.4) for b in (-0.35, 0, 0.35)])
    levels += 70 * glow(x, y, 0.06)
    return from_levels(levels + rng.normal(0, 4, levels.shape))


@SCENES("fields from above, one harvested")
def fields(rng, other):
    pen, changed = canvas(), rng.integers(48)
    for field in range(48):
        x, y = 60 * (field % 8), 60 * (field // 8)
        green, straw = (int(rng.integers(60, 120)), 130, 60), (200, 180, int(rng.integers(90, 130)))
        tone = (green, straw)[int(rng.integers(2)) ^ int(other and field == changed)]
        pen.rectangle((x, y, x + 58, y + 58), fill=tone)
    return from_levels(np.asarray(picture(pen)) + rng.normal(0, 7, (360, 480, 1)))


@SCENES("a cyclist a second later")
def cyclist(rng, other):
    image = scene(int(rng.integers(1 << 30)))
    pen = ImageDraw.Draw(image)
    x, y = int(rng.integers(60, 540)), int(rng.integers(60, 380))
    if other:
        for left in (0, 26):
            pen.ellipse((x + left, y + 34, x + left + 20, y + 54), outline=(20, 20, 20), width=3)
        pen.line((x + 10, y + 44, x + 23, y + 16, x + 36, y + 44), fill=(150, 30, 30), width=5)
        pen.ellipse((x + 17, y, x + 29, y + 12), fill=(60, 40, 30))
    grain = ours(rng, other).normal(0, 3, (480, 640, 1))
    return from_levels(np.asarray(image) + grain)


@SCENES("a ball that has moved")
def ball(rng, other):
    pen, tone = ground(rng), colour(rng)
    x, y = one_of(rng, other, [(a, b) for a in range(40, 420, 60) for b in (100, 180, 260)])
    pen.ellipse((x, y, x + 40, y + 40), fill=tone)
    return picture(pen)


@SCENES("parking lot, one car gone")
def parking(rng, other):
    pen = canvas((95, 95, 98))
    for (row, column), there in np.ndenumerate(numbers(rng, other, (3, 7), 2)):
        x, y = 20 + 64 * column, 20 + 115 * row
        pen.line((x - 6, y, x - 6, y + 90), fill=(225, 225, 225), width=3)
        tone = colour(rng)
        if there:
            pen.rounded_rectangle((x + 4, y + 6, x + 46, y + 84), 10, fill=tone)
            pen.rectangle((x + 10, y + 24, x + 40, y + 38), fill=(40, 48, 60))
    return from_levels(np.asarray(picture(pen)) + rng.normal(0, 5, (360, 480, 1)))


@SCENES("cells, one divided")
def cells(rng, other):
    pen, changed = canvas((235, 220, 228)), rng.integers(24)
    for cell in range(24):
        x, y = np.array([15 + 78 * (cell % 6), 12 + 86 * (cell // 6)]) + rng.integers(12, size=2)
        pen.ellipse((x, y, x + 56, y + 56), fill=(200, 150, 180), outline=(150, 90, 130), width=2)
        for dot in (8, 34) if other and cell == changed else (20,):
            pen.ellipse((x + dot, y + 18, x + dot + 16, y + 36), fill=(90, 40, 100))
    return from_levels(np.asarray(picture(pen)) + rng.normal(0, 4, (360, 480, 1)))
