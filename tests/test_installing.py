"""Wheel and sdist are whole, and a hint names what works where it is read."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest
from pixset.curation.extras import how_to_install, install_line
from support.folders import write_files
from support.pictures import encode, photo

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("scraper", "curation", "datasets")
SOURCES = (*ROOMS, "pyproject.toml", "README.md", "LICENSE")


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An sdist, and the wheel that is built from it, from a copy of the sources."""
    pytest.importorskip("build", reason="build is not installed (extra: dev)")
    copy = tmp_path_factory.mktemp("sources")
    for name in SOURCES:
        if (ROOT / name).is_dir():
            shutil.copytree(
                ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__", "*.pyc")
            )
        else:
            shutil.copy(ROOT / name, copy / name)
    done = subprocess.run(
        [sys.executable, "-P", "-m", "build", "--no-isolation", str(copy)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return copy / "dist"


def files_of_rooms() -> set[str]:
    return {
        path.relative_to(ROOT).as_posix()
        for room in ROOMS
        for path in (ROOT / room).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_the_wheel_holds_every_file_of_every_room_and_nothing_else(dist: Path) -> None:
    (wheel,) = dist.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    held = {name.removeprefix("pixset/") for name in names if name.startswith("pixset/")}
    assert held == files_of_rooms()
    others = {name.split("/")[0] for name in names if not name.startswith("pixset/")}
    assert [name for name in others if not name.endswith(".dist-info")] == []


def test_the_sdist_holds_what_a_wheel_is_built_of(dist: Path) -> None:
    (sdist,) = dist.glob("*.tar.gz")
    with tarfile.open(sdist) as packed:
        names = {name.partition("/")[2] for name in packed.getnames()}
    assert files_of_rooms() | {"pyproject.toml", "README.md", "LICENSE"} <= names


def test_twine_has_nothing_to_say(dist: Path) -> None:
    pytest.importorskip("twine", reason="twine is not installed (extra: dev)")
    done = subprocess.run(
        [sys.executable, "-P", "-m", "twine", "check", "--strict", *map(str, dist.iterdir())],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_the_wheel_works_outside_the_checkout(dist: Path, tmp_path: Path) -> None:
    (wheel,) = dist.glob("*.whl")
    zipfile.ZipFile(wheel).extractall(tmp_path / "site")
    classes = {
        f"classes/{label}/{n}.jpg": encode(photo(n + shift))
        for shift, label in ((0, "cat"), (50, "dog"))
        for n in range(6)
    }
    write_files(tmp_path, classes)
    for words in (
        ["--help"],
        ["recipe", "show", "scenes36"],
        ["recipe", "new", "x", "--positive", "hot dog"],
        ["import", "classes"],
        ["split", "--size", "32"],
        ["report", "--html", "page.html"],
    ):
        code = (
            "import sys, pixset.datasets as ours, pixset.datasets.__main__ as command\n"
            f"assert ours.__file__.startswith({str(tmp_path / 'site')!r}), ours.__file__\n"
            "command.main()"
        )
        done = subprocess.run(
            [sys.executable, "-P", "-c", code, *words],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(tmp_path / "site")},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{words}: {done.stderr}"
    assert len(list((tmp_path / "dataset" / "ready").glob("*/*/*.jpg"))) == 12


def test_a_hint_in_a_checkout_names_the_checkout(tmp_path: Path) -> None:
    there = {"url": tmp_path.as_uri(), "dir_info": {}}
    editable = {"url": tmp_path.as_uri(), "dir_info": {"editable": True}}
    venv = tmp_path / ".venv"
    assert install_line("parquet", there, venv, tmp_path) == "pip install '.[parquet]'"
    assert install_line("parquet", there, venv, Path("/")) == f"pip install '{tmp_path}[parquet]'"
    assert install_line("noise", editable, venv, tmp_path) == "pip install --editable '.[noise]'"


def test_a_hint_after_a_wheel_names_the_wheel_and_else_the_name(tmp_path: Path) -> None:
    wheel = {"url": "file:///tmp/pixset-0.2.0-py3-none-any.whl", "archive_info": {}}
    line = install_line("report", wheel, tmp_path, tmp_path)
    assert line == f"pip install 'pixset[report] @ {wheel['url']}'"
    assert install_line("report", None, tmp_path, tmp_path) == "pip install 'pixset[report]'"


def test_a_hint_in_an_environment_of_pipx_or_uv_uses_that(tmp_path: Path) -> None:
    (tmp_path / "pipx_metadata.json").touch()
    line = install_line("noise", None, tmp_path, tmp_path)
    assert line == "pipx install --force 'pixset[noise]'"
    (tmp_path / "pipx_metadata.json").rename(tmp_path / "uv-receipt.toml")
    line = install_line("noise", None, tmp_path, tmp_path)
    assert line == "uv tool install --force 'pixset[noise]'"


def test_the_hint_for_this_very_installation_names_the_extra() -> None:
    assert "[parquet]" in how_to_install("parquet")
