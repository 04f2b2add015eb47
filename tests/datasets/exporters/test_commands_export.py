"""`pixset export` and `pixset fetch` as typed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from pixset.datasets.cli import app
from pixset.datasets.errors import LabelMissing, UsageError
from pixset.datasets.exporters import EXPORTERS, Exporter
from pixset.datasets.exporters.urls import UrlSettings
from typer.testing import CliRunner

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pixset.datasets.exporters.exporter import Advance, Places
    from pixset.datasets.tree.finished import FinishedTree

run = CliRunner()


def test_export_says_what_it_wrote_and_where(tree: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    words = ["export", str(tree.parent), "--format", "urls", "--out", str(out)]
    result = run.invoke(app, words)
    assert result.exit_code == 0
    assert f"33 pictures as urls: {out}" in result.stdout
    told = json.loads(run.invoke(app, [*words, "--json"]).stdout)
    assert (told["format"], told["pictures"]) == ("urls", 33)


@pytest.fixture
def paper_format() -> Iterator[str]:
    """An exporter of the tests' own, put into the dict as a newcomer's would be."""

    def write(tree: FinishedTree, out: Path, settings: UrlSettings, advance: Advance) -> Places:
        del settings
        (out / "paper.txt").write_text(" ".join(tree.classes))
        advance(len(tree.pictures))
        return {}

    EXPORTERS["paper"] = Exporter(write, UrlSettings)
    yield "paper"
    del EXPORTERS["paper"]


def test_an_exporter_put_into_the_dict_is_in_the_help_and_works(
    paper_format: str, tree: Path, tmp_path: Path
) -> None:
    shown = run.invoke(app, ["export", "--help"]).stdout
    words = {word.strip(",.") for word in shown.replace("│", " ").split()}
    assert set(EXPORTERS) <= words
    out = tmp_path / "out"
    words = ["export", str(tree), "--format", paper_format, "--out", str(out)]
    assert run.invoke(app, words).exit_code == 0
    assert (out / "paper.txt").read_text() == "daisy rose tulip"


def test_an_unknown_format_is_told_those_that_are_there(
    paper_format: str, tree: Path, tmp_path: Path
) -> None:
    words = ["export", str(tree), "--format", "zip", "--out", str(tmp_path / "out")]
    assert paper_format in str(run.invoke(app, words).exception)


def test_an_option_that_a_format_does_not_know_is_named(
    tree: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    words = ["export", str(tree), "--format", "urls", "--out", str(tmp_path / "out")]
    assert run.invoke(app, [*words, "--shard-size", "7"]).exit_code == 0
    assert "--shard-size: means nothing to --format urls" in caplog.text


def test_a_mistake_is_one_error_for_the_roof(tree: Path, tmp_path: Path) -> None:
    words = ["export", str(tree), "--format", "zip", "--out", str(tmp_path / "out")]
    result = run.invoke(app, words)
    assert isinstance(result.exception, UsageError)
    assert "\n" not in str(result.exception)


def test_fetch_prints_a_table_of_link_rot_and_says_that_nothing_came(
    tree: Path, tmp_path: Path
) -> None:
    manifest = tree / "manifest.jsonl"
    lines = manifest.read_text("utf-8").splitlines()
    # Loopback is refused without --allow-private, so every address has a fate at once.
    rows = [json.loads(line) for line in lines]
    for row in rows:
        if row["image_url"]:
            row["image_url"] = row["image_url"].replace("https://example.org", "http://127.0.0.1")
    manifest.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    words = ["fetch", str(manifest), "--into", str(tmp_path / "out")]
    result = run.invoke(app, words)
    assert isinstance(result.exception, LabelMissing)
    assert "nothing came: 30 of the addresses" in str(result.exception)
    assert "--allow-private" in str(result.exception)
    assert "no-address" in result.stdout
    assert "lost: private-address 30, no-address 3" in result.stdout
    told = json.loads(run.invoke(app, [*words, "--json"]).stdout)
    assert told["lost"] == {"private-address": 30, "no-address": 3}


def test_an_export_into_the_datasets_own_pool_is_refused(tree: Path) -> None:
    (tree.parent / "pixset.sqlite").touch()
    out = tree.parent / "images" / "shards"
    result = run.invoke(app, ["export", str(tree), "--format", "csv", "--out", str(out)])
    assert isinstance(result.exception, UsageError)
    assert not out.parent.exists()


@pytest.mark.parametrize("command", ["export", "fetch"])
def test_help_has_an_example(command: str) -> None:
    assert "Example:" in run.invoke(app, [command, "--help"]).stdout
