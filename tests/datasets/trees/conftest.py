"""Small datasets and folders of drawn pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pixset.datasets.project import Project
from support import catalogues, folders, pictures

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path


@pytest.fixture
def dataset(tmp_path: Path) -> Callable[[Mapping[str, Sequence[bytes]]], Project]:
    """A dataset of these pictures by label."""

    def make(labels: Mapping[str, Sequence[bytes]]) -> Project:
        return catalogues.fill(Project(tmp_path / "dataset"), labels)

    return make


@pytest.fixture
def two_labels(tmp_path: Path) -> Project:
    """Ten pizzas and ten others, all different."""
    return catalogues.fill(
        Project(tmp_path / "dataset"),
        {
            "pizza": [pictures.jpeg(n) for n in range(10)],
            "not_pizza": [pictures.jpeg(n) for n in range(100, 110)],
        },
    )


@pytest.fixture
def folder(tmp_path: Path) -> Callable[..., Path]:
    """A plain folder of files, by posix path."""

    def make(files: Mapping[str, bytes], name: str = "photos") -> Path:
        return folders.write_files(tmp_path / name, files)

    return make
