"""Frames and what files say of their making: reports, never reasons to drop."""

from __future__ import annotations

import io

import pytest
from PIL import Image, ImageDraw, ImageOps
from PIL.PngImagePlugin import PngInfo
from pixset.curation import look
from pixset.curation.images.quality import CHECKS, findings
from support.lookalikes import scene
from support.pictures import encode

NEW = ("framed", "collage", "ai_made")
XMP = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:Description Iptc4xmpExt:DigitalSourceType='
    '"http://cv.iptc.org/newscodes/digitalsourcetype/{}"/></x:xmpmeta>'
)


def found(data: bytes) -> set[str]:
    facts = look(data)
    assert not any(one.drop for one in findings(facts) if one.check in NEW)
    return {name for name in NEW if CHECKS[name].fires(facts.scores[name])}


def test_a_plain_photograph_has_none_of_them():
    assert [found(encode(scene(number), quality=85)) for number in range(8)] == [set()] * 8


@pytest.mark.parametrize("colour", ["white", "black", (120, 30, 60)])
def test_a_border_around_a_picture_is_a_frame(colour):
    assert found(encode(ImageOps.expand(scene(1), 24, colour), quality=85)) == {"framed"}


def test_a_sky_and_a_plain_ground_are_no_frame():
    sky = scene(3)
    ImageDraw.Draw(sky).rectangle((0, 0, sky.width, 200), fill=(150, 190, 230))
    product = Image.new("RGB", (400, 400), "white")
    ImageDraw.Draw(product).ellipse((80, 60, 320, 340), fill=(160, 40, 40))
    assert [found(encode(picture, quality=85)) for picture in (sky, product)] == [set(), set()]


def grid(rows: int, columns: int, gutter: int, colour: str) -> Image.Image:
    wide, high = 200, 160
    size = columns * (wide + gutter) - gutter, rows * (high + gutter) - gutter
    whole = Image.new("RGB", size, colour)
    for number in range(rows * columns):
        at = number % columns * (wide + gutter), number // columns * (high + gutter)
        whole.paste(scene(number).resize((wide, high)), at)
    return whole


@pytest.mark.parametrize("colour", ["white", "black"])
@pytest.mark.parametrize(("rows", "columns"), [(1, 2), (2, 1), (2, 2), (3, 3)])
def test_panels_with_gutters_between_them_are_a_collage(rows, columns, colour):
    data = encode(grid(rows, columns, 10, colour), quality=85)
    assert found(data) == {"collage"}
    assert look(data).scores["collage"] == rows * columns


def test_panels_that_touch_text_and_products_are_no_collage():
    page = Image.new("RGB", (400, 400), "white")
    for row in range(40, 360, 40):
        ImageDraw.Draw(page).text((20, row), "a line of text that goes on", "black", font_size=24)
    two = Image.new("RGB", (400, 200), "white")
    ImageDraw.Draw(two).ellipse((20, 30, 180, 170), fill=(160, 40, 40))
    ImageDraw.Draw(two).ellipse((220, 30, 380, 170), fill=(40, 40, 160))
    pictures = (page, two, grid(1, 2, 0, "white"))
    assert [look(encode(one, quality=85)).scores["collage"] for one in pictures] == [1, 1, 1]


@pytest.mark.parametrize("kind", ["JPEG", "WEBP"])
@pytest.mark.parametrize(
    ("word", "score"),
    [("trainedAlgorithmicMedia", 1.0), ("compositeWithTrainedAlgorithmicMedia", 0.75)],
)
def test_a_file_that_says_so_is_made_by_a_model(kind, word, score):
    data = encode(scene(1), kind, quality=85, xmp=XMP.format(word).encode())
    assert look(data).scores["ai_made"] == score
    assert found(data) == {"ai_made"}


def test_a_diffusion_programs_settings_say_so():
    settings, out = PngInfo(), io.BytesIO()
    settings.add_text("parameters", "a fox\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1")
    scene(1, (200, 160)).save(out, "PNG", pnginfo=settings)
    assert found(out.getvalue()) == {"ai_made"}


def test_a_camera_that_signs_its_photographs_is_no_model():
    data = encode(scene(1), quality=85, xmp=XMP.format("digitalCapture").encode())
    signed = (
        data[:2]
        + b"\xff\xeb\x00\x1eJP\x00\x01\x00\x00\x00\x01\x00\x00\x00\x14jumbc2pa\x00\x00\x00\x00"
        + data[2:]
    )
    assert look(signed).scores["ai_made"] == 0.25
    assert found(signed) == set()
