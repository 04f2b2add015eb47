"""README's pictures, made anew from `pixset demo`: drawn pictures only.

Run: python docs/screenshots.py DEMO (the folder that `pixset demo` wrote)
Writes contact-sheet.jpg, review.jpg and report.jpg beside this file.
"""

from __future__ import annotations

import io
import shutil
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image
from pixset.datasets import Dataset
from selenium import webdriver
from selenium.webdriver.support.wait import WebDriverWait

if TYPE_CHECKING:
    from collections.abc import Iterator

DOCS = Path(__file__).parent
QUALITY = 82


def main() -> None:
    """Show the demo's dataset and keep what is seen."""
    demo = Dataset(sys.argv[1])
    shutil.copyfile(demo.folder / "contact-sheet.jpg", DOCS / "contact-sheet.jpg")
    with chromium() as browser:
        with demo.review() as page:
            browser.get(page.url)
            WebDriverWait(browser, 60).until(
                lambda one: one.execute_script(
                    "const seen = [...document.querySelectorAll('#grid img')];"
                    "return seen.length > 4 && seen.every((img) => img.complete)"
                )
            )
            shoot(browser, "review.jpg", 1280, 800)
        with tempfile.TemporaryDirectory() as folder:
            html = Path(folder, "report.html")
            demo.report(html)
            browser.get(html.as_uri())
            shoot(browser, "report.jpg", 1280, 900)


@contextmanager
def chromium() -> Iterator[webdriver.Chrome]:
    """A headless browser of its own."""
    options = webdriver.ChromeOptions()
    for word in ("headless=new", "no-sandbox", "disable-gpu", "disable-background-networking"):
        options.add_argument(f"--{word}")
    driver = webdriver.ChromeService(shutil.which("chromedriver"))  # None: Selenium finds one
    with webdriver.Chrome(options, driver) as browser:
        yield browser


def shoot(browser: webdriver.Chrome, name: str, width: int, height: int) -> None:
    """Keep what a window of this size (CSS pixels) shows."""
    device = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", device)
    picture = Image.open(io.BytesIO(browser.get_screenshot_as_png()))
    picture.convert("RGB").save(DOCS / name, quality=QUALITY)


if __name__ == "__main__":
    main()
