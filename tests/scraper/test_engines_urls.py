"""What the engines are asked: one spelling of filters, each engine's own parameters."""

from __future__ import annotations

from dataclasses import fields
from urllib.parse import parse_qs, urlsplit

import pytest
from pixset.scraper.engines import ENGINES
from pixset.scraper.engines.filters import WORDS
from pixset.scraper.errors import UsageError
from pixset.scraper.models import Filters, Query

TERM = {"google": "q", "bing": "q", "yahoo": "p", "commons": "gsrsearch", "openverse": "q"}
TERMS = ['"red pizza" -cheese', "crème brûlée", "犬 & 猫", "c#", "a+b", "100%", "x:y,z", "a/b?c=d"]


def asked(engine: str, query: Query) -> dict[str, str]:
    parts = urlsplit(ENGINES[engine].url(query))
    return {name: values[0] for name, values in parse_qs(parts.query, strict_parsing=True).items()}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("term", TERMS)
def test_a_term_arrives_as_it_was_written(engine: str, term: str) -> None:
    before = "filetype:bitmap " if engine == "commons" else ""
    assert asked(engine, Query(term))[TERM[engine]] == before + term


@pytest.mark.parametrize("engine", ENGINES)
def test_an_address_is_plain_ascii_without_a_fragment(engine: str) -> None:
    url = ENGINES[engine].url(Query("犬 #1"))
    assert url.isascii()
    assert "#" not in url
    assert " " not in url


def test_the_replica_is_met_under_its_own_origin() -> None:
    origin = "http://127.0.0.1:8000"
    starts = {"google": "/search?q=", "bing": "/images/search?q=", "yahoo": "/search/images?p="}
    for name, start in starts.items():
        url = ENGINES[name].url(Query("a"), f"{origin}/{name}")
        assert url.startswith(f"{origin}/{name}{start}a")
    assert asked("google", Query("a"))["udm"] == "2"


FILTERED = Filters(
    min_size=500, type="lineart", colour="red", since="week", licence="share-commercially",
    safe="strict", lang="de", region="AT",
)  # fmt: skip


def test_google_filters_become_its_comma_list() -> None:
    given = asked("google", Query("a", FILTERED))
    assert set(given["tbs"].split(",")) == {
        "itp:lineart", "ic:specific", "isc:red", "qdr:w", "sur:fc", "isz:lt", "islt:svga",
    }  # fmt: skip
    assert {name: given[name] for name in ("safe", "hl", "lr", "gl", "cr")} == {
        "safe": "active", "hl": "de", "lr": "lang_de", "gl": "at", "cr": "countryAT",
    }  # fmt: skip


def test_bing_filters_become_its_plus_list() -> None:
    given = asked("bing", Query("a", FILTERED))
    assert set(given["qft"].split()) == {
        "filterui:photo-linedrawing", "filterui:color2-FGcls_RED", "filterui:age-lt10080",
        "filterui:license-L2_L3_L4", "filterui:imagesize-custom_500_500",
    }  # fmt: skip
    assert given["safeSearch"] == given["adlt"]
    assert (given["adlt"], given["mkt"]) == ("strict", "de-AT")


def test_yahoo_filters_become_parameters() -> None:
    given = asked("yahoo", Query("a", FILTERED))
    assert {name: value for name, value in given.items() if name != "p"} == {
        "imgsz": "large", "imgty": "linedrawing", "imgc": "red", "imgt": "week", "imgl": "fsuc",
        "vm": "r",
    }  # fmt: skip


def test_yahoo_has_hosts_for_some_regions() -> None:
    query = Query("a", Filters(region="de"))
    assert ENGINES["yahoo"].url(query).startswith("https://de.images.search.yahoo.com/search/")
    assert ENGINES["yahoo"].url(query, "http://x/yahoo").startswith("http://x/yahoo/search/")
    assert ENGINES["yahoo"].unsupported(query) == ()
    for region in ("CA", "BR", "MX", "TH", "vn", "IT"):
        asked = Query("a", Filters(region=region))
        assert ENGINES["yahoo"].url(asked).startswith(f"https://{region.lower()}.images.search.")


def test_what_an_engine_lacks_is_said() -> None:
    free = Query("a", Filters(licence="public-domain", lang="de", region="AT"))
    assert ENGINES["google"].unsupported(free) == ("licence",)
    assert ENGINES["bing"].unsupported(free) == ()
    assert ENGINES["yahoo"].unsupported(free) == ("lang", "region")


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", WORDS)
def test_every_word_of_a_filter_is_asked_for_or_said_to_lack(engine: str, name: str) -> None:
    plain = ENGINES[engine].url(Query("a"))
    for word in WORDS[name]:
        query = Query("a", Filters(**{name: word}))
        told = name in ENGINES[engine].unsupported(query)
        by_itself = (engine, word) in {("yahoo", "moderate"), ("commons", "photo")}
        in_answers = (engine, name) == ("commons", "licence")  # which state each one's licence
        same = told or by_itself or in_answers
        assert (ENGINES[engine].url(query) == plain) == same, word


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    "filters",
    [
        Filters(type="painting"), Filters(colour="beige"), Filters(since="decade"),
        Filters(licence="mine"), Filters(safe="maybe"), Filters(lang="german!"),
        Filters(region="AUT"), Filters(min_size=0),
    ],
)  # fmt: skip
def test_an_unknown_value_is_the_callers_mistake_in_one_line(engine: str, filters: Filters) -> None:
    (name,) = [f.name for f in fields(filters) if getattr(filters, f.name) is not None]
    with pytest.raises(UsageError) as caught:
        ENGINES[engine].url(Query("a", filters))
    message = str(caught.value)
    assert message.startswith(name.replace("_", "-"))
    assert "\n" not in message


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("term", ["  ", "\ud83d", "a\udc80b"])
def test_a_term_that_cannot_be_asked_for_is_refused(engine: str, term: str) -> None:
    with pytest.raises(UsageError, match="term"):
        ENGINES[engine].url(Query(term))
