"""Learning is real: a linear head on ImageNet features tells pizza from other food."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared import pictures

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.preprocessing import normalize

if TYPE_CHECKING:
    from pathlib import Path

OTHERS = ("not_pizza", "steak", "french_fries", "omelette", "sushi")


def features(lite: Path, photos: list[Path]) -> np.ndarray:
    """Rows of 1,280 numbers of length 1."""
    import onnxruntime

    session = onnxruntime.InferenceSession(str(lite), providers=["CPUExecutionProvider"])
    rows = []
    for photo in photos:
        square = pictures.read_place(str(photo)).resize((224, 224))
        batch = (np.asarray(square, "float32")[None].transpose(0, 3, 1, 2) - 127) / 128
        rows.append(session.run(["features"], {"pictures": batch})[0][0])
    return normalize(np.stack(rows))


def test_a_linear_head_on_imagenet_features_tells_pizza_from_look_alikes(
    lite: Path, samples: Path
) -> None:
    pizza = sorted((samples / "pizza").iterdir())
    other = [photo for name in OTHERS for photo in sorted((samples / name).iterdir())]
    other = other[:: max(1, len(other) // len(pizza))]
    photos = pizza + other
    truth = np.array([1] * len(pizza) + [0] * len(other))
    held = np.arange(len(photos)) % 3 == 0
    vectors = features(lite, photos)
    head = LogisticRegression(C=30, max_iter=1000).fit(vectors[~held], truth[~held])
    said = head.predict(vectors[held])
    assert f1_score(truth[held], said) > 0.85
    assert f1_score(1 - truth[held], 1 - said) > 0.85
