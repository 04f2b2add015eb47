"""A browser as the search needs it: open, read what is new, scroll, click, take a picture.

Selenium loads and scrolls and never parses. Every exception of Selenium and of its HTTP
client stops here and becomes `BrowserLost` or `PageUnreachable` (one table, in `border.py`).
"""

from __future__ import annotations

import base64
import contextlib
import logging
import re
import threading
from typing import TYPE_CHECKING, Any

from ..errors import BrowserLost, PageUnreachable
from . import scripts as snippets
from .border import border, foreign
from .loaded import Loaded

if TYPE_CHECKING:
    from collections.abc import Iterator

    from selenium.webdriver.remote.webdriver import WebDriver
    from selenium.webdriver.remote.webelement import WebElement

    from ..pace import Pace
    from .process import Den

log = logging.getLogger(__name__)


class DrivenBrowser:
    """A browser driven by Selenium; made by `launch`, closed with `close` or `with`."""

    def __init__(
        self, driver: WebDriver, den: Den, *, name: str, headed: bool, devtools: bool
    ) -> None:
        self.name = name
        self.headed = headed
        self._driver = driver
        self._den = den
        self.devtools_there = devtools
        self._tiles = ""
        self._loaded = Loaded()
        self._frame: str | None = None
        self._closed = False
        self._lost = False
        if devtools:
            with self._border():
                self.devtools("Page.enable")
                self.devtools("Page.addScriptToEvaluateOnNewDocument", source=snippets.READING)

    def __enter__(self) -> DrivenBrowser:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def open(self, url: str) -> None:
        """Load a page; a page that loads too slowly is read as far as it came."""
        from selenium.common.exceptions import TimeoutException, WebDriverException

        self._loaded.forget_all()
        self._frame = None
        with self._border():
            try:
                self._driver.get(url)
            except TimeoutException:
                log.info("%s is slow to load: reading what is there", url)
                self._driver.execute_script("window.stop()")
            except WebDriverException as error:
                refused = re.search(r"net::(ERR_\w+)|about:neterror\?e=(\w+)", error.msg or "")
                if refused is None:
                    raise
                raise PageUnreachable(f"{url}: {refused[1] or refused[2]}") from error
            self._refuse_error_page(url)
            self._install()

    def address(self) -> str:
        """Return where the browser ended up."""
        with self._border():
            return self._driver.current_url

    def status(self) -> int | None:
        """Return the page's HTTP status from its performance entry."""
        with self._border():
            answer = self._driver.execute_script(snippets.STATUS)
            return int(answer) if answer else None

    def html(self) -> str:
        """Return the whole page; what it holds counts as read."""
        with self._border():
            return self._read(snippets.WHOLE)

    def news(self, tiles: str) -> str:
        """Return the tiles and scripts that came or changed since the last reading.

        The work is linear in the news. Where the document has no observer (it was replaced
        behind our back), one is installed and the whole page is returned once.
        """
        self._tiles = tiles
        with self._border():
            return self._read(snippets.NEWS, tiles)

    def has(self, css: str) -> bool:
        """Tell whether a visible element matches."""
        with self._border():
            return bool(css) and self._driver.execute_script(snippets.VISIBLE, css) is not None

    def click(self, css: str) -> bool:
        """Click the first visible element that matches; False where there is none."""
        from selenium.common.exceptions import (
            ElementClickInterceptedException,
            ElementNotInteractableException,
            JavascriptException,
            MoveTargetOutOfBoundsException,
            StaleElementReferenceException,
        )

        if not css:
            return False
        with self._border():
            element: WebElement | None = self._driver.execute_script(snippets.VISIBLE, css)
            if element is None:
                return False
            try:
                self._driver.execute_script(
                    "arguments[0].scrollIntoView({block: 'center'})", element
                )
                element.click()
            except (
                ElementClickInterceptedException,
                ElementNotInteractableException,
                MoveTargetOutOfBoundsException,
            ):
                # Something lies over it (a banner): its own click handler still answers.
                with contextlib.suppress(StaleElementReferenceException, JavascriptException):
                    self._driver.execute_script("arguments[0].click()", element)
            except StaleElementReferenceException:
                return False
            return True

    def advance(self, pace: Pace) -> bool:
        """Scroll a few uneven steps; at the end, watch for growth as long as the pace says."""
        from selenium.common.exceptions import JavascriptException

        ask = self._driver.execute_async_script
        with self._border():
            try:
                ended, height = False, 0
                for step in pace.steps():
                    ended, height = ask(snippets.SCROLL, step, pace.hurries)
                    if ended:
                        break
                    pace.pause("step")
                if not ended:
                    return True
                return bool(ask(snippets.GROWS, self._tiles, height, round(pace.grace * 1000)))
            except JavascriptException:  # the page went elsewhere meanwhile
                return True

    def settle(self, seconds: float) -> None:
        """Wait until the pictures in sight have arrived, that long at most."""
        from selenium.common.exceptions import JavascriptException

        with self._border(), contextlib.suppress(JavascriptException):
            arrived = self._driver.execute_async_script(snippets.SETTLE, round(seconds * 1000))
            self._loaded.note(arrived)

    def resource(self, url: str) -> bytes | None:
        """Return a picture's bytes from the browser's memory; None on Firefox, or if evicted.

        No request is made. A picture that has not arrived yet costs no question either.
        """
        if not self.devtools_there:
            return None
        address = self._loaded.spelling(url)
        if address is None:
            return None
        from selenium.common.exceptions import WebDriverException

        with self._border():
            try:
                if self._frame is None:
                    self._frame = self.devtools("Page.getFrameTree")["frameTree"]["frame"]["id"]
                answer = self.devtools("Page.getResourceContent", frameId=self._frame, url=address)
            except WebDriverException as error:
                if "No resource" not in (error.msg or "") and "-32000" not in (error.msg or ""):
                    raise
                self._loaded.forget(address)
                return None
        content = str(answer["content"])
        return base64.b64decode(content) if answer["base64Encoded"] else content.encode()

    def alive(self) -> bool:
        """Tell whether the driver's process runs and the browser answers."""
        if self._closed or not self._den.driver_alive():
            return False
        try:
            self.address()
        except BrowserLost:
            return False
        return True

    def close(self) -> None:
        """Quit politely for a few seconds (a profile is written then), then end the processes."""
        if self._closed:
            return
        self._closed = True
        try:
            if self._den.driver_alive() and not self._lost:
                self._quit()
        finally:
            self._den.end()
            executor: Any = self._driver.command_executor
            executor.close()

    def devtools(self, method: str, **parameters: object) -> dict[str, Any]:
        """Call a DevTools method (Chromium only)."""
        answer = self._driver.execute("executeCdpCommand", {"cmd": method, "params": parameters})[
            "value"
        ]
        return dict(answer or {})

    @contextlib.contextmanager
    def _border(self) -> Iterator[None]:
        """Translate what comes from outside, and remember that this browser was lost."""
        try:
            with border():
                yield
        except BrowserLost:
            self._lost = True
            raise

    def _quit(self) -> None:
        def quit_session() -> None:
            with contextlib.suppress(*foreign()):
                self._driver.quit()

        quitting = threading.Thread(target=quit_session, name="pixset-quit", daemon=True)
        quitting.start()
        quitting.join(timeout=5)

    def _read(self, script: str, *arguments: str) -> str:
        from selenium.common.exceptions import JavascriptException

        try:
            answer = self._driver.execute_script(script, *arguments)
        except JavascriptException:
            answer = None  # the document went away under the script
        if answer is None:
            self._install()
            answer = self._driver.execute_script(snippets.WHOLE)
        if answer is None:  # no window to install in: read it plainly
            self._loaded.known = False
            return str(self._driver.execute_script(snippets.PLAIN))
        html, arrived = answer
        self._loaded.note(arrived)
        return str(html)

    def _install(self) -> None:
        self._driver.execute_script(snippets.READING)
        self._loaded.known = True

    def _refuse_error_page(self, url: str) -> None:
        """Raise where the browser shows its own page in place of a server's answer."""
        where = str(self._driver.execute_script("return document.URL"))
        if where.startswith(("chrome-error:", "about:neterror")):
            said = str(
                self._driver.execute_script("return document.body ? document.body.innerText : ''")
            )
            code = re.search(r"ERR_\w+", said)
            raise PageUnreachable(f"{url}: {code.group() if code else 'no answer'}")
