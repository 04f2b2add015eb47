"""Traps that folder sets fall into, each met with the real loader, and pixset's tree beside it.

First the trap itself, so that a test which can no longer fail is noticed; then the same
pictures as pixset lays them out.
"""

from __future__ import annotations

import hashlib
import shutil
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image
from pixset.datasets.errors import UsageError
from pixset.datasets.exporters import ExportOptions, export
from pixset.datasets.tree.settings import SplitOptions
from pixset.datasets.tree.split_folder import split_folder

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .conftest import Laid

    Probe = Callable[..., dict[str, Any]]

HF, VISION = ("datasets", "PIL"), ("torch", "torchvision")
TFDS, YOLO = ("tensorflow", "tensorflow_datasets"), (*VISION, "ultralytics", "cv2")


@pytest.fixture
def copy(laid: Laid, tmp_path: Path) -> Path:
    """The tree, to be spoiled."""
    return shutil.copytree(laid.root, tmp_path / "tree")


def rows(told: dict[str, Any]) -> dict[str, int]:
    return {side: of["rows"] for side, of in told.items()}


def sizes(laid: Laid) -> dict[str, int]:
    return {side: len(labels) for side, labels in laid.labels.items()}


@pytest.mark.parametrize("name", ["train", "toy_train", "test tube", "test2", "dev board"])
def test_a_class_named_like_a_split_leaks_and_is_refused(
    name: str, laid: Laid, copy: Path, probe: Probe, tmp_path: Path
) -> None:
    for side in ("train", "val"):
        (copy / side / "pizza").rename(copy / side / name)
    seen = rows(probe("counts", copy, "hugging_face", modules=HF))
    assert seen != {"train": sizes(laid)["train"], "validation": sizes(laid)["val"]}

    (tmp_path / "classes" / name).mkdir(parents=True)
    shutil.copytree(laid.root / "train" / "sushi", tmp_path / "classes" / "sushi")
    shutil.copytree(laid.root / "train" / "pizza", tmp_path / "classes" / name, dirs_exist_ok=True)
    with pytest.raises(UsageError, match="split"):
        split_folder(tmp_path / "classes", tmp_path / "out", SplitOptions())
    assert not (tmp_path / "out").exists()


def test_a_metadata_file_inside_a_side_costs_the_labels_their_names_and_pixset_writes_none(
    laid: Laid, copy: Path, probe: Probe
) -> None:
    for side in ("train", "val"):
        listed = ["file_name,label"]
        listed += [
            f"{path.parent.name}/{path.name},{path.parent.name}"
            for path in (copy / side).rglob("*.jpg")
        ]
        (copy / side / "metadata.csv").write_text("\n".join(listed) + "\n")
    spoiled = probe("counts", copy, "hugging_face", modules=HF)
    assert spoiled["train"]["classes"] is None

    told = probe("counts", laid.root, "hugging_face", modules=HF)
    assert told["train"]["classes"] == laid.classes
    assert {
        path.suffix for side in ("train", "val") for path in (laid.root / side).rglob("*.*")
    } == {".jpg"}


def test_a_label_missing_from_a_side_shifts_the_others_and_pixset_lets_none_miss(
    laid: Laid, copy: Path, probe: Probe, tmp_path: Path
) -> None:
    shutil.rmtree(copy / "val" / "not_pizza")
    spoiled = probe("counts", copy, "torchvision", modules=VISION)
    assert spoiled["val"]["classes"][0] == "pizza"  # number 0 is not_pizza in train

    for side in ("train", "val"):
        held = Counter(laid.labels[side].values())
        assert sorted(held) == list(range(len(laid.classes)))
    lonely = tmp_path / "classes" / "rare"
    lonely.mkdir(parents=True)
    shutil.copytree(laid.root / "train" / "sushi", tmp_path / "classes" / "sushi")
    shutil.copy(next((laid.root / "train" / "pizza").iterdir()), lonely)
    with pytest.raises(UsageError, match="rare"):
        split_folder(tmp_path / "classes", tmp_path / "out", SplitOptions())


def test_any_folder_beside_the_sides_is_a_split_for_tfds_and_pixset_keeps_none_there(
    laid: Laid, copy: Path, probe: Probe
) -> None:
    shutil.copytree(copy / "train" / "pizza", copy / "rejected" / "blurry")
    assert "rejected" in probe("counts", copy, "tfds", modules=TFDS)

    assert rows(probe("counts", laid.root, "tfds", modules=TFDS)) == sizes(laid)
    assert {path.name for path in laid.root.iterdir() if path.is_dir()} == {"train", "val"}


def test_a_hidden_folder_is_a_class_for_torchvision_and_no_export_carries_it(
    laid: Laid, copy: Path, probe: Probe, tmp_path: Path
) -> None:
    for side in ("train", "val"):
        shutil.copytree(copy / side / "pizza", copy / side / ".thumbs")
        (copy / side / "pizza" / "._pizza.jpg").write_bytes(b"\0\5\26\7")  # as macOS leaves them
    spoiled = probe("counts", copy, "torchvision", modules=VISION)
    assert ".thumbs" in spoiled["train"]["classes"]

    out = export(copy, "folders", tmp_path / "out").out
    told = probe("counts", out, "torchvision", modules=VISION)
    assert rows(told) == sizes(laid)
    assert told["train"]["classes"] == laid.classes


def test_linked_class_folders_are_lost_in_hugging_face_and_pixset_links_files(
    laid: Laid, copy: Path, probe: Probe, tmp_path: Path
) -> None:
    for side in ("train", "val"):
        (copy / side / "pizza").rename(tmp_path / f"pizza-{side}")
        (copy / side / "pizza").symlink_to(tmp_path / f"pizza-{side}")
    assert rows(probe("counts", copy, "hugging_face", modules=HF))["train"] < sizes(laid)["train"]

    out = export(laid.root, "folders", tmp_path / "out", ExportOptions(link="sym")).out
    seen = rows(probe("counts", out, "hugging_face", modules=HF))
    assert seen == {"train": sizes(laid)["train"], "validation": sizes(laid)["val"]}


def test_hard_links_in_a_tree_reach_the_shards_as_pictures(
    laid: Laid, probe: Probe, tmp_path: Path
) -> None:
    linked = export(laid.root, "folders", tmp_path / "linked", ExportOptions(link="hard")).out
    out = export(linked, "webdataset", tmp_path / "shards").out
    told = probe("web_dataset", out, modules=("webdataset", "PIL"))
    assert {side: len(found) for side, found in told["sides"].items()} == sizes(laid)


def test_a_file_that_does_not_end_a_jpeg_is_rewritten_by_ultralytics_and_pixset_has_none(
    laid: Laid, copy: Path, probe: Probe, tmp_path: Path
) -> None:
    spoiled = next((copy / "train" / "pizza").iterdir())
    spoiled.write_bytes(spoiled.read_bytes() + bytes(100))
    before = spoiled.read_bytes()
    probe("counts", copy, "ultralytics", modules=YOLO)
    assert spoiled.read_bytes() != before

    fresh = shutil.copytree(laid.root, tmp_path / "fresh")
    assert rows(probe("counts", fresh, "ultralytics", modules=YOLO)) == sizes(laid)
    for path in laid.root.rglob("*.jpg"):
        same = (fresh / path.relative_to(laid.root)).read_bytes()
        assert hashlib.sha256(same).digest() == hashlib.sha256(path.read_bytes()).digest()


def test_a_picture_turned_by_exif_is_another_one_to_each_loader_and_pixset_turns_it_first(
    laid: Laid, copy: Path, probe: Probe
) -> None:
    path = next((copy / "train" / "pizza").iterdir())
    with Image.open(path) as opened:
        picture = opened.copy()
    exif = Image.Exif()
    exif[0x0112] = 6
    picture.save(path, exif=exif)
    spoiled = probe("sizes", copy, modules=HF)
    assert spoiled[path.stem] == [picture.height, picture.width]

    told = probe("sizes", laid.root, modules=HF)
    for found in laid.root.rglob("*.jpg"):
        with Image.open(found) as opened:
            assert told[found.stem] == list(opened.size)
            assert opened.mode == "RGB"
            assert not opened.getexif()


def test_class_order_is_the_same_for_capitals_and_digits_because_slugs_have_one_case(
    laid: Laid,
) -> None:
    assert laid.classes == sorted(laid.classes, key=str.lower) == ["not_pizza", "pizza", "sushi"]
