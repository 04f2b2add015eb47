"""What becomes of a dataset whose pictures are deleted or changed behind its back."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from PIL import Image
from pixset.datasets import steps
from pixset.datasets.catalogue import decisions, images
from pixset.datasets.cli import app
from pixset.datasets.collect import forget as forgetting
from pixset.datasets.collect.import_folder import import_folder
from pixset.datasets.curate import curate
from pixset.datasets.curate.reports import check_json, check_text
from pixset.datasets.pool_files import lost_files
from pixset.datasets.project import Project
from pixset.datasets.recipe.toml import read, write
from pixset.datasets.report.gather import gather
from pixset.datasets.split import Ratios
from pixset.datasets.status import status_of
from pixset.datasets.tree.settings import SplitOptions
from support.lookalikes import scene
from support.pictures import encode, sha_of
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


def test_what_is_no_file_any_more_is_gone_too(project: Project) -> None:
    link, folder, pipe, *_ = gone = pool(project)[:3]
    for file in gone:
        file.unlink()
    link.symlink_to("nowhere")
    folder.mkdir()
    os.mkfifo(pipe)
    assert status_of(project).missing_files == 3
    assert {*steps.check(project).missing, *steps.check(project).altered} == {
        *names(project, *gone)
    }


def test_what_is_gone_is_not_among_what_is_kept(project: Project) -> None:
    before = status_of(project)
    assert sum(line.kept or 0 for line in before.totals.values()) == PICTURES
    with project.open_catalogue() as cat:
        word = decisions.begin_step(cat, "review")
        moved = images.images(cat)[0]
        (label,) = {"cat", "dog"} - moved.labels.keys()
        given = decisions.Verdict(moved.sha256, "keep", "person", "review", {}, label)
        decisions.record_verdicts(cat, [given], what="review", step=word)
    gone = [project.image(moved.path), *(one for one in pool(project)[::5])]
    for file in gone:
        file.unlink(missing_ok=True)
    number = PICTURES - len(pool(project))
    status = status_of(project)
    kept = {slug: line.kept or 0 for slug, line in status.totals.items()}
    assert sum(kept.values()) == PICTURES - number
    assert sum(why["valid"]["file missing"] for why in status.lost.values()) == number
    for slug, line in status.totals.items():
        lost = sum(sum(why.values()) for why in status.lost[slug].values())
        assert line.found - lost + status.gained.get(slug, 0) == line.kept
    facts = gather(project, read(project.recipe))
    assert {slug: line.kept or 0 for slug, line in facts.status.totals.items()} == kept
    assert facts.engine_losses["import"]["file missing"] == number


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


@pytest.mark.parametrize("how", ["gone", "cut"])
def test_the_best_copy_that_is_there_stands_in_until_the_file_is_back(
    tmp_path: Path, how: str
) -> None:
    for number in range(6):
        picture = scene(40 + number)
        for quality in (95, 60, 40) if number % 2 else (90,):
            file = tmp_path / "classes" / "ab"[number % 2] / f"{number}-{quality}.jpg"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(encode(picture, quality=quality))
    project = Project(tmp_path / "set")
    import_folder(project, tmp_path / "classes")
    whole = steps.dedupe(project)
    assert whole.kept == {"a": 3, "b": 3}
    family = whole.families.families[0]
    keeper = project.image(whole.paths[family.keeper])
    data = keeper.read_bytes()
    keeper.unlink() if how == "gone" else os.truncate(keeper, len(data) // 2)
    for _ in range(2):
        less = steps.dedupe(project)
        assert less.kept == whole.kept
        assert (less.missing or less.altered) == names(project, keeper)
        (stands_in,) = {one.keeper for one in less.families.families} - {
            one.keeper for one in whole.families.families
        }
        assert stands_in in {one.sha256 for one in family.members}
    tree = steps.split(project, SplitOptions(Ratios.parse("60/40"))).tree
    assert len(list(tree.glob("*/b/*.jpg"))) == 3
    keeper.write_bytes(data)
    assert steps.check(project).missing == ()
    again = steps.dedupe(project)
    assert (again.kept, again.families.families) == (whole.kept, whole.families.families)


def test_nothing_stands_in_where_the_whole_pool_is_elsewhere(project: Project) -> None:
    before = steps.dedupe(project)
    project.images.rename(project.root / "elsewhere")
    assert steps.dedupe(project).changed == 0
    (project.root / "elsewhere").rename(project.images)
    after = steps.dedupe(project)
    assert (after.changed, after.kept) == (0, before.kept)


def test_a_copy_is_of_use_while_its_keeper_has_no_file(project: Project, tmp_path: Path) -> None:
    with Image.open(tmp_path / "classes" / "cat" / "0.jpg") as picture:
        (tmp_path / "classes" / "cat" / "copy.jpg").write_bytes(encode(picture, quality=60))
    import_folder(project, tmp_path / "classes")
    (family,) = steps.dedupe(project).families.families
    copy = {one.sha256 for one in family.members}
    with project.open_catalogue() as cat:
        keeper = project.image(images.image_path(cat, family.keeper) or "")
        assert set(forgetting.unused(project, cat).why) == copy
        keeper.rename(tmp_path / "away")
        assert not forgetting.unused(project, cat).why
        (tmp_path / "away").rename(keeper)
        assert set(forgetting.unused(project, cat).why) == copy


def test_what_stands_in_takes_the_split_too_and_gives_it_back(tmp_path: Path) -> None:
    scenes = {}  # file's name in the pool → which scene it shows
    for number in range(10):
        for quality in (95, 70, 45):
            data = encode(scene(70 + number), quality=quality)
            scenes[sha_of(data)[:16]] = number
            file = tmp_path / "classes" / "ab"[number % 2] / f"{number}-{quality}.jpg"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)
    project = Project(tmp_path / "set")
    import_folder(project, tmp_path / "classes")

    def placed() -> dict[int, str]:
        steps.split(project, SplitOptions(Ratios.parse("60/40")))
        files = list(project.ready.glob("*/*/*.jpg"))
        found = {scenes[file.stem]: file.parts[-3] for file in files}
        assert len(found) == len(files) == 10  # one of each
        return found

    first = placed()
    away = tmp_path / "away"
    away.mkdir()
    for _ in range(2):  # the keepers, then those that stand in for them
        for file in project.ready.glob("*/*/*.jpg"):
            next(project.images.glob(f"*/{file.stem}.*")).rename(away / file.name)
        assert placed() == first
    for file in away.iterdir():
        number = scenes[file.stem]
        file.rename(project.images / "ab"[number % 2] / file.name)
    assert placed() == first
    assert {file.stem for file in project.ready.glob("*/*/*.jpg")} == {
        sha_of(encode(scene(70 + number), quality=95))[:16] for number in range(10)
    }


def test_a_lost_picture_takes_nobody_elses_place_in_a_tree(project: Project) -> None:
    recipe = read(project.recipe)
    write(project.recipe, replace(recipe, per_class=4, labels=tuple(
        replace(label, target=4) for label in recipe.labels
    )))  # fmt: skip
    gone = [project.image(steps.check(project).paths[sha]) for sha in _first(project, 3)]
    for file in gone:
        file.unlink()
    report = steps.split(project, SplitOptions(Ratios.parse("50/50")))
    assert {label: sum(splits.values()) for label, splits in report.counts.items()} == {
        "cat": 4, "dog": 4
    }  # fmt: skip
    assert set(report.left_out) == {*names(project, *gone)}


def _first(project: Project, number: int) -> list[str]:
    """The pictures that were imported first: the best-ranked of their labels."""
    with project.open_catalogue(write=False) as cat:
        found = sorted(images.images(cat), key=lambda one: (min(one.labels.values()), one.sha256))
    return [one.sha256 for one in found[:number]]
