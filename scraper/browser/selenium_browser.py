"""A browser as the search needs it: open, read what is new, scroll, click, take a picture.

Selenium loads and scrolls and never parses. Every exception of Selenium and of its HTTP
client stops at this module's border and becomes `BrowserLost` or `PageUnreachable`.
"""

from __future__ import annotations

import base64
import contextlib
import logging
import re
import threading
from typing import TYPE_CHECKING, Any

from ..errors import BrowserLost, PageHangs, PageUnreachable
from . import scripts
from .arguments import NO_DOWNLOADS
from .page_reader import PageReader
from .resources import NetworkLog, answers, devtools, is_gone
from .world import IsolatedWorld, PageLeft, PageWorld

if TYPE_CHECKING:
    from collections.abc import Iterator

    from selenium.webdriver.remote.webdriver import WebDriver

    from ..pace import Pace
    from .process import BrowserProcess
    from .protocol import Refusal
    from .relay import Relay

log = logging.getLogger(__name__)
_DEPARTURES = 5  # tries to leave a page that opens dialogs
_STOPPING = 5.0  # seconds for a page to stop loading once it took too long


class SeleniumBrowser:
    """A browser driven by Selenium; made by `launch`, closed with `close` or `with`."""

    def __init__(
        self,
        driver: WebDriver,
        process: BrowserProcess,
        *,
        name: str,
        headed: bool,
        devtools: bool,
        tiles: str = "",
        relay: Relay | None = None,
        keeps_profile: bool = False,
    ) -> None:
        self.name = name
        self.headed = headed
        self._driver = driver
        self._process = process
        self.devtools_there = devtools
        self._frame: str | None = None
        self._relay = relay
        self._keeps_profile = keeps_profile
        self._closed = False
        self._lost = False
        self._world = IsolatedWorld(driver) if devtools else PageWorld(driver)
        with self._border():
            if devtools:
                self.devtools("Page.enable")
                self.devtools("Browser.setDownloadBehavior", **NO_DOWNLOADS)
            network = NetworkLog(driver) if devtools else None
            self._page = PageReader(self._world, tiles, network)

    def __enter__(self) -> SeleniumBrowser:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def open(self, url: str) -> None:
        """Load a page; a page that loads too slowly is read as far as it came."""
        from selenium.common.exceptions import TimeoutException, WebDriverException

        self._frame = None
        if self._relay is not None:
            self._relay.trouble = ""
        with self._border():
            self._page.begin()
            try:
                self._go_to(url)
            except TimeoutException:
                log.info("%s is slow to load: reading what is there", url)
                self._stop_loading()
            except WebDriverException as error:
                refused = re.search(r"net::(ERR_\w+)|about:neterror\?e=(\w+)", error.msg or "")
                if refused is None:
                    raise
                raise self._unreachable(url, refused[1] or refused[2]) from error
            self._refuse_error_page(url)
            self._page.install()

    def address(self) -> str:
        """Return where the browser ended up."""
        with self._border():
            return str(self._world.run("() => document.URL"))

    def status(self) -> int | None:
        """Return the page's HTTP status from its performance entry."""
        with self._border():
            answer = self._world.run(scripts.STATUS)
            return int(answer) if answer else None

    def html(self) -> str:
        """Return the whole page; what it holds counts as read."""
        with self._border():
            return self._page.whole()

    def changes(self, tiles: str) -> str:
        """Return the tiles and scripts that came or changed since the last reading.

        The work is linear in what is new. Where the document has no observer (it was replaced
        behind our back), one is installed and the whole page is returned once.
        """
        with self._border():
            return self._page.changes(tiles)

    def has(self, css: str) -> bool:
        """Tell whether a visible element matches."""
        with self._border():
            return bool(css) and bool(self._world.run(scripts.SEES, css))

    def click(self, css: str) -> bool:
        """Click the first visible element that matches; False where there is none."""
        with self._border():
            return bool(css) and self._world.press(css)

    def advance(self, pace: Pace) -> bool:
        """Scroll a few uneven steps; at the end, watch for growth as long as the pace says."""
        with self._border():
            return self._page.advance(pace)

    def awaits(self) -> bool:
        """Tell whether a request of the page's scripts is on its way; False on Firefox."""
        with self._border():
            return self._page.awaits()

    def refusals(self) -> tuple[Refusal, ...]:
        """Return what the page was refused and not given since; empty on Firefox."""
        with self._border():
            return self._page.refusals()

    def settle(self, seconds: float) -> None:
        """Wait until the pictures in sight have arrived, that long at most."""
        with self._border():
            self._page.settle(seconds)

    def resource(self, url: str) -> bytes | None:
        """Return a picture's bytes from the browser's memory; None on Firefox, or if evicted.

        No request is made. A picture that has not arrived yet costs no question either.
        """
        if not self.devtools_there:
            return None
        address = self._page.pictures.spelling(url)
        if address is None:
            return None
        from selenium.common.exceptions import WebDriverException

        with self._border():
            try:
                if self._frame is None:
                    self._frame = self.devtools("Page.getFrameTree")["frameTree"]["frame"]["id"]
                answer = self.devtools("Page.getResourceContent", frameId=self._frame, url=address)
                content = str(answer["content"])
            except KeyError:  # an empty answer: a dialog of the page's came between
                self._page.pictures.forget(address)
                return None
            except WebDriverException as error:
                if not is_gone(error):
                    raise
                self._page.pictures.forget(address)
                return None
        return base64.b64decode(content) if answer.get("base64Encoded") else content.encode()

    def close(self) -> None:
        """End the processes; a profile that is kept gets a moment to be written before."""
        if self._closed:
            return
        self._closed = True
        try:
            if self._keeps_profile and self._process.driver_alive() and not self._lost:
                self._quit()
        finally:
            self._process.end()
            if self._relay is not None:
                self._relay.close()
            executor: Any = self._driver.command_executor
            executor.close()

    def devtools(self, method: str, **parameters: object) -> dict[str, Any]:
        """Call a DevTools method (Chromium only)."""
        return devtools(self._driver, method, **parameters)

    @contextlib.contextmanager
    def _border(self) -> Iterator[None]:
        """Translate what comes from outside, and remember that this browser was lost."""
        from selenium.common.exceptions import UnexpectedAlertPresentException

        try:
            with translated():
                yield
        except BrowserLost as lost:
            self._lost = True
            if isinstance(lost.__cause__, UnexpectedAlertPresentException):
                raise PageHangs("its page opens one dialog after another") from lost
            if waited_in_vain(lost.__cause__) and answers(self._driver):
                raise PageHangs("its page's scripts keep it from answering") from lost
            raise

    def _go_to(self, url: str) -> None:
        """Go to an address, also from a page whose dialogs hold it back."""
        from selenium.common.exceptions import UnexpectedAlertPresentException

        for left in reversed(range(_DEPARTURES)):
            try:
                self._driver.get(url)
            except UnexpectedAlertPresentException:
                if self._world.is_left():
                    return  # the dialog is the new page's
                if not left:
                    raise
            else:
                return

    def _stop_loading(self) -> None:
        """End a page's load, or the wait for a page that does not even let that be done."""
        patience = self._driver.timeouts.page_load
        self._driver.set_page_load_timeout(_STOPPING)
        self._world.run("() => window.stop()")
        self._driver.set_page_load_timeout(patience)

    def _quit(self) -> None:
        def quit_session() -> None:
            with contextlib.suppress(*foreign_errors()):
                self._driver.quit()

        quitting = threading.Thread(target=quit_session, name="pixset-quit", daemon=True)
        quitting.start()
        quitting.join(timeout=5)

    def _refuse_error_page(self, url: str) -> None:
        """Raise where the browser shows its own page in place of a server's answer."""
        text = self._world.run(scripts.ERROR_PAGE)
        if text is not None:
            code = re.search(r"ERR_\w+", text)
            raise self._unreachable(url, code.group() if code else "no answer")

    def _unreachable(self, url: str, code: str) -> PageUnreachable:
        """Name why no server answered: the way there knows more than the browser does."""
        trouble = self._relay.trouble if self._relay is not None else ""
        return PageUnreachable(f"{url}: {trouble or code}")


def lost_because() -> tuple[tuple[type[Exception], str], ...]:
    """The table of foreign exceptions: what each says about the browser, first match wins."""
    from selenium.common import exceptions
    from urllib3.exceptions import HTTPError

    return (
        (exceptions.TimeoutException, "does not answer"),
        (exceptions.InvalidSessionIdException, "died"),
        (exceptions.NoSuchWindowException, "lost its window"),
        (exceptions.WebDriverException, "failed"),
        (PageLeft, "failed"),
        (HTTPError, "lost its driver"),
        (OSError, "lost its driver"),
    )


def waited_in_vain(error: BaseException | None) -> bool:
    """Tell whether a foreign exception says that no answer came in time."""
    from selenium.common.exceptions import TimeoutException
    from urllib3.exceptions import ReadTimeoutError

    return isinstance(error, TimeoutException | ReadTimeoutError)


def foreign_errors() -> tuple[type[Exception], ...]:
    """Return every exception type that must not leave this module."""
    return tuple(kind for kind, _ in lost_because())


@contextlib.contextmanager
def translated() -> Iterator[None]:
    """Turn every foreign exception into BrowserLost, one line."""
    try:
        yield
    except foreign_errors() as error:
        what = next(words for kind, words in lost_because() if isinstance(error, kind))
        message = str(getattr(error, "msg", None) or error).strip().split("\n", 1)[0][:160]
        raise BrowserLost(f"the browser {what}: {message}") from error
