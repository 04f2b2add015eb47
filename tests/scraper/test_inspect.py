from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from pixset.scraper import cli
from pixset.scraper.engines.inspect_page import ADVICE, as_json, as_text, inspect_page
from pixset.scraper.errors import UsageError
from pixset.scraper.models import PageOutcome
from typer.testing import CliRunner

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
        "query": None,
        "on_topic": None,
        "next": None,
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


@pytest.mark.parametrize("text", ["", "see google.com/ and bing.com", "<p>a letter", "\0" * 999])
def test_what_is_no_engine_s_page_is_not_called_empty(tmp_path: Path, text: str) -> None:
    path = tmp_path / "letter.html"
    path.write_text(text, encoding="utf-8")
    for engine in (None, "google", "bing", "yahoo"):
        seen = inspect_page(path, engine)
        assert seen.page.outcome is PageOutcome.FOREIGN
        assert "nor of another engine" in as_text(seen)[1]


def test_another_engine_s_page_is_said_to_be_that_one_s(page: Path, tmp_path: Path) -> None:
    assert (
        "this is Bing's page: read it with --engine bing"
        in as_text(inspect_page(page, "google"))[1]
    )
    wall = tmp_path / "wall.html"
    wall.write_text('<title>x</title><a href="https://www.bing.com/images">x</a>')
    assert inspect_page(wall, "yahoo").page.outcome is PageOutcome.FOREIGN
    assert inspect_page(wall, "bing").page.outcome is PageOutcome.BLOCKED


def test_what_might_never_end_is_not_read(tmp_path: Path) -> None:
    pipe, huge = tmp_path / "pipe", tmp_path / "huge"
    os.mkfifo(pipe)
    with huge.open("wb") as file:
        file.truncate(80 * 1024 * 1024)
    for path, words in (
        (Path("/dev/zero"), "no ordinary file"),
        (pipe, "no ordinary file"),
        (huge, "larger than 64 MB"),
    ):
        with pytest.raises(UsageError, match=words):
            inspect_page(path)
