from __future__ import annotations

from collections import Counter, defaultdict
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pixset.datasets.errors import UsageError
from pixset.datasets.split import Item, MergedGroup, Ratios, SplitRefused, SplitResult, split

if TYPE_CHECKING:
    import random

RATIOS = [Ratios.parse(text) for text in ("80/20", "70/15/15", "50/50", "90/5/5")]
LABELS = ("pizza", "not_pizza", "cake")


@st.composite
def pictures(draw: st.DrawFn, least: int = 12, most: int = 90) -> list[Item]:
    """Pictures of three labels in groups of 1 to 5, now and then of two labels."""
    sizes = draw(st.lists(st.integers(1, 5), min_size=least, max_size=most))
    items = []
    for number, size in enumerate(sizes):
        labels = draw(st.sampled_from([(0,), (0,), (1,), (1,), (2,), (0, 1)]))
        for member in range(size):
            label = LABELS[labels[member % len(labels)]]
            preferred = draw(st.booleans())
            items.append(Item(f"{number:03}-{member}", label, f"f{number:03}", preferred))
    return items


def attempt(items: list[Item], ratios: Ratios, seed: int = 0, **more: object) -> SplitResult:
    try:
        return split(items, ratios, seed=seed, **more)  # type: ignore[arg-type]
    except SplitRefused:
        assume(False)
        raise


def by_group(items: list[Item]) -> dict[str, list[Item]]:
    groups = defaultdict(list)
    for item in items:
        groups[item.group].append(item)
    return groups


@given(pictures(), st.sampled_from(RATIOS), st.integers(0, 5))
def test_no_group_lies_on_two_splits(items: list[Item], ratios: Ratios, seed: int) -> None:
    splits = attempt(items, ratios, seed).splits
    assert set(splits) == {item.id for item in items}
    for members in by_group(items).values():
        assert len({splits[item.id] for item in members}) == 1


@given(pictures(), st.sampled_from(RATIOS), st.integers(0, 5))
def test_every_split_has_every_label(items: list[Item], ratios: Ratios, seed: int) -> None:
    result = attempt(items, ratios, seed)
    labels = {item.label for item in items}
    for name in ratios.shares():
        assert {item.label for item in items if result.splits[item.id] == name} == labels


@given(pictures(), st.sampled_from(RATIOS), st.integers(0, 5))
def test_quotas_are_met_within_one_group_of_the_ratio(
    items: list[Item], ratios: Ratios, seed: int
) -> None:
    result = attempt(items, ratios, seed)
    groups = by_group(items)
    alone: dict[str, list[int]] = defaultdict(list)  # groups of one label that went to train
    largest: Counter[str] = Counter()
    for members in groups.values():
        labels = Counter(item.label for item in members)
        for label, number in labels.items():
            largest[label] = max(largest[label], number)
        if len(labels) == 1 and result.splits[members[0].id] == "train":
            alone[members[0].label].append(len(members))
    for label, splits in result.counts.items():
        total = sum(splits.values())
        for name, share in ratios.shares().items():
            if name == "train":
                continue
            exact = total * share
            assert splits[name] < exact + 1 + largest[label]
            # What the quota lacks is less than any group of this label alone that is left.
            if alone[label]:
                assert splits[name] > exact - 1 - max(largest[label], min(alone[label]))


@given(pictures(), st.sampled_from(RATIOS), st.integers(0, 5), st.randoms(use_true_random=False))
def test_the_order_of_pictures_never_matters(
    items: list[Item], ratios: Ratios, seed: int, luck: random.Random
) -> None:
    first = attempt(items, ratios, seed)
    shuffled = items.copy()
    luck.shuffle(shuffled)
    assert split(shuffled, ratios, seed=seed) == first


@given(pictures(), st.sampled_from(RATIOS), st.integers(0, 5), st.integers(1, 40))
def test_adding_pictures_moves_none(
    items: list[Item], ratios: Ratios, seed: int, number: int
) -> None:
    before = attempt(items, ratios, seed).splits
    known = sorted(by_group(items))
    news = [
        # Every second newcomer joins a group that is there already.
        Item(f"new-{n}", LABELS[n % 3], known[n % len(known)] if n % 2 else f"new-{n}")
        for n in range(number)
    ]
    after = attempt(items + news, ratios, seed, earlier=before)
    assert {id_: after.splits[id_] for id_ in before} == before
    assert after.merged == ()


def singles(number: int, label: str = "pizza", prefix: str = "p") -> list[Item]:
    return [Item(f"{prefix}{n}", label, f"{prefix}{n}") for n in range(number)]


def test_single_pictures_meet_the_quota_exactly() -> None:
    items = singles(1000) + singles(50, "cake", "c")
    result = split(items, Ratios.parse("70/15/15"), seed=3)
    assert result.counts["pizza"] == {"train": 700, "val": 150, "test": 150}
    # 7.5 and 7.5: the half goes to the first of the two.
    assert result.counts["cake"] == {"train": 35, "val": 8, "test": 7}


def test_the_same_pictures_give_the_same_split_on_every_machine() -> None:
    splits = split(singles(20), seed=0).splits
    assert sorted(id_ for id_, name in splits.items() if name == "val") == [
        "p10",
        "p14",
        "p2",
        "p7",
    ]


def test_another_seed_gives_another_split() -> None:
    assert split(singles(100), seed=0).splits != split(singles(100), seed=1).splits


def test_a_group_that_joins_two_old_splits_goes_to_train_and_is_reported() -> None:
    items = singles(20)
    before = dict(split(items).splits)
    in_val = min(id_ for id_, name in before.items() if name == "val")
    in_train = min(id_ for id_, name in before.items() if name == "train")
    joined = [
        Item(item.id, item.label, "joined" if item.id in (in_val, in_train) else item.group)
        for item in items
    ]
    after = split(joined, earlier=before)
    assert after.merged == (MergedGroup("joined", (in_val,)),)
    assert after.splits[in_val] == after.splits[in_train] == "train"
    untouched = set(before) - {in_val}
    assert all(after.splits[id_] == before[id_] for id_ in untouched)


def test_a_label_of_one_group_is_refused_with_the_reason() -> None:
    items = singles(20) + [Item(f"c{n}", "cake", "one-cake") for n in range(6)]
    with pytest.raises(SplitRefused) as refused:
        split(items)
    assert "'cake' (pictures: 6, groups of near-duplicates: 1)" in str(refused.value)
    assert "none for val" in str(refused.value)
    assert refused.value.exit_code == 2


def test_a_thousand_labels_of_one_picture_are_refused_in_a_line_that_can_be_read() -> None:
    items = [Item(f"p{n}", f"label_{n:03}", f"g{n}") for n in range(1000)]
    with pytest.raises(SplitRefused) as refused:
        split(items)
    assert "'label_000' (pictures: 1" in str(refused.value)
    assert "995 more labels" in str(refused.value)
    assert len(str(refused.value)) < 600


def test_a_small_label_still_gets_one_picture_on_every_split() -> None:
    items = singles(50) + singles(3, "cake", "c")
    result = split(items, Ratios.parse("80/10/10"))
    assert result.counts["cake"] == {"train": 1, "val": 1, "test": 1}


def test_large_groups_alone_still_give_every_split_one() -> None:
    items = [Item(f"{group}-{n}", "pizza", group) for group in "abc" for n in range(10)]
    result = split(items)
    assert result.counts["pizza"] == {"train": 20, "val": 10}


def test_preferred_groups_come_first_to_val() -> None:
    items = [Item(f"p{n}", "pizza", f"p{n}", preferred=n < 15) for n in range(100)]
    splits = split(items).splits
    assert all(splits[f"p{n}"] == "val" for n in range(15))
    assert sum(name == "val" for name in splits.values()) == 20


def test_a_split_that_is_no_longer_wanted_holds_nobody() -> None:
    items = singles(40)
    before = split(items, Ratios.parse("50/25/25")).splits
    after = split(items, Ratios.parse("80/20"), earlier=before)
    assert set(after.splits.values()) == {"train", "val"}


def test_the_same_picture_given_twice_is_an_error() -> None:
    with pytest.raises(ValueError, match="given twice"):
        split([Item("a", "pizza", "f"), Item("a", "cake", "f")])


@pytest.mark.parametrize(
    ("text", "shares"),
    [
        ("80/20", (Fraction(4, 5), Fraction(1, 5), 0)),
        ("70/15/15", (Fraction(7, 10), Fraction(3, 20), Fraction(3, 20))),
        ("0.8/0.2", (Fraction(4, 5), Fraction(1, 5), 0)),
        ("4/1", (Fraction(4, 5), Fraction(1, 5), 0)),
        ("80/20/0", (Fraction(4, 5), Fraction(1, 5), 0)),
        (".8 / .2", (Fraction(4, 5), Fraction(1, 5), 0)),
        ("33.3/33.3/33.3", (Fraction(1, 3), Fraction(1, 3), Fraction(1, 3))),
    ],
)
def test_ratios_are_read(text: str, shares: tuple[Fraction, ...]) -> None:
    ratios = Ratios.parse(text)
    assert (ratios.train, ratios.val, ratios.test) == shares


@pytest.mark.parametrize("text", ["", "80", "80/-20", "0/100", "a/b", "1/2/3/4", "80/20/x", "1/0"])
def test_a_ratio_that_makes_no_sense_is_the_callers_mistake(text: str) -> None:
    with pytest.raises(UsageError, match="expected two or three numbers"):
        Ratios.parse(text)


@pytest.mark.parametrize("text", ["80/30", "0.8/0.3", "800/200", "70/15", "1e2/1", "15/6.5"])
def test_a_ratio_with_another_sum_is_taken_for_a_slip(text: str) -> None:
    with pytest.raises(UsageError, match="ratio"):
        Ratios.parse(text)


def test_a_number_too_long_to_be_meant_is_refused_at_once() -> None:
    with pytest.raises(UsageError):
        Ratios.parse("1e999999999/20")


def test_ratios_print_as_they_are_written() -> None:
    assert [str(r) for r in RATIOS] == ["80/20", "70/15/15", "50/50", "90/5/5"]
