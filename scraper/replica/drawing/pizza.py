"""Pizza, drawn: what the demo's dataset is about, so with the most care."""

from __future__ import annotations

import math

from .canvas import Brush, Colour, mixed, near, shade
from .dishes import bite, leaves, plate

_CRUST: Colour = (206, 152, 86)
_SAUCE: Colour = (188, 58, 34)
_CHEESE: Colour = (246, 212, 130)


def pizza(brush: Brush) -> None:
    """A round with a browned rim, sauce, cheese and toppings; now and then a slice is gone."""
    rng = brush.rng
    plate(brush, 1.22)
    crust = near(rng, _CRUST)
    brush.blob(0, 0, 1.0, shade(crust, 0.8), 0.05, 40)
    brush.blob(0, 0, 0.97, crust, 0.05, 40)
    for _ in range(rng.randint(5, 16)):
        angle = rng.uniform(0, math.tau)
        brush.blob(
            0.92 * math.cos(angle), 0.92 * math.sin(angle), 0.07, shade(crust, 0.55), 0.3, 10
        )
    brush.blob(0, 0, 0.85, near(rng, _SAUCE), 0.05, 36)
    cheese = near(rng, _CHEESE)
    melted = rng.random() < 0.5
    if melted:
        brush.blob(0, 0, 0.8, cheese, 0.08, 36)
    for _ in range(rng.randint(6, 14)):
        x, y = brush.within(0.66)
        patch = mixed(cheese, (255, 250, 235), 0.0 if melted else 0.6)
        brush.blob(x, y, rng.uniform(0.08, 0.2), near(rng, patch, 12), 0.3, 16)
    for topping in rng.sample((_salami, leaves, _olives, _mushrooms, _peppers), rng.randint(1, 3)):
        topping(brush)
    if rng.random() < 0.55:
        start = rng.uniform(0, 1)
        for n in range(4):
            angle = start + n * math.pi / 4
            ends = (-math.cos(angle), -math.sin(angle)), (math.cos(angle), math.sin(angle))
            brush.line(ends, shade(crust, 0.6), 0.015)
    if rng.random() < 0.25:
        bite(brush, near(rng, (188, 150, 110)))


def _salami(brush: Brush) -> None:
    for _ in range(brush.rng.randint(5, 13)):
        x, y = brush.within(0.66)
        red = near(brush.rng, (170, 40, 34))
        brush.disc(x, y, 0.14, shade(red, 0.75))
        brush.disc(x, y, 0.12, red)
        brush.disc(x + 0.03, y - 0.02, 0.03, shade(red, 1.3))


def _olives(brush: Brush) -> None:
    for _ in range(brush.rng.randint(6, 14)):
        x, y = brush.within(0.68)
        brush.disc(x, y, 0.065, (38, 34, 40))
        brush.disc(x, y, 0.03, (196, 150, 90))


def _mushrooms(brush: Brush) -> None:
    for _ in range(brush.rng.randint(4, 10)):
        x, y = brush.within(0.64)
        brush.blob(x, y, 0.1, (206, 184, 156), 0.3, 12)
        brush.box(x - 0.03, y, x + 0.03, y + 0.13, (226, 210, 188))


def _peppers(brush: Brush) -> None:
    colour = brush.rng.choice(((206, 46, 32), (74, 140, 52), (236, 178, 40)))
    for _ in range(brush.rng.randint(5, 12)):
        x, y = brush.within(0.64)
        turn = brush.rng.uniform(0, math.pi)
        arc = [
            (x + 0.13 * math.cos(turn + a), y + 0.13 * math.sin(turn + a)) for a in (0, 0.7, 1.4, 2)
        ]
        brush.line(arc, near(brush.rng, colour), 0.045)
