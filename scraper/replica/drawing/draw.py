"""Pictures for any term, drawn: deterministic, varied, learnable, and quick.

The same term, index and seed give the same picture everywhere. Different indexes differ in
subject, place, size, backdrop, clutter and light as strongly as photographs do: the light
alone decides the coarse structure that a perceptual hash sees.
"""

from __future__ import annotations

import re
from random import Random
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from . import backdrops, dishes, things
from .canvas import FINE, Brush, Colour
from .pizza import pizza

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Subject = Callable[[Brush], None]

DISHES: Mapping[str, Subject] = {
    "pizza": pizza,
    "margherita": pizza,
    "flatbread": dishes.focaccia,
    "focaccia": dishes.focaccia,
    "frittata": dishes.frittata,
    "quiche": dishes.quiche,
    "tart": dishes.quiche,
    "pie": dishes.quiche,
    "omelette": dishes.omelette,
    "pancake": dishes.omelette,
    "salad": dishes.salad,
    "burger": dishes.burger,
    "hamburger": dishes.burger,
    "sandwich": dishes.burger,
    "sushi": dishes.sushi,
    "steak": dishes.steak,
    "fries": dishes.french_fries,
    "cake": dishes.cake,
    "pasta": dishes.pasta,
    "spaghetti": dishes.pasta,
}
OUTDOORS: Mapping[str, Subject] = {
    "rose": things.rose,
    "tulip": things.tulip,
    "sunflower": things.sunflower,
    "daisy": things.daisy,
    "dandelion": things.dandelion,
    "car": things.car,
    "dog": things.dog,
    "cat": things.cat,
}
SCENES: Mapping[str, Subject] = {
    "street": things.street,
    "road": things.street,
    "building": things.street,
    "landscape": things.landscape,
    "mountain": things.landscape,
    "lake": things.landscape,
    "nature": things.landscape,
}
PAPERS: Mapping[str, Subject] = {
    "document": things.document,
    "text": things.document,
    "letter": things.document,
}
KNOWN: tuple[str, ...] = (*DISHES, *OUTDOORS, *SCENES, *PAPERS)
"""The words that have a drawing of their own; any other term gets a style from its name."""

_MEADOW: tuple[Colour, ...] = (
    (96, 132, 70),
    (60, 92, 54),
    (150, 170, 110),
    (120, 150, 170),
    (44, 62, 52),
)
_SHAPES = ((4, 3), (4, 3), (3, 2), (1, 1), (3, 4), (16, 10), (2, 3))
_LONG = (400, 440, 480, 520, 560, 600, 640, 720)


def draw(term: str, index: int, seed: int = 0, *, long_side: int | None = None) -> Image.Image:
    """The picture number `index` (from 0) of a term; RGB, 300 to 720 pixels at its longer side.

    `long_side` draws the very same scene at another size.
    """
    rng = Random(f"{seed}/{term}/{index}")  # noqa: S311 - pictures, not secrets
    width, height = _size(rng, long_side)
    canvas = Image.new("RGB", (width * FINE, height * FINE))
    brush = Brush(canvas, rng)
    light = Random(rng.getrandbits(64))  # noqa: S311 - pictures, not secrets
    _paint(brush, term)
    return _finish(canvas.reduce(FINE), light)


def size_of(term: str, index: int, seed: int = 0) -> tuple[int, int]:
    """Width and height that `draw` will give, without drawing."""
    return _size(Random(f"{seed}/{term}/{index}"), None)  # noqa: S311 - pictures, not secrets


def _size(rng: Random, long_side: int | None) -> tuple[int, int]:
    across, down = rng.choice(_SHAPES)
    natural = rng.choice(_LONG) + rng.randint(-20, 0)
    longest = long_side or natural
    scale = longest / max(across, down)
    return max(8, round(across * scale)), max(8, round(down * scale))


def _paint(brush: Brush, term: str) -> None:
    """Back to front: what the subject stands on, its surroundings, the subject."""
    rng = brush.rng
    subject, kind = _subject(term)
    if kind is SCENES:
        brush.place((rng.uniform(0.35, 0.65), rng.uniform(0.4, 0.6)), rng.uniform(0.5, 0.8))
        brush.box(-4, -4, 4, 4, (150, 160, 170))
        subject(brush)
        return
    if kind is OUTDOORS:
        backdrops.bokeh(brush, _MEADOW)
    else:
        backdrops.table(brush)
        backdrops.clutter(brush)
    close = rng.random() < 0.2
    at = (rng.uniform(0.3, 0.7), rng.uniform(0.3, 0.7))
    scale = rng.uniform(0.5, 0.75) if close else rng.uniform(0.24, 0.44)
    upright = kind is OUTDOORS or subject in (dishes.burger, dishes.cake)
    turn = rng.uniform(-0.2, 0.2) if upright else rng.uniform(0, 6.28)
    squash = rng.uniform(0.9, 1.05) if upright else rng.uniform(0.55, 1.0)
    brush.place(at, scale, turn=turn, squash=squash)
    subject(brush)


def _subject(term: str) -> tuple[Subject, Mapping[str, Subject] | None]:
    """What to draw for a term: the last of its words that is known, in singular or plural."""
    for word in reversed(re.findall(r"[a-z]+", term.lower())):
        for kind in (DISHES, OUTDOORS, SCENES, PAPERS):
            for spelling in (word, word.removesuffix("s"), word.removesuffix("es")):
                if spelling in kind:
                    return kind[spelling], kind
    return things.Style(term), None


def _finish(picture: Image.Image, rng: Random) -> Image.Image:
    """Light, shadow, warmth and grain: they make coarse and fine structure photographic."""
    light = np.asarray(backdrops.light(rng, picture.size, rng.uniform(0.3, 0.42)))
    warmth = np.array([rng.uniform(0.88, 1.12), 1.0, rng.uniform(0.86, 1.14)], np.float32)
    exposure = rng.uniform(0.8, 1.15)
    grain = np.random.default_rng(rng.getrandbits(64))
    pixels = np.asarray(picture, np.float32)
    noise = grain.standard_normal(light.shape, np.float32) * np.float32(rng.uniform(2.0, 7.0))
    lit = pixels * (np.clip(light, 0.25, 1.8) * exposure)[..., None] * warmth + noise[..., None]
    return Image.fromarray(np.clip(lit, 0, 255).astype(np.uint8))
