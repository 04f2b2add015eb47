"""Hugging Face, three ways in: by builder, by path, and by path of a parquet or tar export.

ROOT WAY, with WAY one of builder, path, parquet, webdataset.
"""

import sys

import numpy as np
from told import colour, root, stem, tell

from datasets import load_dataset

way = sys.argv[2]
image, label = ("jpg", "cls") if way == "webdataset" else ("image", "label")
if way == "builder":
    loaded = load_dataset("imagefolder", data_dir=str(root()))
else:
    loaded = load_dataset(str(root()))
assert set(loaded) == {"train", "validation"}, set(loaded)


def name(row) -> str:
    return row.get("id") or row.get("__key__") or stem(row[image].filename)


sides = {
    side: [(name(row), row[label], colour(np.asarray(row[image]))) for row in loaded[theirs]]
    for side, theirs in (("train", "train"), ("val", "validation"))
}
tell(loaded["train"].features[label].names, sides)
