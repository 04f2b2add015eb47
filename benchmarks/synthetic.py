"""Pairs with known truth, made from any folder of photos and from nothing (products, logos, pages).

`COPIES` are things the web does to a picture that leave it the same picture; the traps make a pair
that a hash finds close and that no one may drop. Every maker takes a random generator, so a seed
gives the same pairs everywhere. Used by neardup.py; nothing here is imported by the package.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageFont, ImageOps

if TYPE_CHECKING:
    from collections.abc import Callable

    Maker = Callable[[Image.Image, np.random.Generator], bytes]
    Trap = Callable[[Image.Image, np.random.Generator], tuple[bytes, bytes]]


def encoded(image: Image.Image, kind: str = "JPEG", **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def resaved(image: Image.Image, rng: np.random.Generator) -> bytes:
    """Another size, another quality: what every copy on the web has been through."""
    scale = float(rng.uniform(0.35, 1.0))
    width, height = (max(48, round(side * scale)) for side in image.size)
    small = image.resize((width, height), Image.Resampling.LANCZOS)
    return encoded(small, quality=int(rng.integers(55, 95)))


def edit(change: Callable[[Image.Image], Image.Image]) -> Maker:
    return lambda image, rng: resaved(change(image), rng)


def crop(share: float) -> Maker:
    def cropped(image: Image.Image, rng: np.random.Generator) -> bytes:
        width, height = image.size
        left = int(rng.uniform(0, 1) * width * (1 - share))
        top = int(rng.uniform(0, 1) * height * (1 - share))
        box = (left, top, left + int(width * share), top + int(height * share))
        return resaved(image.crop(box), rng)

    return cropped


def centre(share: float) -> Maker:
    def cropped(image: Image.Image, rng: np.random.Generator) -> bytes:
        width, height = image.size
        across, down = int(width * (1 - share) / 2), int(height * (1 - share) / 2)
        return resaved(image.crop((across, down, width - across, height - down)), rng)

    return cropped


def square(image: Image.Image, rng: np.random.Generator) -> bytes:
    side = min(image.size)
    return resaved(ImageOps.fit(image, (side, side)), rng)


def bordered(share: float, colour: str) -> Maker:
    def framed(image: Image.Image, rng: np.random.Generator) -> bytes:
        return resaved(ImageOps.expand(image, int(max(image.size) * share), colour), rng)

    return framed


def letterboxed(image: Image.Image, rng: np.random.Generator) -> bytes:
    width, height = image.size
    return resaved(ImageOps.pad(image, (width, int(height * 1.35)), color="black"), rng)


def noisy(image: Image.Image, rng: np.random.Generator) -> bytes:
    pixels = np.asarray(image).astype(np.float64) + rng.normal(0, 8, (*image.size[::-1], 3))
    return resaved(Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8)), rng)


def gamma(power: float) -> Maker:
    table = [round(255 * (level / 255) ** power) for level in range(256)] * 3
    return edit(lambda image: image.point(table))


def warmed(image: Image.Image) -> Image.Image:
    red, green, blue = image.split()
    return Image.merge(
        "RGB", (red.point(lambda v: min(255, v * 1.1)), green, blue.point(lambda v: v * 0.9))
    )


def watermarked(image: Image.Image, rng: np.random.Generator) -> bytes:
    return resaved(labelled(image, "(c) example.org", 0.045, (0.98, 0.98)), rng)


COPIES: dict[str, Maker] = {
    "resized, JPEG 55-95": resaved,
    "JPEG quality 20": lambda image, _: encoded(image, quality=20),
    "WebP": lambda image, _: encoded(image, "WEBP", quality=70),
    "GIF": lambda image, _: encoded(image.convert("P", palette=Image.Palette.ADAPTIVE), "GIF"),
    "thumbnail 100 px": edit(lambda image: ImageOps.contain(image, (100, 100))),
    "squeezed to 1:1": edit(lambda image: image.resize((min(image.size),) * 2)),
    "blur": edit(lambda image: image.filter(ImageFilter.GaussianBlur(max(image.size) / 250))),
    "sharpened": edit(lambda image: image.filter(ImageFilter.UnsharpMask(3, 120, 2))),
    "noise": noisy,
    "brighter 30 %": edit(lambda image: ImageEnhance.Brightness(image).enhance(1.3)),
    "darker 30 %": edit(lambda image: ImageEnhance.Brightness(image).enhance(0.7)),
    "contrast +40 %": edit(lambda image: ImageEnhance.Contrast(image).enhance(1.4)),
    "contrast -30 %": edit(lambda image: ImageEnhance.Contrast(image).enhance(0.7)),
    "gamma 0.7": gamma(0.7),
    "saturation +50 %": edit(lambda image: ImageEnhance.Color(image).enhance(1.5)),
    "gray": edit(lambda image: image.convert("L").convert("RGB")),
    "warm": edit(warmed),
    "white border 3 %": bordered(0.03, "white"),
    "black border 8 %": bordered(0.08, "black"),
    "letterbox": letterboxed,
    "centre crop 5 %": centre(0.95),
    "centre crop 12 %": centre(0.88),
    "crop 5 %, anywhere": crop(0.95),
    "crop 10 %, anywhere": crop(0.90),
    "square crop": square,
    "watermark in the corner": watermarked,
}
TURNS: dict[str, Maker] = {
    "mirrored": edit(ImageOps.mirror),
    "turned by 90": edit(lambda image: image.transpose(Image.Transpose.ROTATE_90)),
    "turned by 180": edit(lambda image: image.transpose(Image.Transpose.ROTATE_180)),
}

WORDS = (
    "SALE",
    "-20 %",
    "NEW",
    "LOT X3",
    "3+1 OFFERT",
    "ORGANIC",
    "MEDIUM",
    "LARGE",
    "500 g",
    "1 kg",
)


def labelled(image: Image.Image, text: str, share: float, at: tuple[float, float]) -> Image.Image:
    """`text` on a box, its height a share of the picture's, anchored at a fraction of the frame."""
    copy = image.copy()
    draw = ImageDraw.Draw(copy)
    font = ImageFont.load_default(max(8, int(image.size[1] * share)))
    left, top, right, bottom = draw.textbbox((0, 0), text, font=font)
    x = at[0] * (image.size[0] - (right - left) - 8)
    y = at[1] * (image.size[1] - (bottom - top) - 8)
    draw.rectangle((x, y, x + right - left + 8, y + bottom - top + 8), fill="white")
    draw.text((x + 4 - left, y + 4 - top), text, fill="black", font=font)
    return copy


def other_label(share: float) -> Trap:
    def pair(image: Image.Image, rng: np.random.Generator) -> tuple[bytes, bytes]:
        one, two = rng.choice(WORDS, 2, replace=False)
        at = (float(rng.uniform(0.1, 0.9)), float(rng.uniform(0.1, 0.9)))
        return resaved(labelled(image, one, share, at), rng), resaved(
            labelled(image, two, share, at), rng
        )

    return pair


def recoloured_part(image: Image.Image, rng: np.random.Generator) -> tuple[bytes, bytes]:
    """The hue of an ellipse in the middle turned by a third: the same thing in another colour."""
    hue, saturation, value = image.convert("HSV").split()
    turned = Image.merge("HSV", (hue.point(lambda v: (v + 90) % 256),
                                 saturation.point(lambda v: max(v, 90)), value))  # fmt: skip
    mask = Image.new("L", image.size, 0)
    width, height = image.size
    ImageDraw.Draw(mask).ellipse(
        (width * 0.25, height * 0.25, width * 0.75, height * 0.75), fill=255
    )
    other = Image.composite(turned.convert("RGB"), image, mask)
    return resaved(image, rng), resaved(other, rng)


def next_shot(image: Image.Image, rng: np.random.Generator) -> tuple[bytes, bytes]:
    """A second later: the middle has moved by 8 % of the frame against its surroundings."""
    width, height = image.size
    other = image.copy()
    box = (int(width * 0.3), int(height * 0.3), int(width * 0.62), int(height * 0.62))
    part = image.crop(box)
    mask = Image.new("L", part.size, 255)
    other.paste(part, (box[0] + int(width * 0.08), box[1] + int(height * 0.05)), mask)
    return resaved(image, rng), resaved(other, rng)


PHOTO_TRAPS: dict[str, Trap] = {
    "other label, 12 %": other_label(0.12),
    "other label, 7 %": other_label(0.07),
    "another colour in the middle": recoloured_part,
    "something has moved": next_shot,
}


def product(rng: np.random.Generator, colour: tuple[int, int, int], text: str) -> Image.Image:
    """A coloured shape with a label on white, as shops show it."""
    image = Image.new("RGB", (600, 600), "white")
    draw = ImageDraw.Draw(image)
    left, top = rng.integers(120, 200, 2).tolist()
    box = (left, top, 600 - left, 600 - top + int(rng.integers(0, 60)))
    shape = rng.integers(0, 3)
    if shape == 0:
        draw.rounded_rectangle(box, 40, fill=colour)
    elif shape == 1:
        draw.ellipse(box, fill=colour)
    else:
        draw.polygon([(300, box[1]), (box[2], box[3]), (box[0], box[3])], fill=colour)
    font = ImageFont.load_default(int(rng.integers(28, 44)))
    draw.text((300, 320), text, fill="white", font=font, anchor="mm")
    return image


def drawn_traps(rng: np.random.Generator) -> dict[str, tuple[bytes, bytes]]:
    """One pair of each kind: the same product in another colour, with another text, and so on."""
    seed = int(rng.integers(1 << 30))
    one, two = (tuple(rng.integers(20, 200, 3).tolist()) for _ in range(2))
    while sum(abs(a - b) for a, b in zip(one, two, strict=True)) < 120:
        two = tuple(rng.integers(20, 200, 3).tolist())
    first, second = rng.choice(WORDS, 2, replace=False)

    def make(colour: tuple[int, ...], text: str) -> bytes:
        return resaved(product(np.random.default_rng(seed), colour, text), rng)

    lines = [" ".join(rng.choice(WORDS, 6)) for _ in range(24)]
    others = [" ".join(rng.choice(WORDS, 6)) for _ in range(24)]
    return {
        "product in another colour": (make(one, first), make(two, first)),
        "product with another text": (make(one, first), make(one, second)),
        "other page of text": (resaved(page(lines), rng), resaved(page(others), rng)),
        "page with one other line": (
            resaved(page(lines), rng), resaved(page([*lines[:11], others[0], *lines[12:]]), rng)
        ),
        "logo with other initials": (
            resaved(logo(seed, first[:3]), rng), resaved(logo(seed, second[:3]), rng)
        ),
    }  # fmt: skip


def page(lines: list[str]) -> Image.Image:
    image = Image.new("RGB", (500, 700), "white")
    draw = ImageDraw.Draw(image)
    font = ImageFont.load_default(18)
    for row, line in enumerate(lines):
        draw.text((40, 40 + 26 * row), line, fill="black", font=font)
    return image


def logo(seed: int, text: str) -> Image.Image:
    rng = np.random.default_rng(seed)
    image = Image.new("RGB", (400, 400), "white")
    draw = ImageDraw.Draw(image)
    colour = tuple(rng.integers(0, 180, 3).tolist())
    draw.ellipse((80, 60, 320, 300), outline=colour, width=14)
    draw.text((200, 180), text, fill=colour, font=ImageFont.load_default(70), anchor="mm")
    return image
