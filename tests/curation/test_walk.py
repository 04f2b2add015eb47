from __future__ import annotations

import json
import os
import socket
from pathlib import Path

import pytest
from pixset.curation.errors import UsageError
from pixset.curation.folders.scan import scan
from pixset.curation.folders.walk import Entry, EntryKind, everything, walk
from pixset.curation.printable import json_text, printable


def paths(root: Path) -> list[str]:
    return [entry.path for entry in walk(root)]


def put(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"\xff\xd8\xff")
    return path


def kinds(root: Path) -> dict[str, tuple[EntryKind, bool]]:
    return {entry.path: (entry.kind, entry.link) for entry in walk(root, everything)}


def test_entries_come_in_the_order_of_sorted_paths(tmp_path: Path) -> None:
    for name in ("b.jpg", "a/2.jpg", "a/10.jpg", "a b/x", "a.d/y", "A/z", "é/1", "a/a/a"):
        put(tmp_path / name)
    found = [tmp_path / path for path in paths(tmp_path)]
    assert found == sorted(tmp_path.rglob("*"))


def test_every_name_has_the_kind_that_it_leads_to(tmp_path: Path) -> None:
    root = tmp_path / "tree"
    put(root / "class/file.jpg")
    os.mkfifo(root / "class/pipe.jpg")
    (root / "class/up").symlink_to("..")
    (root / "class/link.jpg").symlink_to("file.jpg")
    (root / "class/nowhere.jpg").symlink_to("absent")
    (root / "class/round.jpg").symlink_to("round.jpg")
    (root / "class/pipe-link.jpg").symlink_to("pipe.jpg")
    (root / "class/zero.jpg").symlink_to("/dev/zero")
    (root / "other").symlink_to("class")
    with socket.socket(socket.AF_UNIX) as door:
        here = Path.cwd()
        os.chdir(root)  # a socket's path may be no longer than 108 bytes
        try:
            door.bind("door.jpg")
        finally:
            os.chdir(here)
        found = kinds(root)
    assert found == {
        "class": (EntryKind.FOLDER, False),
        "class/file.jpg": (EntryKind.FILE, False),
        "class/link.jpg": (EntryKind.FILE, True),
        "class/nowhere.jpg": (EntryKind.BROKEN, True),
        "class/pipe-link.jpg": (EntryKind.PIPE, True),
        "class/pipe.jpg": (EntryKind.PIPE, False),
        "class/round.jpg": (EntryKind.BROKEN, True),
        "class/up": (EntryKind.LOOP, True),
        "class/zero.jpg": (EntryKind.DEVICE, True),
        "door.jpg": (EntryKind.SOCKET, False),
        "other": (EntryKind.FOLDER, True),
        "other/file.jpg": (EntryKind.FILE, False),
        "other/link.jpg": (EntryKind.FILE, True),
        "other/nowhere.jpg": (EntryKind.BROKEN, True),
        "other/pipe-link.jpg": (EntryKind.PIPE, True),
        "other/pipe.jpg": (EntryKind.PIPE, False),
        "other/round.jpg": (EntryKind.BROKEN, True),
        "other/up": (EntryKind.LOOP, True),
        "other/zero.jpg": (EntryKind.DEVICE, True),
    }


def test_a_real_folder_is_listed_whatever_link_came_before_it(tmp_path: Path) -> None:
    put(tmp_path / "dog/1.jpg")
    (tmp_path / "a").symlink_to("dog")
    (tmp_path / "b").symlink_to("dog")
    entries = {entry.path for entry in walk(tmp_path, everything)}
    assert entries == {"a", "a/1.jpg", "b", "dog", "dog/1.jpg"}
    assert paths(tmp_path) == ["a", "b", "dog", "dog/1.jpg"]


def test_links_that_lead_to_each_other_end(tmp_path: Path) -> None:
    for one in "abcdefgh":
        (tmp_path / one).mkdir()
        for other in "abcdefgh":
            (tmp_path / one / other).symlink_to(tmp_path / other)
    assert len(list(walk(tmp_path, everything))) < 8 + 8 * 8 * 2 + 1
    (tmp_path / "root").symlink_to("/")
    assert kinds(tmp_path)["root"] == (EntryKind.LOOP, True)


def test_hidden_folders_and_by_products_are_named_and_not_entered(tmp_path: Path) -> None:
    put(tmp_path / "cat/@eaDir/0.jpg/SYNOPHOTO_THUMB_M.jpg")
    put(tmp_path / "cat/.thumbnails/0.jpg")
    put(tmp_path / "cat/0.jpg")
    put(tmp_path / "__MACOSX/cat/._0.jpg")
    assert paths(tmp_path) == ["__MACOSX", "cat", "cat/.thumbnails", "cat/0.jpg", "cat/@eaDir"]
    named = {one.path: (one.hidden, one.byproduct) for one in walk(tmp_path, everything)}
    assert named["cat/.thumbnails/0.jpg"] == (True, True)
    assert named["cat/@eaDir/0.jpg/SYNOPHOTO_THUMB_M.jpg"] == (False, True)
    assert named["cat/0.jpg"] == (False, False)
    assert [one.name for one in scan(tmp_path).pictures] == ["0.jpg"]


def test_a_tree_deeper_than_any_recursion_is_listed_as_far_as_the_system_goes(
    tmp_path: Path,
) -> None:
    here = os.open(tmp_path, os.O_RDONLY)
    for _ in range(3000):
        os.mkdir("d", dir_fd=here)
        below = os.open("d", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(here)
    try:
        *listed, last = walk(tmp_path)
        assert len(listed) > 1000
        assert (last.kind, last.detail) == (EntryKind.UNLISTED, "File name too long")
        assert scan(tmp_path).unlisted == ((tmp_path / last.path, "File name too long"),)
    finally:
        _flatten(tmp_path)


def _flatten(top: Path) -> None:
    """Remove a chain of folders too deep for shutil, from the top on."""
    moved = top.parent / "rest"
    while (top / "d").is_dir():
        (top / "d").rename(moved)
        for one in moved.iterdir():
            one.rename(top / "next")
        moved.rmdir()
        if (top / "next").exists():
            (top / "next").rename(top / "d")


def test_names_of_any_bytes_are_listed_and_can_be_told(tmp_path: Path) -> None:
    folder = os.fsencode(tmp_path)
    for name in (b"bad\xe9.jpg", b"esc\x1b[31m.jpg", "line\u2028.jpg".encode()):
        Path(os.fsdecode(folder + b"/" + name)).write_bytes(b"\xff\xd8\xff")
    assert [printable(path) for path in paths(tmp_path)] == [
        "bad\\xe9.jpg",
        "esc\\x1b[31m.jpg",
        "line\\u2028.jpg",
    ]
    told = json_text(paths(tmp_path))
    assert told.encode("utf-8").count(b"\\u") == 3
    assert json.loads(told) == paths(tmp_path)


def test_what_a_reader_can_see_is_left_as_it_is() -> None:
    text = "Größe 東京\u3000👩\u200d🍳 a\\b.jpg"
    assert printable(text) == text
    assert json.loads(json_text({"a": text}, indent=2)) == {"a": text}


@pytest.mark.parametrize("text", ["a\nb", "a\u202egpj.exe", "\x9b31m", "\x7f", "\u2066"])
def test_what_acts_instead_of_showing_is_escaped(text: str) -> None:
    assert printable(text).isprintable()


def test_a_root_that_is_no_folder_is_the_callers_mistake(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such folder"):
        list(walk(tmp_path / "absent"))
    with pytest.raises(UsageError, match="is no folder"):
        list(walk(put(tmp_path / "file")))


def test_an_entry_knows_its_name() -> None:
    assert Entry("a/b.jpg", EntryKind.FILE).name == "b.jpg"
