"""Another keeper of equal standing that fits two families."""

from __future__ import annotations

from pixset.curation.duplicates.keeper import recentred

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
