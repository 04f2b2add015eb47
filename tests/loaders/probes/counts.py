"""How many pictures and which labels a loader sees: COUNTS.PY ROOT LOADER, as JSON."""

# ruff: noqa: T201 - what a probe prints is what it found

import json
import sys

from told import root


def hugging_face() -> dict[str, object]:
    """By builder: rows a split, and the label column's names (None: no ClassLabel)."""
    from datasets import ClassLabel, load_dataset

    loaded = load_dataset("imagefolder", data_dir=str(root()))
    told = {}
    for side, rows in loaded.items():
        label = rows.features.get("label")
        told[side] = {
            "rows": len(rows),
            "classes": label.names if isinstance(label, ClassLabel) else None,
        }
    return told


def torchvision() -> dict[str, object]:
    """One folder a side, whichever there are."""
    import vision_ops  # noqa: F401  # before torchvision
    from torchvision.datasets import ImageFolder

    told = {}
    for folder in sorted(path for path in root().iterdir() if path.is_dir()):
        data = ImageFolder(folder)
        told[folder.name] = {"rows": len(data), "classes": data.classes}
    return told


def tfds() -> dict[str, object]:
    """Every folder with folders in it is a split."""
    import tensorflow_datasets

    info = tensorflow_datasets.ImageFolder(str(root())).info
    classes = info.features["label"].names
    return {
        side: {"rows": split.num_examples, "classes": classes}
        for side, split in info.splits.items()
    }


def ultralytics() -> dict[str, object]:
    """Verified samples of each side; bad ones are skipped, repaired ones rewritten."""
    import vision_ops  # noqa: F401  # before torchvision
    from ultralytics.cfg import get_cfg
    from ultralytics.data.dataset import ClassificationDataset

    told = {}
    for side in ("train", "val"):
        data = ClassificationDataset(str(root() / side), args=get_cfg(), augment=False)
        told[side] = {"rows": len(data.samples), "classes": data.base.classes}
    return told


loaders = {f.__name__: f for f in (hugging_face, torchvision, tfds, ultralytics)}
print(json.dumps(loaders[sys.argv[2]]()))
