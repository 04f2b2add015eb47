"""Folders are swapped in whole; what pixset did not write is named and stays."""

from __future__ import annotations

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pixset.datasets.errors import DatasetError, UsageError
from pixset.datasets.files import FileGroup, write_checksums, write_file, write_json
from pixset.datasets.folder_swap import swap_folder

RECORD = "record.json"


def fill(folder: Path, *names: str, replace: bool = False) -> Path | None:
    """Swap in a folder of our own that holds these files; says where the old one was moved."""
    with swap_folder(folder, RECORD, replace=replace) as change:
        write_json(change.new / RECORD, {"pixset": "1"})
        for name in names:
            write_file(change.new / name, name.encode())
        write_checksums(change.new, {})
    return change.aside


def names(folder: Path) -> list[str]:
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_full_disk_is_said_with_the_folder_that_it_holds(tmp_path: Path) -> None:
    with (
        pytest.raises(DatasetError, match=f"{tmp_path}: the disk is full; what is done is kept"),
        swap_folder(tmp_path / "tree", RECORD),
        Path("/dev/full").open("wb", buffering=0) as full,
    ):
        full.write(b"x")
    assert names(tmp_path) == []


def test_a_swap_that_fails_leaves_what_was_there(tmp_path: Path) -> None:
    fill(tmp_path / "tree", "first")
    with (
        pytest.raises(FileNotFoundError),
        swap_folder(tmp_path / "tree", RECORD) as change,
    ):
        (change.new / "no folder" / "second").touch()
    assert names(tmp_path / "tree") == ["SHA256SUMS", "first", RECORD]
    assert [path.name for path in tmp_path.iterdir()] == ["tree"]


def test_a_first_swap_that_fails_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), swap_folder(tmp_path / "tree", RECORD):
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []


def test_an_empty_folder_is_nobodys_and_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "tree").mkdir()
    fill(tmp_path / "tree", "first")
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="is a file"):
        fill(tmp_path / "file")


@pytest.mark.parametrize("mine", ["notes.txt", "train/cat/mine.jpg", ".git/HEAD", "a.npy"])
def test_what_pixset_did_not_write_is_named_and_stays(tmp_path: Path, mine: str) -> None:
    tree = tmp_path / "tree"
    fill(tree, "train/cat/1.jpg")
    write_file(tree / mine, b"mine")
    with pytest.raises(UsageError, match=mine):
        fill(tree, "train/cat/2.jpg")
    assert (tree / mine).read_bytes() == b"mine"
    assert (tree / "train/cat/1.jpg").is_file()


def test_a_card_that_was_edited_is_somebodys_own(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    fill(tree, "README.md")
    (tree / "README.md").write_text("why it was made, and by whom")
    with pytest.raises(UsageError, match=r"README\.md, which was edited"):
        fill(tree, "README.md")


def test_replace_moves_the_whole_folder_aside_and_says_where(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    fill(tree, "1.jpg")
    write_file(tree / "notes.txt", b"mine")
    before = names(tree)
    first = fill(tree, "2.jpg", replace=True)
    assert first == tmp_path / "tree-before"
    assert names(first) == before
    assert names(tree) == ["2.jpg", "SHA256SUMS", RECORD]
    write_file(tree / "more.txt", b"mine")
    assert fill(tree, "3.jpg", replace=True) == tmp_path / "tree-before-2"


def test_a_folder_that_is_all_pixsets_own_is_replaced_and_not_moved_aside(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    fill(tree, "1.jpg")
    assert fill(tree, "2.jpg", replace=True) is None
    assert [path.name for path in tmp_path.iterdir()] == ["tree"]
    (tmp_path / "file").write_text("mine")
    aside = fill(tmp_path / "file", "1.jpg", replace=True)
    assert aside is not None
    assert aside.read_text() == "mine"


@pytest.mark.parametrize("replace", [False, True])
def test_what_somebody_puts_there_meanwhile_stays(tmp_path: Path, replace: bool) -> None:
    tree = tmp_path / "tree"
    fill(tree, "1.jpg")

    def meanwhile() -> Path | None:
        with swap_folder(tree, RECORD, replace=replace) as change:
            write_json(change.new / RECORD, {"pixset": "1"})
            write_file(tree / "notes.txt", b"mine")
        return change.aside

    if replace:
        aside = meanwhile()
        assert aside is not None
        assert (aside / "notes.txt").read_bytes() == b"mine"
        assert names(tree) == [RECORD]
    else:
        with pytest.raises(UsageError, match=r"notes\.txt, which pixset did not write"):
            meanwhile()
        assert names(tree) == ["1.jpg", "SHA256SUMS", "notes.txt", RECORD]
        assert [path.name for path in tmp_path.iterdir()] == ["tree"]


def test_a_folder_of_another_kind_can_be_moved_aside_too(tmp_path: Path) -> None:
    foreign = tmp_path / "thesis"
    write_file(foreign / "thesis.doc", b"years of work")
    with pytest.raises(UsageError, match="not written by pixset"):
        fill(foreign)
    aside = fill(foreign, replace=True)
    assert aside is not None
    assert names(aside) == ["thesis.doc"]


@pytest.mark.parametrize(
    "left",
    [".DS_Store", "train/Thumbs.db", "desktop.ini", "train/._1.jpg", "train.cache", "train/1.npy"],
)
def test_what_trainers_and_desktops_leave_is_no_obstacle(tmp_path: Path, left: str) -> None:
    tree = tmp_path / "tree"
    fill(tree, "train/1.jpg")
    write_file(tree / left, b"left")
    with swap_folder(tree, RECORD) as change:
        assert change.by_products == [left]
        write_json(change.new / RECORD, {"pixset": "1"})
    assert not (tree / left).exists()


def test_a_linked_tree_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "tree").symlink_to(tmp_path / "disk", target_is_directory=True)
    fill(tmp_path / "tree", "1.jpg")
    fill(tmp_path / "tree", "2.jpg")
    assert (tmp_path / "tree").is_symlink()
    assert "2.jpg" in names(tmp_path / "disk")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows locks no folders")
def test_two_runs_into_one_folder_are_told_apart(tmp_path: Path) -> None:
    with swap_folder(tmp_path / "out", RECORD) as change:
        write_json(change.new / RECORD, {"pixset": "1"})
        with pytest.raises(UsageError, match="another pixset is writing it"):
            fill(tmp_path / "out", "second")
        fill(tmp_path / "other", "third")  # and leaves what is at work alone
    assert names(tmp_path / "out") == [RECORD]


def test_what_a_killed_run_left_goes_with_the_next(tmp_path: Path) -> None:
    program = (
        "import os, pathlib, sys\n"
        "from pixset.datasets.folder_swap import swap_folder\n"
        "with swap_folder(pathlib.Path(sys.argv[1]), 'record.json') as change:\n"
        "    (change.new / 'half').mkdir()\n"
        "    os.kill(os.getpid(), 9)\n"
    )
    killed = subprocess.run(
        [sys.executable, "-P", "-c", program, str(tmp_path / "out")], check=False
    )
    assert killed.returncode
    assert [path.name for path in tmp_path.iterdir()] == [".out.pixset-new"]
    fill(tmp_path / "another", "1.jpg")
    assert [path.name for path in tmp_path.iterdir()] == ["another"]


def test_a_kill_between_the_two_renames_is_undone(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    fill(tree, "1.jpg")
    tree.rename(tmp_path / ".tree.pixset-old")
    with pytest.raises(RuntimeError, match="again"), swap_folder(tree, RECORD):
        raise RuntimeError("again")
    assert "1.jpg" in names(tree)
    assert [path.name for path in tmp_path.iterdir()] == ["tree"]


@pytest.mark.parametrize("record", ["[1]", '{"pixset": ""}', "{", "[" * 100_000])
def test_a_record_that_says_nothing_marks_nothing(tmp_path: Path, record: str) -> None:
    tree = tmp_path / "tree"
    fill(tree, "1.jpg")
    (tree / RECORD).write_text(record)
    with pytest.raises(UsageError, match="not written by pixset"):
        fill(tree)


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DatasetError, match="cannot be written"):
        write_file(tmp_path / "file" / "below", b"")
    with pytest.raises(DatasetError, match="cannot be written"):
        fill(tmp_path / "file" / "tree")


def test_a_file_is_whole_or_not_there(tmp_path: Path) -> None:
    write_file(tmp_path / "a.json", json.dumps(1).encode(), durable=True)
    write_file(tmp_path / "a.json", b"2")
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]
    assert (tmp_path / "a.json").read_bytes() == b"2"


def test_files_of_a_group_are_in_their_places_when_all_of_them_are_whole(tmp_path: Path) -> None:
    with ThreadPoolExecutor(2) as flushing, FileGroup(flushing) as files:
        for number in range(5):
            files.write(tmp_path / "below" / f"{number}.jpg", b"%d" % number)
        assert tmp_path / "below" / "3.jpg" in files
        assert not list(tmp_path.glob("below/*.jpg"))
    assert names(tmp_path) == [f"below/{number}.jpg" for number in range(5)]
    assert (tmp_path / "below" / "4.jpg").read_bytes() == b"4"


def write_together(*paths: Path) -> None:
    with ThreadPoolExecutor(2) as flushing, FileGroup(flushing) as files:
        for path in paths:
            files.write(path, b"x")


def test_a_group_that_fails_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DatasetError, match="cannot be written"):
        write_together(tmp_path / "a.jpg", tmp_path / "file" / "b.jpg")
    assert names(tmp_path) == ["file"]


def test_a_place_that_is_taken_by_a_folder_ends_a_group_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "b.jpg" / "below").mkdir(parents=True)
    with pytest.raises(DatasetError, match="cannot be written"):
        write_together(*(tmp_path / name for name in ("a.jpg", "b.jpg", "c.jpg")))
    assert names(tmp_path) == ["a.jpg"]
