"""Models as files: weights to begin with, and trained models that carry their labels along."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import keras

from .command import CommandError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Sequence

_LABELS = "labels.json"  # beside Keras' own files in the .keras archive


def add_weights(options: argparse.ArgumentParser) -> None:
    """Add `--weights FILE|imagenet|none`."""
    options.add_argument(
        "--weights",
        default="imagenet",
        metavar="FILE|imagenet|none",
        help="what the network begins with: a local weights file, Keras' ImageNet weights"
        " (downloaded once), or random numbers",
    )


def pretrained(network: Callable[..., keras.Model], weights: str, **shape: Any) -> keras.Model:
    """A stock network with the weights that `--weights` names; raises CommandError for no such.

    `shape` goes to `network`, a function of keras.applications.
    """
    if weights in ("imagenet", "none"):
        return network(weights=None if weights == "none" else weights, **shape)
    if not Path(weights).is_file():
        raise CommandError(f"--weights {weights}: there is no such file")
    model = network(weights=None, **shape)
    try:
        model.load_weights(weights)
    except (OSError, ValueError, KeyError) as error:
        why = str(error).partition("\n")[0]
        raise CommandError(
            f"--weights {weights}: these are not the weights of {network.__name__}: {why}"
        ) from error
    return model


def save(model: keras.Model, path: Path, labels: Sequence[str]) -> None:
    """Save a trained model as one `.keras` file that knows its labels."""
    path.parent.mkdir(parents=True, exist_ok=True)
    model.save(path)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(_LABELS, json.dumps(list(labels)))


def load(path: Path) -> tuple[keras.Model, list[str]]:
    """A model that `save` wrote, and its labels; raises CommandError where there is none."""
    if not path.is_file():
        raise CommandError(f"{path}: there is no trained model; run train.py first")
    try:
        with zipfile.ZipFile(path) as archive:
            labels = json.loads(archive.read(_LABELS))
    except (zipfile.BadZipFile, KeyError) as error:
        raise CommandError(
            f"{path}: not a model that train.py saved (it holds no labels)"
        ) from error
    return keras.saving.load_model(path), labels
