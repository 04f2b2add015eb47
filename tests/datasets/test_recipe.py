"""Recipes: read, written, merged, and every mistake one line with file and key."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pixset.datasets import names as slugs
from pixset.datasets.collect.requests import requests_of_terms
from pixset.datasets.errors import UsageError
from pixset.datasets.project import Project
from pixset.datasets.recipe import Asked, Label, Recipe, find, merge, shipped
from pixset.datasets.recipe import binary as negatives
from pixset.datasets.recipe.allocation import asks, expansions, label_asks, translated, unused
from pixset.datasets.recipe.counted import counted_recipe
from pixset.datasets.recipe.matching import contains
from pixset.datasets.recipe.toml import dump, parse, recipe_of, write, write_new
from pixset.datasets.split import Ratios
from pixset.scraper.models import Filters, Query

if TYPE_CHECKING:
    from pathlib import Path

SMALL = '[label.pizza]\nqueries = ["pizza"]\n'
SCENES = """
airplane animals baby beach bike bird bridge building cake car cat child coast dance dog family
flower food forest fruit holiday house lake landmark meme mountain nature night painting portrait
road sky snow sports sunset text_document
"""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name = ", "r.toml: expected TOML: "),
        ("", "r.toml: label: expected at least one table [label.NAME] with queries"),
        ("[label.pizza]", "r.toml: label.pizza.queries: expected a list of search terms"),
        (SMALL + "querys = []", "label.pizza.querys: expected no such key; did you mean 'queries'"),
        ("sead = 1\n" + SMALL, "r.toml: sead: expected no such key; did you mean 'seed'?"),
        ("seed = 'x'\n" + SMALL, "r.toml: seed: expected a whole number, 0 or more"),
        ("seed = true\n" + SMALL, "r.toml: seed: expected a whole number, 0 or more"),
        ("source = 'orignal'\n" + SMALL, "not 'orignal' (did you mean 'original'?)"),
        ("engines = ['ask']\n" + SMALL, "r.toml: engines: expected one of google, bing, yahoo"),
        ("[label.Pizza]\nqueries=['a']", "label.Pizza: expected lower-case letters"),
        ("[label.test_tube]\nqueries=['a']", "label.test_tube: expected no split word ('test'"),
        (SMALL + "target = 0", "label.pizza.target: expected a whole number, 1 or more"),
        (SMALL + f"target = {2**63}", "label.pizza.target: expected a whole number, 1 or more"),
        (SMALL + "[split]\nratio = '80/30'", "split.ratio: expected 100 (80/20), 1 (0.8/0.2)"),
        ("a = " + "[" * 5_000, "expected TOML: lists or tables nested too deeply"),
        ("[label.a]\nqueries = ['x', 'x']", "label.a.queries: expected each query once"),
        ("[label.a]\nqueries = [3]", "label.a.queries[1]: expected a list of terms or tables"),
        ("[label.a]\nqueries = [{lang='de'}]", "label.a.queries[1].term: expected the search term"),
        (
            "[label.a]\nqueries = [{term='x', color='red'}]",
            "queries[1].color: expected no such key",
        ),
        (
            "[label.a]\nqueries = [{term='x', type='foto'}]",
            "queries[1].type: expected one of photo",
        ),
        ("[label.a.strata.hard]\nqueries = ['x']", "label.a.strata.hard.share: expected the str"),
        ("[label.a.strata.h]\nshare=0.4\nqueries=['x']", "strata: expected shares that sum to 1"),
        ("[split]\nratio = '80'\n" + SMALL, "split.ratio: expected two or three numbers above 0"),
        ("[split]\nconflict = 'keep'\n" + SMALL, "split.conflict: expected one of drop, best-rank"),
        ("confusable = [['pizza']]\n" + SMALL, "confusable: expected a list of pairs"),
        ("confusable = [['pizza', 'pie']]\n" + SMALL, "confusable: expected labels of this recipe"),
        ("ambiguous = ['pizza']\n" + SMALL, "label.pizza.queries: expected no ambiguous term"),
        ("[checks]\nblurryness = 3\n" + SMALL, "checks.blurryness: expected no such key"),
        ("[checks]\nblurry = nan\n" + SMALL, "checks.blurry: expected a threshold (number)"),
        ("[output]\nsize = 4\n" + SMALL, "output.size: expected a whole number, 10 or more"),
        ("label = 3", "r.toml: label: expected a table, as in [label]"),
    ],
)
def test_a_mistake_is_one_line_with_file_and_key(text: str, said: str) -> None:
    with pytest.raises(UsageError) as told:
        parse(text, "r.toml")
    assert said in str(told.value)
    assert str(told.value).startswith("r.toml: ")
    assert "\n" not in str(told.value)


def test_a_full_recipe_reads_into_values() -> None:
    recipe = parse(
        """
        seed = 3
        per_class = 40
        [filters]
        type = "photo"
        [split]
        ratio = "70/15/15"
        conflict = "ask"
        [output]
        size = 180
        pad = true
        [checks]
        blurry = false
        [label.rose]
        queries = [{ term = "Rosa", lang = "la", share = 0.5 }, "rose flower"]
        [label.other]
        target = 9
        [label.other.strata.hard]
        share = 1.0
        cap = 0.5
        queries = ["peony"]
        """,
        "r.toml",
    )
    rose, other = recipe.labels
    photo = Filters(type="photo")
    assert rose.queries[0] == Asked(Query("Rosa", replace(photo, lang="la")), None, 0.5)
    assert rose.queries[1].query == Query("rose flower", photo)
    assert (rose.target, other.target) == (40, 9)
    assert other.queries[0].stratum == "hard"
    assert recipe.split == Ratios.parse("70/15/15")
    assert (recipe.size, recipe.pad, recipe.conflict) == (180, True, "ask")
    assert recipe.checks_off == {"blurry"}


@pytest.mark.parametrize("name", sorted(shipped()))
def test_a_shipped_recipe_reads_writes_and_defines_every_label(name: str) -> None:
    recipe = find(name)
    assert parse(dump(recipe), "x") == recipe
    for label in recipe.labels:
        assert label.definition
        assert label.target
        assert len(label.queries) >= 5
        for asked in label.queries:
            titled = [term for term in label.exclude if contains(asked.query.term, term)]
            assert not titled, f"{label.slug}: {asked.query.term!r} would leave its own results out"


def test_scenes36_has_the_36_classes_and_9445_previews() -> None:
    recipe = find("scenes36")
    assert list(recipe.slugs) == SCENES.split()
    assert sum(label.target or 0 for label in recipe.labels) == 9445
    assert recipe.conflict == "best-rank"


def test_pizza_is_5000_and_5000_with_its_negatives_in_three_strata() -> None:
    recipe = find("pizza")
    assert [label.target for label in recipe.labels] == [5000, 5000]
    strata = recipe.labels[1].strata
    assert [(one.name, one.share) for one in strata] == [
        ("hard", 0.4),
        ("near", 0.3),
        ("random", 0.3),
    ]
    hard = [ask for ask in asks(recipe) if ask.stratum == "hard"]
    assert max(ask.limit for ask in hard) <= sum(ask.limit for ask in hard) / 8
    assert not any(contains(ask.query.term, "calzone") for ask in asks(recipe))


def test_flowers5_asks_by_latin_names_in_no_language() -> None:
    terms = {
        asked.query.term: asked for label in find("flowers5").labels for asked in label.queries
    }
    for latin in ("Helianthus annuus", "Bellis perennis", "Taraxacum officinale"):
        assert terms[latin].lang is None
    assert find("flowers5").slugs == ("daisy", "dandelion", "rose", "sunflower", "tulip")


def test_a_small_target_asks_few_queries_and_a_large_one_all() -> None:
    recipe = find("pizza")
    small = replace(recipe, labels=tuple(replace(one, target=40) for one in recipe.labels))
    assert len(asks(small)) < len(asks(recipe)) / 2
    assert {ask.stratum for ask in asks(small)} == {None, "hard", "near", "random"}
    assert not unused(recipe)
    assert set(unused(small)) == {"pizza", "not_pizza"}


def test_a_query_with_a_share_or_a_limit_gets_it() -> None:
    label = Label(
        "a",
        queries=(
            Asked(Query("half"), None, 0.5),
            Asked(Query("five"), None, None, 5),
            Asked(Query("rest")),
        ),
        target=100,
    )
    got = {ask.query.term: ask.limit for ask in label_asks(Recipe("r", (label,)), label, 1.0)}
    assert got == {"half": 50, "five": 5, "rest": 25}


def test_expansions_narrow_before_they_reword() -> None:
    expand = find("pizza").expand
    more = list(expansions(expand, Query("pizza", Filters(type="photo"))))
    assert more[0] == Query("pizza", Filters(type="photo", since="year"))
    assert Query("homemade pizza", Filters(type="photo")) in more
    assert len(set(more)) == len(more)


def test_translations_ask_in_their_language() -> None:
    label = find("pizza").labels[0]
    assert Query("手作りピザ", Filters(lang="ja")) in set(translated(label))


def test_merging_loses_no_label_and_no_query() -> None:
    old = Recipe("d", (Label("pizza", queries=(Asked(Query("pizza")),), target=10),))
    new = Recipe(
        "d",
        (
            Label("pizza", queries=(Asked(Query("pizza slice")),)),
            Label("not_pizza", queries=(Asked(Query("frittata")),)),
        ),
    )
    both = merge(old, new)
    assert [label.slug for label in both.labels] == ["pizza", "not_pizza"]
    assert [asked.query.term for asked in both.labels[0].queries] == ["pizza", "pizza slice"]
    assert both.labels[0].target == 10


def test_merging_keeps_each_querys_filters_through_the_file() -> None:
    old = Recipe("d", (Label("a", queries=(Asked(Query("a")),)),))
    photo = Filters(type="photo")
    new = Recipe("d", (Label("b", queries=(Asked(Query("b", photo)),)),), filters=photo)
    both = merge(old, new)
    assert parse(dump(both), "x") == both


def test_a_recipe_as_written_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "recipe.toml"
    recipe = find("flowers5")
    write(path, recipe)
    before = path.stat().st_mtime_ns
    write(path, recipe)
    assert path.stat().st_mtime_ns == before
    assert not path.with_name("recipe.toml.before").exists()


def test_a_new_recipe_overwrites_nothing(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    write_new(path, find("pizza"))
    with pytest.raises(UsageError, match="is there already"):
        write_new(path, find("pizza"))


@pytest.mark.parametrize("room", [0, 1, 700])
def test_a_new_recipe_without_room_leaves_nothing_half_written(tmp_path: Path, room: int) -> None:
    program = (
        "import pathlib, resource, signal\n"
        "from pixset.datasets.errors import DatasetError\n"
        "from pixset.datasets.recipe.toml import find, write_new\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "recipe = find('pizza')\n"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({room}, {room}))\n"
        "try:\n"
        "    write_new(pathlib.Path('mine.toml'), recipe)\n"
        "except DatasetError as error:\n"
        "    print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", program], cwd=tmp_path, capture_output=True, check=True
    )
    assert done.stdout.startswith(b"mine.toml: cannot be written (File too large)")
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_recipe_is_said_with_those_that_come_with_pixset() -> None:
    with pytest.raises(UsageError, match="flowers5, pizza, scenes36"):
        find("piza")
    with pytest.raises(UsageError, match="no such recipe"):
        find("nowhere.toml")


def test_a_pipe_for_a_recipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.toml")
    with pytest.raises(UsageError, match="no ordinary file"):
        find(str(tmp_path / "pipe.toml"))
    (tmp_path / "zero.toml").symlink_to("/dev/zero")
    with pytest.raises(UsageError, match="no ordinary file"):
        find(str(tmp_path / "zero.toml"))


@given(st.text(min_size=1).filter(str.strip), st.text(), st.sampled_from(["de", "ja", None]))
def test_any_term_and_definition_survive_the_file(term: str, told: str, lang: str | None) -> None:
    query = Asked(Query(term.strip(), Filters(lang=lang)))
    label = Label("a", definition=told.strip(), queries=(query,))
    recipe = Recipe("r", (label,))
    assert parse(dump(recipe), "r.toml") == recipe


@pytest.mark.parametrize(
    ("text", "term", "yes"),
    [
        ("Two Pizzas on a table", "pizza", True),
        ("pizzeria", "pizza", False),
        ("not_pizza 3", "pizza", False),
        ("category", "cat", False),
        ("手作りピザの写真", "ピザ", True),
        ("STRASSE", "straße", True),
        ("anything", "", False),
    ],
)
def test_words_are_found_whole(text: str, term: str, yes: bool) -> None:
    assert contains(text, term) is yes


@pytest.mark.parametrize("word", sorted(slugs.RESERVED))
def test_no_split_word_becomes_a_label(word: str) -> None:
    for slug in (word, f"{word}_tube", f"toy_{word}", f"{word}2"):
        assert slugs.fault(slug)
    assert slugs.fault(f"x{word}x") is None


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Straße", "strasse"),
        ("STRAẞE", "strasse"),
        ("Smørrebrød", "smorrebrod"),
        ("Æbleskiver", "aebleskiver"),
        ("Łódź", "lodz"),
        ("Œuf à la coque", "oeuf_a_la_coque"),
        ("Þorramatur", "thorramatur"),
        ("Bạnh đa", "banh_da"),
        ("\u0131rmak", "irmak"),
    ],
)
def test_letters_that_no_normal_form_takes_apart_are_spelled_out(name: str, slug: str) -> None:
    assert slugs.slug_of(name) == slug
    assert slugs.fault(slug) is None


@pytest.mark.parametrize(("name", "before"), [("Straße", "strae"), ("Smørrebrød", "smrrebrd")])
def test_a_label_that_was_named_without_such_letters_keeps_its_folder(
    name: str, before: str, tmp_path: Path
) -> None:
    old = Project(tmp_path / "old")
    queries = (Asked(Query(name)),)
    write(old.recipe, Recipe("old", (Label(before, name=name, queries=queries),)))
    recipe, asked = requests_of_terms(old, [name], None, None, Filters())
    assert (recipe.slugs, [ask.label for ask in asked]) == ((before,), [before])
    _, fresh = requests_of_terms(Project(tmp_path / "new"), [name], None, None, Filters())
    assert [ask.label for ask in fresh] == [slugs.slug_of(name)]
    assert slugs.slugs_of([name, "pizza"], known=[before]) == {name: before, "pizza": "pizza"}
    assert negatives.binary(name, known=recipe.slugs).recipe.name == before


def test_a_label_of_another_name_takes_no_letters_from_a_term(tmp_path: Path) -> None:
    project = Project(tmp_path / "old")
    write(project.recipe, Recipe("old", (Label("strae", queries=(Asked(Query("strae")),)),)))
    recipe, asked = requests_of_terms(project, ["Straße"], None, None, Filters())
    assert recipe.slugs == ("strae", "strasse")
    assert [ask.label for ask in asked] == ["strasse"]


def test_a_term_becomes_a_slug_or_asks_for_a_name() -> None:
    assert slugs.slug_of("Text document") == "text_document"
    assert slugs.slug_of("Crème brûlée!") == "creme_brulee"
    with pytest.raises(UsageError, match="--label"):
        slugs.slug_of("ピザ")


def test_no_negative_is_holds_or_is_called_the_positive() -> None:
    for positive, never in (
        ("hot dog", "hotdog"),
        ("cat", "kitten"),
        ("cat", "pet"),
        ("bird", "sparrow"),
        ("car", "parked car"),
        ("food", "pizza"),
        ("phone", "smartphone"),
    ):
        recipe = negatives.binary(positive).recipe
        terms = [asked.query.term for asked in recipe.labels[1].queries]
        assert never not in terms
        assert not [term for term in terms if contains(term, positive)]


def test_a_template_says_which_negatives_it_chose_and_what_it_could_not() -> None:
    said = negatives.binary("hot dog").notes
    assert said[0].startswith("hard negatives: burger")
    assert any("--negative" in note for note in negatives.binary("zeppelin").notes)


def test_a_positive_that_is_a_split_word_takes_another_label() -> None:
    with pytest.raises(UsageError, match="split word"):
        negatives.binary("train")
    recipe = negatives.binary("train", label="railway").recipe
    assert [label.slug for label in recipe.labels] == ["railway", "not_railway"]
    assert recipe.labels[0].queries[0].query.term == "train"


@given(
    st.sampled_from(
        sorted(
            {term for terms in negatives.known_things().kinds.values() for term in terms}
            - {"train"}
        )
    )
)
def test_every_template_is_a_recipe_that_reads(positive: str) -> None:
    recipe = negatives.binary(positive, per_class=100).recipe
    assert parse(dump(recipe), "x") == recipe
    strata = recipe.labels[1].strata
    assert not strata or abs(sum(one.share for one in strata) - 1) < 1e-9


def test_given_negatives_replace_the_chosen_ones_and_none_holds_the_positive() -> None:
    recipe = negatives.binary("pizza", ["steak", "calzone"], per_class=9).recipe
    assert [asked.query.term for asked in recipe.labels[1].queries] == ["steak", "calzone"]
    assert "calzone" not in recipe.ambiguous
    with pytest.raises(UsageError, match="without the positive"):
        negatives.binary("pizza", ["focaccia pizza"])


def test_build_says_which_options_go_together() -> None:
    with pytest.raises(UsageError, match="expected --positive X"):
        negatives.chosen("binary", None, [], None)
    with pytest.raises(UsageError, match="go with `build binary`"):
        negatives.chosen("scenes36", "cat", [], None)
    assert negatives.chosen("flowers5", None, [], 12).recipe.labels[0].target == 12


@pytest.mark.parametrize("name", [*shipped(), ""])
def test_status_counts_by_what_the_whole_recipe_says(name: str, tmp_path: Path) -> None:
    recipe = tmp_path / "recipe.toml"
    if name:
        recipe.write_bytes(shipped()[name].read_bytes())
    else:
        recipe.write_text(
            'exclude_hosts = ["https://image.shutterstock.com/x"]\nambiguous = [" calzone "]\n'
            f'per_class = 7\n{SMALL}target = 5\nexclude = ["logo"]\n'
            '[label.cake]\nqueries = ["cake"]\n',
            encoding="utf-8-sig",
        )
    counted, whole = counted_recipe(Project(tmp_path)), recipe_of(Project(tmp_path))
    assert [(one.slug, one.target, one.exclude) for one in counted.labels] == [
        (one.slug, one.target, one.exclude) for one in whole.labels
    ]
    assert counted.ambiguous == whole.ambiguous
    assert counted.exclude_hosts == whole.exclude_hosts


def test_checks_with_limits_of_their_own_are_counted_by(tmp_path: Path) -> None:
    text = f"{SMALL}[checks]\nblurry = 3\ndark = false\n"
    (tmp_path / "recipe.toml").write_text(text, encoding="utf-8")
    counted = counted_recipe(Project(tmp_path))
    assert (dict(counted.checks), counted.checks_off) == ({"blurry": 3.0}, {"dark"})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name = ", "recipe.toml: expected TOML: "),
        ("", "recipe.toml: label: expected at least one table"),
        (SMALL + "target = 0", "recipe.toml: label.pizza.target: expected a whole number"),
        (SMALL + "target = true", "recipe.toml: label.pizza.target: expected a whole number"),
        ("exclude_hosts = ['co.uk']\n" + SMALL, "recipe.toml: exclude_hosts: expected sites"),
        (SMALL + "exclude = [' ']", "recipe.toml: label.pizza.exclude: expected a list of texts"),
    ],
)
def test_status_names_a_mistake_in_what_it_counts_by(text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "recipe.toml").write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=r"recipe\.toml: ") as refused:
        counted_recipe(Project(tmp_path))
    assert said in str(refused.value)


def test_a_recipe_named_without_its_ending_is_pointed_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "breads.toml").write_text(SMALL, "utf-8")
    with pytest.raises(UsageError, match=r"did you mean 'breads\.toml'\?"):
        find("breads")


def test_a_new_recipe_gets_its_folder_and_a_file_above_it_is_named_with_the_way_out(
    tmp_path: Path,
) -> None:
    recipe = parse(SMALL, "r.toml")
    write_new(tmp_path / "new" / "r.toml", recipe)
    assert find(str(tmp_path / "new" / "r.toml")).labels == recipe.labels
    for place in (tmp_path / "new" / "r.toml" / "s.toml", tmp_path / "new" / "r.toml" / "t" / "s"):
        with pytest.raises(UsageError, match="a file is where a folder is needed; name another"):
            write_new(place, recipe)
    with pytest.raises(UsageError, match="is there already"):
        write_new(tmp_path / "new" / "r.toml", recipe)
