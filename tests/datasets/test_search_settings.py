"""What a run's options make of the scraper, before any browser starts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pixset.datasets import cli
from pixset.datasets.collect.settings import SearchSettings
from pixset.scraper.engines import ENGINES
from pixset.scraper.engines.repairs import repair_files
from pixset.scraper.errors import UsageError
from typer.testing import CliRunner

if TYPE_CHECKING:
    from pathlib import Path

REPAIR = '[bing.selectors]\ntiles = "li.card9"\n'


def test_a_dataset_s_engines_toml_reaches_the_searcher(tmp_path: Path) -> None:
    (tmp_path / "engines.toml").write_text(REPAIR, encoding="utf-8")
    settings = SearchSettings(repairs=repair_files(tmp_path), believe=("odd thing",))
    bing = settings.make("bing")
    assert bing.engine.TILES == "li.card9"
    assert bing.landing.believe == {"odd thing"}
    assert settings.make("google").engine is ENGINES["google"]


def test_a_mistake_in_it_is_found_before_anything_is_written(tmp_path: Path) -> None:
    named = tmp_path / "mine.toml"
    named.write_text("[bing.selectors]\ntile = 'x'\n", encoding="utf-8")
    words = ["scrape", "--term", "pizza", "--into", str(tmp_path / "ds"), "--engines", str(named)]
    ran = CliRunner().invoke(cli.app, words)
    assert isinstance(ran.exception, UsageError)
    assert "bing.selectors.tile: no such fact" in str(ran.exception)
    assert not (tmp_path / "ds").exists()


@pytest.mark.parametrize("site", ["com", "not a site"])
def test_a_site_that_is_none_is_the_callers_mistake(tmp_path: Path, site: str) -> None:
    words = ["scrape", "--term", "pizza", "--into", str(tmp_path / "ds"), "--exclude-host", site]
    ran = CliRunner().invoke(cli.app, words)
    assert "expected a site" in str(ran.exception)
    assert not (tmp_path / "ds").exists()
