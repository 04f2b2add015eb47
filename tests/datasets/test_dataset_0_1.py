"""A dataset made by 0.1.0 opens migrated: every picture, decision and split is as it was."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from pixset.curation.images.measure import look
from pixset.datasets.catalogue import Catalogue, decisions, families, images, undoing
from pixset.datasets.catalogue import placements as placing
from pixset.datasets.catalogue.searches import searches, sightings
from pixset.datasets.curate import curate
from support.catalogues import all_facts

if TYPE_CHECKING:
    from pixset.datasets.project import Project

DATA = Path(__file__).parents[1] / "data"


@pytest.fixture
def expected() -> Any:
    return json.loads((DATA / "dataset-0.1.0.json").read_text("utf-8"))


def rows(project: Project, sql: str) -> list[tuple[Any, ...]]:
    """Rows of the old tables, by SQLite alone."""
    connection = sqlite3.connect(project.catalogue)
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


def test_every_picture_decision_and_split_is_as_it_was(old: Project, expected: Any) -> None:
    with old.open_catalogue(write=False) as cat:
        standings = decisions.standings(cat)
        found = {
            "pictures": {one.sha256: [one.path, one.labels] for one in images.images(cat)},
            "placements": {sha: _values(one)[1:] for sha, one in placing.placements(cat).items()},
            "dropped": sorted(sha for sha, one in standings.items() if one.dropped),
            "reviewed": sorted(sha for sha, one in standings.items() if one.person),
            "searches": len(searches(cat)),
            "sightings": len(sightings(cat)),
            "fates": len(images.fates(cat)),
        }
    assert found == {name: expected[name] for name in found}


def test_what_was_measured_comes_over_to_the_last_bit(old: Project) -> None:
    bits = rows(old, "SELECT sha256, kind, bits FROM fingerprint ORDER BY 1, 2")
    scores = rows(old, "SELECT sha256, check_name, value FROM score ORDER BY 1, 2")
    thumbs = dict(rows(old, "SELECT sha256, thumb FROM facts"))
    sizes = rows(old, "SELECT sha256, width, height, jpeg_quality FROM facts ORDER BY 1")
    with old.open_catalogue() as cat:
        facts = all_facts(cat)
    assert bits == [
        (sha, kind, f"{value:016x}")
        for sha, one in facts.items()
        for kind, value in sorted(one.fingerprints.items())
    ]
    assert scores == [
        (sha, *score) for sha, one in facts.items() for score in sorted(one.scores.items())
    ]
    assert thumbs == {sha: one.thumb for sha, one in facts.items()}
    assert sizes == [(s, one.width, one.height, one.jpeg_quality) for s, one in facts.items()]


def test_sightings_fates_and_verdicts_come_over_with_all_they_held(old: Project) -> None:
    seen = rows(
        old,
        "SELECT label, engine, query, key, term, rank, image_url, preview_url, page_url, title, "
        "stratum FROM sighting ORDER BY label, query, rank, engine, key",
    )
    fetched = rows(
        old,
        "SELECT url, via, sha256, failure, status, final_url, content_type, x_robots_tag, etag, "
        "last_modified FROM fetched",
    )
    verdicts = rows(
        old, "SELECT sha256, decision, by, reason, label, made_at FROM verdict ORDER BY id"
    )
    members = rows(old, "SELECT * FROM member ORDER BY sha256")
    with old.open_catalogue() as cat:
        assert [tuple(_values(one)) for one in sightings(cat)] == seen
        assert {tuple(_values(one)) for one in images.fates(cat).values()} == set(fetched)
        assert [tuple(_values(one)) for one in families.members(cat).values()] == members
        steps = undoing.steps(cat)
        assert sum(sum(step.verdicts.values()) for step in steps) == len(verdicts)
        assert [step.made_at for step in steps if step.verdicts] == sorted(
            {row[-1] for row in verdicts}, reverse=True
        )


def test_what_a_person_stated_of_a_pair_stands_and_can_be_taken_back(old: Project) -> None:
    (pair,) = rows(old, "SELECT a, b FROM opinion WHERE same = 0")
    with old.open_catalogue() as cat, cat.transaction():
        assert decisions.links(cat) == (set(), {frozenset(pair)})
        while step := undoing.next_to_undo(cat, stated=True):
            undoing.take_back(cat, step)
        assert decisions.links(cat) == (set(), set())
        assert not any(one.reviewed for one in decisions.standings(cat).values())


def test_deciding_again_changes_nothing_in_it(old: Project, expected: Any) -> None:
    report = curate(old)  # measures again, by today's versions, and decides as before
    assert report.changed == 0
    assert curate(old).measured == 0
    with old.open_catalogue(write=False) as cat:
        standings = decisions.standings(cat)
    assert sorted(sha for sha, one in standings.items() if one.dropped) == expected["dropped"]


def test_the_file_is_written_anew_without_the_old_rows_room(old: Project) -> None:
    with old.open_catalogue() as cat:
        assert cat.value("PRAGMA freelist_count") == 0


def test_a_thumb_that_was_damaged_is_measured_again(old: Project) -> None:
    connection = sqlite3.connect(old.catalogue)
    with connection:
        connection.execute("UPDATE facts SET thumb = substr(thumb, 1, 700)")
    connection.close()
    assert curate(old).measured == 22
    with old.open_catalogue(write=False) as cat:
        one = next(iter(all_facts(cat).values()))
        path = images.image_path(cat, one.sha256)
    assert look(old.image(path or "").read_bytes()) == one


def test_a_migration_that_is_killed_leaves_the_old_catalogue(old: Project) -> None:
    class Killed(Exception):
        pass

    from dataclasses import replace

    from pixset.datasets.catalogue.schema import MIGRATIONS

    def die(connection: sqlite3.Connection) -> None:
        if MIGRATIONS[-1].carry is not None:
            MIGRATIONS[-1].carry(connection)
        raise Killed

    with pytest.raises(Killed):
        Catalogue.open(old.catalogue, steps=(*MIGRATIONS[:-1], replace(MIGRATIONS[-1], carry=die)))
    assert len(rows(old, "SELECT * FROM image")) == 22
    with old.open_catalogue(write=False) as cat:
        assert len(images.images(cat)) == 22


def _values(one: Any) -> list[Any]:
    return [getattr(one, name) for name in one.__slots__]
