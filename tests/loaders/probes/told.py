"""What every probe tells: labels in the loader's order, and each picture's label and colour.

Run by the tests as `python PROBE ROOT` in the interpreter that has the package, outside the
repository; a probe prints one JSON object as its last line.
"""

# ruff: noqa: T201 - what a probe prints is what it found

from __future__ import annotations

import json
import sys
from contextlib import suppress
from importlib import metadata
from pathlib import Path

SIDES = ("train", "val")
PACKAGES = (
    "datasets",
    "fastai",
    "grain",
    "keras",
    "mlcroissant",
    "tensorflow",
    "tensorflow_datasets",
    "torch",
    "torchvision",
    "ultralytics",
    "webdataset",
)


def root() -> Path:
    """The folder to load."""
    return Path(sys.argv[1])


def colour(pixels) -> list[float]:
    """The mean of each channel of an array (height, width, channels) with values to 255."""
    if pixels.ndim != 3 or pixels.shape[2] != 3:
        raise SystemExit(f"expected RGB, got an array of shape {pixels.shape}")
    return [float(value) for value in pixels.reshape(-1, 3).mean(axis=0)]


def tell(classes, sides) -> None:
    """`sides` maps train and val to rows of (id, label's number, mean colour)."""
    print(json.dumps({"classes": list(classes), "sides": sides, "versions": versions()}))


def versions() -> dict[str, str]:
    """The versions of the packages that this probe used."""
    found = {}
    for name in PACKAGES:
        for distribution in (name, f"{name}-cpu"):
            with suppress(metadata.PackageNotFoundError):
                if name in sys.modules:
                    found[name] = metadata.version(distribution)
    return found


def stem(path) -> str:
    """A picture's id, which is its file's stem."""
    return Path(str(path)).stem
