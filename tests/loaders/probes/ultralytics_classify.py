"""ultralytics: its own check of a classify folder, then its dataset over each side."""

import vision_ops  # noqa: F401  # before torchvision
from told import SIDES, colour, root, stem, tell
from ultralytics.cfg import get_cfg
from ultralytics.data.dataset import ClassificationDataset
from ultralytics.data.utils import check_cls_dataset

checked = check_cls_dataset(str(root()))
assert checked["nc"] == len(checked["names"])
settings = get_cfg(overrides={"imgsz": 96, "cache": False})
sides = {}
for side in SIDES:
    assert checked[side], f"{side} was not found"
    data = ClassificationDataset(str(checked[side]), args=settings, augment=False)
    rows = []
    for number, (path, label, *_) in enumerate(data.samples):
        crop = data[number]["img"].numpy().transpose(1, 2, 0) * 255  # RGB, centre-cropped
        rows.append((stem(path), label, colour(crop)))
    sides[side] = rows
tell(checked["names"].values(), sides)
