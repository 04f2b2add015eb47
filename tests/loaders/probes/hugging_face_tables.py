"""Hugging Face's imagefolder over metadata.csv or metadata.jsonl: columns come, labels are text."""

# ruff: noqa: T201 - what a probe prints is what it found

import json

from told import root

from datasets import load_dataset

loaded = load_dataset("imagefolder", data_dir=str(root()))
told = {}
for side, theirs in (("train", "train"), ("val", "validation")):
    rows = loaded[theirs]
    labels = {row["id"]: row["label"] for row in rows.remove_columns("image")}
    told[side] = {"columns": rows.column_names, "labels": labels}
print(json.dumps(told))
