"""The examples run as their first lines say, for an epoch, without any pretrained weights."""

from __future__ import annotations

import base64
import json
import os
import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import requests
from pixset.datasets.tree.ready import Choice
from pixset.datasets.tree.split_folder import split_folder
from pixset.scraper.replica.drawing.draw import draw

from .conftest import interpreter

if TYPE_CHECKING:
    from collections.abc import Callable

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
QUIET = {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "", "KERAS_BACKEND": "tensorflow"}


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dozen pictures of two labels, laid out."""
    interpreter("tensorflow", "keras")  # draws nothing where nothing will run
    base = tmp_path_factory.mktemp("small")
    for number in range(6):
        for label, term in (("pizza", "pizza"), ("not_pizza", "car")):
            folder = base / "classes" / label
            folder.mkdir(parents=True, exist_ok=True)
            draw(term, number, long_side=128).save(folder / f"{number}.jpg")
    split_folder(base / "classes", base / "ready", Choice())
    return base / "ready"


@pytest.fixture
def example(tmp_path: Path) -> Callable[..., str]:
    """Run an example in the interpreter that has Keras, in an empty folder; its last line."""

    def run(name: str, *words: object) -> str:
        python = interpreter("tensorflow", "keras")
        done = subprocess.run(
            [python, str(EXAMPLES / name), *map(str, words)],
            cwd=tmp_path,
            env={**os.environ, **QUIET},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout.splitlines()[-1]

    return run


def test_the_pizza_network_trains_and_is_saved(
    small: Path, example: Callable[..., str], tmp_path: Path
) -> None:
    assert "saved as pizza.keras" in example("pizza_cnn.py", small, "--epochs", 1)
    assert (tmp_path / "pizza.keras").is_file()


def test_the_flower_network_trains_in_both_phases(small: Path, example: Callable[..., str]) -> None:
    last = example("flowers_resnet50.py", small, "--epochs", 1, "--weights", "none")
    assert "labels not_pizza, pizza" in last


def test_the_thousand_class_network_predicts_in_batches(
    small: Path, example: Callable[..., str]
) -> None:
    photos = sorted(small.rglob("*.jpg"))[:3]
    last = example("predict_resnet50.py", "--weights", "none", *photos)
    assert re.match(rf"{re.escape(str(photos[2]))}: class \d+ \d\.\d\d, class", last)


def test_the_scene_network_trains_and_serves_tags_in_batches(
    small: Path, example: Callable[..., str], tmp_path: Path
) -> None:
    example("scenes_mobilenet.py", small, "--epochs", 1, "--weights", "none")
    python = interpreter("tensorflow", "keras")
    serving = subprocess.Popen(
        [python, "-u", str(EXAMPLES / "serve_tags.py"), "scenes.keras", "--port", "0"],
        cwd=tmp_path,
        env={**os.environ, **QUIET},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert serving.stdout is not None
        address = next(line for line in serving.stdout if "http://" in line).split()[-1]
        pictures = [path.read_bytes() for path in sorted(small.rglob("*.jpg"))[:3]]
        texts = [base64.b64encode(data).decode() for data in (*pictures, b"no picture")]
        answer = requests.post(address, data=json.dumps(texts), timeout=120).json()
    finally:
        serving.terminate()
        serving.communicate()
    assert answer[3] is None
    for told in answer[:3]:
        assert told == ["Unknown"] or set(told) <= {"not_pizza", "pizza"}


def test_tags_follow_the_rule(example: Callable[..., str], tmp_path: Path) -> None:
    lines = [
        "import sys",
        f"sys.path.insert(0, {str(EXAMPLES)!r})",
        "import numpy as np",
        "from serve_tags import tags",
        "labels = ['beach', 'coast', 'sky', 'food']",
        "shares = ([.91, .05, .02, .02], [.3, .28, .2, .22], [.25, .25, .25, .25])",
        "print([tags(np.array(one), labels) for one in shares])",
    ]
    (tmp_path / "rule.py").write_text("\n".join(lines))
    told = example(str(tmp_path / "rule.py"))
    assert told == "[['beach'], ['beach', 'coast'], ['Unknown']]"
