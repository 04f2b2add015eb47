"""Openly licensed sources from the command line to the exports, on the replica: licences arrive."""

from __future__ import annotations

import csv
import json
import sqlite3
from typing import TYPE_CHECKING, Any

import pytest
from pixset.datasets import cli
from pixset.scraper.engines.licences import licence_code
from pixset.scraper.errors import UsageError
from pixset.scraper.replica import Faults, Replica, serve
from typer.testing import CliRunner, Result

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

run = CliRunner()
BOTH = ("--engine", "commons", "--engine", "openverse")


def pixset(*words: object) -> Result:
    done = run.invoke(cli.app, [str(word) for word in words])
    assert done.exit_code == 0, done.output
    return done


@pytest.fixture(scope="module")
def replica() -> Iterator[Replica]:
    with serve(per_term=40, faults=Faults(retry_after=0)) as running:
        yield running


@pytest.fixture(scope="module")
def dataset(replica: Replica, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("open") / "dataset"
    here = ("--replica", replica.url, "--into", root)
    pixset("scrape", "--term", "kiln", "--source", "original", *BOTH, *here)
    pixset("split", root)
    return root


def rows(root: Path) -> list[dict[str, Any]]:
    lines = (root / "ready/manifest.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def test_the_manifest_states_what_the_source_states(dataset: Path, replica: Replica) -> None:
    told = {
        one["image_url"]: one
        for search in replica.truth()["searches"]
        for one in search["results"]
        if "licence" in one
    }
    licensed = [row for row in rows(dataset) if row["license"] != "unknown"]
    assert len(licensed) > 40
    for row in licensed:
        truth = told[row["image_url"]]
        assert licence_code(row["license"], row["license_url"]) == truth["licence"]
        assert row["license_source"] == row["engine"]
        assert row["author"] in {truth["creator"], None}
        assert row["license"] in row["attribution"]
        assert row["page_url"] in row["attribution"]
    unknown = [row for row in rows(dataset) if row["license"] == "unknown"]
    assert all(row["license_source"] == "none" and not row["author"] for row in unknown)


def test_attribution_and_card_name_licences_and_creators(dataset: Path) -> None:
    ready = dataset / "ready"
    with (ready / "ATTRIBUTION.csv").open(encoding="utf-8", newline="") as file:
        lines = {line["id"]: line for line in csv.DictReader(file)}
    for row in rows(dataset):
        line = lines[row["id"]]
        assert line["license_url"] == (row["license_url"] or "")
        assert line["author"] == (row["author"] or "")
    card = (ready / "README.md").read_text(encoding="utf-8")
    assert "| CC BY" in card
    assert "creativecommons.org" in card


def test_exports_carry_the_licences(dataset: Path, tmp_path: Path) -> None:
    for form in ("croissant", "csv", "urls"):
        pixset("export", dataset, "--format", form, "--out", tmp_path / form)
    described = json.loads((tmp_path / "croissant/croissant.json").read_text(encoding="utf-8"))
    assert any("creativecommons.org/licenses/" in one for one in described["license"])
    fields = {field["name"] for records in described["recordSet"] for field in records["field"]}
    assert {f"manifest-rows/{name}" for name in ("license", "license_url", "author")} <= fields
    with (tmp_path / "urls/urls.csv").open(encoding="utf-8", newline="") as file:
        assert {line["license"] for line in csv.DictReader(file)} > {"unknown"}


def test_a_licence_that_is_asked_for_is_every_picture_s(replica: Replica, tmp_path: Path) -> None:
    root = tmp_path / "dataset"
    here = ("--replica", replica.url, "--into", root)
    pixset("scrape", "--term", "kiln", "--licence", "modify-commercially", *BOTH, *here)
    pixset("split", root)
    codes = {licence_code(row["license"], row["license_url"]) for row in rows(root)}
    assert codes
    assert codes <= {"by", "by-sa", "cc0", "pdm"}


def test_a_recipe_may_name_them_and_status_counts_them(replica: Replica, tmp_path: Path) -> None:
    recipe = tmp_path / "mine.toml"
    recipe.write_text(
        'engines = ["openverse"]\nlimit = 12\n[label.kiln]\nqueries = ["kiln"]\n', encoding="utf-8"
    )
    root = tmp_path / "dataset"
    pixset("scrape", recipe, "--replica", replica.url, "--into", root)
    told = json.loads(pixset("status", root, "--json").stdout)
    assert told["engines"]["openverse"]["found"] == 12
    assert [one["outcome"] for one in told["queries"]] == ["limit"]


def test_other_tools_read_licences_from_the_catalogue(dataset: Path) -> None:
    with sqlite3.connect(dataset / "pixset.sqlite") as cat:
        (number,) = cat.execute("SELECT count(*) FROM sighting WHERE licence NOT NULL").fetchone()
    assert number > 40


def test_an_answer_that_cannot_be_read_is_kept_for_inspect(
    replica: Replica, tmp_path: Path
) -> None:
    replica.control({"commons": "layout-changed"})
    root = tmp_path / "dataset"
    asked = ["scrape", "--term", "kiln", "--engine", "commons", "--into", str(root)]
    done = run.invoke(cli.app, [*asked, "--replica", replica.url])
    replica.control({"commons": ""})
    assert done.exit_code == 5 or getattr(done.exception, "exit_code", 0) == 5
    (page,) = (root / "pages").iterdir()
    seen = json.loads(pixset("inspect", page, "--engine", "commons", "--json").stdout)
    assert (page.suffix, seen["outcome"]) == (".json", "layout-changed")


def test_the_real_commons_is_not_asked_without_a_contact(tmp_path: Path) -> None:
    asked = ["scrape", "--term", "kiln", "--engine", "commons", "--into", str(tmp_path / "d")]
    done = run.invoke(cli.app, asked)
    assert isinstance(done.exception, UsageError)
    assert "--contact" in str(done.exception)
    assert not (tmp_path / "d").exists()
