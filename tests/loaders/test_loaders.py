"""Ten ways to load one tree: the same pictures, labels, label order and pixels in each."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .conftest import Laid

    Probe = Callable[..., dict[str, Any]]
    Cell = Callable[[str, dict[str, Any]], None]

# Shrinking to 96 pixels moves a mean colour a little; decoders (TensorFlow's chroma) less.
SHRUNK, DECODED, CROPPED = 6.0, 3.0, None
LOADERS = {
    "Keras on TensorFlow": ("keras_tf", ("tensorflow", "keras"), SHRUNK),
    "Keras on torch, grain": ("keras_torch", ("torch", "keras", "grain"), SHRUNK),
    "torchvision ImageFolder": ("torchvision_folder", ("torch", "torchvision"), DECODED),
    "Hugging Face imagefolder": ("hugging_face builder", ("datasets", "PIL"), DECODED),
    "Hugging Face by path": ("hugging_face path", ("datasets", "PIL"), DECODED),
    "fastai from_folder": ("fastai_folder", ("torch", "torchvision", "fastai"), CROPPED),
    "ultralytics classify": (
        "ultralytics_classify",
        ("torch", "torchvision", "ultralytics", "cv2"),
        CROPPED,
    ),
    "TFDS ImageFolder": ("tfds_folder", ("tensorflow", "tensorflow_datasets"), DECODED),
}
EXPORTS = {
    "WebDataset": ("webdataset", "web_dataset", ("webdataset", "PIL"), DECODED),
    "mlcroissant": ("croissant", "croissant", ("mlcroissant", "PIL"), DECODED),
    "Hugging Face, tar shards": ("webdataset", "hugging_face webdataset", ("datasets",), DECODED),
    "Hugging Face, parquet": ("parquet", "hugging_face parquet", ("datasets",), DECODED),
    "TensorFlow, TFRecord": ("tfrecord", "tf_record", ("tensorflow",), DECODED),
}


def assert_same(told: dict[str, Any], laid: Laid, tolerance: float | None) -> None:
    """What a loader told is what pixset wrote."""
    assert told["classes"] == laid.classes
    for side, labels in laid.labels.items():
        rows = told["sides"][side]
        assert {row[0]: row[1] for row in rows} == labels
        assert len(rows) == len(labels)  # none twice
        for name, _, mean in rows:
            if tolerance is not None:
                assert mean == pytest.approx(laid.colours[name], abs=tolerance)
            assert max(mean) > 1  # not a black picture


@pytest.mark.parametrize("loader", list(LOADERS))
def test_the_tree_loads_whole_and_right(
    loader: str, laid: Laid, probe: Probe, cell: Cell, tmp_path: Path
) -> None:
    words, modules, tolerance = LOADERS[loader]
    # A copy: some loaders write caches beside the pictures.
    copy = shutil.copytree(laid.root, tmp_path / "tree")
    name, *rest = words.split()
    told = probe(name, copy, *rest, modules=modules)
    assert_same(told, laid, tolerance)
    cell(loader, told)


@pytest.mark.parametrize("loader", list(EXPORTS))
def test_exports_load_whole_and_right(
    loader: str, laid: Laid, exported: Callable[[str], Path], probe: Probe, cell: Cell
) -> None:
    form, words, modules, tolerance = EXPORTS[loader]
    if form == "parquet":
        pytest.importorskip("pyarrow")
    if form == "tfrecord":
        pytest.importorskip("google_crc32c")
    name, *rest = words.split()
    told = probe(name, exported(form), *rest, modules=modules)
    assert_same(told, laid, tolerance)
    cell(loader, told)


@pytest.mark.parametrize("form", ["folders", "croissant"])
def test_exported_folders_load_with_hugging_face_by_path(
    form: str, laid: Laid, exported: Callable[[str], Path], probe: Probe
) -> None:
    told = probe("hugging_face", exported(form), "path", modules=("datasets", "PIL"))
    assert_same(told, laid, DECODED)


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_tables_load_with_hugging_face_with_every_column_filled(
    form: str, laid: Laid, exported: Callable[[str], Path], probe: Probe
) -> None:
    told = probe("hugging_face_tables", exported(form), modules=("datasets", "PIL"))
    for side, labels in laid.labels.items():
        assert told[side]["labels"] == {name: laid.classes[n] for name, n in labels.items()}
        assert {"image", "label_id", "sha256", "group_id"} <= set(told[side]["columns"])
