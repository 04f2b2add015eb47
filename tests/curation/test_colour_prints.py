"""Pictures whose brightness carries nothing are met by their colours, and only asked about."""

from __future__ import annotations

import numpy as np
from PIL import Image
from pixset.curation import find_families, look
from pixset.curation.duplicates.colour_prints import colour_prints
from support.pictures import encode, sha_of

RED, BLUE = (200, 70, 70), (60, 110, 235)  # of one brightness


def cloth(shift: int = 0, grain: float = 6.0) -> Image.Image:
    """Blue stripes on red, which luma does not show, under a camera's grain."""
    rows, columns = np.mgrid[:240, :320]
    striped = ((columns + shift + rows // 8) // 24 % 3 == 0)[..., None]
    levels = np.where(striped, BLUE, RED) + np.random.default_rng(1).normal(0, grain, (240, 320, 1))
    return Image.fromarray(np.clip(levels, 0, 255).astype(np.uint8))


def families_of(*files: bytes):
    data = {sha_of(one): one for one in files}
    return find_families([look(one) for one in files], read=data.__getitem__)


def test_a_copy_that_only_colours_show_is_a_question_in_one_split_group():
    found = families_of(encode(cloth(), quality=92), encode(cloth().resize((240, 180)), quality=70))
    assert found.dropped() == {}
    assert [doubt.why for doubt in found.review] == ["they agree in colours alone"]
    assert len(set(found.split_group.values())) == 1


def test_another_pattern_in_the_same_colours_is_another_picture():
    found = families_of(encode(cloth(), quality=92), encode(cloth(36), quality=70))
    assert found.dropped() == {}
    assert not found.review


def test_what_brightness_shows_has_no_colour_hash():
    dark = Image.fromarray((np.asarray(cloth()) * np.linspace(0.2, 1, 320)[:, None]).astype("u1"))
    gray = cloth().convert("L").convert("RGB")
    hashes, places = colour_prints([look(encode(one)) for one in (dark, gray, cloth())])
    assert len(hashes) == 1
    assert places.tolist() == [2]
