"""What becomes of a dataset whose pictures are deleted or changed behind its back."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest
from pixset.datasets import steps
from pixset.datasets.cli import app
from pixset.datasets.collect.import_folder import import_folder
from pixset.datasets.curate import curate
from pixset.datasets.curate.reports import check_json, check_text
from pixset.datasets.pool_files import lost_files
from pixset.datasets.project import Project
from pixset.datasets.status import status_of
from support.lookalikes import scene
from support.pictures import encode
from typer.testing import CliRunner

if TYPE_CHECKING:
    from pathlib import Path

PICTURES = 12


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A curated dataset of twelve pictures, imported from `classes`."""
    for number in range(PICTURES):
        file = tmp_path / "classes" / ("cat", "dog")[number % 2] / f"{number}.jpg"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(encode(scene(number)))
    project = Project(tmp_path / "set")
    import_folder(project, tmp_path / "classes")
    curate(project)
    return project


def pool(project: Project) -> list[Path]:
    return sorted(project.images.glob("*/*"))


def names(project: Project, *files: Path) -> tuple[str, ...]:
    return tuple(file.relative_to(project.root).as_posix() for file in files)


def test_a_whole_pool_has_lost_nothing(project: Project) -> None:
    assert status_of(project).missing_files == 0
    assert not (found := steps.check(project)).missing + found.altered


def test_status_counts_what_is_gone(project: Project) -> None:
    for file in pool(project)[::5]:
        file.unlink()
    assert status_of(project).missing_files == 3
    assert status_of(project).to_json()["missing_files"] == 3


def test_check_and_dedupe_name_them_and_count_them_out(project: Project) -> None:
    gone, cut, *_ = pool(project)
    gone.unlink()
    os.truncate(cut, 0)
    for found in (steps.check(project), steps.dedupe(project), steps.check(project)):
        assert found.missing == names(project, gone)
        assert found.altered == names(project, cut)
        assert sum(found.kept.values()) == PICTURES - 2
    text = check_text(found)
    assert all(name in text for name in names(project, gone, cut))
    assert "pixset scrape" in text
    assert {str(one["path"]) for one in check_json(found)["findings"]} >= {  # type: ignore[attr-defined]  # a list
        *names(project, gone, cut)
    }
    assert check_json(found)["ok"] == PICTURES - len(
        {one["path"] for one in check_json(found)["findings"]}  # type: ignore[attr-defined]  # a list
    )


def test_other_bytes_of_the_same_size_are_seen_by_check(project: Project) -> None:
    changed, *_ = pool(project)
    data = changed.read_bytes()
    changed.write_bytes(data[:-9] + bytes(9))
    later = changed.stat().st_mtime + 5
    os.utime(changed, (later, later))
    assert steps.check(project).altered == names(project, changed)
    changed.write_bytes(data)
    os.utime(changed, (later, later))
    assert steps.check(project).altered == ()


def test_a_pool_that_is_gone_altogether_is_said(project: Project) -> None:
    project.images.rename(project.root / "elsewhere")
    assert status_of(project).missing_files == PICTURES
    assert steps.dedupe(project).kept == {}


def test_the_same_import_brings_a_missing_file_again(project: Project, tmp_path: Path) -> None:
    kept = steps.check(project).kept
    for file in pool(project)[::2]:
        file.unlink()
    assert status_of(project).missing_files == PICTURES // 2
    words = ["import", str(tmp_path / "classes"), "--into", str(project.root)]
    said = CliRunner().invoke(app, words).stdout
    back, there = PICTURES // 2, PICTURES - PICTURES // 2
    assert f"{there} were there before\n{back} lost files are back\n" in said
    again = json.loads(CliRunner().invoke(app, [*words, "--json"]).stdout)
    assert (again["known"], again["restored"]) == (PICTURES, 0)
    with project.open_catalogue() as cat:
        assert lost_files(project, cat) == {}
    assert steps.check(project).kept == kept


def test_what_was_lost_is_in_no_tree_and_the_tree_says_so(project: Project) -> None:
    gone, *_, cut = pool(project)
    gone.unlink()
    os.truncate(cut, 40)
    report = steps.split(project)
    assert len(list(report.tree.glob("*/*/*.jpg"))) == PICTURES - 2
    assert set(report.left_out) == set(names(project, gone, cut))
