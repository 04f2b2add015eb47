"""A real headless Chromium, as a person's browser, and axe-core on what it shows."""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager
from importlib import util
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from pixset.scraper.errors import DriverError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from selenium import webdriver


@contextmanager
def browser_or_skip() -> Iterator[None]:
    """Skip the test, with the reason, where pixset can start no browser."""
    try:
        yield
    except DriverError as error:
        pytest.skip(f"no browser can be started: {error}")


def open_chromium(profile: Path) -> webdriver.Chrome:
    """A browser with a profile of its own, 1300 x 850; skips where there is none."""
    from selenium import webdriver

    binary, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not binary or not driver:
        pytest.skip("no chromium and chromedriver on PATH")
    options = webdriver.ChromeOptions()
    options.binary_location = binary
    for word in (
        "headless=new", "no-sandbox", "disable-gpu", "disable-background-networking",
        "no-first-run", "disable-sync", "disable-component-update", f"user-data-dir={profile}",
        "window-size=1300,850",
    ):  # fmt: skip
        options.add_argument(f"--{word}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    return webdriver.Chrome(options, webdriver.ChromeService(driver))


def show_as(browser: webdriver.Chrome, width: int, height: int, *, dark: bool = False) -> None:
    """Give the page a viewport in CSS pixels: 640 x 450 is 1280 x 900 at 200 %."""
    device = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", device)
    feature = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})


def serious_findings(browser: webdriver.Chrome) -> list[str]:
    """What axe-core finds serious or critical on the page as it stands, a line each.

    Of the file that axe-playwright-python carries, or the axe.min.js that AXE_CORE names.
    """
    # Found without importing it: the package wants Playwright, its file wants only a browser.
    package = util.find_spec("axe_playwright_python")
    carried = Path(str(package.origin)).with_name("axe.min.js") if package else None
    script = Path(os.environ.get("AXE_CORE", str(carried)))
    if not script.is_file():
        pytest.skip("axe-playwright-python is not installed (`make test` installs it)")
    run: Any = browser.execute_script  # selenium's methods have no types
    run(script.read_text("utf-8"))
    ask: Any = browser.execute_async_script
    found = ask("const done = arguments[0]; axe.run().then(done, e => done({error: String(e)}))")
    assert "error" not in found, found
    assert len(found["passes"]) > 10, "axe-core looked at nothing"
    return [
        f"{one['id']}: {node['html'][:120]}"
        for one in found["violations"]
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    ]


def out_of_reach(browser: webdriver.Chrome) -> list[str]:
    """The controls that a person cannot get at: cut off by the window, or under another thing.

    Each is scrolled into view first, where something scrolls.
    """
    run: Any = browser.execute_script
    return list(
        run(
            """
            const open = document.querySelector("dialog[open]");
            const all = [...(open ?? document).querySelectorAll("button, input, a[href]")];
            return all.filter((one) => {
              if (!one.checkVisibility({ visibilityProperty: true })) return false;
              if (one.disabled || one.closest("#toast")) return false;
              one.scrollIntoView({ block: "nearest", inline: "nearest" });
              const { left, top, width, height } = one.getBoundingClientRect();
              const at = document.elementFromPoint(left + width / 2, top + height / 2);
              const seen = at && (one.contains(at) || at.contains(one));
              const inside = left >= 0 && top >= 0 && left + width <= innerWidth + 1
                && top + height <= innerHeight + 1;
              return !seen || !inside;
            }).map((one) => one.id || one.textContent || one.outerHTML.slice(0, 80));
            """
        )
    )
