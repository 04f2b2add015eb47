"""Keras on torch: image_dataset_from_directory(format="grain"), the mode without TensorFlow."""

import os

os.environ["KERAS_BACKEND"] = "torch"
import keras  # the backend is chosen before
from told import SIDES, colour, root, stem, tell

sides, classes = {}, {}
for side in SIDES:
    data = keras.utils.image_dataset_from_directory(
        str(root() / side),
        image_size=(96, 96),
        batch_size=8,
        shuffle=False,
        format="grain",
        verbose=False,
    )
    classes[side] = data.class_names
    rows = [
        (int(label), colour(keras.ops.convert_to_numpy(image)))
        for images, labels in data
        for image, label in zip(images, labels, strict=True)
    ]
    sides[side] = [
        (stem(path), label, mean) for path, (label, mean) in zip(data.file_paths, rows, strict=True)
    ]
assert classes["train"] == classes["val"]
tell(classes["train"], sides)
