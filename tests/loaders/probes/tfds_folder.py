"""TensorFlow Datasets: ImageFolder over the root."""

import tensorflow_datasets as tfds
from told import SIDES, colour, root, stem, tell

builder = tfds.ImageFolder(str(root()))
assert set(builder.info.splits) == set(SIDES), set(builder.info.splits)
sides = {
    side: [
        (stem(row["image/filename"].decode()), int(row["label"]), colour(row["image"]))
        for row in tfds.as_numpy(builder.as_dataset(split=side, shuffle_files=False))
    ]
    for side in SIDES
}
tell(builder.info.features["label"].names, sides)
