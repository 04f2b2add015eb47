"""How runs end that found nothing, or nothing for a label; and what they leave behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pixset.datasets.build import build
from pixset.datasets.collect import CollectOptions
from pixset.datasets.collect.unused import new_only_if_used
from pixset.datasets.commands.summaries import refuse_missing
from pixset.datasets.curate import curate
from pixset.datasets.errors import AllEnginesBlocked, LabelMissing, UsageError
from pixset.datasets.project import Project
from pixset.datasets.recipe import Asked, Label, Recipe, merge_into, read
from pixset.datasets.split import Ratios
from pixset.datasets.status import DatasetStatus, report
from pixset.datasets.tree.build_tree import build_tree
from pixset.scraper.models import Outcome, Query
from pixset.scraper.search import ResultBatch, SearchStatus
from support.catalogues import fill, put
from support.folders import write_files
from support.pictures import jpeg

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

BLOCKED = AllEnginesBlocked("every engine refused")


def recipe(*slugs: str, ratio: str = "80/20") -> Recipe:
    labels = tuple(Label(slug, queries=(Asked(Query(slug)),)) for slug in slugs)
    return Recipe("dataset", labels, split=Ratios.parse(ratio))


def nothing(project: Project) -> None:
    """A run that writes its recipe and opens its catalogue, and no more."""
    merge_into(project, recipe("pizza"))
    project.open_catalogue(create=True).close()


def refused(
    project: Project,
    error: BaseException = BLOCKED,
    found: Callable[[Project], object] = nothing,
) -> None:
    """A run that is refused after it did what `found` does."""
    with new_only_if_used(project):
        found(project)
        raise error


@pytest.mark.parametrize("error", [BLOCKED, KeyboardInterrupt()])
def test_a_refused_run_leaves_no_new_empty_dataset(tmp_path: Path, error: BaseException) -> None:
    with pytest.raises(type(error)):
        refused(Project(tmp_path / "dataset"), error)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_was_there_stays_and_is_empty_again(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    with pytest.raises(AllEnginesBlocked):
        refused(Project(tmp_path / "mine"))
    assert [path.name for path in tmp_path.rglob("*")] == ["mine"]


def test_a_folder_with_anything_in_it_is_left_as_the_run_left_it(tmp_path: Path) -> None:
    project = Project(tmp_path / "mine")
    project.root.mkdir()
    (project.root / "notes.txt").write_text("mine")
    with pytest.raises(AllEnginesBlocked):
        refused(project)
    assert {"notes.txt", "recipe.toml", "pixset.sqlite"} <= {p.name for p in project.root.iterdir()}


def test_what_was_found_before_the_refusal_stays(tmp_path: Path) -> None:
    project = Project(tmp_path / "dataset")
    with pytest.raises(AllEnginesBlocked):
        refused(project, found=lambda project: put(project, "pizza", [jpeg(1)]))
    assert len(list(project.images.glob("*/*"))) == 1


def test_pages_that_were_saved_for_a_repair_stay(tmp_path: Path) -> None:
    project = Project(tmp_path / "dataset")
    with pytest.raises(AllEnginesBlocked):
        refused(project, found=lambda project: write_files(project.pages, {"bing.html": b"<p>"}))
    assert (project.pages / "bing.html").is_file()


def told(project: Project, *slugs: str) -> DatasetStatus:
    with project.open_catalogue(write=False) as cat:
        return report(cat, recipe(*slugs))


def test_a_label_without_a_picture_is_the_last_line_and_has_a_code(tmp_path: Path) -> None:
    project = fill(
        Project(tmp_path / "dataset"),
        {"pizza": [jpeg(n) for n in range(4)], "cut": [jpeg(9)[:200]]},
    )
    curate(project, recipe("pizza", "cut", "mountain"), workers=1)
    found = told(project, "pizza", "cut", "mountain")
    refuse_missing(found, ["pizza"])
    with pytest.raises(LabelMissing, match=r"no picture of cut, mountain") as error:
        refuse_missing(found, ["pizza", "cut", "mountain"])
    assert error.value.exit_code == 6
    assert "\n" not in str(error.value)


def test_a_label_that_nobody_has_looked_at_yet_is_not_missing(tmp_path: Path) -> None:
    project = fill(Project(tmp_path / "dataset"), {"pizza": [jpeg(n) for n in range(4)]})
    curate(project, recipe("pizza"), workers=1)
    put(project, "sushi", [jpeg(9)])
    found = told(project, "pizza", "sushi")
    refuse_missing(found, ["pizza", "sushi"])
    assert found.short() == {}


def never(engine: str) -> object:
    raise AssertionError(f"{engine} was asked")


@pytest.mark.parametrize(
    ("ratio", "own_file", "why"),
    [("80/20", True, "notes.txt"), ("50/50", False, "--afresh")],
)
def test_a_build_whose_tree_cannot_be_replaced_asks_nothing_and_writes_nothing(
    tmp_path: Path, ratio: str, own_file: bool, why: str
) -> None:
    pictures = {name: [jpeg(n + 50 * k) for n in range(6)] for k, name in enumerate("ab")}
    project = fill(Project(tmp_path / "dataset"), pictures)
    merge_into(project, recipe("a", "b"))
    curate(project, workers=1)
    build_tree(project)
    if own_file:
        (project.ready / "notes.txt").write_text("mine")
    before = read(project.recipe)
    with pytest.raises(UsageError, match=why):
        build(project, recipe("a", "b", ratio=ratio), CollectOptions(never))
    assert read(project.recipe) == before


class Refusing:
    """An engine's client that meets a captcha at every search."""

    status: SearchStatus | None = None

    def search(self, query: Query) -> Refusing:
        self.status = SearchStatus(Outcome.CAPTCHA, f"a captcha before {query.term}")
        return self

    def __iter__(self) -> Iterator[ResultBatch]:
        return iter(())

    def stop(self) -> None: ...

    def close(self) -> None: ...


def test_a_build_that_is_refused_goes_on_with_what_is_there(tmp_path: Path) -> None:
    pictures = {name: [jpeg(n + 50 * k) for n in range(6)] for k, name in enumerate("ab")}
    project = fill(Project(tmp_path / "dataset"), pictures)
    built = build(project, recipe("a", "b"), CollectOptions(lambda _engine: Refusing()))
    assert isinstance(built.refusal, AllEnginesBlocked)
    assert built.tree.counts == {"a": {"train": 5, "val": 1}, "b": {"train": 5, "val": 1}}


def test_a_build_that_is_refused_with_nothing_to_go_on_with_is_the_refusal(tmp_path: Path) -> None:
    project = Project(tmp_path / "dataset")
    with pytest.raises(AllEnginesBlocked):
        build(project, recipe("a"), CollectOptions(lambda _engine: Refusing()))
