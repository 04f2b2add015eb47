"""What the kinds are drawn with, and how a drawn pair becomes two files."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from ..pictures import encode

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Rng = np.random.Generator
    Colour = tuple[int, int, int]
    Drawn = Image.Image | list[Image.Image]
    Draw = Callable[[Rng, bool], Drawn]
    Pair = tuple[bytes, bytes]

T = TypeVar("T")
INK, PAPER = (25, 25, 30), (250, 249, 245)
COLOURS = (
    (205, 45, 40), (60, 140, 60), (35, 65, 155), (235, 190, 50), (120, 50, 120), (40, 40, 45),
    (240, 130, 50),
)  # fmt: skip
WORDS = (
    "amber", "bread", "cedar", "delta", "ember", "fjord", "grape", "honey", "inlet", "juice",
    "karma", "lemon", "mango", "nylon",
)  # fmt: skip


class Table(dict[str, "Draw"]):
    """Kinds by name; `@table("name")` puts a function in."""

    def __call__(self, name: str) -> Callable[[Draw], Draw]:
        def put(draw: Draw) -> Draw:
            self[name] = draw
            return draw

        return put


def canvas(colour: Colour = PAPER, size: tuple[int, int] = (480, 360)) -> ImageDraw.ImageDraw:
    return ImageDraw.Draw(Image.new("RGB", size, colour))


def picture(pen: ImageDraw.ImageDraw) -> Image.Image:
    return pen._image


def write(pen, at, words, size=24, fill=INK, anchor="mm") -> None:
    pen.text(at, str(words), fill=fill, font=ImageFont.load_default(size), anchor=anchor)


def colour(rng: Rng, low: int = 30, high: int = 220) -> Colour:
    red, green, blue = rng.integers(low, high, 3).tolist()
    return red, green, blue


def one_of(rng: Rng, other: bool, choices: Sequence[T]) -> T:
    """One of the choices, and for the other picture one of the rest."""
    first, second = rng.choice(len(choices), 2, replace=False).tolist()
    return choices[second if other else first]


def numbers(rng: Rng, other: bool, shape: int | tuple[int, ...], high: int = 10) -> np.ndarray:
    """Numbers below `high`, of which in the other picture one is another."""
    found = rng.integers(0, high, shape)
    at, step = rng.integers(found.size), rng.integers(1, high)
    if other:
        found.flat[at] = (found.flat[at] + step) % high
    return found


def digits(rng: Rng, other: bool, count: int) -> str:
    return "".join(map(str, numbers(rng, other, count)))


def sentence(rng: Rng, count: int) -> str:
    return " ".join(rng.choice(WORDS, count))


def soft(rng: Rng, size: tuple[int, int], cells: tuple[int, int], low=0, high=256) -> Image.Image:
    """Patches of colour that run into one another."""
    patches = rng.integers(low, high, (cells[1], cells[0], 3)).astype(np.uint8)
    return Image.fromarray(patches).resize(size, Image.Resampling.BICUBIC)


def from_levels(levels: np.ndarray) -> Image.Image:
    shown = np.clip(levels, 0, 255).astype(np.uint8)
    return Image.fromarray(shown if shown.ndim == 3 else np.stack([shown] * 3, axis=-1))


def false_pair(draw: Draw, number: int) -> Pair:
    """Two files of which a person keeps both; every third second one is smaller."""
    chance = np.random.default_rng([number, 1])
    longest, light = int(chance.integers(280, 641)), int(chance.integers(1 << 30))
    files = []
    for other in (False, True):
        drawn = draw(np.random.default_rng(number), other)
        smaller = 0.75 if other and number % 3 == 2 else 1.0
        if isinstance(drawn, list):
            files.append(_moving(drawn, number, smaller))
            continue
        shown = _shown(drawn, longest, light if number % 2 else 0, chance)
        files.append(_jpeg(shown, smaller, int(chance.integers(75, 94))))
    return files[0], files[1]


def true_pair(draw: Draw, number: int) -> Pair:
    """A file and its copy: saved again, or at 75 % of the size."""
    chance = np.random.default_rng([number, 2])
    longest, light = int(chance.integers(280, 641)), int(chance.integers(1, 1 << 30))
    drawn = draw(np.random.default_rng(number), False)
    share = (1.0, 0.75)[number // 2 % 2]
    if isinstance(drawn, list):
        return _moving(drawn, number, 1.0), _moving(drawn, number, share, again=True)
    shown = _shown(drawn, longest, light if number % 2 else 0, chance)
    return _jpeg(shown, 1.0, 92), _jpeg(shown, share, int(chance.integers(60, 88)))


def _shown(drawn: Image.Image, longest: int, light: int, chance: Rng) -> Image.Image:
    """At its size and, where a light is given, under its uneven fall and with a grain."""
    scale = longest / max(drawn.size)
    drawn = _scaled(drawn.convert("RGB"), scale)
    if not light:
        return drawn
    rng = np.random.default_rng(light)
    gray = Image.fromarray(rng.integers(0, 255, (3, 4)).astype(np.uint8))
    falls = np.asarray(gray.resize(drawn.size, Image.Resampling.BICUBIC)) / 255.0
    levels = np.asarray(drawn) * (0.7 + 0.3 * falls[..., None])
    return from_levels(levels + chance.normal(0, 2.5, levels.shape))


def _scaled(drawn: Image.Image, share: float) -> Image.Image:
    size = (round(drawn.width * share), round(drawn.height * share))
    return drawn.resize(size, Image.Resampling.LANCZOS)


def _jpeg(shown: Image.Image, share: float, quality: int) -> bytes:
    return encode(_scaled(shown, share) if share != 1 else shown, quality=quality)


def _moving(frames: list[Image.Image], number: int, share: float, again: bool = False) -> bytes:
    """Frames as an animation or as a document's pages."""
    kind = ("GIF", "TIFF", "WEBP")[number % 3]
    options = {"quality": 70 if again else 85}
    first, *rest = (_scaled(frame.convert("RGB"), share) for frame in frames)
    if kind == "TIFF":
        options = {"compression": "tiff_lzw" if again else None}
    elif kind == "GIF":
        options = {"duration": 90 if again else 100, "loop": 0}
    return encode(first, kind, save_all=True, append_images=rest, **options)
