"""The candidates of all fingerprints, turns and crops against brute force: none is missed."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pixset.curation import look
from pixset.curation.duplicates import candidates as module
from pixset.curation.duplicates.candidates import block_candidates, candidates, connected
from pixset.curation.duplicates.prints import FACING, prints_of
from pixset.curation.duplicates.thresholds import (
    CROP_RADIUS,
    CUT_RADIUS,
    DHASH_RADIUS,
    PHASH_RADIUS,
    TRIM_RADIUS,
    TURN_RADIUS,
)
from pixset.curation.images.hashes import CROPS, OFF_CENTRE, TRIMMED, turned
from support.lookalikes import scene
from support.pictures import encode


def flipped(rng, hashes, bits):
    for _ in range(bits):
        hashes = hashes ^ (np.uint64(1) << rng.integers(0, 64, len(hashes), dtype=np.uint64))
    return hashes


def crowd(seed, count):
    """Fingerprints of `count` pictures: a third alone, a third in pairs, a third in one crowd."""
    rng = np.random.default_rng(seed)
    third = count // 3
    phash = rng.integers(0, 2**64, count, dtype=np.uint64)
    phash[third : 2 * third] = flipped(rng, phash[:third].copy(), 5)
    phash[2 * third :] = flipped(rng, np.full(count - 2 * third, phash[0]), 7)
    phash[-20:] = phash[0]
    kinds = {"phash": phash, "dhash": flipped(rng, phash.copy(), 9)}
    kinds |= {kind: flipped(rng, rng.permutation(phash), 5) for kind in CROPS}
    kinds[CROPS[0]] = turned(kinds[CROPS[0]])["left"]
    having = {TRIMMED: rng.random(count) < 0.1, CROPS[-1]: rng.random(count) < 0.5}
    kinds[TRIMMED] = flipped(rng, rng.permutation(phash), 4)
    one = look(encode(scene(1)))
    return [
        replace(
            one,
            fingerprints={
                kind: int(bits[place])
                for kind, bits in kinds.items()
                if kind not in having or having[kind][place]
            },
        )
        for place in range(count)
    ]


def by_brute_force(facts):
    """Reasons of every pair, places x places."""
    prints = [one.fingerprints for one in facts]
    phash, dhash, inner = (
        np.array([one.get(kind, one[other]) for one in prints], dtype=np.uint64)
        for kind, other in (("phash", "phash"), ("dhash", "dhash"), (TRIMMED, "phash"))
    )

    def near(some, others, radius):
        return np.bitwise_count(some[:, None] ^ others[None, :]) <= radius

    reasons = near(phash, phash, PHASH_RADIUS) * np.uint8(module.BY_PHASH)
    reasons |= near(dhash, dhash, DHASH_RADIUS) * np.uint8(module.BY_DHASH)
    trimmed = np.array([TRIMMED in one for one in prints]) & (inner != phash)
    both = near(inner, inner, TRIM_RADIUS) | near(inner, phash, TRIM_RADIUS)
    reasons |= (both & trimmed[:, None]) * np.uint8(module.BY_TRIM)
    for kind in CROPS:
        bits = np.array([one.get(kind, 0) for one in prints], dtype=np.uint64)
        having = np.array([kind in one for one in prints])
        reasons |= (near(bits, inner, CROP_RADIUS) & having[:, None]) * np.uint8(module.BY_CROP)
    bits = {kind: np.array([one[kind] for one in prints], dtype=np.uint64) for kind in OFF_CENTRE}
    for here, there in (pair for sides in FACING for pair in product(*sides)):
        reasons |= near(bits[here], bits[there], CUT_RADIUS) * np.uint8(module.BY_CUT)
    for bits in turned(phash).values():
        reasons |= near(bits, phash, TURN_RADIUS) * np.uint8(module.BY_TURN)
    return np.triu(reasons | reasons.T, 1)


@pytest.mark.parametrize("count", [60, 1500])
def test_every_candidate_is_found_with_every_reason(count):
    facts = crowd(count, count)
    wanted = by_brute_force(facts)
    found = candidates(facts)
    left, right = np.nonzero(wanted)
    assert found.left.tolist() == left.tolist()
    assert found.right.tolist() == right.tolist()
    assert found.reasons.tolist() == wanted[left, right].tolist()


@pytest.mark.parametrize("count", [60, 1500])
def test_only_pairs_with_a_new_picture_are_sought_where_the_rest_is_known(count):
    facts = crowd(count, count)
    wanted = by_brute_force(facts)
    new = np.random.default_rng(5).random(count) < 0.1
    found = candidates(facts, new=new)
    left, right = np.nonzero(wanted * (new[:, None] | new[None, :]))
    assert found.left.tolist() == left.tolist()
    assert found.right.tolist() == right.tolist()
    assert found.reasons.tolist() == wanted[left, right].tolist()


@pytest.mark.parametrize("count", [60, 1500])
def test_blocks_that_meet_all_find_together_what_is_found_at_once(count):
    facts = crowd(count, count)
    prints = prints_of([one.fingerprints for one in facts])
    wanted = candidates(facts)
    reasons = {}
    for block in np.array_split(np.arange(count), 7):
        part = block_candidates(prints, block)
        for one, two, why in zip(part.left, part.right, part.reasons, strict=True):
            reasons[one, two] = reasons.get((one, two), 0) | why
    pairs = list(zip(wanted.left, wanted.right, strict=True))
    assert sorted(reasons) == pairs
    assert [reasons[pair] for pair in pairs] == wanted.reasons.tolist()


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 59), st.integers(0, 59)), max_size=90))
def test_each_place_is_told_the_first_that_pairs_lead_to(pairs):
    left, right = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    groups = [{place} for place in range(60)]
    for one, two in pairs:
        together = groups[one] | groups[two]
        for place in together:
            groups[place] = together
    assert connected(60, left, right).tolist() == [min(group) for group in groups]


def test_a_chain_in_any_order_is_one_group():
    places = np.random.default_rng(0).permutation(5000)
    assert not connected(5000, places[:-1], places[1:]).any()


@pytest.mark.parametrize("way", [(0.11, 0.04), (0.04, 0.11)], ids=["beside", "above"])
def test_two_cuts_meet_whichever_way_they_lie(way):
    met = 0
    for number in range(40):
        whole = scene(number)
        wide, high = (round(0.8 * side) for side in whole.size)
        x, y = (round(share * side) for share, side in zip(way, whole.size, strict=True))
        cuts = whole.crop((0, 0, wide, high)), whole.crop((x, y, x + wide, y + high))
        met += len(candidates([look(encode(cut)) for cut in cuts]))
    assert met >= 11
