"""The page in a browser's window: installed observer, reading, scrolling, waiting.

Runs the scripts of `page.js` and `scripts.py`; the exceptions of Selenium pass through to
`SeleniumBrowser`, whose border translates them, but for those that a page which goes elsewhere
causes by itself.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from . import scripts
from .resources import LoadedPictures, NetworkLog

if TYPE_CHECKING:
    from selenium.webdriver.remote.webdriver import WebDriver

    from ..pace import Pace


class PageReader:
    """Reads and scrolls what the driver's window shows; notes which pictures have arrived.

    `network` gives the answers to the page's own requests (XHR, fetch): what they carried is
    read with the page, as script elements at its end.
    """

    def __init__(self, driver: WebDriver, tiles: str, network: NetworkLog | None) -> None:
        self.pictures = LoadedPictures()
        self.tiles = tiles
        self._driver = driver
        self._network = network

    def begin(self) -> None:
        """Forget the document that was read: another one is opened."""
        self.pictures.forget_all()
        if self._network is not None:
            self._network.forget_all()

    def install(self) -> None:
        """Put the observer into the document, if it is not there yet."""
        self._driver.execute_script(scripts.observer(self.tiles))
        self.pictures.known = True

    def whole(self) -> str:
        """Return the whole page; what it holds counts as read."""
        return self._read(scripts.WHOLE)

    def changes(self, tiles: str) -> str:
        """Return the tiles and scripts that came or changed since the last reading."""
        self.tiles = tiles
        return self._read(scripts.CHANGES, tiles)

    def advance(self, pace: Pace) -> bool:
        """Scroll a few uneven steps; at the end, watch for growth as long as the pace says."""
        ended, height = False, 0
        for step in pace.steps():
            answer = self._ask(scripts.SCROLL, step, pace.hurries)
            if answer is None:
                return True
            ended, height = answer
            if ended:
                break
            pace.pause("step")
        if not ended:
            return True
        grown = self._ask(scripts.GROWS, self.tiles, height, round(pace.grace * 1000))
        return grown is None or bool(grown)

    def settle(self, seconds: float) -> None:
        """Wait until the pictures in sight have arrived, that long at most."""
        self.pictures.add(self._ask(scripts.SETTLE, round(seconds * 1000)) or ())

    def awaits(self) -> bool:
        """Tell whether what a script of the page asked for is on its way; False if unknown."""
        return self._network is not None and self._network.awaits()

    def _ask(self, script: str, *arguments: object) -> Any:
        """Return what a script answers in its time; None where the page went elsewhere meanwhile.

        Some drivers call that a timeout, though no time has passed; a real one is raised.
        """
        from selenium.common.exceptions import JavascriptException, TimeoutException

        began = time.monotonic()
        try:
            return self._driver.execute_async_script(script, *arguments)
        except JavascriptException:
            return None
        except TimeoutException:
            if time.monotonic() - began >= self._driver.timeouts.script:
                raise
            return None

    def _read(self, script: str, *arguments: str) -> str:
        from selenium.common.exceptions import JavascriptException

        try:
            answer = self._driver.execute_script(script, *arguments)
        except JavascriptException:
            answer = None  # the document went away under the script
        if answer is None:
            self.install()
            answer = self._driver.execute_script(scripts.WHOLE)
        if answer is None:  # no window to install in: read it plainly
            self.pictures.known = False
            return str(self._driver.execute_script(scripts.PLAIN))
        html, arrived, requests = answer
        self.pictures.add(arrived)
        if self._network is None:
            return str(html)
        return "\n".join(filter(None, (html, *self._network.scripts(requests))))
