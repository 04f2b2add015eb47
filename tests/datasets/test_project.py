"""A dataset folder: what makes one, and what is said where there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pixset.datasets.errors import UsageError
from pixset.datasets.project import Project, is_dataset

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


def test_a_pictures_posix_path_is_found_below_the_root(tmp_path: Path) -> None:
    assert Project(tmp_path).image("images/pizza/a.jpg") == tmp_path / "images" / "pizza" / "a.jpg"


def test_an_empty_catalogue_beside_pictures_is_refused_with_the_way_out(tmp_path: Path) -> None:
    project = Project(tmp_path / "dataset")
    project.open_catalogue(create=True).close()
    project.open_catalogue(write=False).close()  # nothing is there yet
    (project.images / "pizza").mkdir(parents=True)
    (project.images / "pizza" / "a.jpg").write_bytes(b"a picture")
    with pytest.raises(UsageError, match=r"images/ holds 1 files.*pixset import"):
        project.open_catalogue(write=False)
