"""Five flowers by transfer: a frozen ResNet50, augmented pictures, dense layers with dropout.

python train.py flowers
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # where `shared` lies

from shared import command, models, results, trees

import keras
from keras import layers
from keras.applications import ResNet50, resnet50

SIZE = (224, 224)


def augmentation() -> keras.Sequential:
    """Pictures turned, shifted, sheared, zoomed and flipped, in training only."""
    return keras.Sequential(
        [
            layers.RandomRotation(0.1),
            layers.RandomTranslation(height_factor=0.2, width_factor=0.2),
            # From 0 on: Keras cannot load what it saved with a negative bound, and the flips
            # below mirror the shear.
            layers.RandomShear(x_factor=(0.0, 0.2), y_factor=(0.0, 0.2)),
            layers.RandomZoom(0.2),
            layers.RandomFlip("horizontal"),
        ],
        name="augmentation",
    )


def network(labels: int, weights: str = "imagenet") -> tuple[keras.Model, keras.Model]:
    """The whole network for pictures with values to 255, and the ResNet50 in it."""
    base = models.pretrained(ResNet50, weights, input_shape=(*SIZE, 3), include_top=False)
    base.trainable = False
    pictures = keras.Input((*SIZE, 3))
    found = base(resnet50.preprocess_input(augmentation()(pictures)), training=False)
    found = layers.GlobalAveragePooling2D()(found)
    for units in (512, 256, 128):
        found = layers.Dense(units, activation="relu")(found)
        found = layers.Dropout(0.5)(found)
    return keras.Model(pictures, layers.Dense(labels, activation="softmax")(found)), base


def compiled(model: keras.Model, rate: float = 0.001) -> keras.Model:
    """The model ready to be trained at a learning rate."""
    model.compile(
        optimizer=keras.optimizers.Adam(rate),
        loss="categorical_crossentropy",
        metrics=["accuracy"],
    )
    return model


def main() -> None:
    """Train the head, then measure on the test split (on val where the set has none)."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    trees.add_root(options)
    models.add_weights(options)
    options.add_argument("--epochs", type=command.positive, default=10)
    options.add_argument("--batch", type=command.positive, default=32)
    options.add_argument("--model", type=Path, default=Path("flowers.keras"), help="where to save")
    options.add_argument(
        "--fine-tune",
        type=command.positive,
        default=0,
        metavar="EPOCHS",
        help="afterwards, train ResNet50's last block too, gently",
    )
    chosen = options.parse_args()
    keras.utils.set_random_seed(0)
    names = trees.names_of(chosen.root)
    splits = [one for one in ("train", "val", "test") if trees.has_split(chosen.root, one)]
    loaded = {
        one: trees.load(chosen.root, one, SIZE, mode="categorical", batch=chosen.batch)
        for one in splits
    }
    results.draw_labels(loaded["train"], names, chosen.model.with_suffix(".labels.png"))
    model, base = network(len(names), chosen.weights)
    history = compiled(model).fit(
        loaded["train"], validation_data=loaded["val"], epochs=chosen.epochs, shuffle=False
    )
    if chosen.fine_tune:
        base.trainable = True
        for layer in base.layers:
            layer.trainable = layer.name.startswith("conv5")
        gentle = compiled(model, 0.00001)
        gentle.fit(
            loaded["train"], validation_data=loaded["val"], epochs=chosen.fine_tune, shuffle=False
        )
    models.save(model, chosen.model, names)

    last = splits[-1]
    loss, accuracy = model.evaluate(loaded[last], verbose=0)
    results.look_back(model, history, loaded[last], names, chosen.model)
    if last != "test":
        print("the set has no test split: pixset split --ratio 70/15/15 makes one")
    print(f"{last}: loss {loss:.3f}, accuracy {accuracy:.3f}; saved as {chosen.model}")


if __name__ == "__main__":
    command.run(main)
