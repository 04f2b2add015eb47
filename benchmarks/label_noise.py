"""Wrong labels and off-topic pictures among real photographs: how many are found?

    python benchmarks/label_noise.py PHOTOS [--model lite0.onnx] [--set NAME …]

Ten of a hundred labels are swapped (seeded) and found by `label_issues`; then foreign photographs
are put among the others and found by `off_topic`. Sets: `tune` is what the head's freedom was
chosen on (scenes), the others are only reported: five flowers, pizza against other food, and 12
scenes that `tune` does not hold. Recall, precision, and AUC of the ranking, means of five seeds.
"""

from __future__ import annotations

import argparse
import random
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from pixset.curation.images.decode import decode
from pixset.curation.labels.embedding import Classical
from pixset.curation.labels.issues import label_issues, off_topic, out_of_fold
from pixset.curation.labels.onnx_model import OnnxEmbedder
from sklearn.metrics import roc_auc_score

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pixset.curation.labels.embedding import Embedder
    from pixset.curation.labels.issues import Head

SETS = {
    "tune": ["Beach", "Bird", "Building", "Dog", "Forest", "Fruit", "Night", "Road", "Sports"],
    "scenes": ["Car", "Child", "Lake", "Meme", "Mountain", "Painting", "Snow", "Sunset"],
    "flowers": [f"flowers/{name}" for name in ("daisy", "dandelion", "rose", "sunflower", "tulip")],
    "food": ["pizza", "omelette", "sushi", "steak", "french_fries"],
    "pizza or not": ["pizza", "not_pizza"],
}
MOST = 80  # pictures a label
SEEDS = range(5)


def pictures(root: Path, label: str) -> list[Path]:
    """Up to MOST pictures of a label, drawn by lot."""
    found = sorted(path for path in (root / label).rglob("*") if path.is_file())
    random.Random(label).shuffle(found)
    return found[:MOST]


def embedded(paths: Sequence[Path], embed: Embedder) -> np.ndarray:
    """One row a picture; bytes are read and decoded as `check --labels` does."""
    return np.concatenate(
        [
            embed([decode(path.read_bytes(), 224).picture for path in paths[start : start + 64]])
            for start in range(0, len(paths), 64)
        ]
    )


def swapped(labels: list[str], seed: int) -> tuple[list[str], np.ndarray]:
    """Labels of which a tenth is wrong, and which."""
    chance = random.Random(seed)
    wrong = set(chance.sample(range(len(labels)), len(labels) // 10))
    names = sorted(set(labels))
    given = [
        chance.choice([one for one in names if one != label]) if place in wrong else label
        for place, label in enumerate(labels)
    ]
    return given, np.array([place in wrong for place in range(len(labels))])


def noise(vectors: np.ndarray, labels: list[str], head: Head) -> tuple[float, float, float]:
    """Recall, precision and AUC for swapped labels, means over the seeds."""
    rows = []
    for seed in SEEDS:
        given, wrong = swapped(labels, seed)
        found = np.zeros(len(labels), bool)
        for one in label_issues(vectors, given, seed=seed, head=head):
            found[one.place] = one.suggested != one.given
        confidence = out_of_fold(vectors, given, seed=seed, head=head)
        names = sorted(set(given))
        own = confidence[np.arange(len(given)), [names.index(one) for one in given]]
        hits = (found & wrong).sum()
        rows.append((hits / wrong.sum(), hits / max(1, found.sum()), roc_auc_score(wrong, -own)))
    recall, precision, auc = np.mean(rows, axis=0)
    return float(recall), float(precision), float(auc)


def strays(vectors: np.ndarray, foreign: np.ndarray, labels: list[str]) -> float:
    """Precision at as many as there are: foreign photographs among the farthest."""
    shares = []
    for seed in SEEDS:
        some = np.random.default_rng(seed).choice(len(foreign), len(labels) // 20, replace=False)
        mixed = np.concatenate([vectors, foreign[some]])
        given = [*labels, *random.Random(seed).choices(labels, k=len(some))]
        found = off_topic(mixed, given, share=len(some) / len(given))
        shares.append(sum(one.place >= len(labels) for one in found) / len(found))
    return float(np.mean(shares))


def main() -> None:
    """Print one row a set and embedder."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("photos", type=Path)
    options.add_argument("--model", type=Path)
    options.add_argument("--set", nargs="+", choices=SETS, default=[*SETS])
    chosen = options.parse_args()
    embedders: dict[str, Embedder] = {"classical": Classical()}
    if chosen.model:
        embedders[chosen.model.stem] = OnnxEmbedder(chosen.model)
    print("| set | pictures | by | wrong labels found | of those called wrong | AUC | off topic |")
    print("|---|---|---|---|---|---|---|")
    for name in chosen.set:
        paths = [(path, label) for label in SETS[name] for path in pictures(chosen.photos, label)]
        labels = [label for _, label in paths]
        others = ["Airplane", "Text document", "Portrait", "House"]
        away = [path for label in others for path in pictures(chosen.photos, label)]
        for by, embed in embedders.items():
            vectors = embedded([path for path, _ in paths], embed)
            recall, precision, auc = noise(vectors, labels, embed.head)
            off = strays(vectors, embedded(away, embed), labels)
            print(
                f"| {name} | {len(labels)} | {by} | {recall:.2f} | {precision:.2f} | {auc:.2f}"
                f" | {off:.2f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
