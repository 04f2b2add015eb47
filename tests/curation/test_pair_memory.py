"""What was compared once is not compared again, and what is found is the same."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from PIL import ImageEnhance
from pixset.curation import find_families, look
from pixset.curation.duplicates.memory import InMemory, version
from support.lookalikes import COPIES, LOOKALIKES, mug, night, scene
from support.pictures import encode, sha_of


def crowd() -> list[bytes]:
    """Copies, look-alikes and crowds of one kind, mixed."""
    files = [encode(scene(number), quality=quality) for number in (0, 1) for quality in (92, 71)]
    files += [encode(mug(number), quality=90) for number in range(6)]
    files += [encode(night(number), quality=90) for number in range(4)]
    files += [COPIES[kind](scene(1)) for kind in sorted(COPIES)[:4]]
    files += [one for kind in sorted(LOOKALIKES)[:5] for one in LOOKALIKES[kind](3)]
    return files


class Shelf:
    """Facts of files, and which of them were opened."""

    def __init__(self, files: list[bytes]) -> None:
        self.data = {sha_of(one): one for one in files}
        self.facts = [look(one) for one in self.data.values()]
        self.opened: set[str] = set()

    def read(self, sha256: str) -> bytes:
        self.opened.add(sha256)
        return self.data[sha256]

    def found(self, facts=None, **options):
        self.opened.clear()
        return find_families(facts or self.facts, read=self.read, **options)


@pytest.fixture(scope="module")
def shelf() -> Shelf:
    return Shelf(crowd())


def test_nothing_new_opens_no_file_and_finds_the_same(shelf):
    memory = InMemory()
    first = shelf.found(memory=memory)
    assert first == shelf.found()
    assert shelf.found(memory=memory) == first
    assert shelf.opened == set()


def test_which_version_is_kept_is_seen_once():
    original = scene(11).resize((330, 220))
    smaller = [encode(original.resize(size), quality=70) for size in ((190, 127), (200, 134))]
    brighter = encode(ImageEnhance.Brightness(original).enhance(1.15), quality=95)
    family = Shelf([encode(original, quality=80), *smaller, brighter])
    memory = InMemory()
    first = family.found(memory=memory)
    assert any(memory.recall(version()).better.values())  # not the one that ranks first
    assert family.found(memory=memory) == first == family.found()
    family.found(memory=memory)
    assert family.opened == set()
    for some in (family.facts[1:], family.facts[:3], family.facts):
        assert family.found(some, memory=memory) == family.found(some)


@pytest.mark.parametrize("seed", range(2))
def test_what_comes_in_steps_is_found_as_if_it_had_come_at_once(shelf, seed):
    memory = InMemory()
    mixed = list(shelf.facts)
    random.Random(seed).shuffle(mixed)
    for step in (5, 15, len(mixed)):
        assert shelf.found(mixed[:step], memory=memory) == shelf.found(mixed[:step])


def test_a_picture_that_was_away_is_compared_with_what_came_in_meanwhile(shelf):
    memory = InMemory()
    shelf.found(shelf.facts[:15], memory=memory)
    for there in (shelf.facts[4:], shelf.facts[:8] + shelf.facts[12:], shelf.facts):
        assert shelf.found(there, memory=memory) == shelf.found(there)


def test_what_a_person_states_holds_with_a_memory_and_can_be_taken_back(shelf):
    memory = InMemory()
    plain = shelf.found(memory=memory)
    one, two = next(iter(plain.dropped().items()))
    doubt = plain.review[0]
    stated = {
        "different": [frozenset({one, two})],
        "same": [frozenset({doubt.keeper, doubt.other})],
    }
    assert shelf.found(memory=memory, **stated) == shelf.found(**stated) != plain
    assert shelf.found(memory=memory) == plain


def test_other_pictures_that_a_person_calls_the_same_are_other_again_when_it_is_taken_back(shelf):
    memory = InMemory()
    plain = shelf.found(memory=memory)
    mugs = [look(encode(mug(number), quality=90)).sha256 for number in (0, 1)]
    for _ in range(2):
        same = shelf.found(memory=memory, same=[frozenset(mugs)])
        assert same == shelf.found(same=[frozenset(mugs)])
    assert shelf.found(memory=memory) == plain


def test_a_picture_that_was_measured_anew_is_compared_anew(shelf):
    memory = InMemory()
    shelf.found(memory=memory)
    facts = list(shelf.facts)
    facts[0] = replace(facts[0], fingerprints={**facts[0].fingerprints, "phash": 0, "dhash": 0})
    assert shelf.found(facts, memory=memory) == shelf.found(facts)
    assert shelf.found(memory=memory) == shelf.found()


class OtherVersion:
    """A memory that was filled by another version of the rules."""

    def __init__(self, memory: InMemory) -> None:
        self.memory = memory

    def recall(self, version, /):
        return self.memory.recall(f"{version} of tomorrow")

    def remember(self, version, new, stale, /) -> None:
        self.memory.remember(f"{version} of tomorrow", new, stale)


def test_another_version_of_the_rules_compares_again(shelf):
    memory = InMemory()
    first = shelf.found(memory=memory)
    assert shelf.found(memory=OtherVersion(memory)) == first
    assert shelf.opened
    assert shelf.found(memory=OtherVersion(memory)) == first
    assert not shelf.opened


def test_a_file_that_could_not_be_read_is_tried_again(shelf):
    def unreadable(sha256: str) -> bytes:
        raise OSError(sha256)

    memory = InMemory()
    find_families(shelf.facts, read=unreadable, memory=memory)
    assert shelf.found(memory=memory) == shelf.found()


def test_a_file_that_was_replaced_since_it_was_looked_at_says_nothing_of_what_it_was():
    original = scene(31)
    shelf = Shelf([encode(original, quality=92), encode(original.resize((240, 160)), quality=80)])
    true = shelf.found()
    assert true.dropped()
    (small,) = true.dropped()
    before = shelf.data[small]
    memory = InMemory()
    shelf.data[small] = encode(scene(32), quality=80)
    assert shelf.found(memory=memory).dropped() == {}
    shelf.data[small] = before
    assert shelf.found(memory=memory) == true
