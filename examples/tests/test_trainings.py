"""Each training from a tree to a saved model and its pictures, and what is asked of it after."""

from __future__ import annotations

import http.server
import os
import random
import subprocess
import sys
import threading
from functools import partial
from typing import TYPE_CHECKING

from shared import models

import keras
import numpy as np
import pytest
from conftest import EXAMPLES, drawn
from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


def run(script: str, *words: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run a project's script as its README says, in an environment that says nothing to it."""
    told = {name: value for name, value in os.environ.items() if not name.startswith("TF_")}
    return subprocess.run(
        [sys.executable, str(EXAMPLES / script), *map(str, words)],
        cwd=cwd,
        env=told,
        capture_output=True,
        text=True,
        check=False,
    )


def test_pizza_learns_colours_and_leaves_a_model_pictures_and_f1_of_both_classes(
    make_tree: Callable[..., Path], tmp_path: Path
) -> None:
    tree = make_tree(["pizza", "not_pizza"], each=40)
    outside = tmp_path / "elsewhere.png"
    drawn(0.5, 77).save(outside)
    done = run("pizza/train.py", tree, "--epochs", 8, "--outside", outside, cwd=tmp_path)
    assert done.returncode == 0, done.stderr[-2000:]
    model, labels = models.load(tmp_path / "pizza.keras")
    assert labels == ["Not pizza", "Pizza"]
    assert model.output_shape == (None, 2)
    for kind in ("labels", "course", "answers", "outside"):
        with Image.open(tmp_path / f"pizza.{kind}.png") as picture:
            assert min(picture.size) > 100
    report = {
        line.split()[0]: line.split()
        for line in done.stdout.splitlines()
        if "f1" not in line and line.split()
    }
    assert "Warning" not in done.stderr
    assert "precision    recall  f1-score" in done.stdout
    assert float(report["Pizza"][3]) > 0.8, done.stdout
    assert f"{outside}: Pizza" in done.stdout


def test_a_second_positive_takes_no_change(make_tree: Callable[..., Path], tmp_path: Path) -> None:
    tree = make_tree(["hot_dog", "not_hot_dog"])
    done = run("pizza/train.py", tree, "--epochs", 1, "--model", "dog.keras", cwd=tmp_path)
    assert done.returncode == 0, done.stderr[-2000:]
    assert models.load(tmp_path / "dog.keras")[1] == ["Hot dog", "Not hot dog"]


def test_scenes_train_and_classify_tells_the_top_three(
    make_tree: Callable[..., Path], tmp_path: Path
) -> None:
    tree = make_tree(["nature", "coast", "text_document", "sky"], each=8)
    done = run("scenes/train.py", tree, "--epochs", 1, "--weights", "none", cwd=tmp_path)
    assert done.returncode == 0, done.stderr[-2000:]
    picture = next(tree.rglob("*.jpg"))
    told = run("scenes/classify.py", picture, cwd=tmp_path)
    assert told.returncode == 0, told.stderr[-2000:]
    lines = told.stdout.splitlines()
    shares = [float(line.split()[-1]) for line in lines]
    assert len(lines) == 3
    assert shares == sorted(shares, reverse=True)
    assert {line.rsplit(maxsplit=1)[0] for line in lines} <= {
        "Nature",
        "Coast",
        "Text document",
        "Sky",
    }


def test_flowers_are_measured_on_the_test_split(
    make_tree: Callable[..., Path], tmp_path: Path
) -> None:
    flowers = ["daisy", "dandelion", "rose", "sunflower", "tulip"]
    tree = make_tree(flowers, each=6, splits=("train", "val", "test"))
    done = run("flowers/train.py", tree, "--epochs", 1, "--weights", "none", cwd=tmp_path)
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.splitlines()[-1].startswith("test: loss ")
    assert (tmp_path / "flowers.course.png").is_file()
    model, labels = models.load(tmp_path / "flowers.keras")
    assert labels == ["Daisy", "Dandelion", "Rose", "Sunflower", "Tulip"]
    assert model.output_shape == (None, 5)


def test_a_model_from_elsewhere_or_none_at_all_is_one_line(tmp_path: Path) -> None:
    done = run("scenes/classify.py", "photo.jpg", cwd=tmp_path)
    assert (done.returncode, done.stderr.strip()) == (
        1,
        "scenes.keras: there is no trained model; run train.py first",
    )
    (tmp_path / "scenes.keras").write_bytes(b"no archive")
    done = run("scenes/classify.py", "photo.jpg", cwd=tmp_path)
    assert done.stderr.strip().endswith("not a model that train.py saved (it holds no labels)")


def test_a_folder_without_a_tree_and_missing_weights_are_one_line(
    make_tree: Callable[..., Path], tmp_path: Path
) -> None:
    done = run("pizza/train.py", tmp_path, cwd=tmp_path)
    assert done.returncode == 2
    assert "no train folder there; make the set first" in done.stderr.splitlines()[-1]
    tree = make_tree(["sky", "lake"], each=4)
    done = run("scenes/train.py", tree, "--weights", "gone.h5", cwd=tmp_path)
    assert done.stderr.splitlines()[-1] == "--weights gone.h5: there is no such file"


def test_weights_that_cannot_be_downloaded_say_what_to_get_and_where_to_put_it(
    make_tree: Callable[..., Path], tmp_path: Path
) -> None:
    tree = make_tree(["sky", "lake"], each=4)
    told = {
        **os.environ,
        "KERAS_HOME": str(tmp_path / "keras"),
        "https_proxy": "http://127.0.0.1:9",
    }
    done = subprocess.run(
        [sys.executable, str(EXAMPLES / "scenes/train.py"), str(tree)],
        cwd=tmp_path,
        env=told,
        capture_output=True,
        text=True,
        check=False,
    )
    last = done.stderr.splitlines()[-1]
    assert done.returncode == 1
    assert "mobilenet_v2_weights" in last
    assert str(tmp_path / "keras" / "models") in last
    assert "--weights FILE" in last


def test_weights_are_taken_from_a_file(tmp_path: Path) -> None:
    shape = {"input_shape": (32, 32, 3), "include_top": False}
    whole = keras.applications.MobileNetV2(weights=None, **shape)
    path = tmp_path / "mine.weights.h5"
    whole.save_weights(path)
    again = models.pretrained(keras.applications.MobileNetV2, str(path), **shape)
    for one, two in zip(whole.get_weights(), again.get_weights(), strict=True):
        assert np.array_equal(one, two)


@pytest.fixture
def web(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A folder served over HTTP on the loopback."""
    folder = tmp_path / "served"
    folder.mkdir()
    handler = partial(http.server.SimpleHTTPRequestHandler, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", folder
        server.shutdown()


def test_the_command_line_tells_a_photo_behind_an_address_and_draws_bars(
    web: tuple[str, Path], lite: Path, samples: Path, tmp_path: Path
) -> None:
    address, folder = web
    photo = min((samples / "pizza").iterdir())
    (folder / "photo.jpg").write_bytes(photo.read_bytes())
    done = run("classify/classify.py", f"{address}/photo.jpg", "--weights", lite, cwd=tmp_path)
    assert done.returncode == 0, done.stderr[-2000:]
    assert len(done.stdout.splitlines()) == 6
    with Image.open(tmp_path / "classes.png") as chart:
        assert chart.width > chart.height


def test_the_command_line_says_in_one_line_what_it_cannot_read(
    web: tuple[str, Path], lite: Path, tmp_path: Path
) -> None:
    address, folder = web
    (folder / "words.jpg").write_text("no picture")
    for place, wanted in (
        ("gone.jpg", "gone.jpg: there is no such file"),
        (f"{address}/gone.jpg", "could not be fetched: 404"),
        (f"{address}/words.jpg", "is not a picture that can be read"),
    ):
        done = run("classify/classify.py", place, "--weights", lite, cwd=tmp_path)
        assert done.returncode == 1
        assert wanted in done.stderr.splitlines()[-1]


def test_each_stock_network_runs_on_a_picture_of_its_size(tmp_path: Path) -> None:
    picture = tmp_path / "drawn.png"
    drawn(0.1, 3).save(picture)
    for network in ("resnet50", "xception"):
        done = run(
            "classify/classify.py",
            picture,
            "--network",
            network,
            "--weights",
            "none",
            "--top",
            2,
            cwd=tmp_path,
        )
        assert done.returncode == 0, done.stderr[-2000:]
        assert len(done.stdout.splitlines()) == 3


def test_pizza_is_among_the_top_three_of_real_photographs(
    lite: Path, samples: Path, module: Callable[[str], object]
) -> None:
    networks = module("classify/networks.py")
    from shared import pictures

    network = networks.load(weights=str(lite))
    photos = sorted((samples / "pizza").iterdir())
    right = sum(
        "pizza" in [name for name, _ in network.best(pictures.read_place(str(photo)))]
        for photo in photos
    )
    assert right / len(photos) >= 0.8


@pytest.mark.parametrize(
    ("script", "words", "said"),
    [
        ("pizza/train.py", ("--epochs", -random.Random(3).randrange(9)), "whole number, 1 or more"),
        ("flowers/train.py", ("--batch", "0"), "whole number, 1 or more"),
        ("classify/classify.py", ("--top", "none"), "whole number, 1 or more"),
        ("web/server.py", ("--port", random.Random(4).randrange(2**16, 2**20)), "expected a port"),
        ("pizza/train.py", ("--outside", "gone.jpg"), "gone.jpg: there is no such file"),
    ],
)
def test_a_mistake_on_the_command_line_is_told_before_anything_is_done(
    script: str,
    words: tuple[object, ...],
    said: str,
    make_tree: Callable[..., Path],
    tmp_path: Path,
) -> None:
    tree = () if script == "web/server.py" else (make_tree(["sky", "lake"], each=4),)
    done = run(script, *tree, *words, cwd=tmp_path)
    assert done.returncode
    assert said in done.stderr.splitlines()[-1]
    assert not list(tmp_path.glob("*.png"))
