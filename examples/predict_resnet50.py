"""What ImageNet's 1,000 classes say of single photos: ResNet50, the best three each.

    pip install tensorflow-cpu keras
    python examples/predict_resnet50.py photo.jpg another.jpg

The weights (103 MB) and the names of the classes are downloaded once. --weights none runs
without a network and without knowledge: it shows the way, and class numbers instead of names.
"""

# ruff: noqa: T201 - an example prints what it found

from __future__ import annotations

import argparse

import keras
import numpy as np

SIZE, BATCH = (224, 224), 16


def read(path: str) -> np.ndarray:
    """A photo's largest centred square at 224 x 224, with values to 255."""
    picture = keras.utils.load_img(path, target_size=SIZE, keep_aspect_ratio=True)
    return keras.utils.img_to_array(picture)


def best(shares: np.ndarray, *, named: bool) -> list[tuple[str, float]]:
    """The three likeliest classes of one photo, with their shares."""
    if named:
        decoded = keras.applications.resnet50.decode_predictions(shares[None], top=3)[0]
        return [(name, float(share)) for _, name, share in decoded]
    return [(f"class {n}", float(shares[n])) for n in np.argsort(shares)[::-1][:3]]


def main() -> None:
    """Predict in batches and print one line a photo."""
    options = argparse.ArgumentParser()
    options.add_argument("photos", nargs="+")
    options.add_argument("--weights", choices=["imagenet", "none"], default="imagenet")
    chosen = options.parse_args()
    named = chosen.weights == "imagenet"
    model = keras.applications.ResNet50(weights="imagenet" if named else None)
    for start in range(0, len(chosen.photos), BATCH):
        paths = chosen.photos[start : start + BATCH]
        batch = keras.applications.resnet50.preprocess_input(np.stack([read(p) for p in paths]))
        for path, shares in zip(paths, model.predict(batch, verbose=0), strict=True):
            words = ", ".join(f"{name} {share:.2f}" for name, share in best(shares, named=named))
            print(f"{path}: {words}")


if __name__ == "__main__":
    main()
