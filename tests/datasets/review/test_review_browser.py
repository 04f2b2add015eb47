"""The review page in a real browser: keys do what the page says they do."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from pixset.datasets.catalogue import decisions
from pixset.datasets.review import serve
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.wait import WebDriverWait

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from .conftest import Shelf

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    binary, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not binary or not driver:
        pytest.skip("no chromium and chromedriver on PATH")
    options = webdriver.ChromeOptions()
    options.binary_location = binary
    profile: Path = tmp_path_factory.mktemp("profile")
    for word in (
        "headless=new", "no-sandbox", "disable-gpu", "disable-background-networking",
        "no-first-run", "disable-sync", "disable-component-update", f"user-data-dir={profile}",
        "window-size=1300,850",
    ):  # fmt: skip
        options.add_argument(f"--{word}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    opened = webdriver.Chrome(options, webdriver.ChromeService(driver))
    yield opened
    opened.quit()


def test_keys_drop_keep_relabel_pair_and_undo(browser: webdriver.Chrome, shelf: Shelf) -> None:
    wait = WebDriverWait(browser, 20, poll_frequency=0.05)

    def press(key: str) -> None:
        browser.find_element(By.TAG_NAME, "body").send_keys(key)

    def view(name: str, figures: int) -> None:
        browser.find_element(By.XPATH, f"//nav//button[span='{name}']").click()
        wait.until(lambda b: len(b.find_elements(By.TAG_NAME, "figure")) == figures)

    def states() -> list[str]:
        # In one go: a figure that changes is replaced by another.
        script = "return [...document.querySelectorAll('figure')].map(f => f.dataset.state)"
        return list(browser.execute_script(script))  # type: ignore[no-untyped-call]

    def standing() -> dict[str, decisions.Standing]:
        with shelf.project.open_catalogue(write=False) as cat:
            return decisions.standings(cat)

    with serve(shelf.project) as page:
        browser.get(page.url)
        wait.until(lambda b: b.find_elements(By.TAG_NAME, "figure"))
        view("Train", 6)
        first = browser.find_elements(By.CSS_SELECTOR, "figure img")[0]
        sha = str(first.get_attribute("src")).rsplit("/", 1)[1].removesuffix(".jpg")
        press("d")
        press("k")
        press("2")
        wait.until(lambda _: len([s for s in standing().values() if s.person]) == 3)
        wait.until(lambda _: states()[:3] == ["dropped", "kept", "kept"])
        assert standing()[sha].dropped
        for _ in range(3):
            press("u")
        wait.until(lambda _: not any(s.person for s in standing().values()))
        wait.until(lambda _: states() == ["open"] * 6)
        press("K")
        wait.until(lambda _: states() == ["kept"] * 6)
        view("Maybe duplicates", 1)
        press("f")
        with_opinion = {frozenset(shelf.pair)}

        def said(_: object) -> bool:
            with shelf.project.open_catalogue(write=False) as cat:
                return decisions.links(cat)[1] == with_opinion

        wait.until(said)
        press(Keys.SPACE)
        wait.until(lambda b: b.find_element(By.ID, "zoom").is_displayed())
        complaints = [
            entry for entry in browser.get_log("browser") if "favicon" not in entry["message"]
        ]
    assert complaints == []
