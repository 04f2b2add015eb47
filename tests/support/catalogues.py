"""Datasets filled as a search fills them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from pixset.datasets.catalogue import images, measurements, searches
from pixset.datasets.project import Project
from pixset.scraper.models import Candidate, Query

if TYPE_CHECKING:
    from pathlib import Path

    from pixset.curation.images.facts import Facts
    from pixset.datasets.catalogue import Catalogue

Pictures = Mapping[str, Sequence[bytes]]


def put(project: Project, label: str, pictures: Sequence[bytes], term: str | None = None) -> None:
    """Add pictures to a dataset as one search brought them, best rank first."""
    query = Query(term or label)
    search = searches.SearchRecord(label, "bing", searches.canonical(query), query.term, asked=100)
    with project.open_catalogue(create=True) as cat, cat.transaction():
        searches.begin_search(cat, search)
        for rank, data in enumerate(pictures, 1):
            digest = hashlib.sha256(data).hexdigest()
            path = f"images/{label}/{digest[:16]}.jpg"
            url = f"https://example.org/{digest}"
            if not any(known.sha256 == digest for known in images.images(cat)):
                project.image(path).parent.mkdir(parents=True, exist_ok=True)
                project.image(path).write_bytes(data)
            images.add_image(cat, images.ImageRecord(digest, path, len(data), "jpg"))
            page = "https://example.org/page"
            searches.record_sighting(
                cat, search, Candidate("bing", digest, rank, url, None, page, "A picture"), None
            )
            images.record_fate(cat, images.Fate(url, "http", sha256=digest, status=200))
            images.attach(cat, search, digest, rank, digest, "original")
        searches.end_search(cat, search, "exhausted", "")


def fill(project: Project, labels: Pictures) -> Project:
    """Add pictures to a dataset by their labels."""
    for label, pictures in labels.items():
        put(project, label, pictures)
    return project


def per_engine_and_term(root: Path) -> dict[tuple[str, str], int]:
    """How many results each search of a dataset has brought."""
    with Project(root).open_catalogue() as cat:
        return {(one.engine, one.term): one.found for one in searches.searches(cat)}


def all_facts(cat: Catalogue) -> dict[str, Facts]:
    """Everything measured, by sha256, in its order."""
    return {facts.sha256: facts for facts in measurements.each_facts(cat)}
