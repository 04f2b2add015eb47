"""A recipe that a person edited keeps its comments, its order and its layout when it is written."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pixset.datasets.collect.requests import requests_of_terms
from pixset.datasets.project import Project
from pixset.datasets.recipe import Asked, Label, Recipe, Stratum, find, merge, merge_into, read
from pixset.datasets.recipe.toml import dump, parse, write
from pixset.scraper.models import Filters, Query

if TYPE_CHECKING:
    from pathlib import Path

BY_HAND = """# my dishes
name = "dishes"   # short
per_class = 40 # enough

[filters] # photographs only
type = "photo"

[label.pizza]
# the best one first
queries = [
    "pizza",  # plain
    # in its own language
    { term = "pizza al taglio", lang = "it" }, # by the slice
]
exclude = ["logo"] # no logos

# what the network takes
[output]
size = 180 # pixels

[label.pie] # sweet
queries = ["pie"]

[label.mixed.strata.hard] # looks like it
share = 0.5
queries = ["quiche"] # round
[label.mixed.strata.easy]
share = 0.5
queries = [ "car", # far off
  "bus" ]
"""
PHOTO = Filters(type="photo")


def comments(text: str) -> list[str]:
    return [line.partition("#")[2].strip() for line in text.splitlines() if "#" in line]


def label(slug: str, *terms: str, filters: Filters = PHOTO, **more: object) -> Label:
    queries = tuple(Asked(Query(term, filters)) for term in terms)
    return Label(slug, queries=queries, **more)  # type: ignore[arg-type]  # the test's own keywords


def with_labels(recipe: Recipe, *labels: Label) -> Recipe:
    return merge(recipe, replace(recipe, labels=labels))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "recipe.toml"
    file.write_text(BY_HAND)
    return file


@pytest.mark.parametrize(
    "added",
    [
        label("pizza", "pizza bianca"),
        label("soup", "soup", "tomato soup"),
        label("soup", "soup", filters=replace(PHOTO, lang="de")),
        label("mixed", "tram"),
        label("pie", "apple pie", name="Pie", definition="Sweet and round.", exclude=("chart",)),
        label("pie", translations={"de": ("Kuchen",)}),
        label("pie", target=7),
        Label(
            "pie",
            queries=(Asked(Query("tart", PHOTO), "near", 0.5),),
            strata=(Stratum("near", 1.0, 0.5),),
        ),
    ],
)
def test_what_is_added_leaves_every_comment_where_it_was(path: Path, added: Label) -> None:
    wanted = with_labels(read(path), added)
    write(path, wanted)
    assert read(path) == wanted
    assert comments(path.read_text()) == comments(BY_HAND)
    left = [line for line in BY_HAND.splitlines() if line not in path.read_text().splitlines()]
    assert len(left) <= 1, "only the changed line changed"
    assert not path.with_name("recipe.toml.before").exists()


def test_a_term_that_is_added_takes_the_recipes_own_filters_and_target(path: Path) -> None:
    recipe, asks = requests_of_terms(Project(path.parent), ["soup"], None, None, Filters(lang="de"))
    assert asks[0].query == Query("soup", Filters(type="photo", lang="de"))
    assert recipe.labels[-1].target == 40
    assert read(path) == recipe
    assert comments(path.read_text()) == comments(BY_HAND)


def test_another_number_of_pictures_changes_one_line(path: Path) -> None:
    recipe = read(path)
    labels = tuple(replace(one, target=9) for one in recipe.labels)
    write(path, replace(recipe, labels=labels))
    assert path.read_text() == BY_HAND.replace("per_class = 40", "per_class = 9")


def test_filters_that_are_no_longer_shared_move_into_the_queries(path: Path) -> None:
    recipe = read(path)
    wanted = merge(recipe, Recipe("dishes", (label("pizza", "calzone", filters=Filters()),)))
    write(path, wanted)
    assert read(path) == wanted
    assert {"plain", "by the slice", "round", "far off"} <= set(comments(path.read_text()))


def test_settings_that_go_take_only_their_own_line(path: Path) -> None:
    write(path, replace(read(path), size=None, seed=3))
    assert read(path).size is None
    assert [one for one in comments(BY_HAND) if one not in comments(path.read_text())] == ["pixels"]


def test_a_recipe_that_comes_with_pixset_keeps_its_comments_in_the_dataset(tmp_path: Path) -> None:
    project = Project(tmp_path / "set")
    recipe = find("pizza")
    smaller = replace(recipe, labels=tuple(replace(one, target=50) for one in recipe.labels))
    merge_into(project, smaller)
    assert read(project.recipe) == smaller
    assert comments(project.recipe.read_text()) == comments(recipe.source_text)


@pytest.mark.parametrize(
    "text",
    [
        '[label.pizza]\r\nqueries = ["pizza"] # mine\r\n',
        '\ufeff[label.pizza]\nqueries = ["pizza"] # mine\n',
        'label.pizza.queries = ["pizza"] # mine\n',
        '[label]\npizza.queries = ["pizza"] # mine\n',
        '[label."pizza"]\nqueries = ["pizza",] # mine',
        '[label]\n[label.pizza]\nqueries = [\n"pizza" # mine\n]',
        "[label.pizza]\nqueries = ['pizza'] # mine\n[label.pizza.translations]\nde = ['Pizza']",
    ],
)
def test_every_layout_of_a_recipe_is_kept(tmp_path: Path, text: str) -> None:
    path = tmp_path / "recipe.toml"
    path.write_bytes(text.encode())
    wanted = with_labels(
        read(path),
        label("pizza", "pizza bianca", filters=Filters()),
        label("soup", "soup", filters=Filters()),
    )
    write(path, wanted)
    assert read(path) == wanted
    assert comments(path.read_text()) == ["mine"]


def test_a_layout_that_cannot_be_kept_is_kept_beside(tmp_path: Path) -> None:
    path = tmp_path / "recipe.toml"
    text = 'label = { pizza = { queries = ["pizza"] } } # mine\n'
    path.write_text(text)
    wanted = with_labels(read(path), label("soup", "soup", filters=Filters()))
    write(path, wanted)
    assert read(path) == wanted
    assert path.with_name("recipe.toml.before").read_text() == text


slugs = st.sampled_from(["pizza", "pie", "soup", "cake"])
terms = st.text("ab\"'# \n", min_size=1, max_size=6).map(str.strip).filter(bool)
filters = st.builds(
    Filters, type=st.sampled_from([None, "photo"]), lang=st.sampled_from([None, "de"])
)


@st.composite
def recipes(draw: st.DrawFn) -> Recipe:
    labels = []
    for slug in draw(st.lists(slugs, min_size=1, max_size=3, unique=True)):
        queries = dict.fromkeys(draw(st.lists(st.builds(Query, terms, filters))))
        labels.append(
            Label(
                slug,
                name=draw(terms | st.just("")),
                target=draw(st.none() | st.integers(1, 50)),
                queries=tuple(Asked(one, limit=draw(st.none() | st.just(5))) for one in queries),
            )
        )
    return Recipe("r", tuple(labels), seed=draw(st.integers(0, 3)))


@given(recipes(), recipes())
def test_any_recipe_is_edited_into_any_that_is_merged_with_it(old: Recipe, new: Recipe) -> None:
    from pixset.datasets.recipe.edit import edited

    wanted = merge(old, new)
    assert parse(edited(dump(old), old, wanted), "r.toml") == wanted
