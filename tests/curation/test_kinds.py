"""Of many kinds of pictures none that differs is dropped, and a copy is not missed."""

from __future__ import annotations

import pytest
from pixset.curation import Families, find_families, look
from support.kinds import KINDS, false_pair, true_pair
from support.pictures import sha_of

PAIRS = range(4)  # of each two, one in even and one in uneven light, of two sizes each


def found(one: bytes, two: bytes) -> Families:
    data = {sha_of(file): file for file in (one, two)}
    return find_families([look(file) for file in (one, two)], read=data.__getitem__)


@pytest.mark.parametrize("kind", KINDS)
def test_no_pair_that_differs_is_dropped(kind: str) -> None:
    for number in PAIRS:
        assert found(*false_pair(KINDS[kind], number)).dropped() == {}, number


@pytest.mark.parametrize("kind", KINDS)
def test_no_copy_is_left_apart(kind: str) -> None:
    for number in PAIRS:
        groups = found(*true_pair(KINDS[kind], number)).split_group
        assert len(set(groups.values())) == 1, number


@pytest.mark.parametrize("number", [8, 56])
def test_another_letter_in_a_drawing_of_thick_lines_is_another_picture(number: int) -> None:
    assert found(*false_pair(KINDS["comic panels"], number)).dropped() == {}


@pytest.mark.parametrize("number", [5])
def test_a_field_of_a_fiftieth_of_the_frame_is_no_noise(number: int) -> None:
    assert found(*false_pair(KINDS["fields from above, one harvested"], number)).dropped() == {}


@pytest.mark.parametrize("number", [11, 218])
def test_another_small_digit_on_a_page_is_another_page(number: int) -> None:
    assert found(*false_pair(KINDS["invoice"], number)).dropped() == {}


@pytest.mark.parametrize("number", [5, 6])
def test_a_line_in_another_colour_is_no_noise_though_it_is_long(number: int) -> None:
    kind = KINDS["underground map, one line in another colour"]
    assert found(*false_pair(kind, number)).dropped() == {}
