"""Parsers are total: whatever a page is, they answer, and their answer is well formed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pixset.scraper.engines import ENGINES, asks_api, decode_page, next_page, scrub
from pixset.scraper.engines.inspect_page import Inspection, as_json, as_text
from pixset.scraper.models import Page, PageOutcome

if TYPE_CHECKING:
    from pathlib import Path

# What the parsers look for, so that arbitrary pages are made of what could trip them.
PIECES = [
    '<div data-docid="abcdefghijklMM" data-lpage="https://e.org/p">', "</div>", "<td>", "<tr>",
    '<div class="isv-r" data-tbnid="x" data-ow="9" data-oh="0">', '<img src="', 'data-src="', '">',
    '["https://encrypted-tbn0.gstatic.com/images?q=tbn:ANd9GcQ0123456789abcdef",1,2],', '["', '",',
    '["https://e.org/a.jpg",100,200]', '"2003":[null,"d","https://e.org","t', "\\", "\\u",
    "\\ud83d", "\ud83d",
    '<div class="rg_meta">{"ou":1,"ow":[]}', "data:image/jpeg;base64,/9j/4AAQ", "var s='", "';",
    "var ii=['dimg_1','dimg_2'];", "google.ldi={", '"dimg_1":"https://e.org/t"', "<script>",
    "</script>", '<a class="iusc" m="', "{&quot;murl&quot;:&quot;https://e.org/a.jpg&quot;}",
    'href="/images/search?mediaurl=http%3A//[::1&expw=x&exph=%', '<a class="thumb" href="http://[',
    '<a href="/imgres?imgurl=http://e.org/%zz&w=1&h=99999999">', '<a href="/url?q=http://e.org">',
    '<li class="ld" data="{}">', '<li data="[1]" id="resitem-0">', "/RU=http%3a//e.org/RK=",
    '<a data-origurl="e.org/a.jpg">', 'data-meta="{&quot;ow&quot;:null}"', "\0", "\ufffe", "<!--",
    "<!-- saved from url=(0001)http://[x -->", "]]>", '<div class="dgControl hover" data-nexturl="',
    "/images/async?first=", '<a href="/search?udm=2&start=', '"nextOffset":"', ' srcset="a 1x, b',
    'style="background-image:url(', "gaiaId", '"displayName":"', " Bearer eyJ", "a@b.example",
    "&#x110000;", "<table>", "<noscript>", "é",
]  # fmt: skip

texts = st.text(alphabet=st.characters(), max_size=400)  # halves of letters, too
soups = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=12)), max_size=60).map("".join)
addresses = st.one_of(st.just(""), st.text(max_size=40), st.just("https://www.google.com/search?"))


def check(engine: str, page: Page) -> None:
    found = page.candidates
    assert (page.outcome is PageOutcome.RESULTS) >= bool(found)
    assert [candidate.rank for candidate in found] == list(range(1, len(found) + 1))
    assert len({candidate.key for candidate in found}) == len(found)
    for candidate in found:
        assert candidate.engine == engine
        assert candidate.key
        for url in (candidate.image_url, candidate.page_url):
            assert url is None or urlsplit(url).scheme in {"http", "https"}
        if candidate.preview is not None:
            assert candidate.preview.startswith(("http", "data:image/"))
        if candidate.claimed_size is not None:
            assert min(candidate.claimed_size) > 0
        for text in (candidate.title, candidate.key, candidate.image_url or ""):
            (text or "").encode("utf-8")
    json.dumps(as_json(Inspection(engine, page)))
    as_text(Inspection(engine, page))


def read_all(html: str, address: str = "") -> None:
    for name, engine in ENGINES.items():
        check(name, engine.parse(html, address))
        named = next_page(engine, html, address)
        assert not named or urlsplit(named).scheme in {"http", "https"}


@settings(max_examples=150)
@given(st.one_of(texts, soups), addresses)
def test_arbitrary_pages_are_answered(html: str, address: str) -> None:
    read_all(html, address)


# An API's words in any order, and values that are none of theirs.
KEYS = [
    "query", "pages", "continue", "gsroffset", "imageinfo", "extmetadata", "url", "mime", "pageid",
    "results", "page", "page_count", "id", "title", "width", "license", "creator", "error", "0",
]  # fmt: skip
values = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.sampled_from(["\ud83d", "9" * 5000]),
    st.just("https://e.org/a.jpg"), st.text(max_size=9),
)  # fmt: skip
answers = st.recursive(
    values,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=6)
    ),
    max_leaves=25,
)
wholes = st.fixed_dictionaries(
    {},
    optional={
        "query": st.fixed_dictionaries({}, optional={"pages": answers}),
        "continue": st.dictionaries(st.sampled_from(KEYS), values),
        "results": answers,
        "page": values,
        "page_count": st.integers(),
        "error": answers,
    },
)


@settings(max_examples=150)
@given(wholes)
def test_arbitrary_answers_of_an_api_are_answered(answer: object) -> None:
    text = json.dumps(answer)
    read_all(text)
    for engine in filter(asks_api, ENGINES.values()):
        engine.fault(text)


@settings(max_examples=100)
@given(st.one_of(st.binary(max_size=600), soups.map(lambda s: s.encode("utf-16", "replace"))))
def test_arbitrary_bytes_are_decoded(data: bytes) -> None:
    decode_page(data).encode("utf-8", "surrogatepass")


@settings(max_examples=100)
@given(st.one_of(texts, soups))
def test_scrubbing_is_total_and_scrubs_nothing_twice(html: str) -> None:
    once = scrub(html)
    assert scrub(once) == once


SMALL = [
    "google/14-tom-gibson-2021-basic-de-11results.html",
    "google/17-stall-catchers-2022-basic-en.html",
    "google/24-captcha-2018.html",
    "bing/10-coffee-async-fragment-excerpt.html",
]
LARGE = [
    "google/01-cat-2024-udm2.html",
    "google/05-gym-2020-isch.html",
    "google/09-stringterm-2021-isch-raw.html",
    "bing/03-crab-roe-noodles-2026.html",
    "yahoo/04-web-serp-2021-imageblock-adjacent.html",
]


def window(html: str, width: int = 60_000) -> str:
    """The part of a page where its results are: mutations of a stylesheet say nothing."""
    marks = ("data-docid=", "isv-r", "data-tbnid", "encrypted-tbn", "iusc", "s-img")
    places = [place for mark in marks if (place := html.find(f'{mark}"')) > 0]
    places += [place for mark in marks if (place := html.find(mark, len(html) // 2)) > 0]
    start = max(0, min(places, default=0) - 2000)
    return html[start : start + width]


@pytest.fixture(scope="module")
def pages(samples: Path) -> list[str]:
    read = [decode_page((samples / "pages" / name).read_bytes()) for name in SMALL + LARGE]
    return [window(html) for html in read]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_mutated_pages_are_answered(pages: list[str], data: st.DataObject) -> None:
    one, other = data.draw(st.sampled_from(pages)), data.draw(st.sampled_from(pages))
    cut = data.draw(st.integers(0, len(one)))
    again = data.draw(st.integers(0, len(other)))
    mutant = data.draw(
        st.sampled_from(
            [
                one[:cut],
                one[cut:],
                one[cut:] + one[cut:],
                one[:cut] + other[again:],
                one[:cut] + data.draw(soups) + one[cut:],
                one.replace(data.draw(st.sampled_from('"<>=\\[]{}')), "", 200),
                one.replace(data.draw(st.sampled_from(["https", "data-", "null", "/", "&"])), "x"),
            ]
        )
    )
    read_all(mutant)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_pages_with_flipped_bytes_are_answered(pages: list[str], data: st.DataObject) -> None:
    raw = bytearray(data.draw(st.sampled_from(pages)).encode("utf-8", "replace"))
    flips = st.tuples(st.integers(0, len(raw) - 1), st.integers(0, 255))
    for place, value in data.draw(st.lists(flips, max_size=80)):
        raw[place] = value
    read_all(decode_page(bytes(raw)))


@pytest.mark.parametrize("name", ENGINES)
def test_unclosed_and_repeated_carriers_are_read_to_the_end(name: str) -> None:
    for piece in PIECES:
        check(name, ENGINES[name].parse(piece * 500))
    deep = '<div data-docid="a"><div class="iuscp"><a class="iusc" m="{}"><li class="ld">' * 300
    check(name, ENGINES[name].parse(deep))
