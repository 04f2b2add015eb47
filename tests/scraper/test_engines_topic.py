"""Whether results speak of a query: by a word of it in a title or an address."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pixset.scraper.engines.language import another_language
from pixset.scraper.engines.topic import fold, is_scant, on_topic, suspicion, usable_words
from pixset.scraper.models import Candidate


def results(*titles: str | None, address: str = "https://e.org/9.jpg") -> list[Candidate]:
    return [Candidate("bing", str(n), n + 1, address, None, None, t) for n, t in enumerate(titles)]


@pytest.mark.parametrize(
    ("term", "title"),
    [
        ("pizza", "Thunfischpizza selber machen"),
        ("cats", "Cats and dogs"),
        ("Đường phố", "duong pho ha noi"),
        ("ISPARTA", "\u0131sparta gülü"),
        ("café crème", "CAFE CREME"),
        ("noodles with crab", "Noodle soup"),
        ("咖啡 意式浓缩", "一杯咖啡的照片"),
        ("แมวน่ารัก", "รูปแมวสวยๆ"),
        ('"Will Travis" -site:wikipedia.org', "Travis opens a dorm"),
        ("straße", "Die Strasse am Abend"),
    ],
)
def test_a_title_that_holds_a_word_of_the_query_speaks_of_it(term: str, title: str) -> None:
    assert on_topic(term, results(title)) == 1


@pytest.mark.parametrize(
    ("term", "title"),
    [
        ("cat", "Catalogue of education and location"),
        ("children's shoes", "M276 engine"),
        ("pizza -lighthouse site:example.org", "a lighthouse, by example"),
        ("photo of a tulip", "photo of a car"),
        ("God of War Playstation 4 cover", "Istanbul from above, cover"),
    ],
)
def test_a_title_of_something_else_does_not(term: str, title: str) -> None:
    assert on_topic(term, results(title)) == 0


def test_an_address_speaks_too() -> None:
    found = results(None, "Untitled", address="https://e.org/img/neapolitan-pizza%20slice.jpg")
    assert on_topic("pizza", found) == 1


@pytest.mark.parametrize(
    ("term", "found"),
    [
        ("at 12", results("anything")),
        ("photo", results("anything")),
        ("แมวน่ารัก", results("a lovely cat", "cats")),
        ("pizza", results("美味的披萨", "披萨照片")),
        ("pizza", []),
        ("pizza", results(None, None)),
        ("pizza", results("a lighthouse", *[None] * 9)),
    ],
)
def test_what_cannot_be_told_is_unknown_and_not_off_topic(
    term: str, found: list[Candidate]
) -> None:
    assert on_topic(term, found) is None


def test_a_decoy_is_named_with_its_numbers() -> None:
    found = results(*["the lighthouse of Genoa"] * 35)
    assert suspicion("vietnam book", found, on_topic("vietnam book", found)) == (
        "0 of 35 results speak of 'vietnam book'"
    )
    assert suspicion("genoa", found, on_topic("genoa", found)) is None
    assert suspicion("x", found, None) is None


def test_a_scant_page_is_one_that_says_itself_that_it_is_the_last() -> None:
    assert is_scant(results("a"), "")
    assert not is_scant(results("a"), None)
    assert not is_scant(results("a"), "https://e.org/next")
    assert not is_scant(results(*"abcd"), "")
    assert not is_scant([], "")


@given(st.text(max_size=80), st.lists(st.text(max_size=80), max_size=5))
def test_any_query_and_any_titles_have_an_answer(term: str, titles: list[str]) -> None:
    share = on_topic(term, results(*titles))
    assert share is None or 0 <= share <= 1
    assert all(word == fold(word) for word in usable_words(term))


def test_results_that_agree_on_a_synonym_answer_in_other_words() -> None:
    pancakes = results(*["Fluffy pancakes", "The best pancake recipe"] * 10)
    assert on_topic("Pfannkuchen", pancakes) == 0
    assert on_topic("Pfannkuchen", pancakes, ("pancake", "crêpe")) == 1
    assert suspicion("Pfannkuchen", pancakes, 1) is None


def test_a_synonym_that_stands_in_a_few_results_makes_no_decoy_an_answer() -> None:
    decoy = results("a pancake by the sea", *["the lighthouse of Genoa"] * 34)
    assert on_topic("Pfannkuchen", decoy, ("pancake", "", "12")) == 0


def test_results_without_a_common_theme_are_no_decoy() -> None:
    scattered = ["Park holidays", "A map of Mull", "Winter sale", "Old harbour", "Jazz at noon"]
    assert on_topic("tom gibson", results(*scattered)) is None
    assert on_topic("tom gibson", results(*scattered[:2])) == 0  # too few to tell: see is_scant
    themed = [f"{word} engine of 2026" for word in scattered]
    assert on_topic("tom gibson", results(*themed)) == 0


PANCAKES = (
    "The best fluffy pancakes for breakfast",
    "How to make pancakes from scratch",
    "Pancakes with berries and cream",
    "Easy pancakes your kids make",
    "Buttermilk pancakes",
)


def test_a_word_said_to_be_of_a_language_that_the_titles_are_not_in_is_unknown() -> None:
    found = results(*PANCAKES)
    assert on_topic("Pfannkuchen", found, lang="de") is None
    assert on_topic("Pfannkuchen", found, ("pfannkuchen",), "de-AT") is None
    for lang in (None, "en", "xx"):
        assert on_topic("Pfannkuchen", found, lang=lang) == 0
    german = results(*["Leuchtturm mit Aussicht auf das Meer"] * 5)
    assert on_topic("Pfannkuchen", german, lang="de") == 0


def test_a_long_query_or_one_whose_other_words_are_known_is_not_excused_by_its_language() -> None:
    found = results(*["A lighthouse on the coast of Liguria, and how to find it"] * 35)
    assert on_topic("sách giáo khoa tiếng Việt lớp 5", found, lang="vi") == 0
    assert on_topic("Pfannkuchen", found, ("pancake",), "de") == 0
    assert on_topic("Pfannkuchen", results(*PANCAKES), ("pancake",), "de") == 1


@pytest.mark.parametrize(
    ("titles", "asked", "told"),
    [
        (["recette facile des crepes"] * 3 + ["crepes"] * 9, "de", "fr"),
        (["recette facile des crepes"] * 2, "de", None),
        (["crepes"] * 30, "de", None),
        (["la ricetta della nonna", "con gli amici", "dei sogni"], "it", None),
        (["the cat and the dog"] * 5, "tlh", None),
    ],
)
def test_a_language_is_told_by_its_little_words(
    titles: list[str], asked: str, told: str | None
) -> None:
    assert another_language(titles, asked) == told
