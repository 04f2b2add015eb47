"""Real saved pages: what each holds stands in expected/pages.toml, counted without the parsers."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from pixset.scraper.engines import ENGINES, decode_page, scrub
from pixset.scraper.engines.inspect_page import inspect_page

if TYPE_CHECKING:
    from pixset.scraper.models import Page

EXPECTED: dict[str, dict[str, Any]] = tomllib.loads(
    (Path(__file__).parent / "expected" / "pages.toml").read_text(encoding="utf-8")
)
RESULTS = [name for name, wanted in EXPECTED.items() if "candidates" in wanted]
FIELDS = ("image_url", "preview", "page_url", "title")


@cache
def read(samples: Path, name: str) -> Page:
    html = decode_page((samples / "pages" / name).read_bytes())
    return ENGINES[name.partition("/")[0]].parse(html)


def counted(page: Page) -> dict[str, Any]:
    found = page.candidates
    if not found:
        return {}
    said = {f"with_{field}": sum(bool(getattr(c, field)) for c in found) for field in FIELDS}
    return {
        "candidates": len(found),
        **said,
        "with_size": sum(c.claimed_size is not None for c in found),
        "inside": sum((c.preview or "").startswith("data:") for c in found),
        "carriers": dict(page.extractors),
    }


@pytest.mark.parametrize("name", EXPECTED)
def test_a_saved_page_is_read_as_it_was_counted(samples: Path, name: str) -> None:
    wanted = {k: v for k, v in EXPECTED[name].items() if k not in {"outcome", "query", "next"}}
    assert counted(read(samples, name)) == wanted


@pytest.mark.parametrize("name", EXPECTED)
def test_a_saved_page_is_inspected_as_what_it_is(samples: Path, name: str) -> None:
    wanted = EXPECTED[name]
    seen = inspect_page(samples / "pages" / name, name.partition("/")[0])
    assert seen.page.outcome == wanted["outcome"]
    assert seen.query == wanted.get("query")
    if wanted.get("next"):
        assert wanted["next"] in (seen.next or "").split("?")[1].split("&")
    else:
        assert seen.next == wanted.get("next")


def test_only_decoys_do_not_speak_of_their_query(samples: Path) -> None:
    for name in RESULTS:
        seen = inspect_page(samples / "pages" / name, name.partition("/")[0])
        if seen.query:
            assert seen.on_topic is not None
            assert (seen.on_topic < 0.05) == (EXPECTED[name]["outcome"] == "suspect"), name


def test_a_whole_grid_of_another_query_is_suspect(samples: Path) -> None:
    for name in ("bing/01-golang-gopher-2026.html", "google/03-flower-2022-isch.html"):
        seen = inspect_page(samples / "pages" / name, term="Giày trẻ em Đà Nẵng")
        assert (seen.page.outcome.value, seen.on_topic) == ("suspect", 0)
        assert len(seen.page.candidates) == EXPECTED[name]["candidates"]


def test_every_saved_page_has_its_expected_counts(samples: Path) -> None:
    pages = {
        path.relative_to(samples / "pages").as_posix()
        for path in (samples / "pages").glob("*/*.html")
    }
    assert pages <= set(EXPECTED)


@pytest.mark.parametrize("name", RESULTS)
def test_no_decoy_of_a_saved_page_is_a_candidate(samples: Path, name: str) -> None:
    for candidate in read(samples, name).candidates:
        addresses = " ".join(filter(None, (candidate.image_url, candidate.preview)))
        assert not re.search(r"favicon|branding|data:image/gif|/logos?/|recaptcha", addresses)
        assert not re.search(r"//www\.(google|bing)\.|//s\.yimg\.", candidate.page_url or "")
        original = candidate.image_url or "http://none.invalid"
        assert not re.search(r"//encrypted-tbn|\.mm\.bing\.net|//th\.bing\.com/th/id/O", original)


@pytest.mark.parametrize("name", RESULTS)
def test_ranks_count_from_one_and_keys_are_one_a_picture(samples: Path, name: str) -> None:
    found = read(samples, name).candidates
    assert [candidate.rank for candidate in found] == list(range(1, len(found) + 1))
    assert len({candidate.key for candidate in found}) == len(found)
    originals = [candidate.image_url for candidate in found if candidate.image_url]
    assert len(set(originals)) == len(originals)


def test_the_first_results_are_read_in_full(samples: Path) -> None:
    cat = read(samples, "google/01-cat-2024-udm2.html").candidates[2]
    assert (cat.key, cat.claimed_size) == ("ryYDG4V7pxKPVM", (1600, 1054))
    assert cat.image_url == (
        "https://cdn.britannica.com/34/235834-050-C5843610/"
        "two-different-breeds-of-cats-side-by-side-outdoors-in-the-garden.jpg"
    )
    assert cat.page_url == "https://www.britannica.com/animal/cat"
    assert (cat.title or "").startswith("Cat | Breeds, Origins, History, Body Types")
    gopher = read(samples, "bing/01-golang-gopher-2026.html").candidates[0]
    assert gopher.key == "1431B820D8461BDDB27AFC25701992BB980DBA31"
    assert gopher.claimed_size == (1000, 1000)
    assert gopher.page_url == "https://vectorseek.com/vector_logo/golang-gopher-logo-vector/"


def test_a_page_cut_into_news_gives_the_same_keys_as_the_whole(samples: Path) -> None:
    whole = decode_page((samples / "pages/google/03-flower-2022-isch.html").read_bytes())
    google = ENGINES["google"]
    tile = re.search(r'<div [^>]*data-id="jJE0hEFD0yUrcM".*?</div></a></div>', whole, re.DOTALL)
    assert tile
    (alone,) = google.parse(tile[0]).candidates
    (known,) = [c for c in google.parse(whole).candidates if c.key == alone.key]
    assert (alone.title, alone.page_url, alone.claimed_size) == (
        known.title,
        known.page_url,
        known.claimed_size,
    )
    assert alone.preview == known.preview


@pytest.mark.parametrize("name", EXPECTED)
def test_a_scrubbed_page_still_says_what_its_parser_needs(samples: Path, name: str) -> None:
    html = decode_page((samples / "pages" / name).read_bytes())
    parse = ENGINES[name.partition("/")[0]].parse
    before, after = parse(html), parse(scrub(html))
    assert after.outcome == before.outcome
    assert [c.key for c in after.candidates] == [c.key for c in before.candidates]
    assert [c.title for c in after.candidates] == [c.title for c in before.candidates]


@pytest.mark.parametrize("name", EXPECTED)
def test_a_scrubbed_page_holds_no_payload_and_no_address_of_a_person(
    samples: Path, name: str
) -> None:
    text = scrub(decode_page((samples / "pages" / name).read_bytes()))
    assert not re.search(r";base64,[A-Za-z0-9+/]{60}", text)
    mails = re.findall(r"(?<![\w/-])[\w.+-]{1,64}@[\w-]{2,40}\.(?:com|org|net|de|uk)\b", text)
    assert set(mails) <= {"someone@example.org"}
    assert not re.search(r"sxsrf=A[\w-]{20}|nonce=\"(?!SCRUBBED)[^\"]{8}", text)


@pytest.mark.parametrize("name", RESULTS)
def test_the_engine_of_a_saved_page_is_guessed(samples: Path, name: str) -> None:
    seen = inspect_page(samples / "pages" / name)
    assert (seen.engine, seen.guessed) == (name.partition("/")[0], True)
