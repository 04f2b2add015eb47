"""A report of many pictures: how long it takes to write, how large it is, how soon it is open.

    python benchmarks/report_page.py [--pictures 10000] [--keep FOLDER]

The catalogue is that of catalogue_size.py, with files of drawn pictures. Chromium opens the page
five times, each in a profile of its own: what counts is the load event, from the start of the
navigation, the median of the five.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from catalogue_size import DRAWN, drawn, fill
from pixset.datasets.catalogue import images
from pixset.datasets.curate import recipe_of
from pixset.datasets.project import Project
from pixset.datasets.report.gather import gather
from pixset.datasets.report.page import html_page
from selenium import webdriver


def with_files(project: Project) -> None:
    """A file for every picture of the catalogue: a few drawn ones, again and again."""
    pictures = [drawn(number) for number in range(DRAWN)]
    with project.open_catalogue(write=False) as cat:
        paths = [one.path for one in images.images(cat)]
    for number, path in enumerate(paths):
        place = project.image(path)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(pictures[number % DRAWN])


def load_event(page: Path) -> float:
    """Seconds from the start of the navigation to the end of the load event."""
    options = webdriver.ChromeOptions()
    options.binary_location = str(shutil.which("chromium"))
    with tempfile.TemporaryDirectory() as profile:
        for word in ("headless=new", "no-sandbox", "disable-gpu", f"user-data-dir={profile}"):
            options.add_argument(f"--{word}")
        service = webdriver.ChromeService(shutil.which("chromedriver"))
        browser: Any = webdriver.Chrome(options, service)
        try:
            browser.get(page.as_uri())
            return (
                float(
                    browser.execute_script(
                        "return performance.getEntriesByType('navigation')[0].loadEventEnd"
                    )
                )
                / 1000
            )
        finally:
            browser.quit()


def main() -> None:
    words = argparse.ArgumentParser()
    words.add_argument("--pictures", type=int, default=10_000)
    words.add_argument("--keep", type=Path)
    chosen = words.parse_args()
    folder = chosen.keep or Path(tempfile.mkdtemp())
    project = Project(folder / "many")
    if not project.catalogue.is_file():
        fill(project, chosen.pictures)
        with_files(project)
    began = time.process_time(), time.perf_counter()
    page = folder / "report.html"
    page.write_text(html_page(project, gather(project, recipe_of(project))), "utf-8")
    print(f"pictures            {chosen.pictures}")
    print(f"written in          {time.perf_counter() - began[1]:.1f} s "
          f"({time.process_time() - began[0]:.1f} s of CPU time)")  # fmt: skip
    print(f"size                {page.stat().st_size / 1e6:.2f} MB")
    print(f"thumbnails          {page.read_text('utf-8').count('data:image/jpeg')}")
    loads = [load_event(page) for _ in range(5)]
    print(f"load event          {statistics.median(loads):.2f} s (of {sorted(loads)})")
    if not chosen.keep:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
