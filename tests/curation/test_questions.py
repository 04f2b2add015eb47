"""Of the windows of one picture as many are asked about as join them, not every two."""

from __future__ import annotations

import random

import numpy as np
import pytest
from PIL import Image
from pixset.curation import find_families, look
from pixset.curation.duplicates.memory import InMemory, version
from pixset.curation.duplicates.pair_result import Kind
from pixset.curation.duplicates.questions import Forest
from support.lookalikes import scene
from support.pictures import encode, sha_of


def windows(number: int, count: int) -> list[bytes]:
    """Windows of one scene, most of them in other tones, a few saved twice."""
    chance = np.random.default_rng(number)
    whole, files = scene(number), []
    for turn in range(count):
        share = chance.uniform(0.78, 0.95)
        width, height = whole.width * share, whole.height * share
        left = chance.uniform(0, whole.width - width)
        top = chance.uniform(0, whole.height - height)
        part = whole.resize(
            (320, 240), Image.Resampling.BICUBIC, (left, top, left + width, top + height)
        )
        gains = chance.uniform(0.65, 1.35, 3) if turn % 3 else 1.0
        tinted = Image.fromarray(np.clip(np.asarray(part) * gains, 0, 255).astype(np.uint8))
        files.append(encode(tinted, quality=90))
        if turn % 4 == 0:
            files.append(encode(tinted, quality=70))
    return files


class Shelf:
    def __init__(self, files: list[bytes]) -> None:
        self.data = {sha_of(one): one for one in files}
        self.facts = [look(one) for one in self.data.values()]

    def found(self, facts=None, **options):
        return find_families(facts or self.facts, read=self.data.__getitem__, **options)


@pytest.fixture(scope="module")
def shelf() -> Shelf:
    return Shelf([one for number in (3, 4) for one in windows(number, 9)])


def asked(found) -> set[frozenset[str]]:
    return {frozenset((doubt.keeper, doubt.other)) for doubt in found.review}


def test_no_question_is_asked_whose_pictures_are_joined_by_likelier_ones(shelf):
    found = shelf.found()
    assert found.dropped()
    assert len(found.review) > 8
    likeness = [doubt.likeness for doubt in found.review]
    assert likeness == sorted(likeness, reverse=True)
    forest, places = Forest(), {sha: place for place, sha in enumerate(shelf.data)}
    for doubt in found.review:
        assert forest.join(places[doubt.keeper], places[doubt.other])
    beside = {
        sha
        for family in found.families
        for member in family.members
        if member.relation in ("maybe", "moment")
        for sha in (family.keeper, member.sha256)
    }
    assert beside <= {sha for pair in asked(found) for sha in pair}


def test_what_was_left_out_is_asked_once_its_pictures_are_apart(shelf):
    answered: set[frozenset[str]] = set()
    rounds = 0
    while questions := asked(found := shelf.found(different=answered)):
        assert not questions & answered
        answered |= questions
        rounds += 1
    assert rounds > 2
    before = shelf.found().split_group.values()
    assert len(set(found.split_group.values())) > len(set(before))


@pytest.mark.parametrize("seed", range(2))
def test_what_was_compared_for_fewer_pictures_or_other_answers_makes_no_difference(shelf, seed):
    chance, memory = random.Random(seed), InMemory()
    for step in range(6):
        some = chance.sample(shelf.facts, chance.randint(8, len(shelf.facts)))
        review = sorted(asked(shelf.found(some)), key=sorted)
        chance.shuffle(review)
        answers = {"different": review[:step], "same": review[step : step + step // 2]}
        assert shelf.found(some, memory=memory, **answers) == shelf.found(some, **answers)
    assert shelf.found(memory=memory) == shelf.found()


def test_doubts_that_an_earlier_run_left_open_are_settled_where_moments_are_dropped(shelf):
    memory = InMemory()
    kinds = {pair.result.kind for pair in remembered(shelf, memory) if pair.result}
    assert Kind.DOUBT in kinds
    dropping = shelf.found(drop_moments=True)
    assert shelf.found(memory=memory, drop_moments=True) == dropping
    assert shelf.found(memory=memory) == shelf.found()


def remembered(shelf, memory):
    shelf.found(memory=memory)
    return memory.recall(version()).pairs
