"""A tree that pixset laid out can be learned: a small network, against shuffled labels."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

from pixset.datasets.tree.settings import SplitOptions
from pixset.datasets.tree.split_folder import split_folder
from pixset.scraper.replica.drawing.draw import draw

from .conftest import interpreter

TRAINING = Path(__file__).resolve().parents[2] / "benchmarks" / "learnability_training.py"
OTHERS = ("car", "street", "document", "dog", "sushi")


def test_a_small_network_learns_the_tree_and_learns_nothing_from_shuffled_labels(
    tmp_path: Path,
) -> None:
    python = interpreter("tensorflow", "keras")
    for number in range(150):
        for label, term in (("pizza", "pizza"), ("not_pizza", OTHERS[number % len(OTHERS)])):
            folder = tmp_path / "classes" / label
            folder.mkdir(parents=True, exist_ok=True)
            draw(term, number, long_side=128).save(folder / f"{number}.jpg", quality=90)
    split_folder(tmp_path / "classes", tmp_path / "tree", SplitOptions())
    done = subprocess.run(
        [python, str(TRAINING), str(tmp_path / "tree"), "tensorflow", "12"],
        cwd=tmp_path,
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["accuracy"] > 0.85, told
    assert told["control"] < 0.7, told
