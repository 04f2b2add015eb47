"""A curation with nothing to do knows it without a look at the rows, and only then."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pixset.datasets
import pytest
from PIL import Image
from pixset.datasets import steps
from pixset.datasets.catalogue import decisions, undoing
from pixset.datasets.catalogue.decisions import Verdict
from pixset.datasets.collect.forget import forget, going
from pixset.datasets.curate import PairStatement, curate
from pixset.datasets.curate.unchanged import known_report
from pixset.datasets.recipe import Label, Recipe
from pixset.datasets.recipe.toml import write
from pixset.datasets.tree.build_tree import build_tree
from pixset.datasets.tree.settings import SplitOptions
from pixset.datasets.tree.split_dataset import split
from support import catalogues, pictures
from support.pictures import sha_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from pixset.datasets.curate import CurateReport
    from pixset.datasets.project import Project

PLAIN = Recipe("r", labels=(Label("pizza"), Label("not_pizza")))


def known(project: Project, recipe: Recipe = PLAIN, *, compare: bool = True) -> CurateReport | None:
    return known_report(project, recipe, compare=compare)


def say(project: Project, *verdicts: Verdict, what: str = "review") -> None:
    with project.open_catalogue() as cat, cat.transaction():
        decisions.record_verdicts(cat, verdicts, what=what)


def drawn(seed: int) -> dict[str, list[bytes]]:
    """Pictures of two labels: copies within one, under both, blank ones, tiny ones, no pictures."""
    chance = random.Random(seed)
    every = [pictures.jpeg(100 * seed + n, (240, 180)) for n in range(12)]
    copies = [(100 * seed + n, chance.randint(50, 90)) for n in chance.sample(range(12), 5)]
    every += [pictures.jpeg(number, (120, 90), quality) for number, quality in copies]
    every += [pictures.jpeg(1000 + seed, (20, 15)), b"<html>%d" % seed]
    every.append(pictures.encode(Image.new("RGB", (200, 150), (seed, 90, 90))))
    labels = {"pizza": every[::2], "not_pizza": every[1::2]}
    labels["not_pizza"] += chance.sample(labels["pizza"], 2)
    return labels


@pytest.fixture
def curated(two_labels: Project) -> Project:
    """Ten pizzas and ten others, curated."""
    write(two_labels.recipe, PLAIN)
    curate(two_labels, PLAIN)
    assert known(two_labels) is not None
    return two_labels


@pytest.mark.parametrize("compare", [True, False])
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("conflict", ["drop", "best-rank", "ask"])
def test_what_is_known_is_what_is_found_the_whole_way(
    dataset: Callable[..., Project], seed: int, conflict: str, *, compare: bool
) -> None:
    project = dataset(drawn(seed))
    recipe = Recipe("r", conflict=conflict, drop_moments=seed == 1)
    first = curate(project, recipe)
    assert first.changed
    told = known(project, recipe, compare=compare)
    assert told is not None
    before = project.written()
    assert curate(project, recipe, compare=compare) == told
    assert project.written() == before
    project.curated.unlink()
    assert curate(project, recipe, compare=compare) == told
    assert known(project, recipe, compare=compare) == told


def test_what_check_and_dedupe_say_again_is_what_they_said(curated: Project) -> None:
    asked = [steps.check(curated), steps.dedupe(curated)]
    curated.curated.unlink()
    assert [steps.check(curated), steps.dedupe(curated)] == asked


def test_families_that_were_never_looked_for_are_not_known(two_labels: Project) -> None:
    steps.check(two_labels)
    recipe = Recipe("r")
    curate(two_labels, recipe, compare=False)
    assert known(two_labels, recipe, compare=False) is not None
    assert known(two_labels, recipe) is None
    curate(two_labels, recipe)
    assert known(two_labels, recipe) is not None


def _person_drops(project: Project) -> None:
    say(project, Verdict(sha_of(pictures.jpeg(3)), "drop", "person", "looked"))


def _pair_is_stated(project: Project) -> None:
    with project.open_catalogue() as cat, cat.transaction():
        decisions.state_pair(cat, sha_of(pictures.jpeg(1)), sha_of(pictures.jpeg(2)), same=False)


def _picture_comes(project: Project) -> None:
    catalogues.put(project, "pizza", [pictures.jpeg(50)])


def _picture_comes_again_under_another_label(project: Project) -> None:
    catalogues.put(project, "not_pizza", [pictures.jpeg(1)])


def _file_is_altered(project: Project) -> None:
    file = next(project.images.rglob("*.jpg"))
    size, seen = file.stat().st_size, file.stat()
    file.write_bytes(b"x" * size)
    assert file.stat().st_size == seen.st_size


def _file_is_put_in_place_of_another(project: Project) -> None:
    file = next(project.images.rglob("*.jpg"))
    beside, seen = file.with_name("beside"), file.stat()
    shutil.copyfile(file, beside)
    os.utime(beside, ns=(seen.st_atime_ns, seen.st_mtime_ns))
    beside.replace(file)


def _file_goes(project: Project) -> None:
    next(project.images.rglob("*.jpg")).unlink()


def _catalogue_is_another(project: Project) -> None:
    beside = project.catalogue.with_name("beside")
    shutil.copyfile(project.catalogue, beside)
    beside.replace(project.catalogue)


@pytest.mark.parametrize(
    "change",
    [
        _person_drops,
        _pair_is_stated,
        _picture_comes,
        _picture_comes_again_under_another_label,
        _file_is_altered,
        _file_is_put_in_place_of_another,
        _file_goes,
        _catalogue_is_another,
    ],
)
def test_what_changes_in_a_dataset_is_noticed(
    curated: Project, change: Callable[[Project], None]
) -> None:
    change(curated)
    assert known(curated) is None
    assert known(curated, compare=False) is None


@pytest.mark.parametrize(
    "other",
    [
        {"checks": {"blurry": 0.4}},
        {"checks_off": frozenset({"blank"})},
        {"conflict": "ask"},
        {"drop_moments": True},
        {"confusable": (("not_pizza", "pizza"),)},
        {"labels": (Label("pizza"),)},
    ],
    ids=lambda other: next(iter(other)),
)
def test_another_recipe_is_another_question(curated: Project, other: dict[str, Any]) -> None:
    assert known(curated, Recipe(**({"name": "r", "labels": PLAIN.labels} | other))) is None


def test_another_threshold_for_one_check_is_not_answered_from_the_note(curated: Project) -> None:
    for threshold in (0.0, 1e9, 0.0):
        found = steps.check(curated, {"dark": threshold}).findings
        assert any(one.check == "dark" for _, one in found) == bool(threshold)


def test_a_decision_that_follows_at_once_is_noticed(curated: Project) -> None:
    """File times step: a write in the same step, of the same size, must have another time."""
    for number in range(10):
        curate(curated, PLAIN)
        word = Verdict(sha_of(pictures.jpeg(number % 10)), "keep", "person", "looked")
        say(curated, word)
        assert known(curated) is None


def test_statements_and_comparing_anew_never_rest_on_the_note(curated: Project) -> None:
    curate(curated, PLAIN, anew=True)
    one, other = sha_of(pictures.jpeg(1)), sha_of(pictures.jpeg(2))
    report = curate(curated, PLAIN, statements=[PairStatement(one, other, same=True)])
    assert report.changed == 1


def test_an_undo_that_stands_leaves_nothing_to_be_noted(dataset: Callable[..., Project]) -> None:
    project = dataset({"pizza": [pictures.jpeg(1), pictures.jpeg(1, quality=60)]})
    recipe = Recipe("r")
    curate(project, recipe)
    with project.open_catalogue() as cat, cat.transaction():
        assert undoing.undo(cat)
    curate(project, recipe)
    assert known(project, recipe) is None
    assert curate(project, recipe, asked=True).changed == 1
    assert known(project, recipe) is not None
    assert curate(project, recipe, asked=True).dropped == {"duplicate": 1}


def test_a_file_that_is_missing_is_looked_for_again(two_labels: Project) -> None:
    file = next(two_labels.images.rglob("*.jpg"))
    data = file.read_bytes()
    file.unlink()
    assert curate(two_labels, PLAIN).missing
    assert known(two_labels) is None
    file.write_bytes(data)
    assert curate(two_labels, PLAIN).measured == 1


def test_a_tree_that_is_built_leaves_the_note_as_it_was(curated: Project) -> None:
    told = known(curated)
    build_tree(curated, PLAIN, workers=1)
    assert known(curated) == told
    build_tree(curated, PLAIN, SplitOptions(afresh=True, seed=3), workers=1)
    assert known(curated) == told


def test_a_tree_that_is_built_makes_no_note_true_that_was_not(curated: Project) -> None:
    _person_drops(curated)
    build_tree(curated, PLAIN, workers=1)
    assert known(curated) is None
    split(curated)
    assert known(curated) is not None


def test_an_older_note_is_no_answer_for_what_was_decided_since(curated: Project) -> None:
    """As a run leaves it that is killed between its decision and its note."""
    old = curated.curated.read_bytes()
    _person_drops(curated)
    curate(curated, PLAIN)
    curated.curated.write_bytes(old)
    assert known(curated) is None


def test_a_damaged_note_leads_the_whole_way(curated: Project) -> None:
    good = curated.curated.read_text()
    assert known(curated) is not None
    for text in ("", "[]", "{", good[:-9], '{"catalogue": 1}', good.replace('"images"', '"other"')):
        curated.curated.write_text(text)
        assert known(curated) is None
    assert curate(curated, PLAIN).images == 20
    assert known(curated) is not None


def test_a_clock_that_was_set_back_leaves_nothing_to_be_noted(curated: Project) -> None:
    curated.curated.unlink()
    ahead = 2**62
    os.utime(curated.catalogue, ns=(ahead, ahead))
    curate(curated, PLAIN)
    assert not curated.curated.exists()


def test_what_is_forgotten_stands_in_no_note(curated: Project) -> None:
    with curated.open_catalogue() as cat:
        forget(curated, cat, going(curated, cat, [sha_of(pictures.jpeg(3))[:16]]))
    assert not curated.curated.exists()


def test_a_note_that_cannot_be_written_is_no_error(curated: Project) -> None:
    curated.curated.unlink()
    curated.curated.mkdir()
    assert curate(curated, PLAIN).images == 20
    assert curate(curated, PLAIN).images == 20


def test_other_code_makes_the_note_void(curated: Project, tmp_path: Path) -> None:
    home = Path(pixset.datasets.__path__[0]).parent
    for room in ("datasets", "curation", "scraper"):
        shutil.copytree(home / room, tmp_path / "code" / "pixset" / room)
    script = (
        f"import sys; sys.path.insert(0, {str(tmp_path / 'code')!r})\n"
        "from pathlib import Path\n"
        "from pixset.datasets.project import Project\n"
        "from pixset.datasets.curate import curate, recipe_of\n"
        "from pixset.datasets.curate.unchanged import known_report\n"
        "import pixset.datasets; assert 'code' in pixset.datasets.__file__\n"
        f"project = Project(Path({str(curated.root)!r}))\n"
        "recipe = recipe_of(project)\n"
        "print(known_report(project, recipe, compare=True) is not None)\n"
        "curate(project, recipe)\n"
    )

    def is_known() -> str:
        run = (sys.executable, "-P", "-B", "-c", script)
        return subprocess.run(run, capture_output=True, text=True, check=True, cwd=tmp_path).stdout

    assert is_known() == "False\n"  # another place, other inodes
    assert is_known() == "True\n"
    with (tmp_path / "code" / "pixset" / "curation" / "duplicates" / "thresholds.py").open(
        "a"
    ) as f:
        f.write("# another rule\n")
    assert is_known() == "False\n"
