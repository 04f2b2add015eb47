"""Frames of one moment in a dataset: listed, kept, and dropped where the recipe says so."""

from __future__ import annotations

import json

import pytest
from pixset.curation.duplicates.explain import explain
from pixset.curation.duplicates.explain_report import as_html, as_text
from pixset.datasets.cli import app
from pixset.datasets.curate.kept import kept
from pixset.datasets.project import Project
from pixset.datasets.recipe import Asked, Label, Recipe
from pixset.datasets.recipe.toml import read, write
from pixset.scraper.models import Query
from support.catalogues import fill
from support.lookalikes import bracket, scene
from support.pictures import encode, sha_of
from typer.testing import CliRunner


@pytest.fixture
def project(tmp_path):
    """One meadow in two exposures, and another picture."""
    made = fill(Project(tmp_path / "dataset"), {"stones": [*bracket(3), encode(scene(1))]})
    write(made.recipe, Recipe("stones", (Label("stones", queries=(Asked(Query("stones")),)),)))
    return made


def run(*words: object) -> dict:
    done = CliRunner().invoke(app, [*map(str, words), "--json"])
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def relations(found: dict) -> list[str]:
    return [member["relation"] for family in found["families"] for member in family["members"]]


def test_a_moment_is_listed_and_kept_by_default(project):
    found = run("dedupe", project.root)
    assert relations(found) == ["moment"]
    assert found["kept"] == {"stones": 3}


def test_the_choice_to_drop_moments_lasts_until_it_is_taken_back(project):
    assert run("dedupe", project.root, "--drop-moments")["kept"] == {"stones": 2}
    assert read(project.recipe).drop_moments
    assert run("dedupe", project.root)["kept"] == {"stones": 2}
    assert run("dedupe", project.root, "--keep-moments")["kept"] == {"stones": 3}
    assert "drop_moments" not in project.recipe.read_text()


def test_dropping_moments_can_be_undone(project):
    run("dedupe", project.root)
    run("dedupe", project.root, "--drop-moments")
    done = CliRunner().invoke(app, ["undo", str(project.root)])
    assert done.exit_code == 0, done.output
    with project.open_catalogue(write=False) as cat:
        assert len(list(kept(cat))) == 3


def test_explain_names_frames_of_one_moment(project):
    text = CliRunner().invoke(app, ["dedupe", str(project.root), "--explain"]).output
    assert "Frames of one moment" in text
    assert "moments" not in text.partition("Frames of one moment")[0]


def test_a_page_shows_frames_of_one_moment_though_they_are_dropped():

    from pixset.curation import find_families, look

    files = {sha_of(one): one for one in bracket(3)}
    facts = [look(one) for one in files.values()]
    found = find_families(facts, read=files.__getitem__, drop_moments=True)
    assert len(found.dropped()) == 1
    shown = explain(facts, found, read=files.__getitem__)
    assert [pair.verdict for pair in shown.border] == ["moment"]
    assert "Frames of one moment" in as_html(shown)
    assert "Frames of one moment" in as_text(shown)
