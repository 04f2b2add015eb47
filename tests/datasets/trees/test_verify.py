from __future__ import annotations

import json
import tracemalloc
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from PIL import Image
from pixset.datasets.errors import UsageError
from pixset.datasets.tree.settings import SplitOptions
from pixset.datasets.tree.split_folder import split_folder
from pixset.datasets.verify import verify
from pixset.datasets.verify.content import manifest
from pixset.datasets.verify.listing import read_listing
from support.pictures import draw, encode, jpeg

Folder = Callable[..., Path]


@pytest.fixture
def good() -> dict[str, bytes]:
    """A tree that nothing is wrong with."""
    names = [("train", "cake", 4), ("train", "pizza", 4), ("val", "cake", 1), ("val", "pizza", 1)]
    numbers = iter(range(100))
    return {
        f"{side}/{label}/{label}{n}.jpg": jpeg(next(numbers))
        for side, label, count in names
        for n in range(count)
    }


def checks(root: Path) -> set[str]:
    return {problem.check for problem in verify(root).problems}


def test_a_good_tree_has_no_problems(folder: Folder, good: dict[str, bytes]) -> None:
    found = verify(folder(good))
    assert found.problems == ()
    assert found.ok
    assert found.pictures == 10
    assert found.splits == {"train": {"cake": 4, "pizza": 4}, "val": {"cake": 1, "pizza": 1}}
    assert set(found.loaders) == {
        "keras-tf",
        "keras-grain",
        "torchvision",
        "hugging-face-builder",
        "hugging-face-path",
        "fastai",
        "ultralytics",
        "tfds",
    }


def test_every_problem_has_its_name(
    folder: Folder,
    good: dict[str, bytes],
) -> None:
    turned = Image.Exif()
    turned[0x0112] = 6
    cases: Mapping[str, Mapping[str, bytes]] = {
        "split-word": {"train/test_tube/1.jpg": jpeg(50), "val/test_tube/1.jpg": jpeg(51)},
        "class-name": {"train/Big Cake/1.jpg": jpeg(50), "val/Big Cake/1.jpg": jpeg(51)},
        "missing-class": {"train/soup/1.jpg": jpeg(50)},
        "hidden-class": {"train/.checkpoints/1.jpg": jpeg(50)},
        "stray-folder": {"rejected/cake/1.jpg": jpeg(50)},
        "stray-file": {"train/cake/notes.txt": b"notes"},
        "hidden-file": {"train/cake/._1.jpg": b"junk"},
        "metadata-file": {"train/metadata.csv": b"file_name,label\n"},
        "depth": {"train/cake/more/1.jpg": jpeg(50)},
        "file-name": {"train/cake/val_1.jpg": jpeg(50)},
        "file-type": {"train/cake/1.webp": encode(draw(50), "WEBP")},
        "undecodable": {"train/cake/cut.jpg": jpeg(50)[:-300]},
        "wrong-type": {"train/cake/webp.jpg": encode(draw(50), "WEBP")},
        "orientation": {"train/cake/turned.jpg": encode(draw(50), exif=turned)},
        "trailing-bytes": {"train/cake/long.jpg": jpeg(50) + b"\0" * 100},
        "not-rgb": {"train/cake/gray.jpg": encode(draw(50).convert("L"))},
        "too-small": {"train/cake/tiny.jpg": jpeg(50, (40, 8))},
        "same-bytes-two-sides": {"val/cake/again.jpg": good["train/cake/cake0.jpg"]},
        "same-bytes-two-classes": {"train/pizza/again.jpg": good["train/cake/cake0.jpg"]},
        "copy-two-sides": {"val/cake/copy.jpg": jpeg(0, (320, 240))},
        "copy-two-classes": {"train/pizza/copy.jpg": jpeg(0, (320, 240))},
        "manifest": {"manifest.jsonl": b'{"file_name": "train/cake/gone.jpg"}\n'},
        "loader-fails": {"train/cake/junk.jpg": b"<html>"},
        "loaders-differ": {"train/cake/1.gif": encode(draw(50), "GIF")},
    }
    for name, (check, files) in enumerate(cases.items()):
        root = folder({**good, **files}, f"tree{name}")
        assert check in checks(root), check


def test_one_class_is_a_problem(folder: Folder) -> None:
    root = folder({"train/cake/1.jpg": jpeg(1), "val/cake/2.jpg": jpeg(2)})
    assert "one-class" in checks(root)


def test_a_broken_link_is_named(folder: Folder, good: dict[str, bytes]) -> None:
    root = folder(good)
    (root / "train" / "cake" / "gone.jpg").symlink_to("nowhere.jpg")
    assert "broken-link" in checks(root)


def test_a_link_to_a_class_folder_is_named(folder: Folder, good: dict[str, bytes]) -> None:
    root = folder(good)
    (root / "val" / "soup").symlink_to(root / "train" / "cake")
    assert "linked-folder" in checks(root)


def test_class_folders_without_splits_are_judged_too(folder: Folder) -> None:
    found = verify(folder({"cake/1.jpg": jpeg(1), "pizza/2.jpg": jpeg(2)}))
    assert found.splits == {"all": {"cake": 1, "pizza": 1}}
    assert found.problems == ()
    assert found.loaders["keras-tf"].counts == {"all": {"cake": 1, "pizza": 1}}


def test_copies_are_left_alone_when_told(
    folder: Folder,
    good: dict[str, bytes],
) -> None:
    root = folder({**good, "val/cake/copy.jpg": jpeg(0, (320, 240))})
    assert verify(root, copies=False).problems == ()


def test_a_changed_picture_of_our_tree_is_found(folder: Folder, tmp_path: Path) -> None:
    source = folder({f"{c}/{n}.jpg": jpeg(n + 10 * (c == "b")) for c in "ab" for n in range(6)})
    split_folder(source, tmp_path / "out", SplitOptions())
    assert verify(tmp_path / "out").ok
    victim = next((tmp_path / "out" / "train" / "a").iterdir())
    victim.write_bytes(jpeg(99))
    problems = verify(tmp_path / "out").problems
    assert [(p.check, p.message) for p in problems] == [
        ("manifest", "has other bytes than its sha256 says")
    ]


def test_the_result_is_told_as_json_and_text(folder: Folder, good: dict[str, bytes]) -> None:
    found = verify(folder({**good, "train/cake/notes.txt": b"notes"}))
    told = json.loads(json.dumps(found.to_json()))
    assert told["ok"] is False
    assert told["problems"] == [
        {"check": "stray-file", "path": "train/cake/notes.txt", "message": "no picture"}
    ]
    assert told["loaders"]["tfds"]["splits"]["train"] == {"cake": 4, "pizza": 4}
    text = found.to_text()
    assert "train/cake/notes.txt: no picture" in text
    assert 'needs valid="val"' in text


def test_no_folder_is_the_callers_mistake(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such folder"):
        verify(tmp_path / "nowhere")


def test_a_name_with_a_line_break_stays_one_line(
    folder: Folder,
    good: dict[str, bytes],
) -> None:
    twice = jpeg(7)
    root = folder(good | {"train/cake/two\nlines.jpg": twice, "val/cake/a.jpg": twice})
    text = verify(root).to_text()
    assert "val/cake/a.jpg: also train/cake/two\\x0alines.jpg" in text
    assert "two\nlines" not in text


def test_of_a_manifest_no_more_is_kept_than_names_and_digests(tmp_path: Path) -> None:
    line = '{"id": "%d", "file_name": "train/a/%d.jpg", "sha256": "x", "title": "%s"}\n'
    listed = tmp_path / "manifest.jsonl"
    listed.write_text("".join(line % (n, n, "t" * 3_000) for n in range(5_000)))
    tree = read_listing(tmp_path)
    tracemalloc.start()
    found = sum(one.message.endswith("no such picture") for one in manifest(tmp_path, tree, {}))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found == 5_000
    assert peak < listed.stat().st_size / 2
