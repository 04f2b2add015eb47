"""A dataset folder: what makes one, and what is said where there is none."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image
from pixset.datasets import cli
from pixset.datasets.catalogue.images import count_images
from pixset.datasets.commands.options import dataset_or_folder
from pixset.datasets.errors import UsageError
from pixset.datasets.project import Project, is_dataset
from pixset.datasets.recipe import Recipe, merge_into
from typer.testing import CliRunner

if TYPE_CHECKING:
    from pathlib import Path


def test_a_folder_with_a_catalogue_is_a_dataset(tmp_path: Path) -> None:
    project = Project(tmp_path / "dataset")
    assert not is_dataset(project.root)
    project.open_catalogue(create=True).close()
    assert is_dataset(project.root)
    assert Project.open(project.root) == project


def test_no_dataset_is_said_with_what_makes_one(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="pixset scrape --term pizza --into"):
        Project.open(tmp_path)
    (tmp_path / "notes.txt").write_text("no folder")
    with pytest.raises(UsageError, match=r"is a file; expected a dataset's folder"):
        Project.open(tmp_path / "notes.txt")


def test_a_pictures_posix_path_is_found_below_the_root(tmp_path: Path) -> None:
    assert Project(tmp_path).image("images/pizza/a.jpg") == tmp_path / "images" / "pizza" / "a.jpg"


def test_an_empty_catalogue_beside_pictures_is_refused_with_the_way_out(tmp_path: Path) -> None:
    project = Project(tmp_path / "dataset")
    project.open_catalogue(create=True).close()
    project.open_catalogue(write=False).close()  # nothing is there yet
    (project.images / "pizza").mkdir(parents=True)
    (project.images / "pizza" / "a.jpg").write_bytes(b"a picture")
    with pytest.raises(UsageError, match=r"images/ holds 1 file:.*pixset import"):
        project.open_catalogue(write=False)


def test_a_damaged_catalogue_is_said_with_a_way_out_that_works(tmp_path: Path) -> None:
    photos, root = tmp_path / "photos", tmp_path / "dataset"
    (photos / "kiln").mkdir(parents=True)
    noise = np.random.default_rng(1).integers(0, 256, (40, 50, 3), dtype=np.uint8)
    Image.fromarray(noise).resize((200, 160)).save(photos / "kiln" / "a.png")
    run = CliRunner()
    assert run.invoke(cli.app, ["import", str(photos), "--into", str(root)]).exit_code == 0
    catalogue = Project(root).catalogue
    for damaged in (b"SQLite format 3\x00" + b"\xff" * 9_000, b"no catalogue" * 900):
        catalogue.write_bytes(damaged)
        with pytest.raises(UsageError, match="damaged") as told:
            Project(root).open_catalogue(write=False)
        assert catalogue.read_bytes() == damaged
    words = re.findall("`pixset (.*)`", str(told.value))[0].split()
    assert run.invoke(cli.app, words).exit_code == 0
    with Project(tmp_path / "dataset-again").open_catalogue(write=False) as cat:
        assert count_images(cat, "kiln") == 1


def test_a_folder_in_the_catalogues_place_is_a_damaged_dataset_and_no_folder_of_pictures(
    tmp_path: Path,
) -> None:
    (tmp_path / "pixset.sqlite").mkdir()
    for look in (dataset_or_folder, Project.open):
        place = look(tmp_path)
        assert place is not None
        with pytest.raises(UsageError, match="not a catalogue"):
            place.open_catalogue()


@pytest.mark.parametrize("name", ["images", "previews", "pages", "pixset.sqlite"])
def test_what_stands_in_a_datasets_way_is_found_before_its_recipe_is_written(
    tmp_path: Path, name: str
) -> None:
    (tmp_path / name).write_text("mine")
    with pytest.raises(UsageError, match=name):
        merge_into(Project(tmp_path), Recipe("r"))
    assert not (tmp_path / "recipe.toml").exists()
