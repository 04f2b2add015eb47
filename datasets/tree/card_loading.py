"""How a tree is loaded by each package: lines that run, from the folder that holds the tree."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


def loading(val: str, labels: Sequence[str], *, test: bool) -> Iterator[str]:
    """The section `Load it`; `val` is the name of the val folder."""
    yield "\n## Load it\n"
    yield "`root` is this folder. Labels are numbered in the order of `classes.txt` by all of them:"
    yield ", ".join(f"{number} `{label}`" for number, label in enumerate(labels)) + "."
    for title, lines in _snippets(val, test=test):
        yield f"\n**{title}**\n"
        yield "```python"
        yield 'root = "."'
        yield from lines
        yield "```"


def _snippets(val: str, *, test: bool) -> Iterator[tuple[str, list[str]]]:
    splits = [("train", "train"), ("val", val), *([("test", "test")] if test else [])]
    yield (
        "Keras",
        [
            "import keras  # with a torch or JAX backend add: format='grain'",
            *(
                f'{name} = keras.utils.image_dataset_from_directory(f"{{root}}/{folder}", '
                f"image_size=(180, 180), crop_to_aspect_ratio=True"
                f"{'' if name == 'train' else ', shuffle=False'})"
                for name, folder in splits
            ),
        ],
    )
    yield (
        "torchvision",
        [
            "from torchvision.datasets import ImageFolder",
            *(f'{name} = ImageFolder(f"{{root}}/{folder}")' for name, folder in splits),
        ],
    )
    yield (
        "Hugging Face",
        [
            "from datasets import load_dataset",
            'dataset = load_dataset("imagefolder", data_dir=root)',
        ],
    )
    valid = "" if val == "valid" else f', valid="{val}"'
    yield (
        "fastai",
        [
            "from fastai.vision.all import ImageDataLoaders, Resize",
            f"loaders = ImageDataLoaders.from_folder(root{valid}, item_tfms=Resize(224))",
        ],
    )
    yield (
        "Ultralytics",
        [
            "from ultralytics import YOLO",
            'YOLO("yolo11n-cls.yaml").train(data=root, epochs=10, imgsz=224)',
        ],
    )
    yield (
        "TensorFlow Datasets",
        [
            "import tensorflow_datasets as tfds",
            "builder = tfds.ImageFolder(root)",
            'train = builder.as_dataset(split="train", as_supervised=True)',
        ],
    )
