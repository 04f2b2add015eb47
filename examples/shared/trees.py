"""pixset's training trees: their labels and their splits as Keras datasets."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import keras

if TYPE_CHECKING:
    import argparse

LabelMode = Literal["int", "binary", "categorical"]


def root_of(text: str) -> Path:
    """A tree's root: the folder itself, or `ready` in a dataset folder; for argparse's `type`."""
    import argparse

    for root in (Path(text), Path(text, "ready")):
        if (root / "train").is_dir():
            return root
    raise argparse.ArgumentTypeError(
        f"{text}: no train folder there; make the set first (pixset build …)"
    )


def labels_of(root: Path) -> list[str]:
    """The labels' folder names, in the order of the labels' numbers."""
    listed = root / "classes.txt"
    if listed.is_file():
        return listed.read_text("utf-8").split()
    return sorted(folder.name for folder in (root / "train").iterdir() if folder.is_dir())


def names_of(root: Path) -> list[str]:
    """The labels as a person reads them (`Text document`), in the order of their numbers."""
    described: dict[str, Any] = {}
    listed = root / "class_names.json"
    if listed.is_file():
        described = json.loads(listed.read_text("utf-8"))
    return [spoken(described.get(slug, {}).get("name") or slug) for slug in labels_of(root)]


def spoken(label: str) -> str:
    """A label as a tag: `text_document` → `Text document`."""
    words = label.replace("_", " ").strip()
    return words[:1].upper() + words[1:]


def has_split(root: Path, split: str) -> bool:
    """Whether the tree has this split (train, val or test)."""
    return (root / split).is_dir()


def load(
    root: Path, split: str, size: tuple[int, int], *, mode: LabelMode = "int", batch: int = 32
) -> Any:
    """One split as batches of (pictures with values to 255, labels); only train is shuffled.

    `fit` takes it with `shuffle=False`: it cannot shuffle batches, and warns where it would.
    """
    return keras.utils.image_dataset_from_directory(
        root / split,
        class_names=labels_of(root),
        image_size=size,
        crop_to_aspect_ratio=True,  # the default squeezes pictures out of shape
        label_mode=mode,
        batch_size=batch,
        shuffle=split == "train",
        seed=0,
        format="tf" if keras.backend.backend() == "tensorflow" else "grain",
        verbose=False,
    )


def add_root(options: argparse.ArgumentParser) -> None:
    """The one argument that every training has."""
    options.add_argument(
        "root", type=root_of, help="a dataset folder of pixset's, or its ready folder"
    )
