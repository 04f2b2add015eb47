"""What `verify` remembers: beside a tree, by content, never in one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from pixset.curation.folders.cache import cache_path
from pixset.curation.folders.pair_cache import pair_cache_path
from pixset.datasets.files import files_below
from pixset.datasets.tree.split_folder import split_folder
from pixset.datasets.verify import verify
from support.pictures import jpeg

Folder = Callable[..., Path]


@pytest.fixture
def leaking(folder: Folder) -> Path:
    """A tree whose val/pizza holds a smaller copy of a picture in train."""
    files = {f"train/{label}/{n}.jpg": jpeg(n) for label, n in (("cake", 1), ("cake", 2))}
    files |= {"train/pizza/3.jpg": jpeg(3, (320, 240)), "train/pizza/4.jpg": jpeg(4)}
    return folder(files | {"val/cake/5.jpg": jpeg(5), "val/pizza/6.jpg": jpeg(3)})


def copies(root: Path) -> set[str]:
    return {one.path for one in verify(root).problems if one.check == "copy-two-sides"}


def test_the_second_time_the_same_is_found_and_the_tree_holds_no_more(leaking: Path) -> None:
    before = files_below(leaking)
    first = verify(leaking)
    assert cache_path(leaking).is_file()
    assert pair_cache_path(leaking).is_file()
    assert verify(leaking).to_json() == first.to_json()
    assert copies(leaking) == {"val/pizza/6.jpg"}
    assert files_below(leaking) == before


def test_a_picture_that_was_written_to_since_is_looked_at_anew(leaking: Path) -> None:
    assert copies(leaking) == {"val/pizza/6.jpg"}
    (leaking / "val/pizza/6.jpg").write_bytes(jpeg(7))
    assert copies(leaking) == set()
    (leaking / "val/cake/5.jpg").write_bytes(jpeg(3))
    assert copies(leaking) == {"val/cake/5.jpg"}


def test_what_is_remembered_spares_no_picture_the_decoding(leaking: Path) -> None:
    assert verify(leaking).ok is False
    damaged = leaking / "train/cake/1.jpg"
    damaged.write_bytes(damaged.read_bytes()[:200])
    assert "undecodable" in {one.check for one in verify(leaking).problems}


def test_where_nothing_can_be_written_beside_a_tree_nothing_is_remembered(leaking: Path) -> None:
    cache_path(leaking).mkdir()
    pair_cache_path(leaking).mkdir()
    assert copies(leaking) == {"val/pizza/6.jpg"}
    assert copies(leaking) == {"val/pizza/6.jpg"}


def test_nothing_is_written_into_a_tree_when_a_part_of_it_is_verified(
    tmp_path: Path, leaking: Path
) -> None:
    source, ours = tmp_path / "source", tmp_path / "ours"
    for label in "ab":
        (source / label).mkdir(parents=True)
        for n in range(8):
            (source / label / f"{n}.jpg").write_bytes(jpeg(n + 10 * (label == "a")))
    split_folder(source, ours)
    for tree in (ours, leaking):
        before = files_below(tree)
        for part in ("train", "val", "train/a" if tree == ours else "train/cake"):
            verify(tree / part)
        assert files_below(tree) == before
