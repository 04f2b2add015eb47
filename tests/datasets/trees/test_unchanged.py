"""A split with nothing to do knows it without a look at the rows, and only then."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pytest
from pixset.datasets.catalogue import decisions, measurements
from pixset.datasets.catalogue.decisions import Verdict
from pixset.datasets.recipe import Label, Recipe
from pixset.datasets.recipe.toml import write
from pixset.datasets.split import Ratios
from pixset.datasets.tree.settings import SplitOptions
from pixset.datasets.tree.split_dataset import split
from pixset.datasets.tree.unchanged import NOTE, known_report
from support import catalogues, pictures

if TYPE_CHECKING:
    from pathlib import Path

    from pixset.datasets.project import Project

PLAIN = SplitOptions()


def a_picture(project: Project) -> Path:
    return next(project.ready.rglob("*.jpg"))


def test_what_is_known_is_what_a_split_the_whole_way_reports(two_labels: Project) -> None:
    split(two_labels)
    known = known_report(two_labels, PLAIN)
    (two_labels.root / NOTE).unlink()
    assert known_report(two_labels, PLAIN) is None
    whole = split(two_labels)
    assert known is not None
    assert known.to_json() == whole.to_json()
    assert known.to_text() == whole.to_text()
    again = known_report(two_labels, PLAIN)
    assert again is not None
    assert again.to_json() == whole.to_json()


@pytest.mark.parametrize("link", ["copy", "hard", "sym"])
def test_a_tree_of_any_link_is_known(two_labels: Project, link: str) -> None:
    split(two_labels, SplitOptions(link=link))
    assert known_report(two_labels, SplitOptions(link=link)) is not None


def test_options_left_open_are_known_where_they_stay_as_they_were(two_labels: Project) -> None:
    write(two_labels.recipe, Recipe("r", labels=(Label("pizza"), Label("not_pizza"))))
    asked = SplitOptions(Ratios.parse("70/30"), seed=5, link="hard")
    split(two_labels, asked)
    assert known_report(two_labels, PLAIN) is not None
    assert known_report(two_labels, SplitOptions(seed=5)) is not None
    assert known_report(two_labels, SplitOptions(seed=0)) is None
    assert known_report(two_labels, SplitOptions(link="copy")) is None


def test_options_left_open_are_not_known_where_no_recipe_keeps_them(two_labels: Project) -> None:
    asked = SplitOptions(link="hard")
    split(two_labels, asked)
    whole = split(two_labels, PLAIN).changed
    assert whole  # a copy, as without any option: so the note may not have said otherwise


def test_what_asks_for_more_than_the_tree_is_never_known(two_labels: Project) -> None:
    split(two_labels)
    for asked in (SplitOptions(afresh=True), SplitOptions(replace=True)):
        assert known_report(two_labels, asked) is None


def test_a_decision_a_recipe_and_a_picture_are_noticed(two_labels: Project) -> None:
    first = split(two_labels)
    with two_labels.open_catalogue() as cat:
        sha = next(iter(measurements.measured(cat)))
        decisions.record_verdicts(cat, [Verdict(sha, "drop", "person", "looked")], what="review")
    second = split(two_labels)
    assert sum(sum(held.values()) for held in second.counts.values()) == 19
    assert first.changed
    assert second.changed
    write(two_labels.recipe, Recipe("r", labels=(Label("pizza"),), max_side=64))
    assert known_report(two_labels, PLAIN) is None
    split(two_labels)
    catalogues.put(two_labels, "pizza", [pictures.jpeg(50)])
    assert known_report(two_labels, PLAIN) is None


@pytest.mark.parametrize("link", ["copy", "hard", "sym"])
def test_a_picture_written_over_is_noticed_and_made_good(two_labels: Project, link: str) -> None:
    asked = SplitOptions(link=link)
    split(two_labels, asked)
    victim = a_picture(two_labels)
    good = victim.read_bytes()
    victim.unlink()
    victim.write_bytes(good[:-1] + b"x")
    assert known_report(two_labels, asked) is None
    split(two_labels, asked)
    assert victim.read_bytes() == good
    assert known_report(two_labels, asked) is not None


def test_a_source_put_in_another_s_place_is_noticed_though_it_is_older(two_labels: Project) -> None:
    split(two_labels)
    source = next(two_labels.images.rglob("*.jpg"))
    beside = source.with_name("beside.jpg")
    shutil.copyfile(source, beside)
    os.utime(beside, ns=(1, 1))
    beside.replace(source)
    assert known_report(two_labels, PLAIN) is None


def test_a_file_added_removed_or_touched_in_the_tree_is_noticed(two_labels: Project) -> None:
    split(two_labels)
    added = two_labels.ready / "notes.txt"
    added.write_text("mine")
    assert known_report(two_labels, PLAIN) is None
    added.unlink()
    assert known_report(two_labels, PLAIN) is not None
    os.utime(two_labels.ready / "README.md")
    assert known_report(two_labels, PLAIN) is None
    split(two_labels)
    a_picture(two_labels).unlink()
    assert known_report(two_labels, PLAIN) is None


def test_what_was_written_to_after_the_build_is_never_noted(two_labels: Project) -> None:
    """Else what came between the build and its note would pass for the tree that was built."""
    report = split(two_labels)
    assert report.left is not None
    ahead = report.left.at + 10**12
    os.utime(a_picture(two_labels), ns=(ahead, ahead))
    split(two_labels)
    assert not (two_labels.root / NOTE).exists()


def test_a_damaged_note_and_a_missing_sheet_lead_the_whole_way(two_labels: Project) -> None:
    report = split(two_labels)
    for text in ("", "[]", "{", '{"open": 3, "report": [], "state": null}', '{"open": {}}'):
        (two_labels.root / NOTE).write_text(text)
        assert known_report(two_labels, PLAIN) is None
    split(two_labels)
    report.sheet.unlink()
    assert known_report(two_labels, PLAIN) is None
    assert split(two_labels).sheet.is_file()


def test_a_picture_that_could_not_be_decoded_is_tried_again(two_labels: Project) -> None:
    split(two_labels)
    source = next(two_labels.images.rglob("*.jpg"))
    source.write_bytes(b"no picture")
    shutil.rmtree(two_labels.ready)
    failed = split(two_labels)
    assert failed.left_out
    assert known_report(two_labels, PLAIN) is None
