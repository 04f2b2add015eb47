"""One picture made from the other by an editor or a site, and what no such edit explains."""

from __future__ import annotations

import pytest
from PIL import Image, ImageCms, ImageDraw, ImageEnhance, ImageFont
from pixset.curation.duplicates.remade import remade
from pixset.curation.images.decode import decode
from support.lookalikes import LOOKALIKES, scene
from support.pictures import encode

# What is left out: files whose first frames are one picture, and are compared elsewhere.
PLANTED = sorted(kind for kind in LOOKALIKES if " of one first " not in kind)


def opened(data: bytes):
    return decode(data, None if data.startswith(b"GIF") else 320)


def explained(one: bytes, two: bytes) -> bool:
    return remade(opened(one), opened(two))


def written(picture: Image.Image, text: str, at: tuple[float, float]) -> Image.Image:
    out = picture.copy()
    place = at[0] * out.width, at[1] * out.height
    ImageDraw.Draw(out).text(place, text, fill="white", font=ImageFont.load_default(20))
    return out


def other_profile() -> bytes:
    """sRGB with the primaries of red and green exchanged, under a name of its own."""
    data = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    data = data.replace(b"rXYZ", b"____").replace(b"gXYZ", b"rXYZ").replace(b"____", b"gXYZ")
    return data.replace("sRGB".encode("utf-16-be"), "gRBG".encode("utf-16-be"))


EDITS = {
    "brightened beyond white": lambda picture: ImageEnhance.Brightness(picture).enhance(1.4),
    "in less contrast": lambda picture: ImageEnhance.Contrast(picture).enhance(0.7),
    "in stronger colours": lambda picture: ImageEnhance.Color(picture).enhance(1.5),
    "with an address below": lambda picture: written(picture, "photos.example", (0.6, 0.9)),
    "with an address above": lambda picture: written(picture, "photos.example", (0.1, 0.05)),
}


@pytest.mark.parametrize("number", [3])
@pytest.mark.parametrize("edit", sorted(EDITS))
def test_an_edit_of_a_whole_picture_explains_it(edit, number):
    original = scene(number)
    edited = encode(EDITS[edit](original), quality=80)
    assert explained(encode(original, quality=90), edited)
    assert explained(edited, encode(original, quality=90))


def test_a_palette_explains_a_small_bright_thing_that_has_lost_its_colour():
    picture = scene(5)
    ImageDraw.Draw(picture).ellipse((300, 200, 306, 206), fill=(250, 40, 40))
    for dither in (Image.Dither.NONE, Image.Dither.FLOYDSTEINBERG):
        colours = scene(5).quantize(64)
        assert explained(
            encode(picture, quality=92),
            encode(picture.quantize(palette=colours, dither=dither), "GIF"),
        )


def test_a_profile_that_was_lost_explains_all_other_colours():
    tagged = encode(scene(6), "PNG", icc_profile=other_profile())
    assert opened(tagged).profile is not None
    assert explained(tagged, encode(scene(6), quality=92))
    assert not explained(tagged, encode(scene(7), quality=92))


@pytest.mark.parametrize("number", [3, 4])
@pytest.mark.parametrize("kind", PLANTED)
def test_nothing_explains_another_thing(kind, number):
    one, two = LOOKALIKES[kind](number)
    assert not explained(one, two)


@pytest.mark.parametrize("kind", ["ripe and unripe", "traffic lights", "another plate"])
def test_another_thing_stays_one_beneath_an_edit(kind):
    one, two = LOOKALIKES[kind](3)
    other = opened(two).picture
    for edit in EDITS.values():
        assert not explained(one, encode(edit(other), quality=80))
    assert not explained(one, encode(other.quantize(256), "GIF"))


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("08:15:01 camera 2", "09:42:36 camera 2"),  # both have writing
        ("", "SOLD"),  # too few strokes to be an address
    ],
)
def test_writing_that_is_not_only_added_is_another_thing(one, two):
    first, second = (written(scene(8), text, (0.6, 0.9)) for text in (one, two))
    assert not explained(encode(first, quality=90), encode(second, quality=85))


def test_writing_in_the_middle_or_in_large_letters_is_another_thing():
    original = encode(scene(9), quality=90)
    middle = written(scene(9), "photos.example", (0.4, 0.5))
    large = scene(9)
    font = ImageFont.load_default(90)
    ImageDraw.Draw(large).text((20, 380), "when monday comes", fill="white", font=font)
    assert not explained(original, encode(middle, quality=90))
    assert not explained(original, encode(large, quality=90))
