"""The report's page in a real browser: a phone, the dark, paper, and nobody asked for anything."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import pytest
from pixset.datasets.commands import report as command
from support.chromium import serious_findings, show_as
from support.command_line import run as run_command
from support.folders import write_files
from support.pictures import jpeg

if TYPE_CHECKING:
    from pathlib import Path

    from pixset.datasets.project import Project
    from selenium import webdriver

pytestmark = pytest.mark.browser


@pytest.fixture
def page(dataset: Project, tmp_path: Path) -> str:
    pytest.importorskip("matplotlib", reason="the extra `report` is not installed")
    html = tmp_path / "page.html"
    command.report(dataset.root, html=html)
    return html.as_uri()


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("size", [(1300, 850), (390, 844)])
def test_it_fits_and_axe_finds_nothing_serious(
    browser: webdriver.Chrome, page: str, size: tuple[int, int], dark: bool
) -> None:
    show_as(browser, *size, dark=dark)
    browser.get(page)
    run: Any = browser.execute_script
    assert run("return document.documentElement.scrollWidth <= innerWidth")
    assert serious_findings(browser) == []


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [320, 390, 1300])
def test_why_copies_are_copies_is_told_on_a_page_that_fits(
    browser: webdriver.Chrome, tmp_path: Path, width: int, dark: bool
) -> None:
    photos, html = tmp_path / "photos", tmp_path / "copies.html"
    write_files(photos, {"first picture of all.jpg": jpeg(1, (320, 240)), "again.jpg": jpeg(1)})
    run_command("dedupe", photos, "--explain", "--html", html)
    show_as(browser, width, 844, dark=dark)
    browser.get(html.as_uri())
    run: Any = browser.execute_script
    assert run("return document.querySelectorAll('figure').length") == 2
    assert run("return document.documentElement.scrollWidth <= innerWidth")
    assert serious_findings(browser) == []


@pytest.mark.parametrize("width", [320, 390, 640])
def test_on_a_phone_no_table_has_to_be_scrolled_sideways(
    browser: webdriver.Chrome, page: str, width: int
) -> None:
    show_as(browser, width, 844)
    browser.get(page)
    run: Any = browser.execute_script
    wide = "return [...document.querySelectorAll('.wide')].map(e => e.scrollWidth - e.clientWidth)"
    assert set(run(wide)) == {0}
    assert "kept" in run("return getComputedStyle(document.querySelector('td[data-name=kept]'),"
                         " '::before').content")  # fmt: skip


def test_it_loads_nothing_but_itself_and_complains_of_nothing(
    browser: webdriver.Chrome, page: str
) -> None:
    browser.get(page)
    run: Any = browser.execute_script
    others = run(
        "return performance.getEntriesByType('resource').map(e => e.name)"
        ".filter(name => !name.startsWith('data:'))"
    )
    assert others == []
    assert run("return [...document.images].every(one => one.complete && one.naturalWidth)")
    assert [one for one in browser.get_log("browser") if "favicon" not in one["message"]] == []


def test_every_word_in_the_plots_can_be_read_in_the_dark(
    browser: webdriver.Chrome, page: str
) -> None:
    show_as(browser, 1300, 850, dark=True)
    browser.get(page)
    run: Any = browser.execute_script
    colours = run(
        "return [...new Set([...document.querySelectorAll('svg text')]"
        ".map(one => getComputedStyle(one).fill))]"
    )
    ink = run("return getComputedStyle(document.body).color")
    assert colours == [ink]


def test_it_prints_in_the_light_whatever_the_screen_shows(
    browser: webdriver.Chrome, page: str
) -> None:
    show_as(browser, 794, 1123, dark=True)
    browser.get(page)
    paper = {"media": "print", "features": [{"name": "prefers-color-scheme", "value": "dark"}]}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", paper)
    run: Any = browser.execute_script
    assert run("return getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    printed = browser.execute_cdp_cmd("Page.printToPDF", {"printBackground": True})
    assert base64.b64decode(printed["data"]).startswith(b"%PDF")
    assert run(
        "return [...document.querySelectorAll('.wide')]"
        ".every(one => getComputedStyle(one).overflowX === 'visible')"
    )
