"""A dataset to report on."""

from __future__ import annotations

import tarfile
from pathlib import Path

import pytest
from pixset.datasets.project import Project

DATA = Path(__file__).resolve().parents[2] / "data"


@pytest.fixture
def dataset(tmp_path: Path) -> Project:
    """A dataset of 22 drawn pictures with copies, two splits and a person's words."""
    with tarfile.open(DATA / "dataset-0.1.0.tar.gz") as archive:
        archive.extractall(tmp_path, filter="data")
    return Project.open(tmp_path / "v0.1.0")
