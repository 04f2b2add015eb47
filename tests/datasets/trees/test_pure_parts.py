"""Balance, label conflicts, the card's interval: small rules, one test each."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pixset.datasets.curate.conflicts import Settled, settle, share_out
from pixset.datasets.stats import wilson
from pixset.datasets.tree.select import LabelQuota, Selectable, select_pictures


def choices(label: str, number: int, stratum: str | None = None) -> list[Selectable]:
    return [
        Selectable(f"{label}-{stratum}-{n:03}", label, stratum, rank=n + 1) for n in range(number)
    ]


@given(st.integers(0, 30), st.integers(0, 30), st.integers(1, 40), st.integers(0, 30))
def test_a_target_is_met_as_far_as_pictures_go(
    hard: int, easy: int, target: int, placed: int
) -> None:
    pool = choices("x", hard, "hard") + choices("x", easy, "easy")
    there = {choice.id for choice in pool[:placed]}
    quotas = {"x": LabelQuota(target, {"hard": 0.4, "easy": 0.6})}
    result = select_pictures(pool, quotas, there)
    assert len(result.chosen) == min(target, len(pool))
    assert result.short == ({"x": target - len(pool)} if len(pool) < target else {})
    # What is placed stays, as far as the target reaches.
    assert len(result.chosen & there) == min(target, len(there))


def test_strata_get_their_shares_best_rank_first() -> None:
    pool = choices("x", 20, "hard") + choices("x", 20, "easy")
    chosen = select_pictures(pool, {"x": LabelQuota(10, {"hard": 0.4, "easy": 0.6})}).chosen
    assert chosen == {f"x-hard-{n:03}" for n in range(4)} | {f"x-easy-{n:03}" for n in range(6)}


def test_what_one_stratum_lacks_goes_to_another() -> None:
    pool = choices("x", 1, "hard") + choices("x", 20, "easy")
    assert (
        len(select_pictures(pool, {"x": LabelQuota(10, {"hard": 0.5, "easy": 0.5})}).chosen) == 10
    )


def test_a_label_without_a_quota_is_taken_whole() -> None:
    assert len(select_pictures(choices("x", 7), {}).chosen) == 7


@pytest.mark.parametrize(
    ("labels", "policy", "expected"),
    [
        ({"a": 3}, "drop", Settled("label", "a")),
        ({}, "drop", Settled("label", None)),
        ({"a": 3, "b": 1}, "drop", Settled("drop")),
        ({"a": 3, "b": 1}, "best-rank", Settled("label", "b")),
        ({"b": 2, "a": 2}, "best-rank", Settled("label", "a")),
        ({"a": 3, "b": 1}, "ask", Settled("ask")),
        ({"beach": 3, "coast": 1}, "drop", Settled("label", "coast")),
        ({"beach": 3, "coast": 1}, "ask", Settled("label", "coast")),
        ({"beach": 3, "coast": 1, "a": 1}, "drop", Settled("drop")),
    ],
)
def test_one_picture_under_several_labels(
    labels: dict[str, int], policy: str, expected: Settled
) -> None:
    assert settle(labels, policy, [("coast", "beach")]) == expected


def test_a_shared_picture_goes_to_the_label_that_ranked_it_best() -> None:
    shared = {"1": {"beach": 3, "coast": 1}, "2": {"beach": 2, "coast": 9}}
    assert share_out(shared, {"beach": 5, "coast": 5}) == {"1": "coast", "2": "beach"}


def test_of_equal_ranks_the_label_with_fewest_pictures_of_its_own_has_it() -> None:
    shared = {str(n): {"bike": n, "mountain": n} for n in range(1, 15)}
    assert set(share_out(shared, {"bike": 14}).values()) == {"mountain"}


def test_no_label_ends_empty_that_could_have_some() -> None:
    """Every lake was shown for a mountain's query as well, and ranked better there."""
    shared = {str(n): {"lake": n + 1, "mountain": n} for n in range(1, 11)}
    given = share_out(shared, {"mountain": 14})
    assert sorted(n for n, label in given.items() if label == "lake") == ["1", "2", "3", "4", "5"]


def test_taking_back_leaves_no_other_label_with_less_than_half() -> None:
    shared = {"1": {"a": 1, "b": 2}, "2": {"a": 1, "b": 3}, "3": {"a": 1, "b": 4, "c": 9}}
    assert share_out(shared, {}) == {"1": "b", "2": "a", "3": "a"}


def test_what_is_shared_out_depends_on_no_order() -> None:
    shared = {str(n): {"a": n % 5, "b": n % 3, "c": n % 7} for n in range(40)}
    backwards = {one: dict(reversed(shared[one].items())) for one in reversed(shared)}
    assert share_out(shared, {"a": 9}) == share_out(backwards, {"a": 9})


def test_the_interval_of_a_share_is_wilsons() -> None:
    low, high = wilson(95, 100)
    assert (round(low, 3), round(high, 3)) == (0.888, 0.978)
    assert wilson(0, 10)[0] == 0
    assert wilson(10, 10)[1] == pytest.approx(1)
