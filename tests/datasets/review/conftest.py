"""A small dataset to review: a catalogue with pictures, doubts of every kind, and a split."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from PIL import Image, ImageDraw
from pixset.curation.images.measure import look
from pixset.datasets.catalogue import decisions, families, images, measurements, searches
from pixset.datasets.catalogue import placements as placing
from pixset.datasets.catalogue.decisions import Verdict
from pixset.datasets.catalogue.families import MemberRow
from pixset.datasets.catalogue.placements import Placement
from pixset.datasets.project import Project
from pixset.scraper.models import Candidate, Query
from support.pictures import sha_of

if TYPE_CHECKING:
    from pathlib import Path

    from pixset.datasets.catalogue import Catalogue

LABELS = ("not_pizza", "pizza")


@dataclass
class Shelf:
    """A dataset and what is special in it, by SHA-256."""

    project: Project
    shas: list[str] = field(default_factory=list)
    pair: tuple[str, str] = ("", "")
    torn: str = ""  # stands under two labels
    blank: str = ""  # a check finds it blank

    def standings(self) -> dict[str, decisions.Standing]:
        """What is decided of each picture by now."""
        with self.project.open_catalogue(write=False) as cat:
            return decisions.standings(cat)


def drawn(number: int) -> bytes:
    """A PNG unlike the others; number 9 is one plain tone."""
    picture = Image.new("RGB", (160, 120 + number), (25 * number, 120, 60))
    if number != 9:
        pen = ImageDraw.Draw(picture)
        for step in range(12):
            pen.ellipse((step * 12, step * number, step * 12 + 30, 90), fill=(step * 20, 30, 200))
    data = io.BytesIO()
    picture.save(data, "PNG")
    return data.getvalue()


def shelve(project: Project, cat: Catalogue, number: int, labels: tuple[str, ...]) -> str:
    """Put a picture into the dataset as if engines had shown it under these labels."""
    data = drawn(number)
    sha = sha_of(data)
    path = f"images/{labels[0]}/{sha[:16]}.png"
    project.image(path).parent.mkdir(parents=True, exist_ok=True)
    project.image(path).write_bytes(data)
    images.add_image(cat, images.ImageRecord(sha, path, len(data), "png"))
    for label in labels:
        search = searches.SearchRecord(
            label, "bing", searches.canonical(Query(label)), label, asked=20
        )
        searches.begin_search(cat, search)
        candidate = Candidate("bing", f"key-{number}", number + 1, f"https://a.org/{number}", None)
        searches.record_sighting(cat, search, candidate, None)
        images.attach(cat, search, candidate.key, number + 1, sha, "original")
    measurements.put_facts(cat, look(data))
    return sha


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    """Ten pictures: eight placed (two of them in val), one pair, one conflict, one blank."""
    made = Shelf(Project(tmp_path / "pizza"))
    with made.project.open_catalogue(create=True) as cat, cat.transaction():
        for number in range(10):
            labels = LABELS if number == 8 else (LABELS[number % 2],)
            made.shas.append(shelve(made.project, cat, number, labels))
        shas = made.shas
        made.pair, made.torn, made.blank = (shas[1], shas[3]), shas[8], shas[9]
        families.put_members(
            cat,
            [MemberRow(shas[3], shas[1], shas[1], "maybe", 7, 9, 0.04), MemberRow(shas[1], None)],
        )
        conflict = Verdict(shas[8], "drop", "rule", "label-conflict", {"labels": list(LABELS)})
        decisions.record_verdicts(cat, [conflict, Verdict(shas[9], "drop", "rule", "blank")])
        placing.put_placements(
            cat,
            [
                Placement(
                    sha,
                    LABELS[n % 2],
                    "val" if n < 2 else "train",
                    f"{'val' if n < 2 else 'train'}/{LABELS[n % 2]}/{sha[:16]}.jpg",
                )
                for n, sha in enumerate(shas[:8])
            ],
        )
    return made
