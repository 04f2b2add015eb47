"""What one program has made twice, with one thing another: all the rest is as it was."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont
from pixset.curation import Families, find_families, look
from support.lookalikes import scene
from support.pictures import encode, sha_of

TYPES = ImageFont.load_default(11), ImageFont.load_default_imagefont()


def found(*files: bytes) -> Families:
    data = {sha_of(file): file for file in files}
    return find_families([look(file) for file in files], read=data.__getitem__)


def line_chart(number: int, other: bool) -> Image.Image:
    """Two lines through points with numbers beside them; in another type in the other chart."""
    rng = np.random.default_rng(number)
    chart = Image.new("RGB", (400, 200), "white")
    font = TYPES[int(other)]
    draw = ImageDraw.Draw(chart)
    draw.rectangle((50, 25, 350, 150), fill=(173, 216, 230), outline="black")
    for tone in ("red", "green"):
        points = [(68 + 38 * at, int(rng.integers(50, 140))) for at in range(8)]
        draw.line(points, fill=tone)
        for x, y in points:
            draw.ellipse((x - 2, y - 2, x + 2, y + 2), fill=tone)
            draw.text((x - 6, y - 16), str(rng.integers(10, 100)), fill="black", font=font)
    return chart


def marked(number: int, other: bool) -> Image.Image:
    """A view with thirty dark signs; in the other one a program has drawn round each."""
    view = scene(number).resize((640, 480))
    draw = ImageDraw.Draw(view)
    for x, y in np.ndindex(6, 5):
        box = (150 + 50 * x, 90 + 50 * y, 184 + 50 * x, 124 + 50 * y)
        draw.rectangle(box, fill=(25, 25, 25))
        draw.rectangle((box[0] + 8, box[1] + 10, box[0] + 20, box[1] + 16), fill=(230, 230, 230))
        if other:
            draw.rectangle(box, outline=(0, 220, 0), width=1)
    return view


def strip(text: str, *, other: bool = False) -> Image.Image:
    """A line of text, seven times as wide as high; the other one in another type."""
    line = Image.new("RGB", (525, 75), "white")
    ImageDraw.Draw(line).text((200, 30), text, fill="black", font=TYPES[int(other)])
    return line


def drifting(number: int, step: float) -> Image.Image:
    """A textured ground with four textured things on it, each `step` pixels on its own way."""
    rng = np.random.default_rng(number)

    def texture(size: tuple[int, int]) -> Image.Image:
        grains = rng.integers(40, 216, (size[1] // 6, size[0] // 6)).astype(np.uint8)
        return Image.fromarray(grains).resize(size, Image.Resampling.BICUBIC)

    view = texture((576, 384))
    for place, (across, down) in enumerate(((1, 0), (-1, 0), (0, 1), (0, -1))):
        thing, at = texture((192, 132)), (54 + 276 * (place % 2), 36 + 180 * (place // 2))
        moved = thing.transform(
            thing.size, Image.Transform.AFFINE, (1, 0, -step * across, 0, 1, -step * down),
            resample=Image.Resampling.BICUBIC,
        )  # fmt: skip
        view.paste(moved.crop((6, 6, 186, 126)), at)
    return view.convert("RGB")


@pytest.mark.parametrize("number", range(4))
@pytest.mark.parametrize("kind", ["PNG", "GIF"])
def test_a_chart_in_another_type_is_no_copy(number, kind):
    files = [encode(line_chart(number, other), kind) for other in (False, True)]
    assert found(*files).dropped() == {}


@pytest.mark.parametrize("number", range(4))
def test_a_photograph_on_which_a_program_has_drawn_is_no_copy(number):
    files = [encode(marked(number, other), quality=80) for other in (False, True)]
    assert found(*files).dropped() == {}


@pytest.mark.parametrize("text", ["mathfont 1234567890", "order 48 of 1,650", "cm to inch 2.54"])
def test_of_a_line_of_text_one_in_another_type_is_no_copy_and_one_saved_again_is(text):
    line = encode(strip(text), "PNG")
    assert found(line, encode(strip(text, other=True), "PNG")).dropped() == {}
    assert len(found(line, encode(strip(text), quality=85)).dropped()) == 1


@pytest.mark.parametrize("number", range(4))
def test_things_that_have_moved_by_two_pixels_are_another_moment(number):
    families = found(*(encode(drifting(number, step), "PNG") for step in (0, 2)))
    assert families.dropped() == {}
    assert {member.relation for family in families.families for member in family.members} == {
        "moment"
    }


@pytest.mark.parametrize("number", range(4))
def test_a_textured_view_saved_smaller_is_a_copy(number):
    view = drifting(number, 0)
    small = view.resize((432, 288), Image.Resampling.LANCZOS)
    assert len(found(encode(view, "PNG"), encode(small, quality=80)).dropped()) == 1
