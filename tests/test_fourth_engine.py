"""A fourth engine is one object and one word in ENGINES; every command then knows it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from pixset.datasets import cli
from pixset.datasets.recipe.models import Recipe
from pixset.scraper.browser.doctor import examine_machine
from pixset.scraper.browser.installed import BrowserChoice
from pixset.scraper.browser.resolve import Resolution
from pixset.scraper.engines import ENGINES
from pixset.scraper.engines.api import ApiFault, ApiManners, read_json
from pixset.scraper.models import Candidate, Page, PageOutcome, Query
from support.pictures import jpeg
from support.servers import Host, serving
from typer.testing import CliRunner

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Wall:
    """An engine that pins its results to a wall: `<p class=pin title=…><img src=…></p>`."""

    NAME = "wall"
    ORIGIN = "https://wall.example"
    HEADLESS = False
    TILES = "p.pin"
    MORE = "button.more"
    REJECT = "button.no"

    def url(self, query: Query, origin: str = ORIGIN) -> str:
        return f"{origin}/find?q={query.term}"

    def unsupported(self, query: Query) -> tuple[str, ...]:
        return ("lang",) if query.filters.lang else ()

    def parse(self, html: str, address: str = "") -> Page:
        from selectolax.lexbor import LexborHTMLParser

        pins = LexborHTMLParser(html).css(self.TILES)
        base = "{0.scheme}://{0.netloc}".format(urlsplit(address)) if address else self.ORIGIN
        found = tuple(
            Candidate(
                "wall", str(pin.attributes["id"]), rank, None,
                f"{base}{pin.css_first('img').attributes['src']}", title=pin.attributes["title"],
            )
            for rank, pin in enumerate(pins, 1)
        )  # fmt: skip
        return Page(PageOutcome.RESULTS if found else PageOutcome.EMPTY, found)


PAGE = "".join(
    f'<p class="pin" id="pin{n}" title="pizza number {n}"><img src="/{n}.jpg"></p>'
    for n in range(1, 5)
)
run = CliRunner()


@pytest.fixture(autouse=True)
def wall() -> Iterator[Wall]:
    """The fourth engine, in the registry for one test."""
    engine = Wall()
    ENGINES["wall"] = engine
    yield engine
    del ENGINES["wall"]


def test_help_lists_it() -> None:
    for command in ("scrape", "build", "inspect"):
        shown = run.invoke(cli.app, [command, "--help"], env={"COLUMNS": "260"})
        assert "google|bing|yahoo|commons|openverse|wall" in shown.output


def test_inspect_reads_and_guesses_its_pages(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(f"<title>x</title>{PAGE}", encoding="utf-8")
    for words in (["--engine", "wall"], []):
        seen = json.loads(run.invoke(cli.app, ["inspect", str(page), "--json", *words]).output)
        assert (seen["engine"], seen["outcome"], len(seen["candidates"])) == ("wall", "results", 4)
    page.write_text('<title>x</title><a href="https://wall.example/">nothing found</a>')
    assert json.loads(run.invoke(cli.app, ["inspect", str(page), "--json"]).output)["engine"] == (
        "wall"
    )


def test_a_recipe_may_name_it_and_asks_it_by_default(tmp_path: Path) -> None:
    assert "wall" in Recipe("x").engines
    recipe = tmp_path / "mine.toml"
    recipe.write_text('engines = ["wall"]\n[label.pizza]\nqueries = ["pizza"]\n', encoding="utf-8")
    checked = run.invoke(cli.app, ["recipe", "check", str(recipe)])
    assert checked.exit_code == 0, checked.output
    recipe.write_text('engines = ["ask"]\n[label.pizza]\nqueries = ["pizza"]\n', encoding="utf-8")
    assert "wall" in str(run.invoke(cli.app, ["recipe", "check", str(recipe)]).exception)


def test_the_doctor_says_whether_it_gets_a_window() -> None:
    checks = examine_machine(Resolution(), BrowserChoice(headless=True))
    display = next(check for check in checks if check.name == "display")
    assert "google, wall" in display.message


@pytest.mark.browser
def test_scrape_brings_its_pictures_into_the_catalogue(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with serving(Host()) as site:
        site.page("/wall/find", f"<title>x</title>{PAGE}")
        for number in range(1, 5):
            site.page(f"/{number}.jpg", jpeg(number), Content_Type="image/jpeg")
        asked = ["scrape", "--term", "pizza", "--engine", "wall", "--lang", "de", "--json"]
        here = ["--replica", site.url, "--into", str(tmp_path / "dataset")]
        done = run.invoke(cli.app, [*asked, *here])
        assert done.exit_code == 0, done.output
    assert "wall has no filter lang=de" in caplog.text
    told = json.loads(run.invoke(cli.app, ["status", str(tmp_path / "dataset"), "--json"]).stdout)
    assert told["engines"]["wall"]["found"] == 4
    assert told["engines"]["wall"]["fetched"] == 4
    assert [one["outcome"] for one in told["queries"]] == ["exhausted"]


class Shelf:
    """An engine with an API: `{"items": [{"id": …, "src": …, "title": …}]}`."""

    NAME = "shelf"
    ORIGIN = "https://shelf.example"
    OPT_IN = True
    MANNERS = ApiManners(gap=0.0)

    def url(self, query: Query, origin: str = ORIGIN) -> str:
        return f"{origin}/api?q={query.term}"

    def unsupported(self, query: Query) -> tuple[str, ...]:
        del query
        return ()

    def parse(self, text: str, address: str = "") -> Page:
        base = "{0.scheme}://{0.netloc}".format(urlsplit(address)) if address else self.ORIGIN
        items = (read_json(text) or {}).get("items", [])
        found = tuple(
            Candidate(
                "shelf", one["id"], rank, None, f"{base}{one['src']}", title=one["title"],
                licence="CC0 1.0", creator="Mo",
            )
            for rank, one in enumerate(items, 1)
        )  # fmt: skip
        return Page(PageOutcome.RESULTS if found else PageOutcome.EMPTY, found)

    def fault(self, text: str) -> ApiFault | None:
        del text
        return None


def test_an_engine_with_an_api_is_one_object_and_one_word_too(tmp_path: Path) -> None:
    items = [{"id": f"i{n}", "src": f"/{n}.jpg", "title": f"kiln {n}"} for n in range(1, 5)]
    ENGINES["shelf"] = Shelf()
    try:
        with serving(Host()) as site:
            site.page("/shelf/api", json.dumps({"items": items}))
            for number in range(1, 5):
                site.page(f"/{number}.jpg", jpeg(number), Content_Type="image/jpeg")
            asked = ["scrape", "--term", "kiln", "--engine", "shelf", "--json"]
            here = ["--replica", site.url, "--into", str(tmp_path / "dataset")]
            done = run.invoke(cli.app, [*asked, *here])
            assert done.exit_code == 0, done.output
        saved = tmp_path / "answer.json"
        saved.write_text(json.dumps({"items": items}), encoding="utf-8")
        seen = json.loads(run.invoke(cli.app, ["inspect", str(saved), "--json"]).output)
        assert (seen["engine"], len(seen["candidates"])) == ("shelf", 4)
        assert "shelf" not in Recipe("x").engines
    finally:
        del ENGINES["shelf"]
    told = json.loads(run.invoke(cli.app, ["status", str(tmp_path / "dataset"), "--json"]).stdout)
    assert told["engines"]["shelf"]["fetched"] == 4
