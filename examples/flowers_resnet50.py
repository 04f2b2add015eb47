"""Five flowers: ResNet50 at 224 x 224 with augmentation, first its head, then its last block.

    pixset build flowers5 --into flowers
    pip install tensorflow-cpu keras
    python examples/flowers_resnet50.py flowers/ready --save flowers.keras

The ImageNet weights are downloaded once (98 MB). --weights none trains from nothing.
"""

# ruff: noqa: T201 - an example prints what it found

from __future__ import annotations

import argparse
from pathlib import Path

import keras
from keras import layers

SIZE = (224, 224)


def load(folder: str, *, shuffle: bool) -> object:
    """One side of the tree; labels are numbers in the order of classes.txt."""
    return keras.utils.image_dataset_from_directory(
        folder,
        image_size=SIZE,
        crop_to_aspect_ratio=True,
        batch_size=32,
        shuffle=shuffle,
        seed=0,
        format="tf" if keras.backend.backend() == "tensorflow" else "grain",
    )


def network(labels: int, weights: str | None) -> tuple[keras.Model, keras.Model]:
    """The whole model and, in it, ResNet50 without its top."""
    base = keras.applications.ResNet50(
        input_shape=(*SIZE, 3), include_top=False, pooling="avg", weights=weights
    )
    augment = keras.Sequential(
        [
            layers.RandomFlip("horizontal"),
            layers.RandomRotation(0.15),
            layers.RandomZoom(0.2),
            layers.RandomTranslation(0.1, 0.1),
            layers.RandomContrast(0.2),
        ]
    )
    pictures = keras.Input((*SIZE, 3))
    prepared = keras.applications.resnet50.preprocess_input(augment(pictures))
    found = layers.Dropout(0.4)(base(prepared, training=False))
    return keras.Model(pictures, layers.Dense(labels, activation="softmax")(found)), base


def fit(model: keras.Model, rate: float, train: object, val: object, epochs: int) -> None:
    """One phase of training at a learning rate, until val no longer improves."""
    model.compile(
        optimizer=keras.optimizers.Adam(rate),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    stop = keras.callbacks.EarlyStopping("val_loss", patience=4, restore_best_weights=True)
    model.fit(train, validation_data=val, epochs=epochs, callbacks=[stop])


def main() -> None:
    """Train the head alone, then the last block with it, gently."""
    options = argparse.ArgumentParser()
    options.add_argument("root", help="the dataset's ready folder, with train and val in it")
    options.add_argument("--epochs", type=int, default=15, help="of each phase")
    options.add_argument("--weights", choices=["imagenet", "none"], default="imagenet")
    options.add_argument("--save", default="flowers.keras")
    chosen = options.parse_args()
    labels = Path(chosen.root, "classes.txt").read_text().split()
    train = load(f"{chosen.root}/train", shuffle=True)
    val = load(f"{chosen.root}/val", shuffle=False)
    model, base = network(len(labels), None if chosen.weights == "none" else chosen.weights)
    base.trainable = False
    fit(model, 1e-3, train, val, chosen.epochs)
    base.trainable = True
    for layer in base.layers:
        layer.trainable = layer.name.startswith("conv5")
    fit(model, 1e-5, train, val, chosen.epochs)
    model.save(chosen.save)
    print(f"labels {', '.join(labels)}; saved as {chosen.save}")


if __name__ == "__main__":
    main()
