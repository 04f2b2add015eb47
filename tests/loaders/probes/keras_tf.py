"""Keras on TensorFlow: image_dataset_from_directory, one folder a side."""

import os

os.environ["KERAS_BACKEND"] = "tensorflow"
import keras  # the backend is chosen before
from told import SIDES, colour, root, stem, tell

sides, classes = {}, {}
for side in SIDES:
    data = keras.utils.image_dataset_from_directory(
        root() / side, image_size=(96, 96), batch_size=8, shuffle=False, verbose=False
    )
    classes[side] = data.class_names
    rows = [
        (int(label), colour(image))
        for images, labels in data.as_numpy_iterator()
        for image, label in zip(images, labels, strict=True)
    ]
    sides[side] = [
        (stem(path), label, mean) for path, (label, mean) in zip(data.file_paths, rows, strict=True)
    ]
assert classes["train"] == classes["val"]
tell(classes["train"], sides)
