"""Flowers, scenes, animals and papers, drawn; and a style of its own for any other term."""

from __future__ import annotations

import colorsys
import math
from random import Random

from .canvas import Brush, Colour, mixed, near, ring, shade

_GREEN: Colour = (74, 122, 52)


def _stem(brush: Brush, length: float = 1.6) -> None:
    green = near(brush.rng, _GREEN)
    bend = brush.rng.uniform(-0.3, 0.3)
    brush.line(((0, 0), (bend * 0.5, length / 2), (bend, length)), green, 0.08)
    for side in (-1, 1):
        if brush.rng.random() < 0.7:
            at = brush.rng.uniform(0.5, 0.8) * length
            brush.leaf(bend * 0.6, at, 0.6, -0.5 if side > 0 else math.pi + 0.5, shade(green, 0.9))


def rose(brush: Brush) -> None:
    """Layer on layer of round petals, darker towards the heart."""
    rng = brush.rng
    _stem(brush)
    red = near(rng, rng.choice(((186, 24, 48), (226, 110, 140), (246, 226, 206), (236, 170, 70))))
    for ring_number in range(6):
        reach = 0.78 - 0.13 * ring_number
        start = rng.uniform(0, math.tau)
        for n in range(7 - ring_number // 2):
            angle = start + math.tau * n / (7 - ring_number // 2)
            x, y = reach * 0.55 * math.cos(angle), reach * 0.55 * math.sin(angle)
            tint = shade(red, rng.uniform(0.8, 1.12) * (1 - 0.07 * ring_number))
            brush.blob(x, y, reach * 0.6, shade(tint, 0.82), 0.12, 16)
            brush.blob(x * 0.94, y * 0.94, reach * 0.55, tint, 0.12, 16)
    brush.blob(0, 0, 0.1, shade(red, 0.5), 0.3, 10)


def tulip(brush: Brush) -> None:
    """A closed cup of few pointed petals on a straight stem; often several."""
    rng = brush.rng
    colour = near(rng, rng.choice(((216, 40, 60), (246, 190, 40), (150, 60, 150), (240, 130, 90))))
    for n in range(rng.randint(1, 3)):
        x = n * 0.95 * (-1 if n % 2 else 1)
        y = rng.uniform(-0.2, 0.2)
        brush.line(((x, y), (x * 0.8, y + 2.2)), near(rng, _GREEN), 0.09)
        brush.leaf(x * 0.85, y + 2.0, 1.4, -1.3, near(rng, _GREEN))
        for turn, tint in ((-1.95, 0.8), (-1.2, 0.86), (-1.57, 1.0)):
            brush.petal(x, y + 0.55, 1.15, turn, shade(colour, tint), 0.27)
        brush.petal(x - 0.16, y + 0.55, 0.95, -1.85, shade(colour, 1.1), 0.16)


def _rays(brush: Brush, count: int, length: float, colour: Colour, wide: float) -> None:
    start = brush.rng.uniform(0, 1)
    for n in range(count):
        turn = start + math.tau * n / count
        tint = near(brush.rng, colour, 12)
        brush.petal(0.2 * math.cos(turn), 0.2 * math.sin(turn), length, turn, tint, wide)


def sunflower(brush: Brush) -> None:
    """Yellow rays around a large brown heart."""
    rng = brush.rng
    _stem(brush, 2.0)
    yellow = near(rng, (246, 190, 30))
    _rays(brush, rng.randint(16, 24), 0.9, shade(yellow, 0.85), 0.14)
    _rays(brush, rng.randint(16, 24), 0.76, yellow, 0.14)
    brush.disc(0, 0, 0.48, (70, 42, 22))
    for _ in range(30):
        x, y = brush.within(0.44)
        brush.disc(x, y, 0.03, near(rng, (120, 78, 34)))


def daisy(brush: Brush) -> None:
    """White rays around a small yellow heart; often several."""
    rng = brush.rng
    _stem(brush)
    _rays(brush, rng.randint(18, 28), 0.82, near(rng, (246, 246, 248), 6), 0.1)
    brush.disc(0, 0, 0.27, (214, 160, 20))
    brush.disc(-0.03, -0.03, 0.21, (246, 204, 60))


def dandelion(brush: Brush) -> None:
    """A yellow brush of very many thin rays, or the grey clock that it becomes."""
    rng = brush.rng
    _stem(brush)
    clock = rng.random() < 0.4
    colour = (226, 228, 226) if clock else near(rng, (250, 206, 20))
    for layer in range(4):
        reach = 0.95 - 0.2 * layer
        for n in range(34):
            turn = math.tau * n / 34 + layer * 0.4 + rng.uniform(-0.05, 0.05)
            x, y = reach * math.cos(turn), reach * math.sin(turn)
            brush.line(
                ((0, 0), (x, y)), shade(colour, 0.86 + 0.05 * layer), 0.015 if clock else 0.06
            )
            if clock:
                brush.disc(x, y, 0.05, colour)
    brush.disc(0, 0, 0.12, (120, 110, 70) if clock else shade(colour, 0.85))


def car(brush: Brush) -> None:
    """A side view on a road."""
    rng = brush.rng
    paint = near(
        rng,
        rng.choice(((190, 30, 36), (40, 80, 150), (230, 230, 232), (40, 44, 50), (220, 170, 40))),
    )
    brush.box(-3, 0.4, 3, 3, near(rng, (86, 88, 92)))
    brush.box(-3, 0.9, 3, 0.98, (226, 222, 200))
    roof = rng.uniform(-0.8, -0.55)
    brush.polygon(((-0.75, -0.1), (-0.45, roof), (0.4, roof), (0.8, -0.1)), paint)
    brush.polygon(
        ((-0.62, -0.12), (-0.4, roof + 0.08), (-0.04, roof + 0.08), (-0.04, -0.12)), (150, 186, 206)
    )
    brush.polygon(
        ((0.04, -0.12), (0.04, roof + 0.08), (0.36, roof + 0.08), (0.66, -0.12)), (150, 186, 206)
    )
    brush.polygon(((-1.2, -0.1), (1.1, -0.12), (1.25, 0.12), (1.2, 0.38), (-1.25, 0.38)), paint)
    brush.box(-1.2, 0.18, 1.2, 0.24, shade(paint, 0.7))
    brush.disc(1.15, 0.02, 0.09, (250, 240, 200))
    for x in (-0.72, 0.72):
        brush.disc(x, 0.38, 0.3, (24, 24, 26))
        brush.disc(x, 0.38, 0.16, (176, 178, 182))


def street(brush: Brush) -> None:
    """Houses with windows on both sides of a road that narrows away."""
    rng = brush.rng
    brush.box(-3, -2, 3, 0, near(rng, (168, 196, 222)))
    end = rng.uniform(-0.5, 0.5)
    brush.polygon(((-2.4, 2), (end - 0.1, 0), (end + 0.1, 0), (2.4, 2)), near(rng, (92, 92, 96)))
    for side in (-1, 1):
        x = side * 2.4
        for n in range(5):
            wide = 0.9 * 0.72**n
            wall = near(
                rng, rng.choice(((196, 120, 84), (226, 206, 170), (150, 156, 164), (120, 84, 70)))
            )
            top, bottom = -1.5 * 0.7**n * rng.uniform(0.7, 1.2), 1.5 * 0.6**n
            inner = x - side * wide
            brush.box(min(x, inner), top, max(x, inner), bottom, wall)
            for row in range(3):
                for column in (0.25, 0.65):
                    u = min(x, inner) + wide * column
                    v = top + (bottom - top) * (0.1 + 0.28 * row)
                    lit = rng.choice(((250, 226, 140), (60, 76, 96)))
                    brush.box(u, v, u + wide * 0.18, v + (bottom - top) * 0.14, lit)
            x = inner
    for n in range(4):
        brush.line(
            ((end * (1 - n / 4), 0.2 + 0.4 * n), (end * (0.9 - n / 4), 0.35 + 0.4 * n)),
            (236, 232, 214),
            0.04,
        )


def landscape(brush: Brush) -> None:
    """A sky, a sun, ranges of hills, now and then a lake and trees."""
    rng = brush.rng
    sky = near(rng, rng.choice(((120, 176, 226), (240, 150, 90), (90, 110, 150), (200, 214, 224))))
    for n in range(8):
        brush.box(-3, -2 + 0.3 * n, 3, -1.68 + 0.3 * n, mixed(sky, (250, 240, 224), n / 10))
    brush.disc(
        rng.uniform(-1.5, 1.5), rng.uniform(-1, -0.3), rng.uniform(0.12, 0.3), (254, 240, 190)
    )
    land = near(rng, rng.choice(((70, 110, 60), (120, 96, 60), (60, 84, 110), (190, 190, 200))))
    for layer in range(4):
        base = -0.3 + 0.35 * layer
        peaks = [(-3 + 0.5 * n, base - rng.uniform(0, 0.75 - 0.15 * layer)) for n in range(13)]
        brush.polygon([(-3, 3), *peaks, (3, 3)], mixed((190, 204, 220), land, 0.4 + 0.2 * layer))
    if rng.random() < 0.4:
        brush.box(-3, 0.75, 3, 1.1, mixed(sky, (40, 80, 120), 0.4))
    for _ in range(rng.randint(0, 12)):
        x, y = rng.uniform(-2, 2), rng.uniform(0.8, 1.5)
        brush.polygon(((x - 0.12, y), (x, y - 0.55), (x + 0.12, y)), near(rng, (40, 76, 44)))


def document(brush: Brush) -> None:
    """A sheet of writing: heading, lines, now and then a table or a stamp."""
    rng = brush.rng
    paper = near(rng, (246, 244, 238), 8)
    brush.box(-0.93, -1.22, 1.0, 1.3, (90, 90, 92))
    brush.box(-1, -1.3, 0.95, 1.25, paper)
    ink = rng.choice(((40, 40, 46), (30, 40, 90), (70, 60, 56)))
    brush.box(-0.8, -1.1, -0.8 + rng.uniform(0.6, 1.4), -0.98, ink)
    y = -0.8
    while y < 1.1:
        if rng.random() < 0.12:
            y += 0.12
            continue
        x = -0.8
        while x < 0.7:
            word = rng.uniform(0.06, 0.24)
            brush.box(x, y, min(x + word, 0.78), y + 0.04, shade(ink, 1.3))
            x += word + 0.05
        y += 0.1
    if rng.random() < 0.3:
        brush.disc(0.5, 0.9, 0.22, (200, 60, 60))
        brush.disc(0.5, 0.9, 0.17, paper)


def _face(brush: Brush, fur: Colour, *, cat: bool) -> None:
    rng = brush.rng
    brush.blob(0, 1.5, 1.1, shade(fur, 0.9), 0.06)
    for side in (-1, 1):
        if cat:
            brush.polygon(
                ((side * 0.9, -0.2), (side * 0.82, -1.2), (side * 0.2, -0.75)), shade(fur, 0.85)
            )
        else:
            brush.petal(side * 0.6, -0.65, 1.2, math.pi / 2 - side * 0.45, shade(fur, 0.6), 0.28)
    brush.blob(0, 0, 0.95, fur, 0.04)
    for side in (-1, 1):
        brush.disc(side * 0.38, -0.18, 0.17, (224, 214, 120) if cat else (250, 248, 244))
        brush.disc(side * 0.38, -0.16, 0.1, (24, 20, 18))
    brush.blob(0, 0.42, 0.42, mixed(fur, (250, 244, 232), 0.6), 0.05)
    brush.polygon(((-0.15, 0.22), (0.15, 0.22), (0, 0.4)), (206, 120, 120) if cat else (30, 26, 26))
    if cat:
        for y in (0.36, 0.46, 0.56):
            brush.line(
                ((-1.1, y * 1.2 - 0.1), (-0.2, 0.42), (0.2, 0.42), (1.1, y * 1.2 - 0.1)),
                (240, 240, 236),
                0.015,
            )
    elif rng.random() < 0.6:
        brush.petal(0, 0.6, 0.4, math.pi / 2, (226, 110, 120), 0.4)


def dog(brush: Brush) -> None:
    """A head with hanging ears."""
    furs = ((190, 140, 84), (90, 62, 44), (226, 214, 196), (60, 58, 60))
    _face(brush, near(brush.rng, brush.rng.choice(furs)), cat=False)


def cat(brush: Brush) -> None:
    """A head with pointed ears and whiskers."""
    furs = ((216, 140, 70), (120, 120, 126), (236, 230, 222), (52, 50, 54))
    _face(brush, near(brush.rng, brush.rng.choice(furs)), cat=True)


class Style:
    """How an unknown term looks: a family of shapes and a palette that its name decides."""

    def __init__(self, term: str) -> None:
        fixed = Random(f"style/{term}")  # noqa: S311 - pictures, not secrets
        hue = fixed.random()
        self.colours = tuple(
            _hsv(hue + step, fixed.uniform(0.45, 0.95), fixed.uniform(0.5, 0.98))
            for step in (0.0, fixed.uniform(0.08, 0.2), fixed.uniform(0.4, 0.6))
        )
        self.corners = fixed.choice((3, 4, 5, 6, 24))
        self.star = fixed.random() < 0.45
        self.rings = fixed.randint(1, 4)
        self.count = fixed.choice((1, 1, 3, 7))
        self.marks = fixed.choice(("dots", "bars", "rays"))

    def __call__(self, brush: Brush) -> None:
        """Draw one such thing, or several."""
        rng = brush.rng
        for n in range(self.count):
            x, y, size = (0.0, 0.0, 1.0) if self.count == 1 else (*brush.within(0.9), 0.42)
            self._thing(brush, x, y, size * rng.uniform(0.85, 1.15), n)

    def _thing(self, brush: Brush, x: float, y: float, size: float, n: int) -> None:
        rng = brush.rng
        for step in range(self.rings):
            colour = near(rng, self.colours[(step + n) % 3], 14)
            reach = size * (1 - step / (self.rings + 0.6))
            points = ring(x, y, reach, reach, self.corners * (2 if self.star else 1))
            if self.star:
                points = [
                    (px, py) if i % 2 else (x + (px - x) * 0.55, y + (py - y) * 0.55)
                    for i, (px, py) in enumerate(points)
                ]
            brush.polygon(points, colour)
        for i in range(rng.randint(4, 9)):
            colour = near(rng, self.colours[(n + i + 1) % 3], 14)
            turn = math.tau * i / 8
            u, v = x + 0.55 * size * math.cos(turn), y + 0.55 * size * math.sin(turn)
            if self.marks == "dots":
                brush.disc(u, v, 0.1 * size, colour)
            elif self.marks == "bars":
                brush.box(u - 0.2 * size, v - 0.04 * size, u + 0.2 * size, v + 0.04 * size, colour)
            else:
                brush.line(((x, y), (u, v)), colour, 0.05 * size)


def _hsv(hue: float, saturation: float, value: float) -> Colour:
    red, green, blue = colorsys.hsv_to_rgb(hue % 1.0, saturation, value)
    return round(red * 255), round(green * 255), round(blue * 255)
