"""torchvision: ImageFolder, one folder a side."""

import numpy as np
import vision_ops  # noqa: F401  # before torchvision
from told import SIDES, colour, root, stem, tell
from torchvision.datasets import ImageFolder

sides, classes = {}, {}
for side in SIDES:
    data = ImageFolder(root() / side)
    classes[side] = data.classes
    sides[side] = [
        (stem(path), label, colour(np.asarray(image)))
        for (path, _), (image, label) in zip(data.samples, data, strict=True)
    ]
assert classes["train"] == classes["val"]
tell(classes["train"], sides)
