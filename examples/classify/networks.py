"""The stock networks with ImageNet's 1,000 classes, each with its own size and preprocessing."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # where `shared` lies

from shared.command import CommandError

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from PIL import Image

DEFAULT = "resnet50"
# Name → the function in keras.applications, the module of its preprocessing, pixels a side.
STOCK = {
    "resnet50": ("ResNet50", "resnet50", 224),
    "vgg16": ("VGG16", "vgg16", 224),
    "vgg19": ("VGG19", "vgg19", 224),
    "inceptionv3": ("InceptionV3", "inception_v3", 299),
    "xception": ("Xception", "xception", 299),
}


@dataclass(frozen=True)
class Network:
    """A network that tells 1,000 classes: pictures of `side` x `side` in, likelihoods out."""

    name: str
    side: int
    predict: Callable[[np.ndarray], np.ndarray]

    def best(self, picture: Image.Image, count: int = 3) -> list[tuple[str, float]]:
        """The likeliest classes of one picture with their shares, the best first."""
        squeezed = picture.resize((self.side, self.side), 2)  # bilinear, as Keras' load_img
        shares = self.predict(np.asarray(squeezed, dtype="float32")[None])[0]
        order = np.argsort(shares)[::-1][:count]
        return [(classes()[one], float(shares[one])) for one in order]


@cache
def classes() -> list[str]:
    """ImageNet's 1,000 classes in the order of their numbers (WordNet's first words)."""
    listed = Path(__file__).resolve().parents[1] / "shared" / "imagenet.txt"
    return listed.read_text("utf-8").splitlines()


def load(name: str = DEFAULT, weights: str = "imagenet") -> Network:
    """A stock network by name; `weights` may also be an ONNX file with 1,000 classes."""
    if weights.endswith(".onnx"):
        return _onnx(Path(weights))
    return _keras(name, weights)


def _keras(name: str, weights: str) -> Network:
    from shared import models

    import keras

    function, module, side = STOCK[name]
    model = models.pretrained(getattr(keras.applications, function), weights)
    prepare = getattr(keras.applications, module).preprocess_input
    return Network(
        name, side, lambda batch: np.asarray(model.predict_on_batch(prepare(batch.copy())))
    )


def _onnx(path: Path) -> Network:
    """A network from elsewhere; its output named `logits`, else its last, has 1,000 numbers.

    Pictures are scaled as the file's metadata says (`input_mean` and `input_std`, of values to
    255), by default to [-1, 1].
    """
    if not path.is_file():
        raise CommandError(f"--weights {path}: there is no such file")
    import onnxruntime

    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    entry = session.get_inputs()[0]
    names = [output.name for output in session.get_outputs()]
    output = "logits" if "logits" in names else names[-1]
    told = session.get_modelmeta().custom_metadata_map
    mean, std = (
        np.array(told.get(name, "127.5").split(","), dtype="float32")
        for name in ("input_mean", "input_std")
    )
    first = entry.shape[1] == 3
    side = next((n for n in entry.shape[2:] if isinstance(n, int) and n > 3), 224)

    def predict(batch: np.ndarray) -> np.ndarray:
        scaled = (batch - mean) / std
        fed = scaled.transpose(0, 3, 1, 2) if first else scaled
        logits = session.run([output], {entry.name: np.ascontiguousarray(fed, "float32")})[0]
        spread = np.exp(logits - logits.max(axis=1, keepdims=True))
        return spread / spread.sum(axis=1, keepdims=True)

    return Network(path.stem, side, predict)
