"""`--dry-run`: every query, engine and the minutes expected; nothing is asked, nothing written."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from pixset.datasets import cli
from pixset.datasets.errors import UsageError
from pixset.scraper.engines import ENGINES
from pixset.scraper.replica import serve
from pixset.scraper.search.estimate import expected_seconds
from typer.testing import CliRunner

if TYPE_CHECKING:
    from pathlib import Path

run = CliRunner()


def dry(*words: object) -> str:
    done = run.invoke(cli.app, [*map(str, words), "--dry-run"])
    assert done.exit_code == 0, done.output
    return done.stdout


def test_scrape_tells_every_query_engine_and_minute(tmp_path: Path) -> None:
    into = tmp_path / "dataset"
    asked = ["scrape", "--term", "pizza", "--term", "calzone", "--label", "pizza", "--into", into]
    text = dry(*asked, "--since", "year")
    for word in ("google", "bing", "yahoo", "pizza", "calzone", "since=year", "600", "minutes"):
        assert word in text
    told = json.loads(dry(*asked, "--json"))
    assert told["pace"] == "human"
    assert [(one["engine"], one["term"], one["asked"]) for one in told["searches"]] == [
        (engine, term, 600)
        for term in ("pizza", "calzone")
        for engine in ("google", "bing", "yahoo")
    ]
    assert told["minutes"] == pytest.approx(max(told["engines"].values()))
    assert json.loads(dry(*asked, "--pace", "brisk", "--json"))["minutes"] < told["minutes"]
    assert not into.exists()


def test_build_tells_it_of_a_recipe(tmp_path: Path) -> None:
    into = tmp_path / "dataset"
    told = json.loads(
        dry("build", "binary", "--positive", "pizza", "--per-class", 50, "--into", into, "--json")
    )
    assert {one["label"] for one in told["searches"]} == {"pizza", "not_pizza"}
    assert "pizza" in dry("build", "binary", "--positive", "pizza", "--into", into)
    assert not into.exists()


def test_a_word_that_is_a_shipped_recipe_is_said_to_be_one(tmp_path: Path) -> None:
    into = tmp_path / "dataset"
    told = dry("scrape", "pizza", "--into", into)
    assert told.startswith("recipe 'pizza': Pizza or not pizza")
    assert "pixset scrape --term pizza" in told
    assert "recipe" not in dry("scrape", "--term", "pizza", "--into", into)
    json.loads(dry("scrape", "pizza", "--into", into, "--json"))
    wrong = run.invoke(cli.app, ["scrape", "kitten", "--into", str(into)]).exception
    assert "pixset scrape --term kitten" in str(wrong)


def test_what_is_finished_is_not_told_again_and_the_dataset_stays_as_it_is(tmp_path: Path) -> None:
    into = tmp_path / "dataset"
    asked = ["scrape", "--term", "kiln", "--engine", "openverse", "--limit", 5, "--into", into]
    with serve(per_term=10) as replica:
        here = [*asked, "--replica", replica.url]
        assert run.invoke(cli.app, list(map(str, here))).exit_code == 0
        before = {path: path.read_bytes() for path in into.rglob("*") if path.is_file()}
        requests = replica.requests()
        told = json.loads(dry(*here, "--term", "pot", "--json"))
        assert replica.requests() == requests
    assert [one["term"] for one in told["searches"]] == ["pot"]
    assert (told["finished"], told["pace"]) == (1, "none")
    assert {path: path.read_bytes() for path in into.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize(
    ("environ", "shown"),
    [
        ({}, 240),
        ({"OPENVERSE_CLIENT_ID": "me"}, 240),
        ({"OPENVERSE_TOKEN": "t"}, 400),
        ({"OPENVERSE_CLIENT_ID": "me", "OPENVERSE_CLIENT_SECRET": "s"}, 400),
    ],
)
def test_what_an_api_does_not_show_is_asked_of_the_others(
    tmp_path: Path, environ: dict[str, str], shown: int
) -> None:
    unset = dict.fromkeys(("OPENVERSE_TOKEN", "OPENVERSE_CLIENT_ID", "OPENVERSE_CLIENT_SECRET"), "")
    words = ["scrape", "--term", "kiln", "--into", str(tmp_path / "d"), "--dry-run", "--json"]
    for engines, limit, asked in (
        (["openverse"], 1800, {"openverse": shown}),
        (["bing", "openverse"], 1800, {"bing": 1800 - shown, "openverse": shown}),
        (["bing", "openverse"], 100, {"bing": 50, "openverse": 50}),
    ):
        given = [*words, "--limit", str(limit), *(f"--engine={name}" for name in engines)]
        done = run.invoke(cli.app, given, env={**unset, **environ})
        assert done.exit_code == 0, done.output
        told = json.loads(done.stdout)["searches"]
        assert {one["engine"]: one["asked"] for one in told} == asked


def test_a_mistake_is_one_in_a_dry_run_too(tmp_path: Path) -> None:
    asked = ["scrape", "--term", "kiln", "--pace", "wild", "--into", str(tmp_path / "d")]
    done = run.invoke(cli.app, [*asked, "--dry-run"])
    assert getattr(done.exception, "exit_code", 0) == 2


def test_a_person_s_pace_takes_longer_and_an_api_a_second_an_answer() -> None:
    google, openverse = ENGINES["google"], ENGINES["openverse"]
    paces = [expected_seconds(google, 600, pace) for pace in ("none", "brisk", "human")]
    assert paces == sorted(paces)
    assert expected_seconds(google, 1200, "human") > 1.8 * expected_seconds(google, 600, "human")
    assert expected_seconds(openverse, 240, "human") >= 7


def test_it_refuses_a_file_in_the_datasets_place_as_the_run_would(tmp_path: Path) -> None:
    into = tmp_path / "dataset"
    into.write_text("mine")
    done = run.invoke(cli.app, ["scrape", "--term", "simit", "--into", str(into), "--dry-run"])
    assert isinstance(done.exception, UsageError)
    assert f"{into}: is a file; expected a folder to make" in str(done.exception)
