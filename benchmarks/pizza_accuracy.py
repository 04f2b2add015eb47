"""Pizza or not on real photographs that pixset split: that project's network, and a linear head.

    python benchmarks/pizza_accuracy.py PHOTOS --model lite0.onnx --pixset .venv/bin/pixset

Run with the projects' environment (TensorFlow). The photographs are imported by their folders,
checked, deduped and split 70/15/15 by pixset, afresh for each seed. The head's freedom is chosen
on val; the network stops on val; both are reported on test alone, beside the larger class.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
sys.path[:0] = [str(EXAMPLES), str(EXAMPLES / "pizza")]

from shared import pictures, results, trees

import keras
import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.preprocessing import normalize
from train import SIZE, network

OTHERS = ("not_pizza", "steak", "french_fries", "omelette", "sushi")
FREEDOMS = (0.3, 1, 3, 10, 30, 100)


def gathered(photos: Path, into: Path) -> Path:
    """Class folders: pizza, and everything else."""
    for label, sources in (("pizza", ("pizza",)), ("not_pizza", OTHERS)):
        (into / label).mkdir(parents=True)
        for source in sources:
            for path in sorted((photos / source).rglob("*")):
                if path.is_file():
                    shutil.copyfile(path, into / label / f"{source}-{path.name}")
    return into


def split_by_pixset(pixset: Path, folders: Path, root: Path, seed: int) -> Path:
    """A training tree 70/15/15."""
    for words in (
        ("import", folders, "--into", root),
        ("check", root),
        ("dedupe", root),
        ("split", root, "--ratio", "70/15/15", "--seed", str(seed), "--afresh"),
    ):
        subprocess.run([pixset, *words], check=True, stdout=subprocess.DEVNULL)
    return root / "ready"


def measured(truth: np.ndarray, said: np.ndarray) -> tuple[float, float, float]:
    """Accuracy, and F1 of both classes."""
    return (
        float((truth == said).mean()),
        float(f1_score(truth, said)),
        float(f1_score(1 - truth, 1 - said)),
    )


def features(model: Path, tree: Path, split: str) -> tuple[np.ndarray, np.ndarray]:
    """Rows of length 1 by the ONNX model, and 1 for pizza."""
    import onnxruntime

    session = onnxruntime.InferenceSession(str(model), providers=["CPUExecutionProvider"])
    rows, truth = [], []
    for path in sorted((tree / split).rglob("*.jpg")):
        square = pictures.read_place(str(path)).resize((224, 224))
        batch = (np.asarray(square, "float32")[None].transpose(0, 3, 1, 2) - 127) / 128
        rows.append(session.run(["features"], {"pictures": batch})[0][0])
        truth.append(path.parent.name == "pizza")
    return normalize(np.stack(rows)), np.array(truth, dtype=int)


def by_head(model: Path, tree: Path) -> tuple[float, float, float]:
    """A logistic regression on features; its freedom is the best on val."""
    train, val, test = (features(model, tree, split) for split in ("train", "val", "test"))
    heads = [LogisticRegression(C=freedom, max_iter=2000).fit(*train) for freedom in FREEDOMS]
    best = max(heads, key=lambda head: head.score(*val))
    return measured(test[1], best.predict(test[0]))


def by_network(tree: Path, seed: int) -> tuple[float, float, float]:
    """The pizza project's network as its script trains it."""
    keras.utils.set_random_seed(seed)
    train, val, test = (trees.load(tree, split, SIZE) for split in ("train", "val", "test"))
    model = network(2)
    stop = keras.callbacks.EarlyStopping("val_accuracy", patience=5, restore_best_weights=True)
    model.fit(train, validation_data=val, epochs=50, callbacks=[stop], verbose=0)
    answers = results.ask(model, test)
    pizza = trees.labels_of(tree).index("pizza")
    return measured((answers.truth == pizza).astype(int), (answers.said == pizza).astype(int))


def main() -> None:
    """Print one row a way, means over the seeds."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("photos", type=Path)
    options.add_argument("--model", type=Path, required=True)
    options.add_argument("--pixset", type=Path, required=True)
    options.add_argument("--seeds", type=int, default=3)
    chosen = options.parse_args()
    found: dict[str, list[tuple[float, ...]]] = {"larger class": [], "network": [], "head": []}
    counts = []
    with tempfile.TemporaryDirectory() as folder:
        folders = gathered(chosen.photos, Path(folder, "folders"))
        for seed in range(chosen.seeds):
            root = Path(folder, f"set{seed}")
            tree = split_by_pixset(chosen.pixset.absolute(), folders, root, seed)
            pizza, other = (
                len(list((tree / "test" / label).iterdir())) for label in ("pizza", "not_pizza")
            )
            counts.append([len(list((tree / one).rglob("*.jpg"))) for one in ("train", "val")])
            counts[-1].append(pizza + other)
            found["larger class"].append((max(pizza, other) / (pizza + other), 0.0, 0.0))
            found["network"].append(by_network(tree, seed))
            found["head"].append(by_head(chosen.model, tree))
            print(seed, {way: rows[-1] for way, rows in found.items()}, flush=True)
    print("train, val, test:", counts)
    for way, rows in found.items():
        means, least = np.mean(rows, axis=0), np.min(rows, axis=0)
        print(f"| {way} | " + " | ".join(f"{one:.2f}" for one in (*means, least[0])) + " |")


if __name__ == "__main__":
    main()
