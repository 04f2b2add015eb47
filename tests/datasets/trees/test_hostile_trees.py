"""Trees that hold more than pictures: what is found is named, and every command ends."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from pixset.datasets.errors import UsageError
from pixset.datasets.tree.manifest import read_manifest
from pixset.datasets.tree.settings import SplitOptions
from pixset.datasets.tree.split_folder import split_folder
from pixset.datasets.verify import verify
from support.pictures import jpeg

Folder = Callable[[Mapping[str, bytes]], Path]
posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such files")


@pytest.fixture
def photos(folder: Folder) -> Path:
    """Two classes of six."""
    names = (("cat", 0), ("dog", 10))
    return folder({f"{name}/{n}.jpg": jpeg(start + n) for name, start in names for n in range(6)})


def checks(root: Path) -> dict[str, str]:
    """Path → check, of what `verify` finds wrong; near-duplicates are not the matter here."""
    return {problem.path: problem.check for problem in verify(root, copies=False).problems}


@posix
def test_a_pipe_is_named_and_not_waited_for(photos: Path) -> None:
    os.mkfifo(photos / "cat" / "pipe.jpg")
    assert checks(photos) == {"cat/pipe.jpg": "no-file"}


@posix
def test_links_to_devices_and_sockets_are_no_files(photos: Path, tmp_path: Path) -> None:
    (photos / "cat" / "zero.jpg").symlink_to("/dev/zero")
    here = Path.cwd()
    os.chdir(photos / "dog")  # a socket's own path may be no longer than 108 bytes
    try:
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind("socket.jpg")
    finally:
        os.chdir(here)
    (photos / "cat" / "gone.jpg").symlink_to(tmp_path / "nowhere")
    assert checks(photos) == {
        "cat/zero.jpg": "no-file",
        "dog/socket.jpg": "no-file",
        "cat/gone.jpg": "broken-link",
    }


@posix
def test_a_link_that_leads_up_again_is_told_and_left(photos: Path) -> None:
    (photos / "cat" / "up").symlink_to(photos, target_is_directory=True)
    assert checks(photos)["cat/up"] == "linked-folder"


@posix
def test_a_tree_as_deep_as_paths_go_is_read(photos: Path) -> None:
    deep = os.open(photos / "cat", os.O_RDONLY)
    for _ in range(1_500):
        os.mkdir("d", dir_fd=deep)
        below = os.open("d", os.O_RDONLY, dir_fd=deep)
        os.close(deep)
        deep = below
    os.close(deep)
    found = verify(photos, copies=False)
    assert found.pictures == 12
    assert split_folder(photos, photos.parent / "out").written == 12
    os.removedirs(photos / "cat" / "/".join("d" * 1_500))  # deeper than pytest can clean up


@posix
def test_links_to_pictures_count_as_pictures(photos: Path, tmp_path: Path) -> None:
    cache = tmp_path / "hub"
    for path in sorted(photos.rglob("*.jpg")):
        linked = cache / path.relative_to(photos)
        linked.parent.mkdir(parents=True, exist_ok=True)
        linked.symlink_to(os.path.relpath(path, linked.parent))
    assert verify(cache, copies=False).problems == ()
    report = split_folder(cache, tmp_path / "out", SplitOptions(link="sym"))
    assert report.written == 12
    assert verify(tmp_path / "out").problems == ()


def test_a_huge_file_is_not_read(photos: Path) -> None:
    with (photos / "cat" / "huge.jpg").open("wb") as file:
        file.truncate(40_000_000_000)
    found = {p.path: p for p in verify(photos, copies=False).problems}
    assert found["cat/huge.jpg"].check == "undecodable"
    assert "bytes, the cap is" in found["cat/huge.jpg"].message


@pytest.mark.skipif(sys.platform != "linux", reason="names of any bytes")
def test_a_name_that_is_no_utf8_is_taken_and_told_escaped(photos: Path, tmp_path: Path) -> None:
    os.rename(photos / "dog" / "0.jpg", os.fsencode(photos / "dog") + b"/bad\xe9.jpg")  # noqa: PTH104 - bytes
    split_folder(photos, tmp_path / "out")
    titles = {row["title"] for row in read_manifest(tmp_path / "out")}
    assert "dog/bad\\xe9.jpg" in titles
    assert verify(tmp_path / "out").ok


@pytest.mark.parametrize("name", ["con", "aux", "NUL", "com1"])
def test_a_class_that_windows_takes_for_a_device_is_refused(
    name: str, photos: Path, tmp_path: Path
) -> None:
    (photos / "cat").rename(photos / name)
    with pytest.raises(UsageError, match="Windows"):
        split_folder(photos, tmp_path / "out")
    assert "device-name" in checks(photos).values() or name == "NUL"


@pytest.mark.parametrize(
    "left", ["@eaDir/cat/SYNO.jpg", "cat/@eaDir/0.jpg", ".thumbnails/0.jpg", "__MACOSX/cat/._0.jpg"]
)
def test_what_storage_boxes_leave_is_no_class_and_costs_no_picture(
    left: str, photos: Path, tmp_path: Path
) -> None:
    (photos / left).parent.mkdir(parents=True, exist_ok=True)
    (photos / left).write_bytes((photos / "cat" / "0.jpg").read_bytes())
    report = split_folder(photos, tmp_path / "out")
    assert report.counts == {"cat": {"train": 5, "val": 1}, "dog": {"train": 5, "val": 1}}
    assert report.left_out == {}


def test_two_classes_of_the_same_pictures_leave_nothing_and_no_tree(
    folder: Folder, tmp_path: Path
) -> None:
    root = folder({f"{label}/{n}.jpg": jpeg(n) for label in "ab" for n in range(3)})
    with pytest.raises(UsageError, match=r"one picture under a and b \(3\)"):
        split_folder(root, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_class_that_ends_empty_is_the_last_and_loudest_line(
    photos: Path, folder: Folder, tmp_path: Path
) -> None:
    (photos / "bird").mkdir()
    (photos / "bird" / "half.jpg").write_bytes(jpeg(90)[:500])
    report = split_folder(photos, tmp_path / "out")
    assert report.missing == ("bird",)
    assert report.to_text().splitlines()[-1] == "MISSING: bird has no picture in the tree"


def test_splits_named_in_capitals_are_split_folders(folder: Folder) -> None:
    root = folder({
        f"{split}/{label}/{n}.jpg": jpeg(40 * place + 10 * other + n)
        for place, split in enumerate(("Train", "Val"))
        for other, label in enumerate(("cat", "dog"))
        for n in range(3)
    })  # fmt: skip
    found = verify(root)
    assert found.splits == {"Train": {"cat": 3, "dog": 3}, "Val": {"cat": 3, "dog": 3}}
    assert {p.path for p in found.problems if p.check == "split-name"} == {"Train", "Val"}
    assert "class-name" not in {p.check for p in found.problems}


def test_a_path_that_hugging_face_takes_for_a_pattern_is_named(
    photos: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out [1]"
    split_folder(photos, out)
    found = verify(out)
    assert {p.check for p in found.problems} == {"folder-name", "loader-fails"}
    assert "pattern" in str(found.loaders["hugging-face-path"].error)
    assert found.loaders["torchvision"].error is None


@pytest.mark.parametrize("text", ["\ufeff", "\u2028"])
def test_a_manifest_that_an_editor_saved_is_still_ours(
    text: str, photos: Path, tmp_path: Path
) -> None:
    (photos / "cat" / "0.jpg").rename(photos / "cat" / f"0{text}.jpg")
    split_folder(photos, tmp_path / "out")
    manifest = tmp_path / "out" / "manifest.jsonl"
    manifest.write_bytes(b"\xef\xbb\xbf" + manifest.read_bytes())
    assert verify(tmp_path / "out").ok


def test_a_damaged_manifest_is_named_with_its_line(photos: Path, tmp_path: Path) -> None:
    split_folder(photos, tmp_path / "out")
    manifest = tmp_path / "out" / "manifest.jsonl"
    manifest.write_text(manifest.read_text("utf-8"), "utf-16")
    (problem,) = (p for p in verify(tmp_path / "out").problems if p.check == "manifest")
    assert (problem.path, problem.message[:16]) == ("manifest.jsonl", "1: no UTF-8 text")
