"""Pizza or not: a small convolutional network at 180 x 180 with early stopping.

    pixset build binary --positive pizza --into pizza
    pip install tensorflow-cpu keras
    python examples/pizza_cnn.py pizza/ready --save pizza.keras

With torch instead of TensorFlow: pip install torch keras grain, then KERAS_BACKEND=torch.
"""

# ruff: noqa: T201 - an example prints what it found

from __future__ import annotations

import argparse

import keras
from keras import layers

SIZE = (180, 180)


def load(folder: str, *, shuffle: bool) -> object:
    """One side of the tree; labels follow the order of classes.txt: not_pizza 0, pizza 1."""
    return keras.utils.image_dataset_from_directory(
        folder,
        image_size=SIZE,
        crop_to_aspect_ratio=True,  # the default squeezes pictures out of shape
        label_mode="binary",
        batch_size=32,
        shuffle=shuffle,
        seed=0,
        format="tf" if keras.backend.backend() == "tensorflow" else "grain",
    )


def network() -> keras.Model:
    """Three blocks of convolutions over pictures that are flipped, turned and zoomed at random."""
    blocks = []
    for filters in (32, 64, 128):
        blocks += [
            layers.Conv2D(filters, 3, padding="same", activation="relu"),
            layers.MaxPooling2D(),
        ]
    return keras.Sequential(
        [
            keras.Input((*SIZE, 3)),
            layers.RandomFlip("horizontal"),
            layers.RandomRotation(0.1),
            layers.RandomZoom(0.1),
            layers.Rescaling(1 / 255),
            *blocks,
            layers.GlobalAveragePooling2D(),
            layers.Dense(128, activation="relu"),
            layers.Dropout(0.5),
            layers.Dense(1, activation="sigmoid"),
        ]
    )


def main() -> None:
    """Train until val no longer improves, and keep the best."""
    options = argparse.ArgumentParser()
    options.add_argument("root", help="the dataset's ready folder, with train and val in it")
    options.add_argument("--epochs", type=int, default=50)
    options.add_argument("--save", default="pizza.keras")
    chosen = options.parse_args()
    train = load(f"{chosen.root}/train", shuffle=True)
    val = load(f"{chosen.root}/val", shuffle=False)
    model = network()
    model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
    stop = keras.callbacks.EarlyStopping("val_loss", patience=5, restore_best_weights=True)
    model.fit(train, validation_data=val, epochs=chosen.epochs, callbacks=[stop])
    model.save(chosen.save)
    _, accuracy = model.evaluate(val, verbose=0)
    print(f"val accuracy {accuracy:.3f}, saved as {chosen.save}")


if __name__ == "__main__":
    main()
