"""A tree that pixset laid out, its exports, and the interpreters that hold training packages.

`PIXSET_LOADERS_PYTHON` lists interpreters (separated as in PATH); each probe runs in the first
that has its package, else in the one that runs the tests, else it is skipped with the reason.
`tests/loaders/run.sh` makes one that has them all.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image
from pixset.datasets.exporters import ExportOptions, export
from pixset.datasets.tree.settings import SplitOptions
from pixset.datasets.tree.split_folder import split_folder
from pixset.scraper.replica.drawing.draw import draw

if TYPE_CHECKING:
    from collections.abc import Callable

HERE = Path(__file__).resolve().parent
# Class folders as people name them; as slugs they are not_pizza, pizza, sushi.
TERMS = {"Not pizza": "car", "pizza": "pizza", "Sushi": "sushi"}
EACH = 20


_TABLE: list[str] = []


@pytest.fixture
def cell() -> Callable[[str, dict[str, Any]], None]:
    """Put a line into the table of what was loaded, once everything about it was asserted."""

    def line(loader: str, told: dict[str, Any]) -> None:
        used = ", ".join(f"{name} {number}" for name, number in told["versions"].items())
        _TABLE.append(f"| {loader} | {used} |")

    return line


def pytest_sessionfinish() -> None:
    """Write the table where PIXSET_LOADERS_TABLE says, for README."""
    wanted = os.environ.get("PIXSET_LOADERS_TABLE")
    if wanted and _TABLE:
        lines = ["| read with | versions |", "|---|---|", *_TABLE]
        Path(wanted).write_text("\n".join(lines) + "\n", "utf-8")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here is of the mark `loaders`."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.loaders)


def save_odd(picture: Image.Image, number: int, folder: Path) -> None:
    """Save a source in the manner of its number: the kinds that loaders treat differently."""
    path = folder / f"{number}"
    if number == 1:  # turned by EXIF: Hugging Face turns it back, the others do not
        exif = Image.Exif()
        exif[0x0112] = 6
        picture.save(path.with_suffix(".jpg"), exif=exif)
    elif number == 2:
        picture.convert("CMYK").save(path.with_suffix(".jpg"))
    elif number == 3:
        picture.convert("P").save(path.with_suffix(".png"))
    elif number == 4:
        picture.save(path.with_suffix(".webp"))
    elif number == 5:
        picture.convert("L").save(path.with_suffix(".jpg"))
    elif number == 6:
        picture.putalpha(180)
        picture.save(path.with_suffix(".png"))
    elif number == 7:
        picture.save(path.with_suffix(".jpg"), progressive=True)
    elif number == 8:  # does not end with FFD9: ultralytics would rewrite it
        picture.save(path.with_suffix(".jpg"))
        with path.with_suffix(".jpg").open("ab") as file:
            file.write(bytes(100))
    else:
        picture.save(path.with_suffix(".jpg"), quality=90)


@dataclass(frozen=True)
class Laid:
    """A tree as pixset says it is: `labels` and `colours` by id, on each side."""

    root: Path
    classes: list[str]
    labels: dict[str, dict[str, int]]
    colours: dict[str, list[float]]


def read(root: Path) -> Laid:
    """Read the truth off a tree's manifest and files."""
    labels: dict[str, dict[str, int]] = {}
    colours = {}
    for line in (root / "manifest.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        labels.setdefault(row["split"], {})[row["id"]] = row["label_id"]
        with Image.open(root / row["file_name"]) as picture:
            pixels = np.asarray(picture, dtype=float)
        colours[row["id"]] = [float(value) for value in pixels.reshape(-1, 3).mean(axis=0)]
    classes = (root / "classes.txt").read_text("utf-8").split()
    return Laid(root, classes, labels, colours)


@pytest.fixture(scope="session")
def laid(tmp_path_factory: pytest.TempPathFactory) -> Laid:
    """Sixty drawn pictures in three labels, laid out by `pixset split`; only ever read."""
    base = tmp_path_factory.mktemp("laid")
    for name, term in TERMS.items():
        folder = base / "classes" / name
        folder.mkdir(parents=True)
        for number in range(EACH):
            save_odd(draw(term, number, long_side=160), number, folder)
    split_folder(base / "classes", base / "tree", SplitOptions())
    return read(base / "tree")


@pytest.fixture(scope="session")
def exported(laid: Laid, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Export the tree in a format, once a session."""
    base = tmp_path_factory.mktemp("exported")

    @cache
    def make(form: str) -> Path:
        return export(laid.root, form, base / form, ExportOptions(shard_size=20)).out

    return make


@cache
def _has(python: str, module: str) -> bool:
    code = f"import importlib.util as u; raise SystemExit(u.find_spec({module!r}) is None)"
    return subprocess.run([python, "-P", "-c", code], check=False).returncode == 0


def interpreter(*modules: str) -> str:
    """An interpreter that has all of these modules; skips the test where there is none."""
    listed = [p for p in os.environ.get("PIXSET_LOADERS_PYTHON", "").split(os.pathsep) if p]
    for python in (*listed, sys.executable):
        if all(_has(python, module) for module in modules):
            return python
    pytest.skip(f"no {' and '.join(modules)} here: `make loaders` installs it")


@pytest.fixture
def probe(tmp_path: Path) -> Callable[..., dict[str, Any]]:
    """Run a probe as a user would, outside the repository, and return what it told."""

    def run(name: str, *words: object, modules: tuple[str, ...]) -> dict[str, Any]:
        python = interpreter(*modules)
        script = HERE / "probes" / f"{name}.py"
        quiet = {
            "CUDA_VISIBLE_DEVICES": "",
            "HF_DATASETS_DISABLE_PROGRESS_BARS": "1",
            "HF_HOME": str(tmp_path / "hugging-face"),
            "HF_HUB_OFFLINE": "1",
            "TF_CPP_MIN_LOG_LEVEL": "3",
            "YOLO_CONFIG_DIR": str(tmp_path),
            "YOLO_OFFLINE": "true",
        }
        done = subprocess.run(
            [python, str(script), *map(str, words)],
            cwd=tmp_path,
            env={**os.environ, **quiet},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-3000:] or done.stdout[-3000:]
        told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return told

    return run
