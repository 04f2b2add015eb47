"""Whether the engines' pages are as the parsers know them: what has to be there, and what went."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from pixset.datasets import cli
from pixset.scraper.models import Page
from pixset.scraper.pace import pace
from pixset.scraper.replica import Faults, serve
from pixset.scraper.search import Searcher
from pixset.scraper.search.health import EngineHealth, compared, examine, keep, last_time
from support import paper
from typer.testing import CliRunner

if TYPE_CHECKING:
    from pathlib import Path


class Usual(paper.PaperEngine):
    """A paper engine whose pages feed one extractor, `line`."""

    USUAL = ("line",)

    def parse(self, html: str, address: str = "") -> Page:
        page = super().parse(html, address)
        return Page(page.outcome, page.candidates, {"line": len(page.candidates)})


def shown(first: int, last: int, original: str = "https://o.example/{}.jpg") -> str:
    return "\n".join(
        f"k{n} {original.format(n)} https://t.example/{n} cat number {n}"
        for n in range(first, last + 1)
    )


def look(browser: paper.PaperBrowser, engine: paper.PaperEngine | None = None) -> EngineHealth:
    searcher = Searcher(engine or Usual(), lambda: browser, pace("none"), unattended=True)
    with searcher:
        return examine(searcher, "cat")


def test_a_page_with_all_that_it_should_have_is_sound() -> None:
    health = look(paper.PaperBrowser([shown(1, 30), shown(31, 60)]))
    assert not health.drifted
    assert (health.first.results, health.second.results) == (30, 30)
    assert health.first.extractors == {"line": 30}
    assert [one.name for one in health.findings] == [
        "results", "carriers", "originals", "previews", "on topic", "second batch",
        "second batch's originals",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("rounds", "engine", "finding"),
    [
        ([shown(1, 12), shown(13, 40)], None, "results"),
        ([shown(1, 30), shown(31, 60)], "without its extractor", "carriers"),
        ([shown(1, 20, "-") + "\n" + shown(21, 30), shown(31, 60)], None, "originals"),
        ([shown(1, 30, "-"), shown(31, 60)], None, "originals"),
        ([paper.rows(1, 30), shown(31, 60)], None, "previews"),
        ([shown(1, 30)], None, "second batch"),
        ([shown(1, 30), shown(31, 60, "-")], None, "second batch's originals"),
    ],
)
def test_each_thing_that_is_missing_is_a_drift(
    rounds: list[str], engine: str | None, finding: str
) -> None:
    health = look(paper.PaperBrowser(rounds), paper.PaperEngine() if engine else None)
    if engine:
        health = compared(health, {"first": {"extractors": {"line": 30}}})
        finding = "vanished"
    assert health.drifted
    assert [one.name for one in health.findings if not one.holds] == [finding]


@pytest.mark.parametrize(
    ("page", "outcome", "drifted"),
    [
        ("!layout-changed", "layout-changed", True),
        ("!consent", "consent", True),
        ("!captcha", "captcha", False),
        ("!blocked", "blocked", False),
    ],
)
def test_an_engine_that_refuses_has_not_drifted(page: str, outcome: str, drifted: bool) -> None:
    health = look(paper.PaperBrowser([page]))
    assert (health.outcome, health.drifted) == (outcome, drifted)


def test_what_is_kept_is_compared_the_next_time(tmp_path: Path) -> None:
    assert last_time("paper", tmp_path / "none") is None
    health = look(paper.PaperBrowser([shown(1, 30), shown(31, 60)]))
    assert keep(health, tmp_path).read_text(encoding="utf-8")
    before = last_time("paper", tmp_path)
    assert before is not None
    assert compared(health, before) == health
    (tmp_path / "paper.json").write_text("[", encoding="utf-8")
    assert last_time("paper", tmp_path) is None


@pytest.mark.browser
def test_the_command_looks_at_a_replica_and_leaves_with_5_when_a_page_has_changed(
    tmp_path: Path,
) -> None:
    told = {"XDG_STATE_HOME": str(tmp_path), "LOCALAPPDATA": str(tmp_path)}
    words = ["doctor", "--engines", "--term", "pizza", "--engine", "bing", "--json"]
    with serve(per_term=90) as replica:
        sound = CliRunner().invoke(cli.app, [*words, "--replica", replica.url], env=told)
        assert sound.exit_code == 0, sound.output
        (bing,) = json.loads(sound.stdout)
        assert (bing["first"]["extractors"], bing["second"]["originals"] > 0) == (
            {"iusc": 35},
            True,
        )
        assert (tmp_path / "pixset" / "bing.html").is_file()
    with serve(per_term=90, faults=Faults(bing="layout-changed")) as replica:
        changed = CliRunner().invoke(cli.app, [*words, "--replica", replica.url], env=told)
        assert changed.exit_code == 5
        (bing,) = json.loads(changed.stdout)
        assert (bing["outcome"], bing["drifted"]) == ("layout-changed", True)
    with serve(per_term=90, faults=Faults(bing="captcha")) as replica:
        assert (
            CliRunner().invoke(cli.app, [*words, "--replica", replica.url], env=told).exit_code == 4
        )
