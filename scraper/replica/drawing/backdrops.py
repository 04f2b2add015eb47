"""What lies behind a subject: tables, cloths, bokeh and light, so that no two pictures agree."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from .canvas import Brush, Colour, mixed, near, shade

if TYPE_CHECKING:
    from random import Random

_WOODS: tuple[Colour, ...] = ((146, 99, 60), (96, 62, 40), (196, 160, 118), (70, 52, 44))
_STONES: tuple[Colour, ...] = ((58, 62, 68), (226, 222, 216), (150, 146, 140), (38, 40, 46))
_CLOTHS: tuple[Colour, ...] = ((238, 234, 226), (160, 46, 48), (54, 84, 120), (96, 128, 92))
_WALLS: tuple[Colour, ...] = ((228, 214, 190), (122, 142, 158), (190, 150, 140), (90, 98, 92))


def light(rng: Random, size: tuple[int, int], depth: float) -> Image.Image:
    """A map of soft lights and shadows (mode F, about 1 in the middle), coarse and fine mixed."""
    noise = np.random.default_rng(rng.getrandbits(64))
    total = np.zeros((size[1], size[0]), np.float32)
    for cells, share in ((3, 0.5), (5, 0.7), (8, 0.6)):
        grid = noise.uniform(-1, 1, (cells, cells + 1)).astype(np.float32)
        field = Image.fromarray(grid).resize(size, Image.Resampling.BICUBIC)
        total += share * np.asarray(field)
    return Image.fromarray(1 + depth * total)


def table(brush: Brush) -> None:
    """One of several surfaces, its colours and directions drawn by lot; covers the whole canvas."""
    rng = brush.rng
    brush.place((0.5, 0.5), 1.0, turn=rng.uniform(0, math.pi))
    rng.choice((_planks, _planks, _cloth, _checks, _stone, _stripes, _plain))(brush)


def _planks(brush: Brush) -> None:
    rng = brush.rng
    wood = rng.choice(_WOODS)
    y = -1.6
    while y < 1.6:
        height = rng.uniform(0.12, 0.34)
        plank = near(rng, shade(wood, rng.uniform(0.75, 1.25)), 8)
        brush.box(-1.8, y, 1.8, y + height, plank)
        for _ in range(3):
            grain = y + rng.uniform(0.1, 0.9) * height
            brush.line(
                ((-1.8, grain), (1.8, grain + rng.uniform(-0.02, 0.02))), shade(plank, 0.9), 0.006
            )
        brush.line(((-1.8, y), (1.8, y)), shade(wood, 0.45), 0.012)
        y += height


def _cloth(brush: Brush) -> None:
    rng = brush.rng
    cloth = near(rng, rng.choice(_CLOTHS))
    _fill(brush, cloth)
    for _ in range(rng.randint(4, 9)):
        at = rng.uniform(-1.4, 1.4)
        fold = [(at + 0.1 * math.sin(3 * y + at), y) for y in (-1.7, -0.8, 0.0, 0.8, 1.7)]
        brush.line(fold, shade(cloth, rng.uniform(0.75, 1.15)), rng.uniform(0.02, 0.12))


def _checks(brush: Brush) -> None:
    rng = brush.rng
    first, second = rng.choice(_CLOTHS), rng.choice(((250, 248, 240), (214, 198, 170)))
    _fill(brush, second)
    cell = rng.uniform(0.1, 0.34)
    steps = int(1.8 / cell) + 1
    for n in range(-steps, steps, 2):
        brush.box(n * cell, -1.8, (n + 1) * cell, 1.8, mixed(first, second, 0.45))
    for n in range(-steps, steps, 2):
        brush.box(-1.8, n * cell, 1.8, (n + 1) * cell, mixed(first, second, 0.45))
        for m in range(-steps, steps, 2):
            brush.box(m * cell, n * cell, (m + 1) * cell, (n + 1) * cell, first)


def _stone(brush: Brush) -> None:
    rng = brush.rng
    stone = near(rng, rng.choice(_STONES))
    _fill(brush, stone)
    for _ in range(rng.randint(5, 12)):
        x, y = brush.within(1.3)
        brush.blob(x, y, rng.uniform(0.08, 0.4), near(rng, stone, 14), 0.4)
    for _ in range(rng.randint(1, 4)):
        vein = [(x, rng.uniform(-1.2, 1.2)) for x in (-1.6, -0.8, 0.0, 0.8, 1.6)]
        brush.line(vein, shade(stone, rng.choice((0.7, 1.3))), rng.uniform(0.004, 0.016))


def _stripes(brush: Brush) -> None:
    rng = brush.rng
    colours = [near(rng, rng.choice(_CLOTHS + _WALLS)) for _ in range(3)]
    x = -1.8
    while x < 1.8:
        width = rng.uniform(0.05, 0.4)
        brush.box(x, -1.8, x + width, 1.8, rng.choice(colours))
        x += width


def _plain(brush: Brush) -> None:
    rng = brush.rng
    first, second = near(rng, rng.choice(_WALLS)), near(rng, rng.choice(_STONES))
    for n in range(12):
        y = -1.8 + 0.3 * n
        brush.box(-1.9, y, 1.9, y + 0.32, mixed(first, second, n / 12))


def _fill(brush: Brush, colour: Colour) -> None:
    brush.box(-1.9, -1.9, 1.9, 1.9, colour)


def bokeh(brush: Brush, colours: tuple[Colour, ...]) -> None:
    """A blurred outdoors: large soft patches, lighter above."""
    rng = brush.rng
    brush.place((0.5, 0.5), 1.0)
    first, second = rng.choice(colours), rng.choice(colours)
    for n in range(10):
        y = -1.0 + 0.2 * n
        brush.box(-1.9, y, 1.9, y + 0.24, near(rng, mixed(first, second, n / 10), 5))
    for _ in range(rng.randint(12, 26)):
        x, y = rng.uniform(-1, 1), rng.uniform(-0.8, 0.8)
        spot = shade(near(rng, rng.choice(colours), 24), rng.uniform(0.7, 1.35))
        brush.disc(x, y, rng.uniform(0.04, 0.22), spot)


def clutter(brush: Brush) -> None:
    """Things at a table's edge: cups, glasses, leaves, cutlery, napkins."""
    rng = brush.rng
    for _ in range(rng.randint(1, 5)):
        side = rng.choice(((0.06, None), (0.94, None), (None, 0.06), (None, 0.94)))
        at = (
            rng.random() if side[0] is None else side[0],
            rng.random() if side[1] is None else side[1],
        )
        brush.place(at, rng.uniform(0.08, 0.24), turn=rng.uniform(0, math.tau))
        rng.choice((_cup, _fork, _sprig, _napkin, _tomato))(brush)


def _cup(brush: Brush) -> None:
    colour = near(brush.rng, brush.rng.choice(_WALLS))
    brush.disc(0, 0, 1.0, shade(colour, 0.7))
    brush.disc(0, 0, 0.92, colour)
    brush.disc(0, 0, 0.7, brush.rng.choice(((60, 36, 24), (196, 120, 40), (120, 24, 34))))


def _fork(brush: Brush) -> None:
    steel = (186, 188, 194)
    brush.line(((-1.6, 0), (0.6, 0)), steel, 0.18)
    for y in (-0.3, -0.1, 0.1, 0.3):
        brush.line(((0.6, y * 0.6), (1.5, y)), steel, 0.1)


def _sprig(brush: Brush) -> None:
    green = near(brush.rng, (70, 120, 52))
    brush.line(((-1, 0), (1, 0.1)), shade(green, 0.7), 0.06)
    for n in range(6):
        brush.leaf(-0.9 + 0.3 * n, 0, 0.7, 0.8 if n % 2 else -0.8, near(brush.rng, green))


def _napkin(brush: Brush) -> None:
    colour = near(brush.rng, brush.rng.choice(_CLOTHS))
    brush.box(-1.2, -0.9, 1.2, 0.9, colour)
    brush.box(-1.2, -0.1, 1.2, 0.1, shade(colour, 0.8))


def _tomato(brush: Brush) -> None:
    red = near(brush.rng, (196, 44, 32))
    brush.blob(0, 0, 0.8, red)
    brush.disc(-0.25, -0.3, 0.2, shade(red, 1.35))
    for n in range(5):
        brush.leaf(0, 0, 0.45, n * math.tau / 5, (64, 110, 46))
