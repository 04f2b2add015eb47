"""Blank means that nothing is in it: a few thin strokes are something."""

from __future__ import annotations

import math
from io import BytesIO

import numpy as np
import pytest
from PIL import Image, ImageDraw
from pixset.curation import findings, look


def drawn(kind: str, seed: int = 1) -> Image.Image:
    """A page of white with one thin thing on it."""
    rng = np.random.default_rng(seed)
    picture = Image.new("L", (320, 240), 255)
    brush = ImageDraw.Draw(picture)
    if kind == "character":
        brush.line((150, 60, 150, 180), 0, 3)
        brush.arc((120, 60, 190, 120), 270, 90, 0, 3)
    elif kind == "signature":
        steps = np.arange(0, 160, 4)
        line = [(60 + int(x), 120 + int(14 * math.sin(x / 7) + rng.integers(-4, 4))) for x in steps]
        brush.line(line, 30, 2)
    elif kind == "sketch":
        brush.ellipse((90, 50, 230, 190), outline=60, width=1)
        brush.line((160, 190, 160, 230), 60, 1)
    elif kind == "music":
        for row in range(80, 121, 10):
            brush.line((20, row, 300, row), 0, 1)
        brush.ellipse((150, 95, 162, 104), fill=0)
    return picture


def small(kind: str) -> Image.Image:
    """A plain ground with something small or pale on it."""
    picture = Image.new("L", (320, 240), 6 if kind == "stars" else 255)
    brush = ImageDraw.Draw(picture)
    if kind == "small character":
        brush.line((150, 112, 150, 130), 0, 2)
        brush.arc((146, 112, 162, 122), 270, 90, 0, 2)
    elif kind == "icon":
        brush.ellipse((152, 112, 168, 128), fill=190)
    elif kind == "rectangle":
        brush.rectangle((110, 80, 170, 130), outline=0, width=1)
    elif kind == "pale word":
        brush.text((120, 100), "acme", fill=190, font_size=40)
    elif kind == "stars":
        for number in range(20):
            brush.point((number * 97 % 320, number * 61 % 240), 230)
    return picture


def sign(kind: str) -> Image.Image:
    """One or two things of one colour on white."""
    picture = Image.new("RGB", (320, 240), "white")
    brush = ImageDraw.Draw(picture)
    if kind == "diamond":
        brush.polygon([(160, 60), (220, 120), (160, 180), (100, 120)], "orange")
    elif kind == "button":
        brush.rounded_rectangle((100, 70, 220, 170), 20, "steelblue")
    elif kind == "disc":
        brush.ellipse((100, 60, 220, 180), "red")
    elif kind == "two discs":
        brush.ellipse((60, 80, 140, 160), "red")
        brush.ellipse((180, 80, 260, 160), "red")
    elif kind == "ring":
        brush.ellipse((100, 60, 220, 180), outline="red", width=20)
    elif kind == "arrow":
        brush.polygon([(60, 110), (180, 110), (180, 80), (260, 120), (180, 160), (180, 130),
                       (60, 130)], "green")  # fmt: skip
    elif kind == "face":
        brush.ellipse((100, 60, 220, 180), "gold")
        brush.ellipse((130, 95, 145, 110), "black")
        brush.ellipse((175, 95, 190, 110), "black")
    return picture


def is_blank(picture: Image.Image, kind: str = "PNG", **options: object) -> bool:
    written = BytesIO()
    picture.save(written, kind, **options)
    return any(one.check == "blank" for one in findings(look(written.getvalue())))


@pytest.mark.parametrize("kind", ["character", "signature", "sketch", "music"])
@pytest.mark.parametrize("mode", ["1", "L", "RGB"])
def test_thin_strokes_are_not_blank(kind, mode):
    assert not is_blank(drawn(kind).convert(mode))
    assert not is_blank(drawn(kind).convert("L"), "JPEG", quality=60)


@pytest.mark.parametrize("kind", ["small character", "icon", "rectangle", "pale word", "stars"])
def test_what_is_small_or_pale_is_not_blank(kind):
    assert not is_blank(small(kind))
    assert not is_blank(small(kind), "JPEG", quality=60)


@pytest.mark.parametrize("kind", ["diamond", "button", "disc"])
def test_one_large_plain_shape_is_nothing(kind):
    assert is_blank(sign(kind))
    assert is_blank(sign(kind), "JPEG", quality=80)


@pytest.mark.parametrize("kind", ["two discs", "ring", "arrow", "face"])
def test_what_has_more_of_a_form_is_something(kind):
    assert not is_blank(sign(kind))
    assert not is_blank(sign(kind), "JPEG", quality=80)


def test_plain_tones_are_blank_with_compressions_noise_and_without():
    for tone in (0, 90, 255):
        assert is_blank(Image.new("RGB", (300, 200), (tone, tone, min(255, tone + 20))))
    noise = np.random.default_rng(2).normal(200, 1.5, (200, 300)).clip(0, 255).astype(np.uint8)
    assert is_blank(Image.fromarray(noise), "JPEG", quality=50)
    ramp = np.tile(np.linspace(200, 215, 300), (200, 1)).astype(np.uint8)
    assert is_blank(Image.fromarray(ramp))


@pytest.mark.parametrize("wide", [400, 900, 1600])
def test_scanned_paper_is_blank_with_its_noise_and_a_few_specks_of_dust(wide):
    rng = np.random.default_rng(wide)
    paper = np.linspace(238, 245, wide)[None] + rng.normal(0, 1.5, (wide, wide))
    for x, y in rng.integers(0, wide, (4, 2)):
        paper[y, x] = 120
    page = Image.fromarray(paper.clip(0, 255).astype(np.uint8))
    assert is_blank(page)
    assert is_blank(page, "JPEG", quality=70)


def test_every_handwritten_character_is_legible(samples):
    glyphs = sorted((samples / "images" / "sets" / "glyphs").rglob("*.png"))
    assert len(glyphs) > 50
    for path in glyphs:
        assert all(one.check != "blank" for one in findings(look(path.read_bytes()))), path
