"""Train the 36 camera scenes: a frozen MobileNetV2 and a head of its own.

python train.py scenes
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # where `shared` lies

from shared import command, models, results, trees

import keras
from network import SIZE, network


def main() -> None:
    """Train the head until val no longer improves."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    trees.add_root(options)
    models.add_weights(options)
    options.add_argument("--epochs", type=command.positive, default=20)
    options.add_argument("--batch", type=command.positive, default=32)
    options.add_argument("--model", type=Path, default=Path("scenes.keras"), help="where to save")
    chosen = options.parse_args()
    keras.utils.set_random_seed(0)
    names = trees.names_of(chosen.root)
    train, val = (
        trees.load(chosen.root, split, SIZE, mode="categorical", batch=chosen.batch)
        for split in ("train", "val")
    )
    results.draw_labels(train, names, chosen.model.with_suffix(".labels.png"))
    model = network(len(names), chosen.weights)
    stop = keras.callbacks.EarlyStopping("val_loss", patience=4, restore_best_weights=True)
    history = model.fit(
        train, validation_data=val, epochs=chosen.epochs, callbacks=[stop], shuffle=False
    )
    models.save(model, chosen.model, names)
    results.look_back(model, history, val, names, chosen.model)
    print(f"saved as {chosen.model}, pictures beside it")


if __name__ == "__main__":
    command.run(main)
