"""WebDataset: an export's shards, by their names."""

import numpy as np
import webdataset
from told import SIDES, colour, root, tell

sides = {}
for side in SIDES:
    shards = sorted(str(path) for path in root().glob(f"*-{side}-*.tar"))
    data = webdataset.WebDataset(shards, shardshuffle=False).decode("rgb")
    sides[side] = [
        (row["__key__"], int(row["cls"]), colour(np.asarray(row["jpg"]) * 255.0)) for row in data
    ]
tell((root() / "classes.txt").read_text().split(), sides)
