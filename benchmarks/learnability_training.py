"""The training half of learnability.py: ROOT BACKEND EPOCHS, prints one JSON object.

Runs in an interpreter that has Keras and its backend; pixset need not be there.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

root, backend, epochs = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
os.environ["KERAS_BACKEND"] = backend
import keras  # noqa: E402  # the backend is chosen before
import numpy as np  # noqa: E402

SIDE, BATCH = 96, 32


def load(side: str) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """A side of the tree through Keras' own reader, as arrays."""
    data = keras.utils.image_dataset_from_directory(
        str(root / side),
        image_size=(SIDE, SIDE),
        batch_size=BATCH,
        shuffle=False,
        crop_to_aspect_ratio=True,
        verbose=False,
        format="tf" if backend == "tensorflow" else "grain",
    )
    batches = [tuple(keras.ops.convert_to_numpy(part) for part in batch) for batch in data]
    images, labels = (np.concatenate(parts) for parts in zip(*batches, strict=True))
    return images, labels, data.class_names


def network() -> keras.Model:
    """Three strided convolutions and a global maximum: about 24 thousand parameters."""
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((SIDE, SIDE, 3)),
            layers.Rescaling(1 / 127.5, offset=-1),
            *(
                layers.Conv2D(filters, 3, strides=2, activation="relu", padding="same")
                for filters in (16, 32, 64)
            ),
            layers.GlobalMaxPooling2D(),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile(
        optimizer=keras.optimizers.Adam(3e-3), loss="binary_crossentropy", metrics=["accuracy"]
    )
    return model


def accuracy(images: np.ndarray, labels: np.ndarray, val: tuple[np.ndarray, np.ndarray]) -> float:
    """Train a fresh network and measure it on val, on the mean of its last three epochs."""
    keras.utils.set_random_seed(0)
    fitted = network().fit(
        images, labels, validation_data=val, epochs=epochs, batch_size=BATCH, verbose=0
    )
    return float(np.mean(fitted.history["val_accuracy"][-3:]))


images, labels, classes = load("train")
val_images, val_labels, val_classes = load("val")
assert classes == val_classes == (root / "classes.txt").read_text().split()
start = time.perf_counter()
learned = accuracy(images, labels, (val_images, val_labels))
seconds = (time.perf_counter() - start) / epochs
shuffled = np.random.default_rng(0).permutation(labels)
print(
    json.dumps(
        {
            "parameters": network().count_params(),
            "train": len(images),
            "val": len(val_images),
            "epoch_seconds": seconds,
            "accuracy": learned,
            "control": accuracy(images, shuffled, (val_images, val_labels)),
        }
    )
)
