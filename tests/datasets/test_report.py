"""The table: what each column counts, that rows add up, and why there is not more."""

from __future__ import annotations

import io
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from PIL import Image
from pixset.datasets.catalogue import decisions, images, searches
from pixset.datasets.catalogue.images import Fate
from pixset.datasets.catalogue.searches import SearchRecord
from pixset.datasets.collect import image_store as pool
from pixset.datasets.commands.console import Table, to_text
from pixset.datasets.commands.summaries import refuse_missing, status_blocks
from pixset.datasets.curate import curate
from pixset.datasets.errors import LabelMissing
from pixset.datasets.project import Project
from pixset.datasets.recipe import Asked, Label, Recipe
from pixset.datasets.status import DatasetStatus, report
from pixset.scraper.models import Candidate, Query

if TYPE_CHECKING:
    from pathlib import Path

    from pixset.datasets.catalogue import Catalogue

RECIPE = Recipe(
    "r",
    (Label("pizza", queries=(Asked(Query("pizza")),), target=100, exclude=("logo",)),),
)
BING = SearchRecord("pizza", "bing", searches.canonical(Query("pizza")), "pizza", asked=6)
GOOGLE = replace(BING, engine="google", asked=5)


def picture(number: int, side: int = 300) -> bytes:
    """A varied picture: bands whose colours and widths depend on `number`."""
    image = Image.new("RGB", (side, side))
    for x in range(side):
        for y in range(0, side, 4):
            shade = (x * (number + 3) * 7 + y * (number * number + 5)) % 256
            for dy in range(4):
                image.putpixel((x, y + dy), (shade, (shade * 3 + number * 40) % 256, 255 - shade))
    out = io.BytesIO()
    image.resize((side, side)).save(out, "JPEG", quality=90)
    return out.getvalue()


def show(
    project: Project,
    cat: Catalogue,
    search: SearchRecord,
    rank: int,
    data: bytes | str | None,
    title: str = "",
) -> None:
    """One result: with its picture (bytes), its failure (a word), or no fate yet (None)."""
    url = f"https://{search.engine}.example/{rank}.jpg"
    claim = Candidate(search.engine, f"k{rank}", rank, None, url, title=title or "A dish")
    searches.record_sighting(cat, search, claim, url)
    if isinstance(data, bytes):
        sha256 = pool.keep(project, cat, search.label, data, "jpg")
        images.record_fate(cat, Fate(url, "http", sha256=sha256))
        images.attach(cat, search, claim.key, rank, sha256, "preview")
    elif data is not None:
        images.record_fate(cat, Fate(url, "http", failure=data))


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project(tmp_path / "dataset")
    with made.open_catalogue(create=True) as cat, cat.transaction():
        for search in (BING, GOOGLE):
            searches.begin_search(cat, search)
        show(made, cat, BING, 1, picture(1))
        show(made, cat, BING, 2, picture(2))
        show(made, cat, BING, 3, picture(3)[:200])  # cut off: unreadable
        show(made, cat, BING, 4, "http-404")
        show(made, cat, BING, 5, None, title="Pizza logo")
        show(made, cat, BING, 6, None)
        show(made, cat, GOOGLE, 1, picture(1))  # the same bytes
        show(made, cat, GOOGLE, 2, picture(4))
        searches.end_search(cat, BING, "limit", "")
    return made


def read(project: Project) -> DatasetStatus:
    with project.open_catalogue(write=False) as cat:
        return report(cat, RECIPE)


def test_before_anything_was_looked_at_nothing_is_valid_or_kept(project: Project) -> None:
    told = read(project)
    total = told.totals["pizza"]
    assert (total.asked, total.found, total.fetched) == (11, 8, 5)
    assert (total.valid, total.unique, total.kept) == (None, None, None)


def test_each_column_counts_what_its_name_says(project: Project) -> None:
    curate(project, RECIPE, workers=1)
    told = read(project)
    lines = {line.engine: line for line in told.lines}
    assert (lines["bing"].found, lines["bing"].fetched, lines["bing"].valid) == (6, 3, 2)
    assert (lines["bing"].unique, lines["bing"].kept) == (2, 2)
    # Google's first is credited to Bing, which showed it first: it is no second picture.
    assert (lines["google"].fetched, lines["google"].valid) == (2, 2)
    assert (lines["google"].unique, lines["google"].kept) == (1, 1)
    assert told.totals["pizza"].kept == 3
    assert told.targets == {"pizza": 100}


def test_the_reasons_add_up_to_what_is_missing(project: Project) -> None:
    curate(project, RECIPE, workers=1)
    told = read(project)
    assert told.missing["pizza"] == {"http-404": 1, "title says 'logo'": 1, "not fetched yet": 1}
    assert told.dropped["pizza"] == {"unreadable": 1}
    total = told.totals["pizza"]
    assert total.found == total.fetched + sum(told.missing["pizza"].values())


def test_between_any_two_columns_the_reasons_add_up(project: Project) -> None:
    other = replace(BING, label="pie", query=searches.canonical(Query("pie")), term="pie")
    with project.open_catalogue() as cat, cat.transaction():
        searches.begin_search(cat, other)
        show(project, cat, other, 11, picture(1))  # a pizza, too
        show(project, cat, other, 12, picture(7))
        show(project, cat, other, 13, picture(8))
    curate(project, RECIPE, workers=1)
    with project.open_catalogue() as cat, cat.transaction():
        by_content = {one.path: one.sha256 for one in images.images(cat)}
        seven, eight = (pool.digest(picture(number)) for number in (7, 8))
        assert {seven, eight} <= set(by_content.values())
        word = decisions.Verdict(seven, "keep", "person", "relabelled", {}, "pizza")
        decisions.record_verdicts(cat, [word])
        decisions.record_verdicts(cat, [decisions.Verdict(eight, "drop", "person", "reviewed")])
    told = read(project)
    columns = ("found", "fetched", "valid", "unique", "kept")
    for slug, line in told.totals.items():
        for before, column in pairwise(columns):
            lost = sum(told.lost[slug].get(column, {}).values())
            gained = told.gained.get(slug, 0) if column == "kept" else 0
            assert getattr(line, before) - lost + gained == getattr(line, column), (slug, column)
    assert told.lost["pie"]["kept"] == {
        "by a person": 1, "label-conflict": 1, "under label pizza": 1,
    }  # fmt: skip
    assert told.gained == {"pizza": 1}


def test_a_label_that_ends_empty_is_the_last_line(project: Project) -> None:
    recipe = replace(RECIPE, labels=(*RECIPE.labels, Label("cake", target=5)))
    curate(project, recipe, workers=1)
    with project.open_catalogue(write=False) as cat:
        told = report(cat, recipe)
    lines = to_text(status_blocks(told, queries=False)).splitlines()
    assert lines[-2:] == [
        "SHORT: pizza has 3 of 100 pictures",
        "MISSING: cake has no picture (none found)",
    ]
    with pytest.raises(LabelMissing, match="cake"):
        refuse_missing(told, ["pizza", "cake"])


def test_what_is_not_finished_is_said(project: Project) -> None:
    told = read(project)
    assert told.unfinished == ("google: pizza",)
    text = to_text(status_blocks(told, queries=True))
    assert "not finished: google: pizza; run the same command again" in text
    assert "1 http-404" in text


def test_the_report_is_one_json_object_with_every_level(project: Project) -> None:
    curate(project, RECIPE, workers=1)
    told = read(project).to_json()
    numbers = {"asked": 11, "found": 8, "fetched": 5, "valid": 4, "unique": 3, "kept": 3}
    assert told["labels"] == {"pizza": {**numbers, "target": 100}}
    assert told["via"] == {"http": 5}


def test_a_table_aligns_numbers_right_and_shows_what_is_not_known() -> None:
    assert Table(("what", "n"), [("a", 10), ("bcdefg", None)]).to_text() == (
        "what     n\na       10\nbcdefg   -"
    )
