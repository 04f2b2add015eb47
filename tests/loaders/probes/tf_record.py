"""TensorFlow: an export's TFRecord shards with tf.io.parse_single_example."""

import tensorflow as tf
from told import SIDES, colour, root, stem, tell

columns = {
    "image/encoded": tf.io.FixedLenFeature([], tf.string),
    "image/class/label": tf.io.FixedLenFeature([], tf.int64),
    "image/filename": tf.io.FixedLenFeature([], tf.string),
}
sides = {}
for side in SIDES:
    shards = sorted(str(path) for path in root().glob(f"*-{side}.tfrecord-*"))
    rows = []
    for record in tf.data.TFRecordDataset(shards):
        row = tf.io.parse_single_example(record, columns)
        pixels = tf.io.decode_jpeg(row["image/encoded"], channels=3).numpy()
        name = stem(row["image/filename"].numpy().decode())
        rows.append((name, int(row["image/class/label"]), colour(pixels)))
    sides[side] = rows
tell((root() / "classes.txt").read_text().split(), sides)
