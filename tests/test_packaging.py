"""What people forget: a package in the list, a data file in the wheel, a help text."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from importlib.resources import files
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("scraper", "curation", "datasets")
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def run(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(words, cwd=cwd, capture_output=True, text=True, timeout=120, check=False)


def test_the_list_of_packages_is_the_folders_on_disk() -> None:
    on_disk = {
        "pixset." + ".".join(path.parent.relative_to(ROOT).parts)
        for room in ROOMS
        for path in (ROOT / room).rglob("__init__.py")
    }
    assert set(PYPROJECT["tool"]["setuptools"]["packages"]) == on_disk


def test_every_module_lies_in_a_package() -> None:
    lost = [
        path
        for room in ROOMS
        for path in (ROOT / room).rglob("*.py")
        if not (path.parent / "__init__.py").exists()
    ]
    assert lost == []


@pytest.mark.parametrize("room", ROOMS)
def test_every_file_of_a_room_is_in_the_installed_package(room: str) -> None:
    installed = files(f"pixset.{room}")
    missing = [
        str(path.relative_to(ROOT))
        for path in (ROOT / room).rglob("*")
        if path.is_file()
        and "__pycache__" not in path.parts
        and not installed.joinpath(*path.relative_to(ROOT / room).parts).is_file()
    ]
    assert missing == []


def test_installed_beside_hugging_face_each_keeps_its_own_datasets(tmp_path: Path) -> None:
    pytest.importorskip("datasets", reason="Hugging Face's datasets is not installed")
    done = run(
        sys.executable,
        "-c",
        "import datasets, pixset.datasets as ours; print(datasets.load_dataset, ours.__name__)",
        cwd=tmp_path,
    )
    assert "load_dataset" in done.stdout, done.stderr
    assert "pixset.datasets" in done.stdout


def test_the_repository_root_on_the_path_is_answered_kindly() -> None:
    done = run(sys.executable, "-c", "import datasets", cwd=ROOT)
    assert "not Hugging Face's" in done.stderr


def test_the_command_runs_outside_the_checkout(tmp_path: Path) -> None:
    by_name = run(str(Path(sys.executable).with_name("pixset")), "--version", cwd=tmp_path)
    by_module = run(sys.executable, "-m", "pixset.datasets", "--version", cwd=tmp_path)
    assert by_name.stdout == by_module.stdout == f"pixset {PYPROJECT['project']['version']}\n"


def test_help_imports_nothing_heavy(tmp_path: Path) -> None:
    done = run(sys.executable, "-X", "importtime", "-m", "pixset.datasets", "--help", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    imported = set(re.findall(r"\|\s+([\w.]+)$", done.stderr, flags=re.MULTILINE))
    heavy = {"selenium", "scipy", "imagehash", "numpy", "PIL", "requests", "pandas", "selectolax"}
    assert imported & heavy == set()
