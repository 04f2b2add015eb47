"""A few small characters make another picture; thin lines saved again do not."""

from __future__ import annotations

import hashlib

import pytest
from pixset.curation import find_families, look
from support.fine_print import FINE_PRINT, sheet_music
from support.lookalikes import COPIES, crossword
from support.pictures import encode


def dropped(*files: bytes) -> int:
    data = {hashlib.sha256(one).hexdigest(): one for one in files}
    return len(find_families([look(one) for one in files], read=data.__getitem__).dropped())


@pytest.mark.parametrize("number", range(3))
@pytest.mark.parametrize("kind", sorted(FINE_PRINT))
def test_other_fine_print_is_another_picture(kind, number):
    assert dropped(*FINE_PRINT[kind](number)) == 0


@pytest.mark.parametrize("draw", [sheet_music, crossword])
@pytest.mark.parametrize("copy", sorted(COPIES))
def test_thin_lines_that_were_saved_again_are_a_copy(copy, draw):
    original = draw(0)
    assert dropped(encode(original, quality=92), COPIES[copy](original)) == 1
