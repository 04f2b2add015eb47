"""Frames, collages and what files say of their making: reports, never reasons to drop."""

from __future__ import annotations

import io

import numpy as np
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


def beside(*pictures: Image.Image, gutter: int = 0) -> Image.Image:
    width = sum(one.width + gutter for one in pictures) - gutter
    whole = Image.new("RGB", (width, pictures[0].height), "white")
    at = 0
    for one in pictures:
        whole.paste(one, (at, 0))
        at += one.width + gutter
    return whole


def unlike(number: int) -> Image.Image:
    """A scene with its tones another way round, so that it meets others at a step."""
    return ImageOps.invert(scene(number)) if number % 2 else scene(number)


def test_a_plain_photograph_has_none_of_them():
    assert [found(encode(scene(number), quality=85)) for number in range(8)] == [set()] * 8


@pytest.mark.parametrize("colour", ["white", "black", (120, 30, 60)])
def test_a_border_around_a_picture_is_a_frame(colour):
    assert found(encode(ImageOps.expand(scene(1), 24, colour), quality=85)) == {"framed"}


@pytest.mark.parametrize("gutter", [0, 10])
def test_pictures_side_by_side_are_a_collage(gutter):
    assert "collage" in found(encode(beside(unlike(1), unlike(2), gutter=gutter), quality=85))


def test_a_grid_is_a_collage():
    rows = [beside(unlike(1), unlike(2)), beside(unlike(4), unlike(3))]
    whole = Image.new("RGB", (rows[0].width, 2 * rows[0].height))
    whole.paste(rows[0], (0, 0))
    whole.paste(rows[1], (0, rows[0].height))
    assert "collage" in found(encode(whole, quality=85))


def test_a_horizon_is_no_collage():
    picture = scene(3)
    ImageDraw.Draw(picture).rectangle((0, 0, picture.width, 200), fill=(150, 190, 230))
    noise = np.random.default_rng(1).normal(0, 3, (picture.height, picture.width, 1))
    picture = Image.fromarray(np.clip(np.asarray(picture) + noise, 0, 255).astype(np.uint8))
    assert "collage" not in found(encode(picture, quality=85))


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
