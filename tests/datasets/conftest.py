"""Fixtures that the tests of datasets share."""

from __future__ import annotations

import tarfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pixset.datasets.project import Project
from support.chromium import open_chromium

if TYPE_CHECKING:
    from collections.abc import Iterator

    from selenium import webdriver

DATA = Path(__file__).parents[1] / "data"


@pytest.fixture
def old(tmp_path: Path) -> Project:
    """The dataset as 0.1.0 left it."""
    with tarfile.open(DATA / "dataset-0.1.0.tar.gz") as packed:
        packed.extractall(tmp_path, filter="data")
    return Project(tmp_path / "v0.1.0")


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    """A real browser, one for the whole run."""
    opened = open_chromium(tmp_path_factory.mktemp("profile"))
    yield opened
    opened.quit()


@pytest.fixture
def browser(chromium: webdriver.Chrome) -> webdriver.Chrome:
    """The browser with a single tab of 1300 x 850, light, on nothing."""
    for handle in chromium.window_handles[1:]:
        chromium.switch_to.window(handle)
        chromium.close()
    chromium.switch_to.window(chromium.window_handles[0])
    chromium.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    chromium.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
    chromium.get("about:blank")
    chromium.get_log("browser")  # what an earlier test left
    return chromium
