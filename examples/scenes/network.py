"""MobileNetV2 without its top, frozen, and a head of two dense layers for the scenes."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # where `shared` lies

from shared import models

import keras
from keras import layers
from keras.applications import MobileNetV2, mobilenet_v2

SIZE = (160, 160)


def network(labels: int, weights: str = "imagenet") -> keras.Model:
    """The network for pictures with values to 255; `weights` as in `--weights`."""
    base = models.pretrained(MobileNetV2, weights, input_shape=(*SIZE, 3), include_top=False)
    base.trainable = False
    pictures = keras.Input((*SIZE, 3))
    # The scaling belongs to the model, so that whoever serves it feeds plain pixels.
    found = base(mobilenet_v2.preprocess_input(pictures), training=False)
    found = layers.GlobalAveragePooling2D()(found)
    for _ in range(2):
        found = layers.Dense(256, activation="relu")(found)
        found = layers.Dropout(0.5)(found)
    model = keras.Model(pictures, layers.Dense(labels, activation="softmax")(found))
    model.compile(
        optimizer=keras.optimizers.Adam(0.001),
        loss="categorical_crossentropy",
        metrics=["categorical_accuracy"],
    )
    return model
