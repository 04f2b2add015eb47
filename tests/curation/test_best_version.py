"""Of versions of one picture, the one that the others can have been made from is kept."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageEnhance, ImageFont, ImageOps
from pixset.curation import find_families, look
from pixset.curation.duplicates.best_version import (
    better_versions,
    evenly_framed,
    in_one_frame,
    squeezed,
)
from pixset.curation.duplicates.coarse_screen import cells_of
from support.lookalikes import scene
from support.pictures import encode, sha_of


def picture(number: int) -> Image.Image:
    return scene(number).resize((330, 220))


def stamped(original: Image.Image) -> Image.Image:
    out = original.copy()
    font = ImageFont.load_default(16)
    ImageDraw.Draw(out).text((190, 200), "photos.example", fill="white", font=font)
    return out


LESSER = {
    "WebP": lambda original: encode(original, "WEBP", quality=95),
    "squeezed": lambda original: encode(original.resize((270, 270)), quality=95),
    "brightened": lambda original: encode(
        ImageEnhance.Brightness(original).enhance(1.15), quality=95
    ),
    "stamped": lambda original: encode(stamped(original), quality=95),
    "framed in black": lambda original: encode(ImageOps.expand(original, 9, "black"), quality=95),
    "framed in white": lambda original: encode(ImageOps.expand(original, 9, "white"), quality=95),
}


@pytest.mark.parametrize("edge", ["as it is", "dark along its edges"])
@pytest.mark.parametrize("lesser", sorted(LESSER))
def test_an_original_never_loses_to_what_was_made_from_it(lesser, edge):
    source = picture(11)
    if edge != "as it is":  # so that each version's border is found a little otherwise
        dark = ImageOps.expand(source.crop((25, 18, 305, 202)), (25, 18), (9, 9, 9))
        source = Image.blend(dark, source, 0.06)
    original = encode(source, quality=80)
    with Image.open(BytesIO(original)) as opened:
        shown = opened.convert("RGB")
    small = encode(shown.resize((190, 127)), quality=70)
    files = [original, small, encode(shown.resize((200, 134)), quality=60), LESSER[lesser](shown)]
    data = {sha_of(one): one for one in files}
    families = find_families([look(one) for one in files], read=data.__getitem__).families
    kept = sha_of(original)
    assert [family.keeper for family in families] == [kept]
    assert len(families[0].members) >= 2


def test_versions_of_one_window_have_one_border():
    plain = ImageOps.expand(picture(4), (0, 30), (20, 22, 25))
    facts = [look(encode(plain, quality=quality)) for quality in (90, 40)]
    looks = np.stack([cells_of(fact.thumb) for fact in facts]).reshape(2, -1)
    one, two = in_one_frame(facts, looks)
    assert one.trimmed == two.trimmed


def test_a_frame_is_as_wide_on_all_sides_and_plain():
    original = look(encode(picture(5)))
    framed = look(encode(ImageOps.expand(picture(5), 12, "gray")))
    wider = look(encode(scene(5).resize((354, 244))))
    assert evenly_framed(original, framed)
    assert not evenly_framed(framed, original)
    assert not evenly_framed(original, wider)


def test_the_shape_that_most_of_a_family_has_is_its_shape():
    wide, wider, square = (
        look(encode(picture(6).resize(size))) for size in ((300, 298), (160, 159), (298, 298))
    )
    assert squeezed(wide, square, [wide, wider, square])
    assert not squeezed(square, wide, [wide, wider, square])
    assert squeezed(wide, square, [wide, square])


def test_a_keeper_that_lies_nearest_to_all_others_stays():
    one = look(encode(scene(7), quality=90))
    facts = [replace(one, sha256=name * 64) for name in "bac"]
    base = np.random.default_rng(0).uniform(50, 200, 48)
    looks = np.stack([base, base + 10, base - 1])
    assert better_versions(0, [1, 2], facts, looks, lambda place: False) == []
