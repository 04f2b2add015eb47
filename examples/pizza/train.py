"""Pizza or not pizza, or any other X: a small network of convolutions, trained from nothing.

    python train.py pizza

Beside the model it leaves a grid of pictures with their labels (made before the training), the
course of loss and accuracy, a grid of answers, and with --outside what it says of other pictures.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # where `shared` lies

from shared import command, models, pictures, results, trees

import keras
import numpy as np
from keras import layers

SIZE = (180, 180)


def network(labels: int, *, pooling: bool = False, augment: bool = False) -> keras.Model:
    """Three times convolution and pooling, then flat, then one layer that answers.

    `pooling` takes means over the picture in place of flattening it, and a hidden layer with
    dropout; `augment` flips, turns and zooms the pictures at random.
    """
    model = keras.Sequential([keras.Input((*SIZE, 3))])
    if augment:
        model.add(layers.RandomFlip("horizontal"))
        model.add(layers.RandomRotation(0.1))
        model.add(layers.RandomZoom(0.1))
    model.add(layers.Rescaling(1 / 255))
    for filters in (16, 32, 64):
        model.add(layers.Conv2D(filters, 3, padding="same", activation="relu"))
        model.add(layers.MaxPooling2D())
    if pooling:
        model.add(layers.GlobalAveragePooling2D())
        model.add(layers.Dense(128, activation="relu"))
        model.add(layers.Dropout(0.5))
    else:
        model.add(layers.Flatten())
    model.add(layers.Dense(labels, activation="softmax"))
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def draw_outside(
    model: keras.Model, names: list[str], places: list[str], batch: np.ndarray, to: Path
) -> None:
    """Show pictures from outside the set with what the model says of them."""
    titles = []
    for place, shares in zip(places, model.predict(batch, verbose=0), strict=True):
        best = int(np.argmax(shares))
        print(f"{place}: {names[best]} {shares[best]:.2f}")
        titles.append(f"{names[best]} {shares[best]:.2f}\n{Path(place).name[:24]}")
    results.draw_grid(batch, titles, to)


def main() -> None:
    """Train until val no longer improves, keep the best, and show what it does."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    trees.add_root(options)
    options.add_argument("--epochs", type=command.positive, default=50)
    options.add_argument(
        "--patience", type=command.positive, default=5, help="epochs without improvement"
    )
    options.add_argument("--model", type=Path, default=Path("pizza.keras"), help="where to save")
    options.add_argument("--outside", nargs="+", default=[], metavar="PICTURE|URL")
    options.add_argument("--pooling", action="store_true", help="means in place of flattening")
    options.add_argument("--augment", action="store_true", help="flips, turns and zooms")
    chosen = options.parse_args()
    # Before the training, so that a mistake does not cost one.
    outside = [pictures.read_place(place) for place in chosen.outside]
    keras.utils.set_random_seed(0)
    names = trees.names_of(chosen.root)
    train, val = (trees.load(chosen.root, split, SIZE) for split in ("train", "val"))
    results.draw_labels(train, names, chosen.model.with_suffix(".labels.png"))

    model = network(len(names), pooling=chosen.pooling, augment=chosen.augment)
    model.summary()
    stop = keras.callbacks.EarlyStopping(
        "val_accuracy", patience=chosen.patience, restore_best_weights=True
    )
    history = model.fit(
        train, validation_data=val, epochs=chosen.epochs, callbacks=[stop], shuffle=False
    )
    models.save(model, chosen.model, names)
    results.look_back(model, history, val, names, chosen.model)
    if chosen.outside:
        batch = pictures.batch(outside, SIZE)
        to = chosen.model.with_suffix(".outside.png")
        draw_outside(model, names, chosen.outside, batch, to)
    print(f"{len(history.epoch)} epochs; saved as {chosen.model}, pictures beside it")


if __name__ == "__main__":
    command.run(main)
