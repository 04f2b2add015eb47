"""A split of a folder with nothing to do knows it by sizes and times, and only then."""

from __future__ import annotations

import os
import shutil
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from pixset.curation.folders.folder import dedupe_folder, undo
from pixset.datasets.errors import UsageError
from pixset.datasets.split import Ratios
from pixset.datasets.tree.build_folder_tree import build_folder_tree
from pixset.datasets.tree.settings import SplitOptions
from pixset.datasets.tree.split_folder import split_folder
from pixset.datasets.tree.target import Target
from pixset.datasets.tree.unchanged_folder import TICK, FolderNote, note_path
from support.pictures import jpeg

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from pixset.datasets.tree.report import TreeReport


PLAIN = SplitOptions()


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


@pytest.fixture
def photos(folder: Callable[..., Path]) -> Path:
    """Two classes of ten, one copy and what cannot be placed."""
    files = {f"pizza/{n}.jpg": jpeg(n) for n in range(10)}
    files |= {f"salad/{n}.jpg": jpeg(100 + n) for n in range(10)}
    files |= {"pizza/small.jpg": jpeg(3, (320, 240)), "salad/cut.jpg": jpeg(301)[:-300]}
    return folder(files)


def split(photos: Path, out: Path, options: SplitOptions = PLAIN) -> TreeReport:
    """Split what was not written to just now: that would not be noted."""
    time.sleep(2 * TICK / 1e9)
    return split_folder(photos, out, options)


def known(photos: Path, out: Path, options: SplitOptions = PLAIN) -> TreeReport | None:
    return FolderNote(photos, out, options).known_report()


def contents(tree: Path) -> Mapping[str, bytes]:
    return {str(p.relative_to(tree)): p.read_bytes() for p in tree.rglob("*") if p.is_file()}


def test_what_is_known_is_what_a_split_the_whole_way_reports(photos: Path, out: Path) -> None:
    split(photos, out)
    before = contents(out)
    found = known(photos, out)
    note_path(out).unlink()
    assert known(photos, out) is None
    whole = split(photos, out)
    assert found is not None
    assert found.to_json() == whole.to_json()
    assert found.to_text() == whole.to_text()
    assert found.left_out
    again = split(photos, out)
    assert again.to_json() == whole.to_json()
    assert contents(out) == before


@pytest.mark.parametrize("link", ["copy", "hard", "sym"])
def test_a_tree_of_any_link_is_known(photos: Path, out: Path, link: str) -> None:
    asked = SplitOptions(link=link)
    split(photos, out, asked)
    assert known(photos, out, asked) is not None


def test_other_options_are_another_split(photos: Path, out: Path) -> None:
    split(photos, out)
    for asked in (
        replace(PLAIN, ratios=Ratios.parse("70/30")),
        replace(PLAIN, seed=5),
        replace(PLAIN, target=Target(max_side=64)),
        replace(PLAIN, link="hard"),
        replace(PLAIN, val_name="valid"),
        replace(PLAIN, afresh=True),
        replace(PLAIN, replace=True),
    ):
        assert known(photos, out, asked) is None
    assert FolderNote(photos, out, PLAIN, {"pizza": "pie"}).known_report() is None
    assert known(photos, out) is not None
    with pytest.raises(UsageError, match="--afresh"):
        split(photos, out, SplitOptions(seed=5))
    assert split(photos, out, SplitOptions(seed=5, afresh=True)).fresh
    assert known(photos, out) is None
    with pytest.raises(UsageError, match="--afresh"):  # as the whole way says
        split(photos, out)


def test_a_picture_added_changed_renamed_and_removed_is_noticed(
    photos: Path,
    out: Path,
) -> None:
    def placed() -> int:
        report = split(photos, out)
        assert report.changed
        assert known(photos, out) is not None
        return sum(sum(held.values()) for held in report.counts.values())

    assert placed() == 21
    (photos / "pizza/new.jpg").write_bytes(jpeg(50))
    assert known(photos, out) is None
    assert placed() == 22
    (photos / "pizza/new.jpg").write_bytes(jpeg(51))
    assert known(photos, out) is None
    assert placed() == 22
    (photos / "pizza/new.jpg").rename(photos / "salad/new.jpg")
    assert known(photos, out) is None
    assert placed() == 22
    (photos / "salad/new.jpg").unlink()
    assert known(photos, out) is None
    assert placed() == 21


def test_a_source_put_in_another_s_place_is_noticed_though_it_is_older(
    photos: Path, out: Path
) -> None:
    split(photos, out)
    source = photos / "pizza/1.jpg"
    beside = photos.parent / "beside.jpg"
    shutil.copyfile(source, beside)
    os.utime(beside, ns=(1, 1))
    beside.replace(source)
    assert known(photos, out) is None


def test_a_class_more_is_noticed_though_it_is_empty(photos: Path, out: Path) -> None:
    split(photos, out)
    (photos / "soup").mkdir()
    assert known(photos, out) is None
    assert split(photos, out).missing == ("soup",)
    assert split(photos, out).missing == ("soup",)


def test_what_dedupe_moves_and_undo_brings_back_is_noticed(
    photos: Path, out: Path, tmp_path: Path
) -> None:
    split(photos, out)
    moved = dedupe_folder(photos, move_to=tmp_path / "aside").moved
    assert moved is not None
    assert known(photos, out) is None
    assert split(photos, out).counts["pizza"] != {"train": 9, "val": 2}
    undo(tmp_path / "aside")
    assert known(photos, out) is None
    back = split(photos, out)
    assert sum(sum(held.values()) for held in back.counts.values()) == 21


@pytest.mark.parametrize("link", ["copy", "hard", "sym"])
def test_a_picture_written_over_in_the_tree_is_noticed_and_made_good(
    photos: Path, out: Path, link: str
) -> None:
    asked = SplitOptions(link=link)
    split(photos, out, asked)
    victim = next(out.rglob("*.jpg"))
    good = victim.read_bytes()
    victim.unlink()
    victim.write_bytes(good[:-1] + b"x")
    assert known(photos, out, asked) is None
    split(photos, out, asked)
    assert victim.read_bytes() == good
    assert known(photos, out, asked) is not None


def test_a_file_added_removed_or_touched_in_the_tree_is_noticed(photos: Path, out: Path) -> None:
    split(photos, out)
    added = out / "notes.txt"
    added.write_text("mine")
    assert known(photos, out) is None
    with pytest.raises(UsageError, match=r"notes\.txt"):
        split(photos, out)
    added.unlink()
    split(photos, out)
    os.utime(out / "README.md")
    assert known(photos, out) is None
    split(photos, out)
    next(out.rglob("*.jpg")).unlink()
    assert known(photos, out) is None
    assert len(list(out.rglob("*.jpg"))) == 20
    split(photos, out)
    assert len(list(out.rglob("*.jpg"))) == 21
    shutil.rmtree(out)
    assert known(photos, out) is None
    assert split(photos, out).changed


def test_another_folder_and_another_tree_are_not_known(photos: Path, out: Path) -> None:
    split(photos, out)
    shutil.copytree(photos, photos.with_name("others"))
    assert known(photos.with_name("others"), out) is None
    assert known(photos, out.with_name("elsewhere")) is None


def test_a_split_that_was_stopped_leaves_no_note(photos: Path, out: Path) -> None:
    """The note of the tree before goes first; that of the new one is the last that is written."""
    split(photos, out)
    (photos / "pizza/new.jpg").write_bytes(jpeg(50))
    note = FolderNote(photos, out, PLAIN)
    note.forget()
    build_folder_tree(photos, out, PLAIN)
    assert known(photos, out) is None
    assert not split(photos, out).changed
    assert known(photos, out) is not None


def test_what_was_written_to_meanwhile_is_never_noted(photos: Path, out: Path) -> None:
    """Else what came between the look and the note would pass for what the tree is made of."""
    time.sleep(2 * TICK / 1e9)
    note, began = FolderNote(photos, out, PLAIN), time.time_ns()
    sources = note.sources()
    assert sources is not None
    built = build_folder_tree(photos, out, PLAIN)
    (photos / "pizza/new.jpg").write_bytes(jpeg(50))
    note.keep(built.report, began, sources)
    assert not note_path(out).exists()
    (photos / "pizza/new.jpg").unlink()
    note.keep(built.report, sources.newest, sources)  # written to in the moment that it began
    assert not note_path(out).exists()
    ahead = time.time_ns() + 10**12
    os.utime(next(out.rglob("*.jpg")), ns=(ahead, ahead))
    note.keep(built.report, began, sources)
    assert not note_path(out).exists()


def test_a_damaged_note_leads_the_whole_way(photos: Path, out: Path) -> None:
    whole = split(photos, out)
    for text in ("", "[]", "{", '{"pixset": true, "report": [], "tree": null}', '{"sources": {}}'):
        note_path(out).write_text(text)
        assert known(photos, out) is None
        assert split(photos, out).counts == whole.counts


def test_a_file_of_that_name_that_is_somebody_s_own_stays(photos: Path, out: Path) -> None:
    note_path(out).write_text('{"mine": 1}')
    split(photos, out)
    assert note_path(out).read_text() == '{"mine": 1}'


def test_what_another_look_may_read_is_tried_again(photos: Path, out: Path) -> None:
    (photos / "pizza/gone.jpg").symlink_to(photos / "nowhere.jpg")
    split(photos, out)
    assert known(photos, out) is None
