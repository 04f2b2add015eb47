"""mlcroissant: an export's croissant.json, validated without errors or warnings, then read."""

import logging

import mlcroissant
import numpy as np
from told import SIDES, colour, root, tell

said = []
handler = logging.Handler()
handler.emit = lambda record: said.append(record.getMessage())
logging.getLogger().addHandler(handler)
logging.getLogger("absl").addHandler(handler)
dataset = mlcroissant.Dataset(str(root() / "croissant.json"))
issues = dataset.metadata.issues
assert not issues.errors, issues.report()
assert not issues.warnings, issues.report()
rows = {row["manifest-rows/file_name"].decode(): row for row in dataset.records("manifest-rows")}
classes = sorted({row["manifest-rows/label"].decode() for row in rows.values()})
seen = {}
for row in dataset.records("pictures"):
    label, side = row["pictures/label"].decode(), row["pictures/split"].decode()
    mean = colour(np.asarray(row["pictures/image"]))
    seen.setdefault(side, []).append((classes.index(label), mean))
# The records of files carry no name: they come in the order of their paths.
sides = {}
for side in SIDES:
    names = sorted(name for name in rows if name.startswith(f"{side}/"))
    sides[side] = [
        (rows[name]["manifest-rows/id"].decode(), *row)
        for name, row in zip(names, seen[side], strict=True)
    ]
assert not [line for line in said if "not match" in line or "not standard" in line], said
tell(classes, sides)
