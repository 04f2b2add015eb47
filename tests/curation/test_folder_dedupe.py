from __future__ import annotations

import json
import os
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image
from pixset.curation.errors import UsageError
from pixset.curation.folders.folder import check_folder, dedupe_folder, explain_folder, undo
from pixset.curation.folders.pairs import PairConstraints, add_constraints, read_constraints
from pixset.curation.progress import silent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


def photo(path: Path, seed: int, *, side: int = 480, quality: int = 92) -> Path:
    """Something like a photograph, the same for a seed at any size."""
    rng = np.random.default_rng(seed)
    coarse = Image.fromarray(rng.integers(0, 256, (9, 12, 3), dtype=np.uint8))
    fine = Image.fromarray(rng.integers(0, 256, (60, 80, 3), dtype=np.uint8))
    whole = Image.blend(
        coarse.resize((480, 360), Image.Resampling.BICUBIC),
        fine.resize((480, 360), Image.Resampling.BICUBIC),
        0.25,
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    whole.resize((side, side * 3 // 4), Image.Resampling.LANCZOS).save(path, quality=quality)
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three photographs; of the first a smaller copy and two files of the same bytes."""
    top = tmp_path / "in"
    for seed in range(3):
        photo(top / f"{seed}.jpg", seed)
    photo(top / "small/zero.jpg", 0, side=240, quality=70)
    shutil.copy(top / "0.jpg", top / "0 (1).jpg")
    shutil.copy(top / "small/zero.jpg", top / "small/zero again.jpg")
    Image.new("RGB", (200, 200), "white").save(top / "white.png")
    (top / "broken.jpg").write_bytes(b"no picture")
    return top


@pytest.mark.parametrize("name", ["small/..", "../in/small/../."])
def test_a_folder_by_a_way_up_is_that_folder_and_nothing_is_written_into_it(
    folder: Path, name: str
) -> None:
    whole = dedupe_folder(folder)
    before = sorted(folder.rglob("*"))
    beside = {path.name: path.read_bytes() for path in folder.parent.glob(".in*")}
    assert len(beside) == 2  # what was seen, and what was compared
    for path in folder.parent.glob(".in*"):
        path.unlink()
    assert dedupe_folder(folder / name) == whole
    assert sorted(folder.rglob("*")) == before
    assert {path.name: path.read_bytes() for path in folder.parent.glob(".in*")} == beside


def test_the_json_has_the_promised_shape(folder: Path) -> None:
    record = json.loads(json.dumps(dedupe_folder(folder).to_json()))
    assert set(record) == {"images", "families", "low_information", "unreadable"}
    assert record["images"] == 8
    assert record["low_information"] == [str(folder / "white.png")]
    [unreadable] = record["unreadable"]
    assert unreadable["path"] == str(folder / "broken.jpg")
    assert "not-an-image" in unreadable["why"]
    [family] = record["families"]
    assert family["keeper"] == str(folder / "0.jpg")
    assert set(family["members"][0]) == {"path", "relation", "phash", "dhash", "difference"}
    assert [(one["path"], one["relation"]) for one in family["members"]] == [
        (str(folder / "0 (1).jpg"), "exact"),
        (str(folder / "small/zero again.jpg"), "copy"),
        (str(folder / "small/zero.jpg"), "copy"),
    ]


def test_names_and_their_order_decide_nothing_but_what_is_kept_of_equal_bytes(
    folder: Path, tmp_path: Path
) -> None:
    def groups(top: Path) -> set[frozenset[bytes]]:
        return {
            frozenset(
                path.read_bytes() for path in (one.keeper, *(copy.path for copy in one.members))
            )
            for one in dedupe_folder(top, cache=False).families
        }

    before = groups(folder)
    other = tmp_path / "other"
    other.mkdir()
    for number, path in enumerate(sorted(folder.rglob("*.*"), reverse=True)):
        shutil.copy(path, other / f"{number}{path.suffix}")
    assert groups(other) == before


def test_nothing_is_changed_without_move_to(folder: Path) -> None:
    def everything() -> dict[Path, tuple[bytes, int]]:
        return {
            path: (path.read_bytes(), path.stat().st_mtime_ns)
            for path in folder.rglob("*")
            if path.is_file()
        }

    before = everything()
    text = dedupe_folder(folder).to_text()
    assert everything() == before
    assert "1 exact, 2 copy, 0 maybe" in text
    assert "Nothing was changed. 3 would be dropped" in text


def test_move_to_moves_the_copies_and_undo_restores_them(folder: Path, tmp_path: Path) -> None:
    before = {path for path in folder.rglob("*") if path.is_file()}
    report = dedupe_folder(folder, move_to=tmp_path / "out")
    gone = {folder / name for name in ("0 (1).jpg", "small/zero.jpg", "small/zero again.jpg")}
    assert {path for path in folder.rglob("*") if path.is_file()} == before - gone
    assert "3 moved. Take it back: pixset undo" in report.to_text()
    assert report.moved is not None
    assert report.moved.undo_file is not None
    reasons = [json.loads(line) for line in report.moved.undo_file.read_text().splitlines()[1:]]
    assert {one["keeper"] for one in reasons} == {str(folder / "0.jpg")}
    assert dedupe_folder(folder).families == ()
    undo(tmp_path / "out")
    assert {path for path in folder.rglob("*") if path.is_file()} == before


def test_a_link_is_never_kept_before_the_file_it_leads_to(tmp_path: Path) -> None:
    photo(tmp_path / "in/long name of the real file.jpg", 1)
    (tmp_path / "in/a.jpg").symlink_to("long name of the real file.jpg")
    [family] = dedupe_folder(tmp_path / "in").families
    assert family.keeper.name == "long name of the real file.jpg"


def test_plain_pictures_are_duplicates_only_byte_by_byte(tmp_path: Path) -> None:
    for colour in ("red", "green", "blue"):
        Image.new("RGB", (200, 200), colour).save(tmp_path / f"{colour}.png")
    shutil.copy(tmp_path / "red.png", tmp_path / "red too.png")
    report = dedupe_folder(tmp_path, cache=False)
    assert len(report.low_information) == 4
    [family] = report.families
    assert (family.keeper.name, [one.path.name for one in family.members]) == (
        "red.png",
        ["red too.png"],
    )


def test_a_persons_word_wins(folder: Path) -> None:
    from pixset.curation.images.measure import look

    ids = [look((folder / name).read_bytes()).sha256 for name in ("0.jpg", "small/zero.jpg")]
    report = dedupe_folder(folder, different=[frozenset(ids)])
    assert {one.relation for family in report.families for one in family.members} == {"exact"}


def test_the_folder_explains_itself(folder: Path) -> None:
    seen = explain_folder(folder)
    assert seen.pictures == 5
    assert seen.to_json()["border"][0]["keeper"] == "0.jpg"


def test_a_folder_that_is_none_and_one_that_is_empty(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such folder"):
        dedupe_folder(tmp_path / "absent")
    assert dedupe_folder(tmp_path).to_json() == {
        "images": 0,
        "families": [],
        "low_information": [],
        "unreadable": [],
    }


def test_a_pipe_in_the_place_of_a_picture_that_was_seen_is_not_waited_for(folder: Path) -> None:
    @contextmanager
    def exchanging(description: str, total: int | None = None) -> Iterator[Callable[[int], None]]:
        with silent(description, total) as advance:
            yield advance
        if description == "look":
            (folder / "0.jpg").unlink()
            os.mkfifo(folder / "0.jpg")

    found = dedupe_folder(folder, cache=False, progress=exchanging)
    assert not [
        one for family in found.families for one in family.members if one.relation == "copy"
    ]


@pytest.mark.parametrize("replaced", ["0 (1).jpg", "0.jpg"])
@pytest.mark.parametrize("command", [dedupe_folder, check_folder])
def test_what_is_replaced_while_the_folder_is_looked_at_is_not_moved_for_what_it_was(
    folder: Path, tmp_path: Path, command: Callable[..., object], replaced: str
) -> None:
    @contextmanager
    def replacing(description: str, total: int | None = None) -> Iterator[Callable[[int], None]]:
        with silent(description, total) as advance:
            yield advance
        if description == "look":
            for name in (replaced, "white.png"):
                photo(folder / name, 7)

    command(folder, move_to=tmp_path / "out", cache=False, progress=replacing)
    assert (folder / replaced).exists()
    assert (folder / "0 (1).jpg").exists()
    assert (folder / "white.png").exists()
    assert (tmp_path / "out" / "small" / "zero again.jpg").exists() == (command is dedupe_folder)


def test_a_folder_whose_name_leaves_no_room_beside_it_is_looked_at_all_the_same(
    folder: Path,
) -> None:
    before = dedupe_folder(folder)
    long = folder.rename(folder.with_name("n" * 255))
    pairs = read_constraints(long)
    assert pairs == PairConstraints()
    found = dedupe_folder(long, same=pairs.same, different=pairs.different)
    assert len(found.families) == len(before.families)
    with pytest.raises(UsageError, match="cannot be written"):
        add_constraints(long, [(long / "0.jpg", long / "1.jpg")], same=True)


def test_a_raw_picture_is_no_copy_of_the_jpeg_beside_it(tmp_path: Path) -> None:
    jpeg = photo(tmp_path / "in/DSC_1.JPG", 1)
    with Image.open(jpeg) as picture:
        small = picture.resize((160, 120))
    small.save(tmp_path / "in/DSC_1.NEF", "TIFF", tiffinfo={254: 1, 330: 8})
    report = dedupe_folder(tmp_path / "in")
    assert report.families == ()
    (unreadable,) = report.unreadable
    assert unreadable == (tmp_path / "in/DSC_1.NEF", "unsupported: a camera's raw picture")
