"""Many pictures of one template: no copies, no flood of questions, no one split group."""

from __future__ import annotations

import io
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from PIL import Image
from pixset.curation import find_families, look
from pixset.curation.duplicates.crowd_thresholds import CROWD
from pixset.curation.duplicates.crowds import unlike
from pixset.curation.duplicates.memory import InMemory
from support.lookalikes import COPIES, cover, passing, pen, plate, receipt
from support.pictures import encode, sha_of

COUNT = 20


class Drawer:
    """Files of pictures, and which of them were opened."""

    def __init__(self, files: list[bytes]) -> None:
        self.data = {sha_of(one): one for one in files}
        self.facts = [look(one) for one in self.data.values()]
        self.opened: Counter[str] = Counter()

    def read(self, sha256: str) -> bytes:
        self.opened[sha256] += 1
        return self.data[sha256]

    def found(self, facts=None, **options):
        self.opened.clear()
        return find_families(facts or self.facts, read=self.read, **options)


@pytest.fixture(scope="module")
def slips() -> list[bytes]:
    return [encode(receipt(7, number), quality=90) for number in range(COUNT)]


@pytest.fixture(scope="module")
def plates() -> list[bytes]:
    return [encode(plate(number), quality=90) for number in range(COUNT)]


def test_slips_of_one_shop_are_not_one_split_group_and_no_flood_for_review(slips):
    found = Drawer(slips).found()
    assert not found.dropped()
    assert max(Counter(found.split_group.values()).values()) <= 3
    assert len(found.review) <= COUNT / 4


def test_a_copy_among_them_is_still_dropped(slips):
    copies = {kind: copy(Image.open(io.BytesIO(slips[3]))) for kind, copy in COPIES.items()}
    dropped = Drawer([*slips, *copies.values()]).found().dropped()
    missing = {kind for kind, one in copies.items() if sha_of(one) not in dropped}
    assert not missing
    assert set(dropped.values()) == {sha_of(slips[3])}


def test_photographs_of_one_template_are_told_apart_and_their_copies_dropped(plates):
    original = Image.open(io.BytesIO(plates[3]))
    copies = [copy(original) for copy in COPIES.values()]
    copies.append(encode(original.crop((4, 10, 384, 390)), quality=85))
    found = Drawer([*plates, *copies]).found()
    assert set(found.dropped()) == {sha_of(one) for one in copies}
    assert set(found.dropped().values()) == {sha_of(plates[3])}
    assert max(Counter(found.split_group.values()).values()) <= len(copies) + 2
    assert len(found.review) <= COUNT / 4


def test_frames_of_one_camera_are_no_crowd_of_one_template():
    frames = [encode(passing(number), quality=90) for number in range(COUNT)]
    found = Drawer(frames).found()
    assert not found.dropped()
    assert len(set(found.split_group.values())) == 1


def test_two_slips_alone_are_for_a_person(slips):
    found = Drawer(slips[:2]).found()
    assert not found.dropped()
    assert len(found.review) == 1


def test_the_versions_of_one_drawing_are_no_crowd():
    drawing = receipt(5, 1)
    files = [encode(drawing, quality=quality) for quality in range(60, 96, 2)]
    assert len(Drawer(files).found().dropped()) == len(files) - 1


def test_a_crowd_that_grows_and_shrinks_is_found_as_if_it_had_come_at_once(slips):
    drawer, memory = Drawer(slips), InMemory()
    facts = drawer.facts
    for some in (
        facts[:10],
        facts[:20],
        facts[:20],
        facts,
        facts[:20],
        facts[4:],
        facts[:8],
        facts,
    ):
        assert drawer.found(some, memory=memory) == drawer.found(some)


def test_a_crowd_of_photographs_that_grows_and_shrinks_is_found_as_if_it_had_come_at_once(plates):
    drawer, memory = Drawer(plates), InMemory()
    for some in (drawer.facts[:10], drawer.facts, drawer.facts[:8], drawer.facts):
        assert drawer.found(some, memory=memory) == drawer.found(some)


def test_a_crowd_that_is_as_it_was_opens_no_file(slips):
    drawer, memory = Drawer(slips), InMemory()
    drawer.found(memory=memory)
    drawer.found(memory=memory)
    assert not drawer.opened


def test_what_a_person_says_of_some_of_them_makes_them_no_less_a_crowd(slips):
    drawer = Drawer(slips)
    shas = sorted(fact.sha256 for fact in drawer.facts)
    different = {frozenset(pair) for pair in pairwise(shas)}
    found = drawer.found(different=different)
    assert len(found.review) <= COUNT / 4
    assert max(Counter(found.split_group.values()).values()) <= 3


@pytest.mark.parametrize("kind", COPIES)
def test_a_drawing_in_uneven_light_is_a_copy_of_itself(kind):
    for number in range(3):
        original = cover(number)
        drawer = Drawer([encode(original, quality=90), COPIES[kind](original)])
        assert len(drawer.found().dropped()) == 1


def test_a_line_of_blue_ink_at_half_its_size_is_a_copy():
    original = pen(3)
    half = original.resize((280, 55), Image.Resampling.LANCZOS)
    drawer = Drawer([encode(original, quality=88), encode(half, quality=85)])
    assert len(drawer.found().dropped()) == 1


@pytest.mark.parametrize("at_once", [1, 3, 7, 10, 11])
def test_what_a_crowd_has_in_common_is_found_block_by_block(at_once):
    rows = np.random.default_rng(4).normal(size=(10, 3)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    found = unlike(rows, at_once)
    assert (found == (rows.astype(float) @ rows.T.astype(float) < CROWD.own)).all()
    assert 0 < found.sum() < 90
