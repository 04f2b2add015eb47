"""Every trap that was found by running the loaders, on a tree that is caught and on one of ours."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable

import pytest
from pixset.curation.folders.walk import EntryKind
from pixset.datasets import names as slugs
from pixset.datasets.verify.hugging_face import by_builder, by_path
from pixset.datasets.verify.listing import Listing, TreeFile
from pixset.datasets.verify.loaders import (
    LOADERS,
    LoaderReading,
    fastai,
    keras_grain,
    keras_tf,
    tfds,
    torchvision,
    ultralytics,
)

Rule = Callable[[Listing], LoaderReading]

SIDES = {"train": 4, "val": 2, "test": 2}
CARD = """---
license: unknown
configs: [{"config_name": "default", "data_files": [{"split": "train", "path": "train/**"}]}]
---
"""
CARD_AS_YAML = """---
license: unknown
configs:
- config_name: default
  data_files:
  - split: train
    path: train/**
  - split: validation
    path: "val/**"
pretty_name: x
---
"""


def pictures(labels: Iterable[str], sides: dict[str, int] | None = None) -> list[str]:
    return [
        f"{side}/{label}/{label[0]}{n:015}.jpg"
        for side, number in (sides or SIDES).items()
        for label in labels
        for n in range(number)
    ]


def listing_of(paths: Iterable[str], *, empty: Iterable[str] = (), card: str = "") -> Listing:
    """A listing from posix paths of files, and of folders that hold none."""
    files = tuple(TreeFile(path) for path in sorted(paths))
    folders = {
        "/".join(parts[:depth])
        for parts in (*(file.parts for file in files), *(f"{one}/x".split("/") for one in empty))
        for depth in range(1, len(parts))
    }
    return Listing(files, frozenset(folders), card=card)


def ours(labels: Iterable[str] = ("not_pizza", "pizza")) -> Listing:
    """A tree as pixset writes it."""
    root = ("README.md", "manifest.jsonl", "manifest.csv", "classes.txt", "SHA256SUMS")
    return listing_of([*pictures(labels), *root, "dataset.json", "class_names.json"], card=CARD)


def changed(tree: Listing, path: str, **values: object) -> Listing:
    """The tree with one file that is another kind of thing."""
    files = tuple(
        dataclasses.replace(entry, **values) if entry.path == path else entry  # type: ignore[arg-type]
        for entry in tree.files
    )
    return dataclasses.replace(tree, files=files)


def train_of(reading: LoaderReading) -> dict[str, int]:
    return dict(reading.counts["train"])


@pytest.mark.parametrize("rule", LOADERS.values(), ids=list(LOADERS))
def test_eight_loaders_read_our_tree_alike(rule: Rule) -> None:
    reading = rule(ours())
    assert reading.error is None
    assert train_of(reading) == {"not_pizza": 4, "pizza": 4}
    assert reading.orders == {("not_pizza", "pizza")}
    val = reading.counts.get("val") or reading.counts.get("validation")
    # By path, the card of this tree names train alone.
    assert rule is by_path or val == {"not_pizza": 2, "pizza": 2}


@pytest.mark.parametrize(
    ("label", "train", "test"),
    [("train", 4, 2), ("toy_train", 12, 2), ("test tube", 4, 10), ("test2", 4, 10)],
)
def test_trap_1_hugging_face_leaks_splits_through_class_names(
    label: str, train: int, test: int
) -> None:
    reading = by_builder(listing_of(pictures(["b", label])))
    # `train` in val/ and test/ is loaded into train; `toy_train` in train/ counts three times.
    expected = {"train": 4 + 4, "toy_train": 12}.get(label, train)
    assert reading.counts["train"][label] == expected
    assert reading.counts["test"][label] == test
    assert any("named like a split" in note for note in reading.notes)
    assert slugs.fault(label.replace(" ", "_")) is not None


@pytest.mark.parametrize("label", ["trainstation", "railway_station", "testtube", "contest"])
def test_trap_1_words_that_only_contain_a_split_are_safe(label: str) -> None:
    reading = by_builder(listing_of(pictures(["b", label])))
    assert reading.counts["train"] == {"b": 4, label: 4}
    assert slugs.fault(label) is None


def test_trap_1_a_file_name_alone_can_be_a_split() -> None:
    reading = by_builder(listing_of(["a/1.jpg", "a/2.jpg", "b/3.jpg", "b/val_1.jpg"]))
    assert reading.counts == {"validation": {"": 1}}
    # Our names are 16 hex digits.
    assert train_of(by_builder(ours())) == {"not_pizza": 4, "pizza": 4}


@pytest.mark.parametrize("name", ["metadata.csv", "metadata.jsonl", "metadata.parquet"])
def test_trap_2_metadata_in_a_split_takes_the_labels(name: str) -> None:
    caught = by_builder(listing_of([*pictures(["a", "b"]), f"train/{name}"]))
    assert caught.error is not None
    beside = by_builder(listing_of([*pictures(["a", "b"]), name]))
    assert train_of(beside) == {"a": 4, "b": 4}
    flat = by_builder(listing_of(["a/1.jpg", "b/2.jpg", name]))
    assert flat.counts == {"train": {"": 2}}
    assert any("metadata" in note for note in flat.notes)


def test_trap_4_a_class_that_a_split_lacks_shifts_the_labels() -> None:
    tree = listing_of(["train/a/1.jpg", "train/b/2.jpg", "val/b/3.jpg"])
    for rule in (keras_tf, keras_grain, torchvision):
        reading = rule(tree)
        assert reading.classes["val"] == ("b",)
        assert any("number the labels differently" in note for note in reading.notes)
    for safe in (by_builder, fastai, tfds):
        assert safe(tree).orders == {("a", "b")}


def test_trap_4_an_empty_class_folder_fails_in_torchvision_alone() -> None:
    tree = listing_of(["train/a/1.jpg", "val/a/2.jpg", "val/b/3.jpg"], empty=["train/b"])
    assert "no picture for class b" in (torchvision(tree).error or "")
    assert ultralytics(tree).error is None


@pytest.mark.parametrize("extra", ["rejected/pizza/x.jpg", "_meta/thumbs/x.jpg", ".pool/z/x.jpg"])
def test_trap_5_tfds_takes_other_folders_for_splits(extra: str) -> None:
    caught = tfds(listing_of([*pictures(["a", "b"]), extra]))
    assert set(caught.counts) - set(SIDES) == {extra.split("/", maxsplit=1)[0]}
    assert set(tfds(ours()).counts) == set(SIDES)


def test_trap_5_a_folder_of_files_at_the_root_is_harmless() -> None:
    tree = listing_of([*pictures(["a", "b"]), "quarantine/a.jpg", "_meta/m.parquet"])
    for rule in (keras_tf, torchvision, by_builder, tfds, ultralytics):
        assert train_of(rule(tree)) == {"a": 4, "b": 4}


def test_trap_6_junk_of_the_finder_crashes_keras_and_is_counted_by_others() -> None:
    tree = listing_of([*pictures(["a", "b"]), "train/a/._1.jpg"])
    tree = changed(tree, "train/a/._1.jpg", fault="not-an-image")
    assert "train/a/._1.jpg" in (keras_tf(tree).error or "")
    assert torchvision(tree).counts["train"] == {"a": 5, "b": 4}
    assert train_of(by_builder(tree)) == {"a": 4, "b": 4}
    assert train_of(fastai(tree)) == {"a": 4, "b": 4}


@pytest.mark.parametrize("junk", [".DS_Store", "Thumbs.db", "_query.json"])
def test_trap_6_other_junk_in_class_folders_harms_no_loader(junk: str) -> None:
    tree = listing_of([*pictures(["a", "b"]), f"train/a/{junk}"])
    for rule in LOADERS.values():
        assert train_of(rule(tree)) == {"a": 4, "b": 4}


def test_trap_7_linked_class_folders_are_lost_in_hugging_face() -> None:
    tree = dataclasses.replace(
        listing_of(pictures(["a", "b"])),
        linked=frozenset({"train/a", "val/a", "test/a"}),
    )
    assert by_builder(tree).counts["train"] == {"": 4}  # one class is left, and no labels
    assert torchvision(tree).counts["train"] == {"a": 4, "b": 4}


def test_trap_7_a_broken_link_crashes_keras() -> None:
    tree = changed(ours(), "train/pizza/p000000000000000.jpg", kind=EntryKind.BROKEN)
    assert "p000000000000000.jpg (link that leads nowhere)" in (keras_tf(tree).error or "")


@pytest.mark.parametrize("kind", ["avif", "tiff", "ppm"])
def test_trap_9_what_only_pillow_decodes_fails_in_tensorflow(kind: str) -> None:
    tree = changed(ours(), "train/pizza/p000000000000000.jpg", format=kind)
    assert kind in (keras_tf(tree).error or "")
    assert keras_grain(tree).error is None


def test_trap_9_a_gif_named_jpg_is_skipped_by_ultralytics() -> None:
    tree = changed(ours(), "train/pizza/p000000000000000.jpg", format="gif")
    assert train_of(ultralytics(tree)) == {"not_pizza": 4, "pizza": 3}
    assert train_of(keras_tf(tree)) == {"not_pizza": 4, "pizza": 4}


def test_trap_10_one_class_has_no_labels_in_hugging_face() -> None:
    reading = by_builder(ours(["pizza"]))
    assert reading.counts["train"] == {"": 4}
    assert any("one class only" in note for note in reading.notes)


def test_trap_10_order_is_ascii_everywhere() -> None:
    labels = ["Animals", "Zebra", "airplane", "1", "10", "2"]
    expected = ("1", "10", "2", "Animals", "Zebra", "airplane")
    for rule in LOADERS.values():
        assert rule(ours(labels)).orders == {expected}


def test_pictures_at_another_depth_cost_hugging_face_all_labels() -> None:
    tree = listing_of([*pictures(["a", "b"]), "train/a/more/1.jpg"])
    assert by_builder(tree).counts["train"] == {"": 9}
    assert train_of(torchvision(tree)) == {"a": 5, "b": 4}
    assert train_of(fastai(tree)) == {"a": 4, "b": 4}
    assert train_of(tfds(tree)) == {"a": 4, "b": 4}


def test_extensions_are_each_loaders_own() -> None:
    names = ["jpg", "png", "webp", "gif", "avif", "tif", "JPG"]
    tree = listing_of([f"{s}/{c}/1.{e}" for s in ("train", "val") for c in "ab" for e in names])
    taken = {name: sum(rule(tree).counts["train"].values()) // 2 for name, rule in LOADERS.items()}
    assert taken["keras-tf"] == taken["keras-grain"] == 4  # jpg png gif JPG
    assert taken["torchvision"] == taken["ultralytics"] == 5  # jpg png webp tif JPG
    assert taken["hugging-face-builder"] == 6  # all but avif
    assert taken["tfds"] == 3  # jpg png JPG


def test_fastai_reads_val_only_when_told() -> None:
    assert 'needs valid="val"' in fastai(ours()).notes
    assert fastai(listing_of(pictures(["a", "b"], {"train": 2, "valid": 1}))).notes == ()


def test_hidden_folders_are_classes_for_torchvision() -> None:
    tree = listing_of([*pictures(["a", "b"]), "train/.ipynb_checkpoints/1.jpg"])
    assert ".ipynb_checkpoints" in torchvision(tree).classes["train"]
    assert keras_tf(tree).classes["train"] == ("a", "b")


def test_the_cards_configs_are_read_by_path_alone() -> None:
    tree = dataclasses.replace(ours(["toy_train", "b"]), card=CARD_AS_YAML)
    assert by_path(tree).counts == {
        "train": {"b": 4, "toy_train": 4},
        "validation": {"b": 2, "toy_train": 2},
    }
    assert by_builder(tree).counts["train"]["toy_train"] == 12


def test_without_sides_ultralytics_makes_its_own() -> None:
    assert any("80/20" in note for note in ultralytics(listing_of(["a/1.jpg", "b/2.jpg"])).notes)


def test_an_entry_knows_its_parts() -> None:
    assert TreeFile("train/a/1.jpg").parts == ("train", "a", "1.jpg")
