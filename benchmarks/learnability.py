"""Does a tree that pixset laid out train? Drawn pictures, a 24 k-parameter network, a control.

    PIXSET_LOADERS_PYTHON=.venv/loaders/bin/python .venv/bin/python benchmarks/learnability.py

Pizzas against other dishes and things, drawn by the replica, are laid out by `pixset split` and
trained by Keras on TensorFlow and on torch, each in a process of its own, from the tree as it is.
The control trains the same network on shuffled labels and is measured against the true ones: it
must stay near chance. This shows that the tree loads, that labels and pictures belong together,
and that the set can be learned; it says nothing about how clean a scraped set is.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from pixset.datasets.tree.settings import SplitOptions
from pixset.datasets.tree.split_folder import split_folder
from pixset.scraper.replica.drawing.draw import draw

TRAINING = Path(__file__).with_name("learnability_training.py")
OTHERS = ("burger", "salad", "sushi", "steak", "car", "dog", "street", "document")


def build_tree(base: Path, each: int) -> Path:
    """Two balanced labels of `each` pictures as a tree below `base`."""
    for number in range(each):
        for label, term in (("pizza", "pizza"), ("not pizza", OTHERS[number % len(OTHERS)])):
            folder = base / "classes" / label
            folder.mkdir(parents=True, exist_ok=True)
            draw(term, number, long_side=200).save(folder / f"{number}.jpg", quality=90)
    split_folder(base / "classes", base / "tree", SplitOptions())
    return base / "tree"


def train(python: str, tree: Path, backend: str, epochs: int) -> dict[str, float]:
    """One run and its control in a process of its own."""
    words = [python, str(TRAINING), str(tree), backend, str(epochs)]
    quiet = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": ""}
    done = subprocess.run(
        words, cwd=tree.parent, env=quiet, check=True, capture_output=True, text=True
    )
    told: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return told


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--each", type=int, default=250, help="pictures a label")
    options.add_argument("--epochs", type=int, default=12)
    chosen = options.parse_args()
    python = os.environ.get("PIXSET_LOADERS_PYTHON", sys.executable).split(os.pathsep)[0]
    print("| backend | parameters | train + val | s/epoch | val accuracy | shuffled control |")
    print("|---|---:|---:|---:|---:|---:|")
    with tempfile.TemporaryDirectory() as base:
        tree = build_tree(Path(base), chosen.each)
        for backend in ("tensorflow", "torch"):
            told = train(python, tree, backend, chosen.epochs)
            print(
                f"| Keras on {backend} | {told['parameters']:,.0f} "
                f"| {told['train']:.0f} + {told['val']:.0f} | {told['epoch_seconds']:.2f} "
                f"| {told['accuracy']:.2f} | {told['control']:.2f} |"
            )


if __name__ == "__main__":
    main()
