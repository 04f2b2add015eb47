"""A class of which each picture may be a copy of the next is split all the same."""

from __future__ import annotations

import json
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from itertools import combinations, pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from pixset.curation.folders.pair_cache import pair_cache_path
from pixset.datasets.split import Item, Ratios, split
from pixset.datasets.tree.cut_groups import Link, cut_groups
from pixset.datasets.tree.manifest import read_manifest
from pixset.datasets.tree.settings import SplitOptions
from pixset.datasets.tree.split_dataset import split as split_dataset
from pixset.datasets.tree.split_folder import split_folder
from pixset.datasets.tree.unchanged import known_report
from pixset.datasets.tree.unchanged_folder import TICK, FolderNote, note_path
from support.lookalikes import COPIES, passing
from support.pictures import encode

if TYPE_CHECKING:
    from pixset.datasets.project import Project

Folder = Callable[..., Path]
NAMES = [f"{number:02}" for number in range(40)]
ITEMS = [Item(name, "frames", "00") for name in NAMES]


def chain(*, confirmed: frozenset[tuple[str, str]] = frozenset()) -> list[Link]:
    """Each picture by the next; the nearer to the end, the more alike."""
    return [
        Link(one, two, number / 100, confirmed=(one, two) in confirmed)
        for number, (one, two) in enumerate(pairwise(NAMES))
    ]


def held(items: list[Item]) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = defaultdict(list)
    for item in items:
        groups[item.group].append(item.id)
    return groups


def test_a_class_of_one_group_fills_every_split() -> None:
    items, cuts = cut_groups(ITEMS, Ratios(), chain)
    assert split(items).counts == {"frames": {"train": 32, "val": 8}}
    assert [(one.group, one.labels, one.pictures) for one in cuts] == [("00", ("frames",), 40)]
    assert cuts[0].pieces == len(held(items))


def test_what_is_most_alike_stays_together() -> None:
    items, _ = cut_groups(ITEMS, Ratios(), chain)
    assert ["38", "39"] in held(items).values()


def test_confirmed_copies_are_never_cut() -> None:
    copies = frozenset(pairwise(NAMES[:12]))
    items, _ = cut_groups(ITEMS, Ratios(), lambda: chain(confirmed=copies))
    assert NAMES[:12] in held(items).values()
    items, cuts = cut_groups(ITEMS, Ratios(), lambda: chain(confirmed=frozenset(pairwise(NAMES))))
    assert (items, cuts) == (ITEMS, ())


def test_what_was_not_compared_is_cut_only_where_one_is_left_out() -> None:
    unseen = [Link("05", "30", 0.0, confirmed=False, compared=False)]
    items, _ = cut_groups(ITEMS, Ratios(), lambda: chain() + unseen)
    assert any({"05", "30"} <= set(some) for some in held(items).values())
    by_another = [
        Link("05", "dropped", 0.0, confirmed=False, compared=False),
        Link("30", "dropped", 1.0, confirmed=True),
    ]
    assert cut_groups(ITEMS, Ratios(), lambda: chain() + by_another) == cut_groups(
        ITEMS, Ratios(), chain
    )


def test_pictures_that_are_in_no_tree_hold_their_copies_together() -> None:
    dropped = [Link("03", "x", 1.0, confirmed=True), Link("30", "x", 1.0, confirmed=True)]
    items, _ = cut_groups(ITEMS, Ratios(), lambda: [*chain(), *dropped])
    assert any({"03", "30"} <= set(group) for group in held(items).values())


def test_nothing_is_cut_that_a_split_can_hold() -> None:
    others = [Item(f"other {number}", "frames", f"other {number}") for number in range(10)]

    def never() -> list[Link]:
        raise AssertionError("nothing is in the way")

    assert cut_groups([*ITEMS, *others], Ratios(), never) == ([*ITEMS, *others], ())


def test_two_groups_for_three_splits_are_in_the_way() -> None:
    items = [Item(name, "frames", str(int(name) // 20)) for name in NAMES]
    found, cuts = cut_groups(items, Ratios.parse("70/15/15"), chain)
    assert len(cuts) == 2
    assert split(found, Ratios.parse("70/15/15")).counts["frames"]["test"] == 6


def test_what_was_placed_stays_where_it_is() -> None:
    items, _ = cut_groups(ITEMS, Ratios(), chain)
    placed = dict(split(items).splits)
    more = [Item(f"{number}", "frames", "00") for number in range(40, 60)]
    nearer = [Link(one, two, 0.9, confirmed=False) for one, two in combinations(NAMES, 2)]
    found, _ = cut_groups([*ITEMS, *more], Ratios(), lambda: nearer, placed)
    again = split(found, earlier=placed)
    assert not again.merged
    assert {name: again.splits[name] for name in NAMES} == placed


def test_what_was_cut_stays_cut_when_others_of_its_label_come() -> None:
    names = [f"{number:03}" for number in range(100)]
    whole = [Item(name, "frames", "000") for name in names]
    links = [Link(one, two, 0.5, confirmed=False) for one, two in pairwise(names)]
    items, _ = cut_groups(whole, Ratios(), lambda: links)
    placed = dict(split(items).splits)
    others = [Item(f"other {number}", "frames", f"other {number}") for number in range(40)]
    items, cuts = cut_groups([*whole, *others], Ratios(), lambda: links, placed)
    again = split(items, earlier=placed)
    assert again.merged == ()
    assert {name: again.splits[name] for name in names} == placed
    assert [one.pictures for one in cuts] == [100]


def test_two_groups_that_were_cut_stay_cut_when_a_third_comes() -> None:
    three = Ratios.parse("70/15/15")
    whole = [Item(name, "frames", str(int(name) // 20)) for name in NAMES]
    items, _ = cut_groups(whole, three, chain)
    placed = dict(split(items, three).splits)
    items, _ = cut_groups([*whole, Item("other", "frames", "other")], three, chain, placed)
    again = split(items, three, earlier=placed)
    assert again.merged == ()
    assert {name: again.splits[name] for name in NAMES} == placed


def test_groups_that_something_new_joins_still_meet_in_train() -> None:
    others = [Item(f"other {number}", "frames", f"other {number}") for number in range(20)]
    placed = {"a": "train", "b": "val", "c": "val"}
    doubt = Link("b", "c", 0.5, confirmed=False)
    bridge = [Link("a", "new", 0.5, confirmed=False), Link("b", "new", 0.5, confirmed=False)]
    for links, new in (
        ([doubt, *bridge], ["new"]),
        ([doubt, Link("a", "b", 1.0, confirmed=True)], []),
    ):
        items = [*others, *(Item(name, "frames", "a") for name in ["a", "b", "c", *new])]
        found, cuts = cut_groups(items, Ratios(), lambda links=links: links, placed)
        assert (found, cuts) == (items, ())
        assert split(found, earlier=placed).merged[0].moved == ("b", "c")


def test_a_group_of_which_no_doubt_is_known_is_not_cut() -> None:
    said = [Link("03", "04", 1.0, confirmed=True)]
    assert cut_groups(ITEMS, Ratios(), lambda: said) == (ITEMS, ())


def frames(count: int) -> dict[str, bytes]:
    drawn = [encode(passing(number), quality=90) for number in range(count)]
    copy = next(iter(COPIES.values()))
    return {
        **{f"street/{number}.jpg": one for number, one in enumerate(drawn)},
        "street/copy.jpg": copy(passing(0)),
    }


def test_a_folder_of_frames_of_one_camera_is_split(folder: Folder, tmp_path: Path) -> None:
    root = folder(frames(20))
    report = split_folder(root, tmp_path / "out")
    assert report.counts["street"]["val"] >= 3
    assert "CUT: 21 pictures of street" in report.to_text()
    rows = {str(row["title"]): row for row in read_manifest(tmp_path / "out")}
    assert rows["street/copy.jpg"]["split"] == rows["street/0.jpg"]["split"]
    groups = Counter(str(row["group_id"]) for row in rows.values())
    assert groups[str(rows["street/0.jpg"]["group_id"])] >= 2
    earlier = {title: row["split"] for title, row in rows.items()}
    for name, data in frames(26).items():
        (root / name).write_bytes(data)
    assert not split_folder(root, tmp_path / "out").merged
    now = {str(row["title"]): row["split"] for row in read_manifest(tmp_path / "out")}
    assert {title: now[title] for title in earlier} == earlier


def test_a_folder_is_cut_where_nothing_can_be_written_beside_it(
    folder: Folder, tmp_path: Path
) -> None:
    root = folder(frames(20))
    pair_cache_path(root).symlink_to(tmp_path / "nowhere" / "pairs")
    report = split_folder(root, tmp_path / "out")
    assert [one.pictures for one in report.cuts] == [21]


def test_what_was_cut_is_said_again_of_a_tree_that_is_untouched(
    folder: Folder, tmp_path: Path
) -> None:
    root, out = folder(frames(20)), tmp_path / "out"
    time.sleep(2 * TICK / 1e9)  # what was written to just now is not noted
    cuts = split_folder(root, out).cuts
    known = FolderNote(root, out, SplitOptions()).known_report()
    assert known is not None
    assert known.cuts == cuts != ()
    note = json.loads(note_path(out).read_text())
    del note["report"]["cuts"]
    note_path(out).write_text(json.dumps(note))
    assert FolderNote(root, out, SplitOptions()).known_report() is None


def test_a_dataset_of_frames_of_one_camera_is_split(
    dataset: Callable[[Mapping[str, Sequence[bytes]]], Project],
) -> None:
    project = dataset({"street": list(frames(20).values())})
    report = split_dataset(project)
    assert report.counts["street"]["val"] >= 3
    assert [one.labels for one in report.cuts] == [("street",)]
    known = known_report(project, SplitOptions())
    assert known is not None
    assert known.cuts == report.cuts
