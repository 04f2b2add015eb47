"""Names, paths and line ends of other systems, tried where they can be: in pure functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pixset.datasets import names
from pixset.datasets.collect.requests import requests_of_terms
from pixset.datasets.errors import UsageError
from pixset.datasets.files import write_json, write_text
from pixset.datasets.project import Project
from pixset.datasets.recipe.toml import parse, read
from pixset.datasets.tree.json_rows import read_jsonl
from pixset.datasets.tree.manifest_files import write_manifest
from pixset.datasets.tree.tables import read_csv, write_csv
from pixset.scraper.models import Filters

if TYPE_CHECKING:
    from pathlib import Path

RECIPE = 'name = "pets"\n\n[label.cat]\nqueries = ["cat"]\n\n[label.dog]\nqueries = ["dog"]\n'
DEVICES = ["con", "PRN", "aux", "nul", "com1", "COM9", "lpt5", "com¹"]


@pytest.mark.parametrize("name", DEVICES)
def test_a_device_of_windows_becomes_no_label(name: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="as a device"):
        names.slug_of(name)
    with pytest.raises(UsageError, match="as a device"):
        requests_of_terms(Project(tmp_path / "new"), [name], None, None, Filters())
    assert not (tmp_path / "new").exists()


def test_a_label_that_is_there_already_goes_on_under_its_name(tmp_path: Path) -> None:
    project = Project(tmp_path)
    write_text(project.recipe, 'name = "old"\n\n[label.con]\nqueries = ["con"]\n')
    _, asks = requests_of_terms(project, ["con"], None, None, Filters())
    assert [ask.label for ask in asks] == ["con"]


@pytest.mark.parametrize("name", ["nul.jpg", "Aux.tar.gz", "CON"])
def test_a_device_is_known_with_any_ending(name: str) -> None:
    assert names.is_device(name)


@pytest.mark.parametrize("name", ["console", "com10", "nulls", "a.nul"])
def test_what_only_looks_like_a_device_is_none(name: str) -> None:
    assert not names.is_device(name)


def test_names_that_differ_only_in_case_would_be_one_folder_and_are_refused() -> None:
    with pytest.raises(UsageError, match="would both be class 'cats'"):
        names.slugs_of(["Cats", "cats"])


def test_a_label_leaves_room_for_the_rest_of_a_path(tmp_path: Path) -> None:
    long = "x" * 65
    with pytest.raises(UsageError, match="too long for a folder's name"):
        names.slug_of(long)
    with pytest.raises(UsageError, match="too long for a folder's name"):
        requests_of_terms(Project(tmp_path), [long], None, None, Filters())
    assert names.fault("x" * 255) is None, "what was made under such a name goes on opening"
    assert len(f"ready/validation/{'x' * 64}/{'0' * 16}.jpg") < 110


@pytest.mark.parametrize(
    "odd", ["CON:", "a/b", "a\\b", "..", "cat.", "cat ", 'a"b', "a<b>", "a|b?"]
)
def test_no_letter_that_windows_refuses_is_in_a_label(odd: str) -> None:
    try:
        slug = names.slug_of(odd)
    except UsageError:
        return
    assert not set(slug) & set('<>:"/\\|?* .')


def test_recipes_and_tables_with_the_line_ends_of_windows_are_read(tmp_path: Path) -> None:
    assert parse(RECIPE.replace("\n", "\r\n"), "x") == parse(RECIPE, "x")
    (tmp_path / "r.toml").write_bytes(b"\xef\xbb\xbf" + RECIPE.replace("\n", "\r\n").encode())
    assert [label.slug for label in read(tmp_path / "r.toml").labels] == ["cat", "dog"]
    (tmp_path / "t.csv").write_bytes(b"id,label\r\n1,cat\r\n2,dog\r\n")
    assert list(read_csv(tmp_path / "t.csv")) == [
        {"id": "1", "label": "cat"},
        {"id": "2", "label": "dog"},
    ]
    (tmp_path / "t.jsonl").write_bytes(b'{"id": 1}\r\n{"id": 2}\r\n')
    assert list(read_jsonl(tmp_path / "t.jsonl")) == [{"id": 1}, {"id": 2}]


def test_what_is_written_has_one_line_end_on_every_system(tmp_path: Path) -> None:
    write_text(tmp_path / "a.txt", "one\ntwo\n")
    write_json(tmp_path / "a.json", {"one": 1})
    write_manifest(tmp_path, [{"one": 1}])
    write_csv(tmp_path / "a.csv", ["one"], [["1"]])
    assert [path.name for path in tmp_path.iterdir() if b"\r" in path.read_bytes()] == []
