"""Balance, label conflicts, the swap of trees, the card's interval: small rules, one test each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pixset.datasets.curate.conflicts import Settled, settle
from pixset.datasets.errors import UsageError
from pixset.datasets.tree.card import wilson
from pixset.datasets.tree.select import Choice, Quota, balance
from pixset.datasets.tree.swap import RECORD, is_own, swap

if TYPE_CHECKING:
    from pathlib import Path


def choices(label: str, number: int, stratum: str | None = None) -> list[Choice]:
    return [Choice(f"{label}-{stratum}-{n:03}", label, stratum, rank=n + 1) for n in range(number)]


@given(st.integers(0, 30), st.integers(0, 30), st.integers(1, 40), st.integers(0, 30))
def test_a_target_is_met_as_far_as_pictures_go(
    hard: int, easy: int, target: int, placed: int
) -> None:
    pool = choices("x", hard, "hard") + choices("x", easy, "easy")
    there = {choice.id for choice in pool[:placed]}
    quotas = {"x": Quota(target, {"hard": 0.4, "easy": 0.6})}
    result = balance(pool, quotas, there)
    assert len(result.chosen) == min(target, len(pool))
    assert result.short == ({"x": target - len(pool)} if len(pool) < target else {})
    # What is placed stays, as far as the target reaches.
    assert len(result.chosen & there) == min(target, len(there))


def test_strata_get_their_shares_best_rank_first() -> None:
    pool = choices("x", 20, "hard") + choices("x", 20, "easy")
    chosen = balance(pool, {"x": Quota(10, {"hard": 0.4, "easy": 0.6})}).chosen
    assert chosen == {f"x-hard-{n:03}" for n in range(4)} | {f"x-easy-{n:03}" for n in range(6)}


def test_what_one_stratum_lacks_goes_to_another() -> None:
    pool = choices("x", 1, "hard") + choices("x", 20, "easy")
    assert len(balance(pool, {"x": Quota(10, {"hard": 0.5, "easy": 0.5})}).chosen) == 10


def test_a_label_without_a_quota_is_taken_whole() -> None:
    assert len(balance(choices("x", 7), {}).chosen) == 7


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


def test_a_swap_that_fails_leaves_what_was_there(tmp_path: Path) -> None:
    target = tmp_path / "tree"
    with swap(target) as change:
        (change.new / RECORD).write_text('{"pixset": "1"}')
        (change.new / "first").touch()
    with pytest.raises(FileNotFoundError), swap(target) as change:
        (change.new / "no folder" / "second").touch()
    assert sorted(path.name for path in target.iterdir()) == [RECORD, "first"]
    assert [path.name for path in tmp_path.iterdir()] == ["tree"]


def test_a_swap_replaces_only_our_own(tmp_path: Path) -> None:
    (tmp_path / "tree").mkdir()
    with swap(tmp_path / "tree") as change:  # an empty folder is nobody's
        (change.new / RECORD).write_text('{"pixset": "1"}')
    assert is_own(tmp_path / "tree")
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="is a file"), swap(tmp_path / "file"):
        pass


def test_the_interval_of_a_share_is_wilsons() -> None:
    low, high = wilson(95, 100)
    assert (round(low, 3), round(high, 3)) == (0.888, 0.978)
    assert wilson(0, 10)[0] == 0
    assert wilson(10, 10)[1] == pytest.approx(1)
