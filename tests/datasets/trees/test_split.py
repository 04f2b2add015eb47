from __future__ import annotations

from collections import Counter, defaultdict
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pixset.datasets.errors import UsageError
from pixset.datasets.split import Item, Merged, Ratios, Split, SplitRefused, split

if TYPE_CHECKING:
    import random

RATIOS = [Ratios.parse(text) for text in ("80/20", "70/15/15", "50/50", "90/5/5")]
LABELS = ("pizza", "not_pizza", "cake")


@st.composite
def pictures(draw: st.DrawFn, least: int = 12, most: int = 90) -> list[Item]:
    """Pictures of three labels in families of 1 to 5, now and then of two labels."""
    sizes = draw(st.lists(st.integers(1, 5), min_size=least, max_size=most))
    items = []
    for number, size in enumerate(sizes):
        labels = draw(st.sampled_from([(0,), (0,), (1,), (1,), (2,), (0, 1)]))
        for member in range(size):
            label = LABELS[labels[member % len(labels)]]
            preferred = draw(st.booleans())
            items.append(Item(f"{number:03}-{member}", label, f"f{number:03}", preferred))
    return items


def attempt(items: list[Item], ratios: Ratios, seed: int = 0, **more: object) -> Split:
    try:
        return split(items, ratios, seed=seed, **more)  # type: ignore[arg-type]
    except SplitRefused:
        assume(False)
        raise


def by_family(items: list[Item]) -> dict[str, list[Item]]:
    families = defaultdict(list)
    for item in items:
        families[item.family].append(item)
    return families


@given(pictures(), st.sampled_from(RATIOS), st.integers(0, 5))
def test_no_family_lies_on_two_sides(items: list[Item], ratios: Ratios, seed: int) -> None:
    sides = attempt(items, ratios, seed).sides
    assert set(sides) == {item.id for item in items}
    for members in by_family(items).values():
        assert len({sides[item.id] for item in members}) == 1


@given(pictures(), st.sampled_from(RATIOS), st.integers(0, 5))
def test_every_side_has_every_label(items: list[Item], ratios: Ratios, seed: int) -> None:
    result = attempt(items, ratios, seed)
    labels = {item.label for item in items}
    for side in ratios.shares():
        assert {item.label for item in items if result.sides[item.id] == side} == labels


@given(pictures(), st.sampled_from(RATIOS), st.integers(0, 5))
def test_quotas_are_met_within_one_family_of_the_ratio(
    items: list[Item], ratios: Ratios, seed: int
) -> None:
    result = attempt(items, ratios, seed)
    families = by_family(items)
    alone: dict[str, list[int]] = defaultdict(list)  # families of one label that went to train
    largest: Counter[str] = Counter()
    for members in families.values():
        labels = Counter(item.label for item in members)
        for label, number in labels.items():
            largest[label] = max(largest[label], number)
        if len(labels) == 1 and result.sides[members[0].id] == "train":
            alone[members[0].label].append(len(members))
    for label, sides in result.counts.items():
        total = sum(sides.values())
        for side, share in ratios.shares().items():
            if side == "train":
                continue
            exact = total * share
            assert sides[side] < exact + 1 + largest[label]
            # What the quota lacks is less than any family of this label alone that is left.
            if alone[label]:
                assert sides[side] > exact - 1 - max(largest[label], min(alone[label]))


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
    before = attempt(items, ratios, seed).sides
    known = sorted(by_family(items))
    news = [
        # Every second newcomer joins a family that is there already.
        Item(f"new-{n}", LABELS[n % 3], known[n % len(known)] if n % 2 else f"new-{n}")
        for n in range(number)
    ]
    after = attempt(items + news, ratios, seed, earlier=before)
    assert {id_: after.sides[id_] for id_ in before} == before
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
    sides = split(singles(20), seed=0).sides
    assert sorted(id_ for id_, side in sides.items() if side == "val") == ["p10", "p14", "p2", "p7"]


def test_another_seed_gives_another_split() -> None:
    assert split(singles(100), seed=0).sides != split(singles(100), seed=1).sides


def test_a_family_that_joins_two_old_sides_goes_to_train_and_is_reported() -> None:
    items = singles(20)
    before = dict(split(items).sides)
    in_val = min(id_ for id_, side in before.items() if side == "val")
    in_train = min(id_ for id_, side in before.items() if side == "train")
    joined = [
        Item(item.id, item.label, "joined" if item.id in (in_val, in_train) else item.family)
        for item in items
    ]
    after = split(joined, earlier=before)
    assert after.merged == (Merged("joined", (in_val,)),)
    assert after.sides[in_val] == after.sides[in_train] == "train"
    untouched = set(before) - {in_val}
    assert all(after.sides[id_] == before[id_] for id_ in untouched)


def test_a_label_of_one_family_is_refused_with_the_reason() -> None:
    items = singles(20) + [Item(f"c{n}", "cake", "one-cake") for n in range(6)]
    with pytest.raises(SplitRefused) as refused:
        split(items)
    assert "'cake' (6 pictures in 1 families" in str(refused.value)
    assert "none for val" in str(refused.value)
    assert refused.value.exit_code == 2


def test_a_small_label_still_gets_one_picture_on_every_side() -> None:
    items = singles(50) + singles(3, "cake", "c")
    result = split(items, Ratios.parse("80/10/10"))
    assert result.counts["cake"] == {"train": 1, "val": 1, "test": 1}


def test_large_families_alone_still_give_every_side_one() -> None:
    items = [Item(f"{family}-{n}", "pizza", family) for family in "abc" for n in range(10)]
    result = split(items)
    assert result.counts["pizza"] == {"train": 20, "val": 10}


def test_preferred_families_come_first_to_val() -> None:
    items = [Item(f"p{n}", "pizza", f"p{n}", preferred=n < 15) for n in range(100)]
    sides = split(items).sides
    assert all(sides[f"p{n}"] == "val" for n in range(15))
    assert sum(side == "val" for side in sides.values()) == 20


def test_a_side_that_is_no_longer_wanted_holds_nobody() -> None:
    items = singles(40)
    before = split(items, Ratios.parse("50/25/25")).sides
    after = split(items, Ratios.parse("80/20"), earlier=before)
    assert set(after.sides.values()) == {"train", "val"}


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
    ],
)
def test_ratios_are_read(text: str, shares: tuple[Fraction, ...]) -> None:
    ratios = Ratios.parse(text)
    assert (ratios.train, ratios.val, ratios.test) == shares


@pytest.mark.parametrize("text", ["", "80", "80/-20", "0/100", "a/b", "1/2/3/4", "80/20/x", "1/0"])
def test_a_ratio_that_makes_no_sense_is_the_callers_mistake(text: str) -> None:
    with pytest.raises(UsageError, match="expected two or three numbers"):
        Ratios.parse(text)


def test_ratios_print_as_they_are_written() -> None:
    assert [str(r) for r in RATIOS] == ["80/20", "70/15/15", "50/50", "90/5/5"]
