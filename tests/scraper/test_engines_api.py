"""Engines with an API: their answers are read by pure functions; what licences permit."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
from pixset.scraper import cli
from pixset.scraper.engines import ENGINES, asks_api, default_engines, next_page
from pixset.scraper.engines.api import fits
from pixset.scraper.engines.licences import licence_code, permits
from pixset.scraper.engines.repairs import repaired_engines
from pixset.scraper.models import Candidate, Filters, Outcome, Page, PageOutcome, Query
from typer.testing import CliRunner

if TYPE_CHECKING:
    from pathlib import Path

COMMONS, OPENVERSE = ENGINES["commons"], ENGINES["openverse"]


def a_file(number: int, **changes: Any) -> dict[str, Any]:
    base = "https://upload.wikimedia.org/wikipedia/commons"
    info: dict[str, Any] = {
        "url": f"{base}/a/ab/Kiln_{number}.jpg",
        "thumburl": f"{base}/thumb/a/ab/Kiln_{number}.jpg/330px-Kiln_{number}.jpg",
        "descriptionurl": f"https://commons.wikimedia.org/wiki/File:Kiln_{number}.jpg",
        "width": 4000,
        "height": 3000,
        "mime": "image/jpeg",
        "extmetadata": {
            "LicenseShortName": {"value": "CC BY-SA 4.0"},
            "LicenseUrl": {"value": "https://creativecommons.org/licenses/by-sa/4.0"},
            "Artist": {"value": '<a href="//commons.wikimedia.org/wiki/User:Mo">Mo &amp; Co</a>'},
        },
    }
    return {
        "pageid": 100 - number,
        "title": f"File:Kiln {number}.jpg",
        "index": number,
        "imageinfo": [{**info, **changes}],
    }


def commons(*files: dict[str, Any], **more: Any) -> Page:
    return COMMONS.parse(json.dumps({"query": {"pages": files}, **more}))


def an_entry(number: int, **changes: Any) -> dict[str, Any]:
    plain = {
        "id": f"id-{number}",
        "title": f"Kiln {number}",
        "url": f"https://live.example/{number}.jpg",
        "thumbnail": f"https://api.openverse.org/v1/images/id-{number}/thumb/",
        "foreign_landing_url": f"https://photos.example/{number}",
        "creator": "Mo",
        "creator_url": "https://photos.example/mo",
        "license": "by-nc",
        "license_version": "2.0",
        "license_url": "https://creativecommons.org/licenses/by-nc/2.0/",
        "width": 1024,
        "height": 683,
    }
    return {**plain, **changes}


def openverse(*entries: dict[str, Any], **more: Any) -> Page:
    return OPENVERSE.parse(json.dumps({"result_count": len(entries), "results": entries, **more}))


def test_they_are_asked_only_where_they_are_named() -> None:
    assert default_engines() == ("google", "bing", "yahoo")
    assert [name for name, one in ENGINES.items() if asks_api(one)] == ["commons", "openverse"]


def test_naming_the_engines_loads_none_and_says_what_they_say_themselves() -> None:
    code = """
import sys
from pixset.scraper.engines import ENGINES, default_engines, engine_names
before = default_engines()
loaded = [name for name in engine_names() if f"pixset.scraper.engines.{name}" in sys.modules]
assert [one.NAME for one in ENGINES.values()] == list(ENGINES)
print(loaded, before == default_engines())
"""
    done = subprocess.run(
        [sys.executable, "-P", "-c", code], capture_output=True, text=True, timeout=120, check=True
    )
    assert done.stdout.strip() == "[] True"


def test_a_commons_answer_is_read_in_the_order_of_its_ranks() -> None:
    page = commons(a_file(2), a_file(1))
    assert page.outcome is PageOutcome.RESULTS
    assert [one.title for one in page.candidates] == ["Kiln 1", "Kiln 2"]
    first = page.candidates[0]
    assert (first.rank, first.key, first.claimed_size) == (1, "99", (4000, 3000))
    assert first.image_url == "https://upload.wikimedia.org/wikipedia/commons/a/ab/Kiln_1.jpg"
    assert first.preview is not None
    assert "/330px-" in first.preview
    assert (first.licence, first.licence_url) == (
        "CC BY-SA 4.0", "https://creativecommons.org/licenses/by-sa/4.0",
    )  # fmt: skip
    assert (first.creator, first.creator_url) == (
        "Mo & Co", "https://commons.wikimedia.org/wiki/User:Mo",
    )  # fmt: skip


def test_the_older_format_by_page_number_is_read_too() -> None:
    text = json.dumps({"query": {"pages": {"7": a_file(1), "9": a_file(2)}}})
    assert len(COMMONS.parse(text).candidates) == 2


@pytest.mark.parametrize(
    "metadata",
    [
        {},
        [],
        None,
        {"LicenseShortName": {"value": ["CC BY"]}, "Artist": {"value": None}},
        {"LicenseShortName": "CC BY 4.0", "Artist": 7, "LicenseUrl": {"value": "javascript:x"}},
    ],
)
def test_metadata_that_is_missing_or_broken_is_no_licence(metadata: object) -> None:
    (found,) = commons(a_file(1, extmetadata=metadata)).candidates
    assert found.licence is found.licence_url is found.creator is None


def test_numbers_and_markup_in_metadata_become_words() -> None:
    metadata = {"LicenseShortName": {"value": "<b>CC&nbsp;BY 4.0</b>"}, "Artist": {"value": 1987}}
    (found,) = commons(a_file(1, extmetadata=metadata)).candidates
    assert (found.licence, found.creator) == ("CC BY 4.0", "1987")


def test_what_is_no_picture_is_left_out() -> None:
    page = commons(a_file(1, mime="application/pdf"), a_file(2), {"pageid": 3, "missing": True})
    assert [one.title for one in page.candidates] == ["Kiln 2"]
    assert [one.rank for one in page.candidates] == [1]


def test_an_openverse_answer_is_read_with_its_licences() -> None:
    page = openverse(an_entry(1), an_entry(2, license="cc0", license_version="1.0", creator=None))
    first, second = page.candidates
    assert (first.licence, first.creator) == ("CC BY-NC 2.0", "Mo")
    assert (second.licence, second.creator) == ("CC0 1.0", None)
    assert first.page_url == "https://photos.example/1"
    assert first.claimed_size == (1024, 683)


@pytest.mark.parametrize("engine", [COMMONS, OPENVERSE])
@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("<html><title>403</title>Forbidden", PageOutcome.BLOCKED),
        ("", PageOutcome.BLOCKED),
        ("[1, 2]", PageOutcome.BLOCKED),
        ('{"unheard": 1}', PageOutcome.LAYOUT_CHANGED),
        ('{"query": {"pages": [{"x": 1}]}, "results": [{"x": 1}]}', PageOutcome.LAYOUT_CHANGED),
        ('{"batchcomplete": true, "results": []}', PageOutcome.EMPTY),
        ('{"query": {"pages": 5}, "results": 5}', PageOutcome.LAYOUT_CHANGED),
        ('{"query": {"pages": ["a"]}, "results": ["a"]}', PageOutcome.LAYOUT_CHANGED),
        ('{"query": ' + "[" * 5000, PageOutcome.BLOCKED),
    ],
)
def test_every_other_answer_has_a_name(engine: Any, text: str, outcome: PageOutcome) -> None:
    assert engine.parse(text).outcome is outcome


def test_the_next_answer_is_the_one_that_this_one_names() -> None:
    address = COMMONS.url(Query("kiln"))
    going = {"gsroffset": 50, "continue": "gsroffset||"}
    text = json.dumps({"query": {"pages": [a_file(1)]}, "continue": going})
    asked = parse_qs(urlsplit(next_page(COMMONS, text, address) or "").query)
    assert (asked["gsroffset"], asked["continue"]) == (["50"], ["gsroffset||"])
    assert asked["gsrsearch"] == ["filetype:bitmap kiln"]
    last = json.dumps({"batchcomplete": True, "query": {"pages": [a_file(1)]}})
    assert next_page(COMMONS, last, address) == ""
    deep = json.dumps({"query": {"pages": [a_file(1)]}, "continue": {"gsroffset": 10_000}})
    assert next_page(COMMONS, deep, address) == ""


@pytest.mark.parametrize(("page", "pages", "named"), [(1, 3, "2"), (3, 3, None), (20, 99, None)])
def test_openverse_goes_as_deep_as_it_says(page: int, pages: int, named: str | None) -> None:
    text = json.dumps({"page": page, "page_count": pages, "results": [an_entry(1)]})
    following = next_page(OPENVERSE, text, OPENVERSE.url(Query("kiln")))
    assert parse_qs(urlsplit(following or "").query).get("page", [None]) == [named]


def test_commons_errors_are_told_from_answers() -> None:
    assert asks_api(COMMONS)
    lagging = COMMONS.fault('{"error": {"code": "maxlag", "info": "Waiting for db1"}}')
    assert lagging is not None
    assert lagging.passes
    assert lagging.outcome is Outcome.RATE_LIMITED
    wrong = COMMONS.fault('{"error": {"code": "badvalue", "info": "Unrecognized value"}}')
    assert wrong is not None
    assert not wrong.passes
    assert COMMONS.fault('{"query": {"pages": []}}') is None


@pytest.mark.parametrize(
    ("name", "url", "code"),
    [
        ("CC BY-SA 4.0", None, "by-sa"),
        ("anything", "https://creativecommons.org/licenses/by-nc-nd/2.0/de/", "by-nc-nd"),
        ("CC0", None, "cc0"),
        ("x", "http://creativecommons.org/publicdomain/zero/1.0", "cc0"),
        ("Public domain", None, "pdm"),
        ("cc-by-3.0", None, "by"),
        ("GFDL", None, None),
        ("All rights reserved", "https://evil.example/creativecommons.org.licenses/by", None),
        ("4.0", None, None),
        (None, None, None),
    ],
)
def test_a_licence_is_known_by_its_deed_or_its_name(
    name: str | None, url: str | None, code: str | None
) -> None:
    assert licence_code(name, url) == code


@pytest.mark.parametrize(
    ("wanted", "fitting"),
    [
        ("creative-commons", {"by", "by-sa", "by-nc", "by-nd", "cc0"}),
        ("public-domain", {"cc0", "pdm"}),
        ("share", {"by", "by-sa", "by-nc", "by-nd", "cc0", "pdm"}),
        ("share-commercially", {"by", "by-sa", "by-nd", "cc0", "pdm"}),
        ("modify", {"by", "by-sa", "by-nc", "cc0", "pdm"}),
        ("modify-commercially", {"by", "by-sa", "cc0", "pdm"}),
    ],
)
def test_a_licence_permits_what_its_parts_say(wanted: str, fitting: set[str]) -> None:
    codes = ("by", "by-sa", "by-nc", "by-nd", "cc0", "pdm", None)
    assert {code for code in codes if permits(code, wanted)} == fitting


def test_a_result_without_a_licence_does_not_fit_a_search_for_one() -> None:
    plain = Candidate("commons", "1", 1, "https://e.org/a.jpg", None, claimed_size=(900, 400))
    assert fits(plain, Filters())
    assert not fits(plain, Filters(licence="share"))
    assert not fits(plain, Filters(min_size=500))


@pytest.mark.parametrize(("engine", "named"), [("commons", True), ("openverse", False)])
def test_inspect_reads_a_saved_answer(tmp_path: Path, engine: str, named: bool) -> None:
    text = {
        "commons": {"query": {"pages": [a_file(1)]}, "continue": {"gsroffset": 50}},
        "openverse": {"page": 1, "page_count": 2, "results": [an_entry(1)]},
    }[engine]
    saved = tmp_path / "answer.json"
    saved.write_text(json.dumps(text), encoding="utf-8")
    words = ["inspect", str(saved), "--json", "--term", "kiln"]
    told = CliRunner().invoke(cli.app, [*words, *(["--engine", engine] if named else [])])
    seen = json.loads(told.output)
    assert (seen["engine"], seen["outcome"], seen["on_topic"]) == (engine, "results", 1.0)
    assert seen["next"].startswith("https://")
    assert seen["candidates"][0]["licence"].startswith("CC BY")


def test_a_key_that_was_renamed_is_mended_as_data(tmp_path: Path) -> None:
    repair = tmp_path / "engines.toml"
    repair.write_text('[openverse.names]\noriginal = "image.src"\nresults = "items"\n')
    mended = repaired_engines([repair])["openverse"]
    entry = {**an_entry(1), "image": {"src": "https://live.example/new.jpg"}}
    text = json.dumps({"items": [entry]})
    assert OPENVERSE.parse(text).outcome is PageOutcome.LAYOUT_CHANGED
    assert mended.parse(text).candidates[0].image_url == "https://live.example/new.jpg"
    assert asks_api(mended)
