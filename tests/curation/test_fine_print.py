"""A few small characters make another picture; thin lines saved again do not."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image
from pixset.curation import find_families, look
from pixset.curation.duplicates.closer_look import spread_exceeds
from support.fine_print import FINE_PRINT, sheet_music
from support.lookalikes import COPIES, crossword
from support.pictures import encode, sha_of


def dropped(*files: bytes) -> int:
    data = {sha_of(one): one for one in files}
    return len(find_families([look(one) for one in files], read=data.__getitem__).dropped())


@pytest.mark.parametrize("number", range(3))
@pytest.mark.parametrize("kind", sorted(FINE_PRINT))
def test_other_fine_print_is_another_picture(kind, number):
    assert dropped(*FINE_PRINT[kind](number)) == 0


@pytest.mark.parametrize("number", [1, 5, 7])
@pytest.mark.parametrize("kind", sorted(FINE_PRINT))
def test_other_fine_print_in_a_cut_is_another_picture(kind, number):
    one, two = FINE_PRINT[kind](number)
    with Image.open(io.BytesIO(two)) as picture:
        width, height = picture.size
        box = (round(0.03 * width), round(0.02 * height), round(0.96 * width), round(0.95 * height))
        cut = encode(picture.crop(box), quality=85)
    assert dropped(one, cut) == 0


def test_a_spread_over_a_level_is_counted_as_it_is_sorted():
    rng = np.random.default_rng(1)
    planes = rng.gamma(1.0, 2.0, (40, 24, 24)).astype(np.float32)
    spread = np.sort(planes.reshape(40, -1), axis=1)[:, int(0.98 * 24 * 24)]
    levels = np.concatenate([spread[:20], np.nextafter(spread[20:], np.float32(0))])
    assert spread_exceeds(planes, levels).tolist() == [False] * 20 + [True] * 20


@pytest.mark.parametrize("draw", [sheet_music, crossword])
@pytest.mark.parametrize("copy", sorted(COPIES))
def test_thin_lines_that_were_saved_again_are_a_copy(copy, draw):
    original = draw(0)
    assert dropped(encode(original, quality=92), COPIES[copy](original)) == 1
