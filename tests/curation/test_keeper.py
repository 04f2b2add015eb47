"""Another keeper: of equal standing that fits two families, or without the first one's border."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pixset.curation import find_families, look
from pixset.curation.duplicates.keeper import adopted, recentred, unframed
from support.lookalikes import scene
from support.pictures import encode

SHARP, PLAIN, SOFT, SMALL = range(4)
PAIRS = {(SHARP, PLAIN), (PLAIN, SOFT), (PLAIN, SMALL), (SOFT, SMALL)}


def copies(one: int, two: int) -> bool:
    return (min(one, two), max(one, two)) in PAIRS


def test_the_version_that_is_a_copy_of_all_becomes_the_keeper():
    found = recentred({PLAIN: SHARP, SMALL: SOFT}, [(PLAIN, SOFT)], copies, lambda place: "q85")
    assert found == {SHARP: PLAIN, SOFT: PLAIN, SMALL: PLAIN}


def test_a_version_of_lesser_standing_never_becomes_the_keeper():
    claims = {PLAIN: SHARP, SMALL: SOFT}
    assert recentred(claims, [(PLAIN, SOFT)], copies, lambda place: place) == claims


def test_without_a_version_that_fits_all_nothing_changes():
    claims = {PLAIN: SHARP, SMALL: SOFT}
    assert recentred(claims, [(PLAIN, SOFT)], lambda one, two: False, lambda place: "q85") == claims


def test_a_new_keeper_claims_what_is_a_copy_of_it_alone():
    kept = [(PLAIN, SOFT), (SOFT, SMALL)]
    claims = {SHARP: PLAIN}
    assert adopted(claims, kept, copies, lambda place: place) == {SHARP: PLAIN, SOFT: PLAIN}


def test_neither_another_keeper_nor_what_is_no_copy_is_claimed():
    families = {SHARP: PLAIN, SMALL: SOFT}
    assert adopted(families, [(PLAIN, SOFT)], copies, lambda place: "q85") == families
    claims = {PLAIN: SHARP}
    assert adopted(claims, [(SHARP, SOFT)], copies, lambda place: "q85") == claims


@pytest.mark.parametrize(("standing", "claimed"), [(lambda place: place, False), (bool, True)])
def test_a_better_picture_is_claimed_only_by_a_keeper_of_its_standing(standing, claimed):
    found = adopted({SMALL: SOFT}, [(PLAIN, SOFT)], copies, standing)
    assert (PLAIN in found) is claimed


def test_what_the_search_for_a_border_left_of_it_does_not_make_a_version_larger():
    picture = scene(7).resize((320, 213))
    framed = scene(7).resize((338, 231))
    framed.paste("black", (0, 0, 338, 231))
    framed.paste(picture, (9, 9))
    original, version = (look(encode(one, quality=90)) for one in (picture, framed))
    # A rest of the border is left, as where the picture is dark along its edges, too.
    left = replace(version, trimmed=(338, 216))
    sources = {
        original.sha256: encode(picture, quality=90),
        left.sha256: encode(framed, quality=90),
    }
    (family,) = find_families([left, original], read=sources.__getitem__).families
    assert family.keeper == original.sha256


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, True),
        ({"trimmed": (290, 190)}, False),  # bordered itself
        ({"width": 240, "height": 160, "trimmed": (240, 160)}, False),  # much smaller
        ({"gray": True}, False),
        ({"mode": "P"}, False),
    ],
)
def test_a_version_without_the_border_is_as_good_where_nothing_else_is_worse(change, expected):
    whole = replace(look(encode(scene(7).resize((320, 213)))), trimmed=(320, 213))
    framed = replace(whole, width=338, height=231, trimmed=(325, 216))
    assert unframed(replace(whole, **change), framed) is expected
    assert not unframed(framed, whole)
