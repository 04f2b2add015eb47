"""Drawn pictures, and small datasets and folders made of them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image
from pixset.datasets.catalogue import web
from pixset.datasets.project import Project
from pixset.scraper.models import Candidate, Query

if TYPE_CHECKING:
    from pathlib import Path

Pictures = Mapping[str, Sequence[bytes]]


def _draw(number: int, size: tuple[int, int] = (160, 120)) -> Image.Image:
    """A picture of soft coloured patches, unlike any other number's."""
    patches = np.random.default_rng(number).integers(0, 256, (6, 8, 3)).astype(np.uint8)
    return Image.fromarray(patches).resize(size, Image.Resampling.BICUBIC)


def _encode(image: Image.Image, kind: str = "JPEG", **options: object) -> bytes:
    out = BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def _jpeg(number: int, size: tuple[int, int] = (160, 120), quality: int = 90) -> bytes:
    return _encode(_draw(number, size), quality=quality)


def _put(project: Project, label: str, pictures: Sequence[bytes], term: str | None = None) -> None:
    """Add pictures to a dataset as one search brought them, best rank first."""
    query = Query(term or label)
    search = web.Search(label, "bing", web.canonical(query), query.term, asked=100)
    with project.open_catalogue(create=True) as cat, cat.transaction():
        web.begin_search(cat, search)
        for rank, data in enumerate(pictures, 1):
            digest = hashlib.sha256(data).hexdigest()
            path = f"images/{label}/{digest[:16]}.jpg"
            url = f"https://example.org/{digest}"
            if not any(known.sha256 == digest for known in web.pictures(cat)):
                project.image(path).parent.mkdir(parents=True, exist_ok=True)
                project.image(path).write_bytes(data)
            web.add_picture(cat, web.Picture(digest, path, len(data), "jpg"))
            page = "https://example.org/page"
            web.see(
                cat, search, Candidate("bing", digest, rank, url, None, page, "A picture"), None
            )
            web.settle(cat, web.Fate(url, "http", sha256=digest, status=200))
            web.put_label(cat, search, digest, rank, digest, "original")
        web.end_search(cat, search, "exhausted", "")


@pytest.fixture(scope="session")
def draw() -> Callable[..., Image.Image]:
    """A number to a picture, as pixels."""
    return _draw


@pytest.fixture(scope="session")
def encode() -> Callable[..., bytes]:
    """Pixels to a file's bytes."""
    return _encode


@pytest.fixture(scope="session")
def jpeg() -> Callable[..., bytes]:
    """A number to a JPEG."""
    return _jpeg


@pytest.fixture(scope="session")
def put() -> Callable[..., None]:
    """Add pictures to a dataset."""
    return _put


@pytest.fixture
def dataset(tmp_path: Path) -> Callable[[Pictures], Project]:
    def make(labels: Pictures) -> Project:
        project = Project(tmp_path / "dataset")
        for label, pictures in labels.items():
            _put(project, label, pictures)
        return project

    return make


@pytest.fixture
def two_labels(dataset: Callable[[Pictures], Project]) -> Project:
    """Ten pizzas and ten others, all different."""
    return dataset(
        {
            "pizza": [_jpeg(n) for n in range(10)],
            "not_pizza": [_jpeg(n) for n in range(100, 110)],
        }
    )


@pytest.fixture
def folder(tmp_path: Path) -> Callable[[Mapping[str, bytes]], Path]:
    """A plain folder of files, by posix path."""

    def make(files: Mapping[str, bytes], name: str = "photos") -> Path:
        root = tmp_path / name
        for path, data in files.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(data)
        return root

    return make
