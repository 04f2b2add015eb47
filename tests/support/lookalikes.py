"""Pairs of pictures that look alike and are no copies, drawn from a number; and true copies.

`LOOKALIKES` maps a kind to a function of a number that draws two files (bytes) of which a person
would keep both. `COPIES` does what sites do to a picture that leaves it the same picture. `mug`,
`night` and `plate` draw crowds: many pictures of one outline, no two of them copies.
`passing` draws frames of one camera, `cover` and `pen` drawings
in uneven light and in faint colours.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from .pictures import encode

if TYPE_CHECKING:
    from collections.abc import Callable

    Colour = tuple[int, int, int]
    Pair = tuple[bytes, bytes]

WIDTH, HEIGHT = 640, 480


def scene(number: int, size: tuple[int, int] = (WIDTH, HEIGHT)) -> Image.Image:
    """A meadow under a sky with stones and bushes: textured like a photograph."""
    rng = np.random.default_rng(number)
    width, height = size
    fall = np.linspace(0, 1, height // 8)[:, None, None]
    sky, ground = rng.integers(80, 200, 3), rng.integers(30, 120, 3)
    tones = sky * (1 - fall) + ground * fall
    noise = rng.integers(-28, 29, (height // 8, width // 8, 1))
    small = np.clip(np.broadcast_to(tones, (height // 8, width // 8, 3)) + noise, 0, 255)
    picture = Image.fromarray(small.astype(np.uint8)).resize(size, Image.Resampling.BICUBIC)
    draw = ImageDraw.Draw(picture)
    for _ in range(40):
        x, y, side = rng.integers(0, width), rng.integers(0, height), rng.integers(20, 90)
        corners = [(x, y), (x + side, y + side // 2), (x + side // 3, y + side)]
        draw.polygon([(int(a), int(b)) for a, b in corners], fill=_colour(rng, 40, 200))
    picture = picture.filter(ImageFilter.GaussianBlur(1.2))
    grain = rng.normal(0, 4, (height, width, 1))
    return Image.fromarray(np.clip(np.asarray(picture) + grain, 0, 255).astype(np.uint8))


def _colour(rng: np.random.Generator, low: int = 30, high: int = 220) -> Colour:
    red, green, blue = rng.integers(low, high, 3).tolist()
    return red, green, blue


def _jpeg(picture: Image.Image, quality: int = 90) -> bytes:
    return encode(picture, quality=quality)


def _spot(number: int) -> tuple[int, int, int]:
    rng = np.random.default_rng(number + 7000)
    side = int(rng.integers(30, 56))
    return int(rng.integers(60, WIDTH - 120)), int(rng.integers(60, HEIGHT - 120)), side


def ripe_and_unripe(number: int) -> Pair:
    """One scene with one fruit, red in one picture and green in the other."""
    x, y, side = _spot(number)
    pictures = []
    for colour in ((200, 40, 40), (60, 110, 40)):
        picture = scene(number)
        ImageDraw.Draw(picture).ellipse((x, y, x + side, y + side), fill=colour)
        pictures.append(_jpeg(picture))
    return pictures[0], pictures[1]


def traffic_lights(number: int) -> Pair:
    """One street; the lamp is red in one picture and green in the other."""
    x, y, side = _spot(number)
    side = side // 2
    pictures = []
    for lit in (0, 2):
        picture = scene(number)
        draw = ImageDraw.Draw(picture)
        draw.rectangle((x - 6, y - 6, x + side + 6, y + 3 * side + 14), fill=(25, 25, 25))
        for lamp, colour in enumerate(((230, 50, 40), (230, 180, 40), (50, 210, 90))):
            top = y + lamp * (side + 4)
            shade = colour if lamp == lit else (50, 50, 50)
            draw.ellipse((x, top, x + side, top + side), fill=shade)
        pictures.append(_jpeg(picture))
    return pictures[0], pictures[1]


def moved_ball(number: int) -> Pair:
    """One scene in which a ball has rolled on."""
    x, y, side = _spot(number)
    colour = _colour(np.random.default_rng(number), 20, 240)
    pictures = []
    for step in (0, side + 20):
        picture = scene(number)
        ImageDraw.Draw(picture).ellipse((x + step, y, x + step + 30, y + 30), fill=colour)
        pictures.append(_jpeg(picture))
    return pictures[0], pictures[1]


def other_plate(number: int) -> Pair:
    """One car or door with another number on its plate; of four characters two differ."""
    rng = np.random.default_rng(number)
    x, y, _ = _spot(number)
    digits = rng.integers(0, 10, 4)
    others = digits.copy()
    others[rng.choice(4, 2, replace=False)] = rng.integers(0, 10, 2)
    others[3] = (digits[3] + int(rng.integers(1, 10))) % 10
    size = int(rng.integers(22, 40))
    pictures = []
    for plate in (digits, others):
        picture = scene(number)
        draw = ImageDraw.Draw(picture)
        draw.rectangle((x, y, x + 3 * size, y + int(1.5 * size)), fill=(235, 235, 225))
        text = "".join(map(str, plate))
        at = (x + 1.5 * size, y + 0.75 * size)
        draw.text(at, text, fill=(20, 20, 20), font=ImageFont.load_default(size), anchor="mm")
        pictures.append(_jpeg(picture))
    return pictures[0], pictures[1]


ITEMS = ("coffee", "bread", "milk 1 l", "apples", "soap", "rice 500 g", "tea", "butter")


def receipt(template: int, number: int) -> Image.Image:
    """A scanned slip: the template fixes shop and items, the number date, count and total."""
    shop, rng = np.random.default_rng(template), np.random.default_rng(number + 1)
    picture = Image.new("RGB", (600, 1000), (252, 252, 250))
    draw = ImageDraw.Draw(picture)
    large, small = ImageFont.load_default(34), ImageFont.load_default(24)
    draw.text(
        (300, 60), f"SHOP {shop.integers(100, 999)}", fill=(20, 20, 20), font=large, anchor="mm"
    )
    draw.text((300, 110), f"{shop.integers(10, 99)} Market Street", fill=(30, 30, 30), font=small,
              anchor="mm")  # fmt: skip
    day, month = rng.integers(1, 29), rng.integers(1, 13)
    line = f"No {rng.integers(10000, 99999)}   {day:02d}.{month:02d}.2024"
    draw.text((60, 180), line, fill=(20, 20, 20), font=small)
    total = 0.0
    for row, item in enumerate(shop.permutation(ITEMS)):
        price = float(shop.integers(99, 999)) / 100
        total += price
        draw.text((60, 260 + 50 * row), str(item), fill=(20, 20, 20), font=small)
        draw.text((540, 260 + 50 * row), f"{price:.2f}", fill=(20, 20, 20), font=small, anchor="ra")
    draw.text((60, 720), "TOTAL", fill=(10, 10, 10), font=large)
    extra = float(rng.integers(0, 500)) / 100
    draw.text((540, 720), f"{total + extra:.2f}", fill=(10, 10, 10), font=large, anchor="ra")
    draw.text((300, 860), "THANK YOU", fill=(30, 30, 30), font=small, anchor="mm")
    return picture


def receipts(number: int) -> Pair:
    """Two slips of one template."""
    return _jpeg(receipt(number, 2 * number)), _jpeg(receipt(number, 2 * number + 1))


def tile(number: int) -> Image.Image:
    """Brushed metal: fine streaks and a few scratches, of which every number has its own."""
    rng = np.random.default_rng(number)
    streaks = np.repeat(rng.normal(0, 14, (300, 40)), 12, axis=1)[:, :450]
    fine = rng.normal(0, 9, (300, 450))
    fall = np.linspace(-25, 25, 450)[None, :]
    gray = np.clip(105 + streaks * 0.5 + fine + fall, 0, 255).astype(np.uint8)
    picture = Image.fromarray(gray).filter(ImageFilter.GaussianBlur(0.8)).convert("RGB")
    draw = ImageDraw.Draw(picture)
    for _ in range(6):
        x, y = rng.integers(0, 450), rng.integers(0, 300)
        dx, dy = rng.integers(-80, 80, 2)
        draw.line((int(x), int(y), int(x + dx), int(y + dy)), fill=(170, 170, 165), width=1)
    return picture


def tiles(number: int) -> Pair:
    """Two tiles of one make under the same lamp."""
    return _jpeg(tile(2 * number)), _jpeg(tile(2 * number + 1))


def lit_otherwise(number: int) -> Pair:
    """One tile under two lamps: another exposure, the light from another side."""
    rng = np.random.default_rng(number)
    pixels = np.asarray(tile(number)).astype(np.float64)
    ramp = np.linspace(0.75, 1.25, pixels.shape[1])[None, :, None]
    other = np.clip(pixels * ramp[:, ::-1] * 1.35 + rng.normal(0, 4, pixels.shape), 0, 255)
    first = np.clip(pixels * ramp * 0.7 + rng.normal(0, 4, pixels.shape), 0, 255)
    return tuple(_jpeg(Image.fromarray(one.astype(np.uint8))) for one in (first, other))  # type: ignore[return-value]


def bracket(number: int) -> Pair:
    """Two exposures of one scene from the hand: other light, other noise, a little aside."""
    rng = np.random.default_rng(number)
    whole = np.asarray(scene(number, (WIDTH + 20, HEIGHT + 20))).astype(np.float64)
    pictures = []
    for aside, gain in ((0, 0.75), (8, 1.2)):
        frame = gain * whole[aside : aside + HEIGHT, aside : aside + WIDTH]
        frame = np.clip(frame + rng.normal(0, 5, frame.shape), 0, 255)
        pictures.append(_jpeg(Image.fromarray(frame.astype(np.uint8))))
    return pictures[0], pictures[1]


def cyclist_came(number: int) -> Pair:
    """A street a second apart: new grain, and a small figure that was not there."""
    x, y, _ = _spot(number)
    pictures = []
    for second in (0, 1):
        picture = scene(number)
        if second:
            draw = ImageDraw.Draw(picture)
            for left in (0, 18):
                draw.ellipse(
                    (x + left, y + 24, x + left + 14, y + 38), outline=(25, 25, 25), width=3
                )
            draw.line((x + 7, y + 31, x + 16, y + 12, x + 25, y + 31), fill=(30, 30, 35), width=3)
            draw.ellipse((x + 12, y, x + 20, y + 8), fill=(120, 80, 60))
        grain = np.random.default_rng(number * 2 + second).normal(0, 3, (HEIGHT, WIDTH, 1))
        frame = np.clip(np.asarray(picture) + grain, 0, 255).astype(np.uint8)
        pictures.append(_jpeg(Image.fromarray(frame)))
    return pictures[0], pictures[1]


def _frames(number: int, kind: str) -> Pair:
    out = []
    first = scene(number, (200, 160))
    for other in (1, 2):
        file = io.BytesIO()
        rest = [scene(9000 + 4 * number + other, (200, 160))] * 3
        first.save(file, kind, save_all=True, append_images=rest)
        out.append(file.getvalue())
    return out[0], out[1]


def animations(number: int) -> Pair:
    """Two GIFs of one first frame."""
    return _frames(number, "GIF")


def documents(number: int) -> Pair:
    """Two TIFFs of one first page."""
    return _frames(number, "TIFF")


LOOKALIKES: dict[str, Callable[[int], Pair]] = {
    "ripe and unripe": ripe_and_unripe,
    "traffic lights": traffic_lights,
    "a moved ball": moved_ball,
    "another plate": other_plate,
    "receipts of one template": receipts,
    "tiles of one make": tiles,
    "a tile lit otherwise": lit_otherwise,
    "a bracket": bracket,
    "a cyclist came": cyclist_came,
    "animations of one first frame": animations,
    "documents of one first page": documents,
}


def crossword(number: int) -> Image.Image:
    """Line art: a grid of thin lines with a digit in some of its cells."""
    rng = np.random.default_rng(number)
    picture = Image.new("RGB", (460, 460), "white")
    draw = ImageDraw.Draw(picture)
    for line in range(10):
        at, width = 5 + 50 * line, 1 if line % 3 else 3
        draw.line((at, 5, at, 455), fill=0, width=width)
        draw.line((5, at, 455, at), fill=0, width=width)
    font = ImageFont.load_default(28)
    for cell in rng.choice(81, 32, replace=False).tolist():
        place = (20 + cell // 9 * 50, 12 + cell % 9 * 50)
        draw.text(place, str(rng.integers(1, 10)), fill=0, font=font)
    return picture


def mug(number: int) -> Image.Image:
    """A mug on white: one outline in another colour for each number."""
    rng = np.random.default_rng(number)
    picture = Image.new("RGB", (400, 400), "white")
    draw = ImageDraw.Draw(picture)
    colour = _colour(rng, 20, 235)
    draw.ellipse((250, 140, 340, 270), outline=colour, width=22)
    draw.rounded_rectangle((110, 100, 290, 320), 24, fill=colour)
    shade = tuple(int(0.8 * part) for part in colour)
    draw.ellipse((110, 85, 290, 125), fill=shade)
    return picture


def plate(number: int) -> Image.Image:
    """A plate on a table, photographed from above: every number has something else on it."""
    table = scene(1, (400, 400)).filter(ImageFilter.GaussianBlur(6))
    draw = ImageDraw.Draw(table)
    draw.ellipse((8, 8, 392, 392), fill=(236, 234, 228))
    grain = np.random.default_rng(number).normal(0, 2, (400, 400, 1))
    picture = Image.fromarray(np.clip(np.asarray(table) + grain, 0, 255).astype(np.uint8))
    food = scene(number + 100, (400, 400))
    detail = np.asarray(food).astype(np.float64) - food.filter(ImageFilter.GaussianBlur(30))
    inside = Image.new("L", picture.size)
    ImageDraw.Draw(inside).ellipse((28, 28, 372, 372), fill=255)
    food = Image.fromarray(np.clip(detail + np.array([150, 110, 70]), 0, 255).astype(np.uint8))
    picture.paste(food, mask=inside)
    return picture


def cover(number: int) -> Image.Image:
    """A book of a series in uneven light: two fills, a title of its own, grain."""
    rng = np.random.default_rng(number)
    picture = Image.new("RGB", (320, 480), (228, 110, 40))
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 150, 320, 330), fill=(246, 240, 222))
    for y in (180, 230, 290):
        text = f"volume {rng.integers(10**6)}"
        font = ImageFont.load_default(30)
        draw.text((160, y), text, fill=(20, 20, 20), font=font, anchor="mm")
    light = Image.fromarray(rng.integers(0, 255, (5, 4)).astype(np.uint8))
    falls = np.asarray(light.resize(picture.size, Image.Resampling.BICUBIC))[..., None] / 255 - 0.5
    pixels = np.asarray(picture) + 16 * falls + rng.normal(0, 3, (480, 320, 1))
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def pen(number: int) -> Image.Image:
    """A line written in blue on ruled paper: faint colours in little of the frame."""
    rng = np.random.default_rng(number)
    picture = Image.new("RGB", (560, 110), (246, 246, 246))
    draw = ImageDraw.Draw(picture)
    draw.line((10, 84, 550, 84), fill=(170, 190, 220), width=2)
    text = "".join(rng.choice(list("abcdefghijklmno  "), 28))
    draw.text((20, 45), text, fill=(30, 40, 90), font=ImageFont.load_default(28))
    pixels = np.asarray(picture) + rng.normal(0, 3, (110, 560, 1))
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def passing(number: int) -> Image.Image:
    """A frame of a street camera: one scene in another light, and what is passing."""
    rng = np.random.default_rng(number)
    pixels = np.asarray(scene(3, (400, 300))).astype(np.float64) * rng.uniform(0.8, 1.1)
    for _ in range(4):
        x, y = rng.integers(0, 340), rng.integers(100, 270)
        pixels[y : y + 25, x : x + 60] = rng.integers(20, 230, 3)
    pixels += rng.normal(0, 4, (300, 400, 1))
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def night(number: int) -> Image.Image:
    """A dark field with a bright middle: a launch, a fire, a lamp, a moon."""
    rng = np.random.default_rng(number)
    x, y = np.meshgrid(np.linspace(-1, 1, 320), np.linspace(-0.75, 0.75, 240))
    light = np.zeros_like(x)
    for _ in range(int(rng.integers(1, 4))):
        across, down = rng.normal(0, 0.12, 2)
        wide, tall = rng.uniform(0.03, 0.25), rng.uniform(0.05, 0.6)
        light += rng.uniform(0.5, 1) * np.exp(
            -(((x - across) / wide) ** 2) - ((y - down) / tall) ** 2
        )
    ground = 0.15 * (y > rng.uniform(0.4, 0.6)) * rng.uniform(0.3, 1)
    clouds = np.asarray(
        Image.fromarray(rng.integers(0, 40, (6, 8)).astype(np.uint8)).resize((320, 240))
    )
    tint = np.array([1.0, rng.uniform(0.6, 0.95), rng.uniform(0.3, 0.9)])
    pixels = 255 * np.clip(light + ground, 0, 1)[..., None] * tint + clouds[..., None] * 0.7
    pixels = pixels + rng.normal(0, 3, (240, 320, 1))
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def _scaled(picture: Image.Image, share: float) -> Image.Image:
    size = (round(picture.width * share), round(picture.height * share))
    return picture.resize(size, Image.Resampling.LANCZOS)


COPIES: dict[str, Callable[[Image.Image], bytes]] = {
    "saved again": lambda picture: _jpeg(picture, 75),
    "at 75 %": lambda picture: _jpeg(_scaled(picture, 0.75), 88),
    "as WebP": lambda picture: encode(picture, "WEBP", quality=80),
}
