"""A brush in a subject's own coordinates: unit sizes, turned, squashed and placed."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

Colour = tuple[int, int, int]
Point = tuple[float, float]

FINE = 2  # shapes are drawn this much larger and reduced: the edges come out smooth


def mixed(a: Colour, b: Colour, share: float) -> Colour:
    """The colour that lies `share` of the way from a to b."""
    return (
        round(a[0] + (b[0] - a[0]) * share),
        round(a[1] + (b[1] - a[1]) * share),
        round(a[2] + (b[2] - a[2]) * share),
    )


def near(rng: Random, colour: Colour, spread: int = 18) -> Colour:
    """A colour near this one."""
    red, green, blue = (min(255, max(0, part + rng.randint(-spread, spread))) for part in colour)
    return red, green, blue


def shade(colour: Colour, factor: float) -> Colour:
    """Darker (factor under 1) or lighter (over 1)."""
    red, green, blue = (min(255, round(part * factor)) for part in colour)
    return red, green, blue


class Brush:
    """Draws on a fine canvas; a subject fills about -1..1 in both of its directions."""

    def __init__(self, canvas: Image.Image, rng: Random) -> None:
        self.rng = rng
        self.width, self.height = canvas.size
        self._draw = ImageDraw.Draw(canvas)
        self.place((0.5, 0.5), 0.4)

    def place(self, at: Point, scale: float, *, turn: float = 0.0, squash: float = 1.0) -> None:
        """Put the subject at this part of the picture; scale is a part of its shorter side."""
        self._x = at[0] * self.width
        self._y = at[1] * self.height
        self._scale = scale * min(self.width, self.height)
        self._cos = math.cos(turn)
        self._sin = math.sin(turn)
        self._squash = squash

    def spot(self, x: float, y: float) -> Point:
        """Where a subject's point lies on the canvas, in its pixels."""
        turned = x * self._cos - y * self._sin, x * self._sin + y * self._cos
        return (
            self._x + turned[0] * self._scale,
            self._y + turned[1] * self._scale * self._squash,
        )

    def polygon(self, points: Sequence[Point], fill: Colour) -> None:
        """Fill a polygon."""
        self._draw.polygon([self.spot(x, y) for x, y in points], fill=fill)

    def line(self, points: Sequence[Point], fill: Colour, width: float) -> None:
        """A line; its width in subject units."""
        self._draw.line(
            [self.spot(x, y) for x, y in points],
            fill=fill,
            width=max(1, round(width * self._scale)),
            joint="curve",
        )

    def disc(self, x: float, y: float, radius: float, fill: Colour) -> None:
        """A disc, under the subject's squash."""
        self.polygon(ring(x, y, radius, radius, 20), fill)

    def blob(
        self,
        x: float,
        y: float,
        radius: float,
        fill: Colour,
        wobble: float = 0.08,
        corners: int = 28,
    ) -> None:
        """A round thing that no machine made."""
        phases = [self.rng.uniform(0, math.tau) for _ in range(3)]
        points = []
        for step in range(corners):
            angle = math.tau * step / corners
            push = sum(math.sin((n + 2) * angle + phase) for n, phase in enumerate(phases)) / 3
            reach = radius * (1 + wobble * push)
            points.append((x + reach * math.cos(angle), y + reach * math.sin(angle)))
        self.polygon(points, fill)

    def leaf(self, x: float, y: float, length: float, turn: float, fill: Colour) -> None:
        """A pointed leaf or petal that starts at (x, y)."""
        cos, sin = math.cos(turn), math.sin(turn)
        outline = ((0, 0), (0.25, 0.16), (0.55, 0.2), (0.85, 0.11), (1, 0))
        both = [*outline, *((u, -v) for u, v in reversed(outline))]
        self.polygon(
            [(x + length * (u * cos - v * sin), y + length * (u * sin + v * cos)) for u, v in both],
            fill,
        )

    def petal(
        self, x: float, y: float, length: float, turn: float, fill: Colour, wide: float = 0.3
    ) -> None:
        """A rounded petal that starts at (x, y)."""
        cos, sin = math.cos(turn), math.sin(turn)
        points = []
        for step in range(14):
            angle = math.tau * step / 14
            u = 0.5 + 0.5 * math.cos(angle)
            v = wide * math.sin(angle) * (0.55 + 0.45 * u)
            points.append((x + length * (u * cos - v * sin), y + length * (u * sin + v * cos)))
        self.polygon(points, fill)

    def box(self, left: float, top: float, right: float, bottom: float, fill: Colour) -> None:
        """A rectangle in the subject's own directions."""
        self.polygon(((left, top), (right, top), (right, bottom), (left, bottom)), fill)

    def within(self, radius: float) -> Point:
        """A random point within a disc around the subject's middle."""
        angle = self.rng.uniform(0, math.tau)
        reach = radius * math.sqrt(self.rng.random())
        return reach * math.cos(angle), reach * math.sin(angle)


def ring(x: float, y: float, across: float, down: float, corners: int) -> list[Point]:
    """The corners of an ellipse."""
    return [
        (
            x + across * math.cos(math.tau * step / corners),
            y + down * math.sin(math.tau * step / corners),
        )
        for step in range(corners)
    ]
