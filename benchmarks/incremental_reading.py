"""Reading a result page that grows: only its changes each round, or the whole page again.

A page in Google's shape grows by 25 tiles a round, each with a base64 thumbnail of some
10 KB, up to 250, 500, 1,000 and 2,000 results, in a real headless Chromium. After each round
the page is read and parsed, once as the search does it (`Browser.changes`), once from the start
(`Browser.html`, what `driver.page_source` gives). Printed: megabytes carried out of the
browser and milliseconds of reading and parsing, both also per result.

    nice -n 10 .venv/bin/python benchmarks/incremental_reading.py [--sizes 250,500,1000,2000]
"""

from __future__ import annotations

import argparse
import http.server
import threading
import time
from typing import TYPE_CHECKING, Any

from pixset.scraper.browser.installed import BrowserChoice
from pixset.scraper.browser.launch import launch
from pixset.scraper.engines import ENGINES

if TYPE_CHECKING:
    from collections.abc import Callable

    from pixset.scraper.browser.selenium_browser import SeleniumBrowser

ROUND = 25
GOOGLE = ENGINES["google"]
PAGE = b"""<!doctype html><title>growing</title><input name=q><div id=grid></div><script>
let shown = 0;
function thumbnail() {
  const bytes = crypto.getRandomValues(new Uint8Array(7500));
  return 'data:image/jpeg;base64,/9j/' + btoa(String.fromCharCode(...bytes));
}
function grow(count) {
  for (let i = 0; i < count; i++, shown++) {
    const tile = document.createElement('div');
    tile.dataset.docid = 'doc' + shown;
    tile.dataset.lpage = 'https://page.example/' + shown;
    const original = encodeURIComponent(`https://o.example/${shown}.jpg`);
    tile.innerHTML = `<a href="/imgres?imgurl=${original}&amp;w=800&amp;h=600">` +
      `<img class="YQ4gaf" alt="number ${shown}"></a>`;
    document.getElementById('grid').append(tile);
    tile.querySelector('img').src = thumbnail();
  }
}
</script>"""


class Handler(http.server.BaseHTTPRequestHandler):
    """Serves the one page."""

    def do_GET(self) -> None:
        """Answer with the page."""
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(PAGE)))
        self.end_headers()
        self.wfile.write(PAGE)

    def log_message(self, *_: Any) -> None:
        """Print nothing."""


def run(
    browser: SeleniumBrowser, url: str, size: int, read: Callable[[], str]
) -> tuple[int, float]:
    browser.open(url)
    browser.html()
    carried, spent, keys = 0, 0.0, set()
    for _ in range(size // ROUND):
        browser._driver.execute_script("grow(arguments[0])", ROUND)  # noqa: SLF001 (the page's own)
        started = time.perf_counter()
        html = read()
        keys |= {candidate.key for candidate in GOOGLE.parse(html, url).candidates}
        spent += time.perf_counter() - started
        carried += len(html)
    assert len(keys) == size, (len(keys), size)
    return carried, spent


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="250,500,1000,2000")
    sizes = [int(size) for size in parser.parse_args().sizes.split(",")]
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}/search?q=pizza&udm=2"
    print("| results | way | MB carried | KB a result | seconds | ms a result |")
    print("|---:|---|---:|---:|---:|---:|")
    with launch(BrowserChoice(headless=True)) as browser:
        ways = {"news": lambda: browser.changes(GOOGLE.TILES), "whole page": browser.html}
        for size in sizes:
            for name, read in ways.items():
                carried, spent = run(browser, url, size, read)
                print(
                    f"| {size} | {name} | {carried / 1e6:.1f} | {carried / size / 1e3:.1f} "
                    f"| {spent:.2f} | {spent / size * 1e3:.2f} |",
                    flush=True,
                )
    server.shutdown()
    server.server_close()


if __name__ == "__main__":
    main()
