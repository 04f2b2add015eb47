from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from pixset.scraper import cli
from pixset.scraper.engines.inspect_page import ADVICE, as_json, as_text, inspect_page
from pixset.scraper.errors import UsageError
from pixset.scraper.models import PageOutcome
from typer.testing import CliRunner

if TYPE_CHECKING:
    from pathlib import Path

PAGE = (
    '<div class="item"><a class="thumb" href="https://e.org/a.jpg"><img src="/th?id=OIP.abcdef">'
    '</a><a class="tit" href="https://e.org/p">e.org</a><div class="des">Ein Käse</div>'
    "<div>480 x 360 jpeg</div></div>"
)


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "page.html"
    path.write_text(PAGE, encoding="utf-8")
    return path


def test_the_json_has_the_promised_words(page: Path) -> None:
    assert as_json(inspect_page(page, "bing")) == {
        "engine": "bing",
        "outcome": "results",
        "carriers": {"thumb-link": 1},
        "candidates": [
            {
                "rank": 1,
                "image_url": "https://e.org/a.jpg",
                "preview": "https://www.bing.com/th?id=OIP.abcdef",
                "page_url": "https://e.org/p",
                "title": "Ein Käse",
                "claimed_width": 480,
                "claimed_height": 360,
            }
        ],
    }


def test_what_a_page_does_not_say_is_null(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_text('<a class="iusc" m="{&quot;murl&quot;:&quot;https://e.org/a.jpg&quot;}">')
    (candidate,) = as_json(inspect_page(path, "bing"))["candidates"]
    assert [name for name, value in candidate.items() if value is None] == [
        "preview", "page_url", "title", "claimed_width", "claimed_height",
    ]  # fmt: skip


def test_the_command_prints_one_json_object(page: Path) -> None:
    ran = CliRunner().invoke(cli.app, ["inspect", str(page), "--engine", "bing", "--json"])
    assert ran.exit_code == 0
    assert json.loads(ran.stdout) == as_json(inspect_page(page, "bing"))


def test_the_command_prints_a_summary_for_a_person(page: Path) -> None:
    ran = CliRunner().invoke(cli.app, ["inspect", str(page)])
    assert ran.exit_code == 0
    assert "bing (guessed from the page; --engine names it)" in ran.stdout
    assert "results   1: 1 with the original's URL, 1 with a preview" in ran.stdout
    assert "480x360" in ran.stdout


def test_a_wall_s_summary_says_what_to_do_next(tmp_path: Path) -> None:
    path = tmp_path / "wall.html"
    path.write_text('<title>x</title><form id="captcha-form" action="index"></form>')
    assert as_text(inspect_page(path, "google"))[1:] == [
        f"outcome   captcha: {ADVICE[PageOutcome.CAPTCHA]}"
    ]
    assert set(ADVICE) == set(PageOutcome)


@pytest.mark.parametrize("engine", ["duckduckgo", "", "Google"])
def test_an_unknown_engine_is_the_callers_mistake(page: Path, engine: str) -> None:
    with pytest.raises(UsageError, match="expected one of google, bing, yahoo"):
        inspect_page(page, engine)


def test_a_file_that_cannot_be_read_is_the_callers_mistake_in_one_line(tmp_path: Path) -> None:
    for path, words in ((tmp_path / "none.html", "no such file"), (tmp_path, "a folder")):
        with pytest.raises(UsageError, match=words) as caught:
            inspect_page(path, "google")
        assert str(path) in str(caught.value)
        assert "\n" not in str(caught.value)
        assert caught.value.exit_code == 2


def test_any_bytes_are_a_page(tmp_path: Path) -> None:
    path = tmp_path / "noise"
    path.write_bytes(bytes(range(256)) * 40)
    assert as_json(inspect_page(path))["candidates"] == []
