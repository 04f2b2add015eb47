from __future__ import annotations

import json
import re
import tarfile
from pathlib import Path

import pytest
from pixset.datasets.commands import report as command
from pixset.datasets.curate import recipe_of
from pixset.datasets.project import Project
from pixset.datasets.recipe.models import Label
from pixset.datasets.report.compare import compare
from pixset.datasets.report.gather import DatasetFacts, gather
from pixset.datasets.report.page import html_page

DATA = Path(__file__).resolve().parents[2] / "data"


@pytest.fixture
def dataset(tmp_path: Path) -> Project:
    """A dataset of 22 drawn pictures with copies, two splits and a person's words."""
    with tarfile.open(DATA / "dataset-0.1.0.tar.gz") as archive:
        archive.extractall(tmp_path, filter="data")
    return Project.open(tmp_path / "v0.1.0")


@pytest.fixture
def facts(dataset: Project) -> DatasetFacts:
    return gather(dataset, recipe_of(dataset))


def test_the_page_needs_no_other_file_and_asks_nobody(
    dataset: Project, facts: DatasetFacts
) -> None:
    pytest.importorskip("matplotlib", reason="the extra `report` is not installed")
    page = html_page(dataset, facts)
    assert not re.search(r'(?:src|href)="(?!data:|#)', page)
    assert "url(" not in page.replace("url(#", "")
    assert "<script" not in page
    assert page.count("<svg") == 4
    assert page.count("data:image/jpeg;base64,") == 2 * len(facts.copies)
    assert "default-src 'none'" in page


def test_every_plot_has_a_name_and_takes_the_pages_colour(
    dataset: Project, facts: DatasetFacts
) -> None:
    pytest.importorskip("matplotlib", reason="the extra `report` is not installed")
    page = html_page(dataset, facts)
    assert len(re.findall(r'role="img"><title>[^<]+</title>', page)) == 4
    assert "currentColor" in page
    assert "#123456" not in page


def test_a_label_of_which_nothing_was_kept_stands_at_the_top(dataset: Project) -> None:
    pytest.importorskip("matplotlib", reason="the extra `report` is not installed")
    from dataclasses import replace

    recipe = recipe_of(dataset)
    recipe = replace(recipe, labels=(*recipe.labels, Label("calzone", "Calzone")))
    page = html_page(dataset, gather(dataset, recipe))
    assert page.index("Missing altogether") < page.index("From asked to kept")
    assert "<strong>calzone</strong>" in page
    assert page.index('class="missing"') < page.index('<th scope="row">pizza')


def test_foreign_words_are_shown_and_do_nothing(dataset: Project) -> None:
    pytest.importorskip("matplotlib", reason="the extra `report` is not installed")
    from dataclasses import replace

    recipe = replace(recipe_of(dataset), description="<script>alert(1)</script> & co")
    page = html_page(dataset, gather(dataset, recipe))
    assert "<script>" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_the_numbers_are_those_of_the_catalogue(facts: DatasetFacts) -> None:
    assert facts.pictures == 22
    assert facts.splits["pizza"]["train"] + facts.splits["pizza"]["val"] == 6
    assert facts.straddling == 0
    assert len(facts.copies) == 3
    assert all(dropped for one in facts.copies for _, _, dropped in one.members)
    assert sum(facts.licences.values()) == len(facts.placed) == 12
    assert {one.label: one.seen for one in facts.reviewed}["pizza"] == 2


def test_two_datasets_are_compared_by_content(facts: DatasetFacts) -> None:
    from dataclasses import replace

    placed = dict(facts.placed)
    first, second, third = sorted(placed)[:3]
    label, split = placed.pop(first)
    placed[second] = (placed[second][0], "val" if placed[second][1] == "train" else "train")
    placed[third] = ("other", placed[third][1])
    found = compare(replace(facts, placed=placed), facts)
    assert (dict(found.added), dict(found.gone)) == ({label: 1}, {})
    assert (found.moved, found.relabelled) == (1, 1)
    assert f"new in the tree: 1 (1 {label})" in found.to_text()
    assert split in ("train", "val")


def test_the_command_prints_writes_and_compares(
    dataset: Project, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("matplotlib", reason="the extra `report` is not installed")
    page = tmp_path / "page.html"
    command.report(dataset.root, html=page)
    printed = capsys.readouterr().out
    assert "22 pictures" in printed
    assert f"page: {page}" in printed
    assert page.read_text("utf-8").startswith("<!doctype html>")
    command.report(dataset.root, as_json=True)
    assert json.loads(capsys.readouterr().out)["missing_labels"] == []
    command.report(dataset.root, compare=dataset.root)
    assert "moved to another split: 0" in capsys.readouterr().out
