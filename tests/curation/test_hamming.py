"""The joins against brute force: nothing missed, nothing invented, nothing twice."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pixset.curation.duplicates import buckets, hamming
from pixset.curation.duplicates import chunks as chunks_module
from pixset.curation.duplicates.hamming import SCATTER, collapse, grouped, join, self_join


def brute(left, right, radius):
    apart = np.bitwise_count(left[:, None] ^ right[None, :])
    one, two = np.nonzero(apart <= radius)
    return [(int(a), int(b), int(apart[a, b])) for a, b in zip(one, two, strict=True)]


def listed(pairs):
    return list(
        zip(pairs.left.tolist(), pairs.right.tolist(), pairs.distance.tolist(), strict=True)
    )


def near(rng, count, changes):
    """Random hashes, half of them a few bits from another."""
    base = rng.integers(0, 2**64, max(1, count // 2), dtype=np.uint64)
    copies = rng.choice(base, count - len(base))
    for _ in range(changes):
        copies = copies ^ (np.uint64(1) << rng.integers(0, 64, len(copies), dtype=np.uint64))
    return np.concatenate([base, copies])


def via_plan(left, right, radius, chunks, seed=0):
    """The pigeonhole join itself, whatever size the plan would choose brute force for."""
    plans = [
        plan for plan in chunks_module.cuts(chunks, radius) if max(c.width for c in plan) <= 18
    ]
    plan = plans[seed % len(plans)]
    one = buckets.mixed(left)
    if right is None:
        met = buckets.self_join_chunks(one, plan, radius)
    else:
        met = buckets.join_chunks(one, buckets.mixed(right), plan, radius)
    found = hamming._gathered(met)
    return sorted(listed(found))


@settings(max_examples=40)
@given(
    seed=st.integers(0, 2**32),
    count=st.integers(2, 300),
    radius=st.integers(3, 14),
    chunks=st.integers(4, 8),
)
def test_the_pigeonhole_join_finds_what_brute_force_finds_each_pair_once(
    seed, count, radius, chunks
):
    rng = np.random.default_rng(seed)
    hashes = np.unique(near(rng, count, int(rng.integers(0, 14))))
    wanted = [found for found in brute(hashes, hashes, radius) if found[0] < found[1]]
    got = [
        (min(a, b), max(a, b), d)
        for a, b, d in via_plan(hashes, None, radius, min(chunks, radius + 1), seed)
    ]
    assert sorted(got) == wanted
    assert listed(self_join(hashes, radius)) == wanted


@settings(max_examples=40)
@given(
    radius=st.integers(3, 12),
    values=st.lists(st.integers(0, 2**64 - 1), min_size=1, max_size=40),
    chunks=st.integers(4, 8),
    seed=st.integers(0, 40),
)
def test_two_sets_are_joined_like_brute_force_even_with_equal_hashes(radius, values, chunks, seed):
    rng = np.random.default_rng(seed)
    left = np.array(values, dtype=np.uint64)
    right = np.concatenate([rng.choice(left, 20), near(rng, 30, 5)])
    wanted = brute(left, right, radius)
    assert listed(join(left, right, radius)) == wanted
    assert via_plan(left, right, radius, min(chunks, radius + 1), seed) == wanted


def test_a_large_join_agrees_with_brute_force_on_skewed_hashes():
    rng = np.random.default_rng(3)
    hashes = np.unique(near(rng, 4000, 6) & np.uint64(0xFFFF0000FFFF00FF))
    got = [(min(a, b), max(a, b), d) for a, b, d in via_plan(hashes, None, 8, 4)]
    assert sorted(got) == [found for found in brute(hashes, hashes, 8) if found[0] < found[1]]


def test_equal_hashes_must_be_collapsed_first():
    with pytest.raises(ValueError, match="collapse"):
        self_join(np.array([7, 7], dtype=np.uint64), 4)


def test_collapse_gives_every_hash_its_node_and_every_node_its_count():
    nodes, place, count = collapse(np.array([9, 4, 9, 9], dtype=np.uint64))
    assert nodes.tolist() == [4, 9]
    assert place.tolist() == [1, 0, 1, 1]
    assert count.tolist() == [1, 3]


@pytest.mark.parametrize("radius", [-1, 65])
def test_a_radius_that_no_64_bits_can_have_is_refused(radius):
    with pytest.raises(ValueError, match="radius"):
        self_join(np.array([1], dtype=np.uint64), radius)


def test_hashes_of_another_type_are_refused():
    with pytest.raises(ValueError, match="uint64"):
        self_join(np.array([1.0, 2.0]), 4)


def test_nothing_joined_with_nothing_is_nothing():
    none = np.zeros(0, dtype=np.uint64)
    assert len(self_join(none, 8)) == 0
    assert len(join(none, np.array([1], dtype=np.uint64), 8)) == 0


def test_the_whole_space_is_within_64_bits():
    hashes = np.array([0, 2**64 - 1, 5], dtype=np.uint64)
    assert len(self_join(hashes, 64)) == 3


@pytest.mark.parametrize("radius", range(4))
def test_a_small_radius_is_no_reason_for_brute_force(radius):
    plan = chunks_module.planned(100_000, 1_000_000, radius, itself=False)
    assert plan is not None
    left, right = (near(np.random.default_rng(radius), 300, changes) for changes in (1, 2))
    right[:150] = left[150:]
    met = buckets.join_chunks(buckets.mixed(left), buckets.mixed(right), plan, radius)
    assert sorted(listed(hamming._gathered(met))) == brute(left, right, radius)


@given(st.lists(st.integers(0, 60), max_size=60))
def test_equal_hashes_are_one_node_even_where_their_products_share_all_bits_that_are_sorted(
    products,
):
    back = pow(int(SCATTER), -1, 1 << 64)  # number → the hash whose product it is
    hashes = np.array([number * back % (1 << 64) for number in products], dtype=np.uint64)
    nodes, groups = grouped(hashes)
    assert len(set(nodes.tolist())) == len(nodes) == len(set(products))
    for node, first, count in zip(nodes, groups.start, groups.size, strict=True):
        places = sorted(groups.order[first : first + count].tolist())
        assert places == np.flatnonzero(hashes == node).tolist()
