"""Camera scenes: MobileNetV2 at 160 x 160, frozen, with a head of its own.

    pixset build scenes36 --into scenes
    pip install tensorflow-cpu keras
    python examples/scenes_mobilenet.py scenes/ready --save scenes.keras

The ImageNet weights are downloaded once (14 MB). --weights none trains from nothing: it runs
anywhere, and learns little in few epochs.
"""

# ruff: noqa: T201 - an example prints what it found

from __future__ import annotations

import argparse
from pathlib import Path

import keras
from keras import layers

SIZE = (160, 160)


def load(folder: str, *, shuffle: bool) -> object:
    """One side of the tree, labels one-hot in the order of classes.txt."""
    return keras.utils.image_dataset_from_directory(
        folder,
        image_size=SIZE,
        crop_to_aspect_ratio=True,
        label_mode="categorical",
        batch_size=64,
        shuffle=shuffle,
        seed=0,
        format="tf" if keras.backend.backend() == "tensorflow" else "grain",
    )


def network(labels: int, weights: str | None) -> keras.Model:
    """The pretrained network stays as it is; two dense layers learn the scenes."""
    base = keras.applications.MobileNetV2(
        input_shape=(*SIZE, 3), include_top=False, pooling="avg", weights=weights
    )
    base.trainable = weights is None
    pictures = keras.Input((*SIZE, 3))
    # The scaling MobileNetV2 was trained with, inside the model: whoever serves it feeds 0..255.
    found = base(layers.Rescaling(1 / 127.5, offset=-1)(pictures), training=False)
    for _ in range(2):
        found = layers.Dense(256, activation="relu")(found)
    found = layers.Dropout(0.5)(found)
    return keras.Model(pictures, layers.Dense(labels, activation="softmax")(found))


def main() -> None:
    """Train the head until val no longer improves."""
    options = argparse.ArgumentParser()
    options.add_argument("root", help="the dataset's ready folder, with train and val in it")
    options.add_argument("--epochs", type=int, default=20)
    options.add_argument("--weights", choices=["imagenet", "none"], default="imagenet")
    options.add_argument("--save", default="scenes.keras")
    chosen = options.parse_args()
    labels = Path(chosen.root, "classes.txt").read_text().split()
    train = load(f"{chosen.root}/train", shuffle=True)
    val = load(f"{chosen.root}/val", shuffle=False)
    model = network(len(labels), None if chosen.weights == "none" else chosen.weights)
    model.compile(
        optimizer="adam",
        loss="categorical_crossentropy",
        metrics=["accuracy", keras.metrics.TopKCategoricalAccuracy(min(3, len(labels)), "top3")],
    )
    stop = keras.callbacks.EarlyStopping("val_loss", patience=3, restore_best_weights=True)
    model.fit(train, validation_data=val, epochs=chosen.epochs, callbacks=[stop])
    model.save(chosen.save)
    Path(chosen.save).with_suffix(".txt").write_text("\n".join(labels) + "\n")
    print(f"saved as {chosen.save}, labels beside it: serve them with examples/serve_tags.py")


if __name__ == "__main__":
    main()
