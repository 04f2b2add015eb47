"""fastai: ImageDataLoaders.from_folder, the val folder named."""

import numpy as np
import vision_ops  # noqa: F401  # before torchvision
from fastai.vision.all import ImageDataLoaders, Resize
from told import colour, root, stem, tell

loaders = ImageDataLoaders.from_folder(
    root(), valid="val", item_tfms=Resize(96), bs=8, num_workers=0
)
sides = {
    side: [
        (stem(path), int(label), colour(np.asarray(image)))
        for path, (image, label) in zip(data.items, data, strict=True)
    ]
    for side, data in (("train", loaders.train_ds), ("val", loaders.valid_ds))
}
batch, _ = loaders.one_batch()
assert tuple(batch.shape[1:]) == (3, 96, 96)
tell(loaders.vocab, sides)
