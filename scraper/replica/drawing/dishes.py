"""Food, drawn: each dish has shapes and colours of its own, and never looks the same twice."""

from __future__ import annotations

import math

from .canvas import Brush, Colour, Point, mixed, near, shade

_SAUCE: Colour = (188, 58, 34)
_BASIL: Colour = (62, 120, 48)
_EGG: Colour = (244, 204, 84)


def plate(brush: Brush, radius: float) -> None:
    """A plate or a board under a dish, mostly."""
    rng = brush.rng
    if rng.random() < 0.25:
        return
    colour = near(
        rng, rng.choice(((246, 244, 240), (60, 66, 74), (196, 170, 130), (180, 196, 204)))
    )
    brush.disc(0.03, 0.05, radius * 1.02, shade(colour, 0.55))
    brush.disc(0, 0, radius, colour)
    brush.disc(0, 0, radius * 0.8, shade(colour, 0.94))


def _scatter(brush: Brush, count: int, radius: float, size: float, colour: Colour) -> None:
    for _ in range(count):
        x, y = brush.within(radius)
        tint = near(brush.rng, colour, 14)
        brush.blob(x, y, size * brush.rng.uniform(0.6, 1.3), tint, 0.25, 12)


def bite(brush: Brush, board: Colour) -> None:
    """Take a wedge away: the board shows through."""
    start, wide = brush.rng.uniform(0, math.tau), brush.rng.uniform(0.5, 0.9)
    arc = [start + wide * n / 6 for n in range(7)]
    brush.polygon([(0, 0), *((1.08 * math.cos(a), 1.08 * math.sin(a)) for a in arc)], board)


def leaves(brush: Brush) -> None:
    """A few leaves of basil."""
    for _ in range(brush.rng.randint(3, 9)):
        x, y = brush.within(0.6)
        green = near(brush.rng, _BASIL)
        turn = brush.rng.uniform(0, math.tau)
        brush.leaf(x, y, brush.rng.uniform(0.2, 0.34), turn, green)
        brush.line(
            ((x, y), (x + 0.2 * math.cos(turn), y + 0.2 * math.sin(turn))), shade(green, 1.4), 0.01
        )


def frittata(brush: Brush) -> None:
    """Egg in a dark pan with a handle, browned in spots, with greens and tomatoes."""
    rng = brush.rng
    brush.line(((0.9, 0), (2.0, 0.1)), (40, 40, 44), 0.2)
    brush.disc(0, 0, 1.12, (34, 34, 38))
    brush.disc(0, 0, 1.02, (58, 58, 62))
    egg = near(rng, _EGG)
    brush.blob(0, 0, 0.97, egg, 0.03, 36)
    _scatter(brush, rng.randint(10, 22), 0.8, 0.13, mixed(egg, (178, 108, 40), 0.5))
    _scatter(brush, rng.randint(8, 26), 0.8, 0.07, (84, 124, 56))
    _scatter(brush, rng.randint(0, 7), 0.7, 0.11, (198, 60, 40))


def quiche(brush: Brush) -> None:
    """A fluted pastry edge around a pale filling."""
    rng = brush.rng
    plate(brush, 1.25)
    crust = near(rng, (198, 140, 74))
    waves = rng.randint(26, 40)
    edge = []
    for step in range(waves * 2):
        angle = math.pi * step / waves
        reach = 1.03 if step % 2 else 0.95
        edge.append((reach * math.cos(angle), reach * math.sin(angle)))
    brush.polygon(edge, crust)
    brush.disc(0, 0, 0.9, shade(crust, 0.75))
    filling = near(rng, (240, 214, 138), 12)
    brush.disc(0, 0, 0.86, filling)
    _scatter(brush, rng.randint(8, 18), 0.72, 0.14, mixed(filling, (190, 128, 60), 0.4))
    _scatter(brush, rng.randint(4, 14), 0.72, 0.06, rng.choice(((92, 132, 66), (206, 120, 104))))
    if rng.random() < 0.4:
        bite(brush, (232, 230, 226))


def omelette(brush: Brush) -> None:
    """A folded half-moon of egg on a plate."""
    rng = brush.rng
    plate(brush, 1.3)
    egg = near(rng, _EGG)
    half = [(math.cos(a), 0.72 * math.sin(a)) for a in (math.pi * n / 16 for n in range(17))]
    brush.polygon([(x, y + 0.06) for x, y in half], shade(egg, 0.7))
    brush.polygon(half, egg)
    for _ in range(rng.randint(4, 10)):
        angle = rng.uniform(0.3, 2.8)
        x, y = 0.7 * math.cos(angle), 0.45 * math.sin(angle)
        brush.blob(x, y, rng.uniform(0.05, 0.16), mixed(egg, (176, 104, 36), 0.5), 0.3, 12)
    brush.line(((-1, 0), (-0.4, -0.06), (0.4, -0.05), (1, 0)), shade(egg, 1.12), 0.06)
    for _ in range(rng.randint(3, 10)):
        x = rng.uniform(-0.8, 0.8)
        brush.leaf(x, rng.uniform(-0.1, 0.4), 0.16, rng.uniform(0, 6), near(rng, _BASIL))


def focaccia(brush: Brush) -> None:
    """A golden slab with dimples, rosemary, now and then tomatoes."""
    rng = brush.rng
    gold = near(rng, (222, 170, 92))
    brush.box(-1.2, -0.84, 1.2, 0.86, shade(gold, 0.6))
    brush.box(-1.14, -0.8, 1.14, 0.78, gold)
    for _ in range(rng.randint(16, 30)):
        x, y = rng.uniform(-1.05, 1.05), rng.uniform(-0.7, 0.7)
        brush.blob(x, y, rng.uniform(0.06, 0.1), shade(gold, 0.72), 0.2, 12)
        brush.disc(x - 0.02, y - 0.03, 0.04, shade(gold, 1.12))
    for _ in range(rng.randint(8, 22)):
        x, y = rng.uniform(-1, 1), rng.uniform(-0.7, 0.7)
        turn = rng.uniform(0, math.pi)
        ends = (x, y), (x + 0.16 * math.cos(turn), y + 0.16 * math.sin(turn))
        brush.line(ends, near(rng, (70, 96, 60)), 0.025)
    if rng.random() < 0.4:
        for _ in range(rng.randint(4, 10)):
            brush.disc(rng.uniform(-1, 1), rng.uniform(-0.65, 0.65), 0.1, near(rng, (196, 54, 36)))


def salad(brush: Brush) -> None:
    """A bowl heaped with leaves, tomatoes, cucumbers and onion rings."""
    rng = brush.rng
    bowl = near(rng, rng.choice(((240, 238, 232), (120, 82, 54), (70, 98, 120))))
    brush.disc(0, 0, 1.1, shade(bowl, 0.7))
    brush.disc(0, 0, 1.03, bowl)
    for _ in range(rng.randint(38, 60)):
        x, y = brush.within(0.78)
        green = near(rng, rng.choice(((92, 148, 58), (60, 110, 44), (150, 182, 88))), 22)
        brush.leaf(x, y, rng.uniform(0.25, 0.5), rng.uniform(0, math.tau), green)
    _scatter(brush, rng.randint(3, 9), 0.72, 0.13, (206, 50, 38))
    for _ in range(rng.randint(2, 8)):
        x, y = brush.within(0.7)
        brush.disc(x, y, 0.14, (96, 150, 84))
        brush.disc(x, y, 0.12, (206, 226, 176))


def burger(brush: Brush) -> None:
    """Seen from the side: bun, sesame, lettuce, cheese, patty, bun."""
    rng = brush.rng
    bun = near(rng, (204, 136, 66))
    brush.polygon(_slab(0.92, 0.5, 0.86), shade(bun, 0.9))
    for n in range(rng.randint(1, 2)):
        y = 0.34 - 0.36 * n
        brush.polygon(_slab(1.0, y - 0.1, y + 0.16), near(rng, (92, 54, 34), 10))
        brush.polygon(
            ((-0.95, y - 0.12), (0.95, y - 0.12), (0.4, y + 0.12)), near(rng, (248, 190, 60))
        )
    top = 0.34 - 0.36 * n
    frill = [(-1.05 + 0.15 * i, top - 0.2 + (0.09 if i % 2 else -0.03)) for i in range(15)]
    brush.polygon([(-1, top - 0.34), *frill, (1, top - 0.34)], near(rng, (112, 166, 66)))
    brush.polygon(_slab(0.9, top - 0.4, top - 0.28), near(rng, (204, 56, 40)))
    dome = [
        (math.cos(a), top - 0.36 - 0.62 * math.sin(a))
        for a in (math.pi * i / 16 for i in range(17))
    ]
    brush.polygon(dome, bun)
    for _ in range(rng.randint(8, 22)):
        angle = rng.uniform(0.5, 2.6)
        reach = rng.uniform(0.4, 0.92)
        brush.disc(
            reach * math.cos(angle),
            top - 0.36 - 0.58 * reach * math.sin(angle),
            0.03,
            (250, 236, 206),
        )


def _slab(half: float, top: float, bottom: float) -> list[Point]:
    middle = (top + bottom) / 2
    return [
        (-half, top),
        (half, top),
        (half + 0.06, middle),
        (half, bottom),
        (-half, bottom),
        (-half - 0.06, middle),
    ]


def sushi(brush: Brush) -> None:
    """Rolls in rows on a dark slate, each with its own filling."""
    rng = brush.rng
    brush.box(
        -1.4, -0.9, 1.4, 0.9, near(rng, rng.choice(((44, 46, 50), (120, 84, 56), (236, 236, 234))))
    )
    fillings = rng.sample(((236, 122, 78), (214, 62, 50), (110, 160, 70), (248, 208, 84)), 2)
    across, down = rng.randint(3, 5), rng.randint(2, 3)
    size = min(1.2 / across, 0.8 / down) * 0.86
    for i in range(across):
        for j in range(down):
            x = -1.2 + 2.4 * (i + 0.5) / across + rng.uniform(-0.04, 0.04)
            y = -0.8 + 1.6 * (j + 0.5) / down + rng.uniform(-0.04, 0.04)
            brush.disc(x, y, size, (28, 38, 34))
            brush.blob(x, y, size * 0.86, (246, 244, 238), 0.05, 18)
            brush.blob(x, y, size * 0.42, near(rng, fillings[j % 2]), 0.25, 12)


def steak(brush: Brush) -> None:
    """A browned slab with grill marks and a rim of fat."""
    rng = brush.rng
    plate(brush, 1.35)
    meat = near(rng, (112, 62, 42))
    brush.blob(0, 0, 1.0, (222, 196, 160), 0.28, 30)
    brush.blob(0.03, 0.03, 0.88, meat, 0.2, 30)
    for n in range(rng.randint(4, 7)):
        x = -0.7 + 0.25 * n
        brush.line(((x, -0.5), (x + 0.3, 0.5)), shade(meat, 0.5), 0.06)
    _scatter(brush, rng.randint(3, 8), 0.5, 0.1, mixed(meat, (180, 80, 70), 0.6))
    for _ in range(rng.randint(0, 3)):
        x, y = brush.within(0.5)
        brush.leaf(x, y, 0.4, rng.uniform(0, 6), near(rng, (76, 112, 58)))


def french_fries(brush: Brush) -> None:
    """A heap of golden sticks, in a paper box or on a plate."""
    rng = brush.rng
    boxed = rng.random() < 0.5
    if not boxed:
        plate(brush, 1.3)
    for _ in range(rng.randint(34, 60)):
        gold = near(rng, (238, 190, 84), 20)
        x, y = (rng.uniform(-0.6, 0.6), rng.uniform(-0.8, 0.1)) if boxed else brush.within(0.7)
        turn = rng.gauss(math.pi / 2, 0.25) if boxed else rng.uniform(0, math.pi)
        dx, dy = 0.42 * math.cos(turn), 0.42 * math.sin(turn)
        brush.line(((x - dx, y - dy), (x + dx, y + dy)), shade(gold, 0.75), 0.13)
        brush.line(((x - dx, y - dy), (x + dx, y + dy)), gold, 0.09)
    if boxed:
        paper = near(rng, rng.choice(((206, 38, 34), (240, 236, 228), (52, 84, 130))))
        brush.polygon(((-0.85, -0.1), (0, 0.12), (0.85, -0.1), (0.62, 1.1), (-0.62, 1.1)), paper)
        brush.disc(0, 0.55, 0.22, shade(paper, 1.3))


def cake(brush: Brush) -> None:
    """Layers of sponge and cream under icing, with berries."""
    rng = brush.rng
    sponge = near(rng, rng.choice(((216, 164, 98), (90, 54, 38), (196, 82, 84))))
    cream = near(rng, (250, 238, 224), 8)
    layers = rng.randint(2, 4)
    height = 1.3 / layers
    for n in range(layers):
        y = 0.8 - n * height
        brush.polygon(_slab(0.95, y - height, y), sponge)
        brush.polygon(_slab(0.97, y - height, y - height * 0.72), cream)
    icing = near(rng, rng.choice(((246, 182, 196), (250, 246, 238), (84, 52, 40), (180, 206, 220))))
    top = 0.8 - 1.3
    drips = [
        (-0.98 + 0.14 * i, top + (rng.uniform(0.1, 0.4) if i % 2 else 0.08)) for i in range(15)
    ]
    brush.polygon([(-1, top - 0.16), *drips, (1, top - 0.16)], icing)
    for _ in range(rng.randint(3, 9)):
        brush.disc(rng.uniform(-0.85, 0.85), top - 0.2, 0.11, near(rng, (196, 30, 48)))


def pasta(brush: Brush) -> None:
    """A nest of long noodles under a sauce."""
    rng = brush.rng
    plate(brush, 1.25)
    for _ in range(rng.randint(26, 44)):
        x, y = brush.within(0.4)
        reach, turn = rng.uniform(0.25, 0.62), rng.uniform(0, math.tau)
        bend = [
            (x + reach * math.cos(turn + a), y + reach * math.sin(turn + a))
            for a in (0, 0.6, 1.2, 1.8, 2.4)
        ]
        brush.line(bend, near(rng, (242, 206, 122), 14), 0.05)
    _scatter(
        brush, rng.randint(6, 14), 0.45, 0.16, rng.choice((_SAUCE, (90, 130, 60), (236, 220, 190)))
    )
    leaves(brush)
