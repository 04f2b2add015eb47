"""The search: open, read, advance, until the engine shows nothing more; then a named status.

One engine, one browser, one thread; many queries. The browser loads and scrolls, the engine's
pure `parse` reads; here is only what happens between them. Limits are outside: the consumer
calls `stop()`.
"""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Unpack
from urllib.parse import urlsplit

from ..engines import next_page
from ..engines.topic import fold
from ..errors import BrowserLost, DriverError, PageHangs
from ..models import Outcome, PageOutcome
from .base import BaseSearch, BaseSearcher
from .landing import OUTAGES, CaptchaWait, CaptchaWords, Landing, PageTarget, whole_page
from .outcome import OUTCOMES, SearchStatus, search_status
from .results import ResultSet

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Generator, Iterator

    from ..browser.protocol import Browser
    from ..engines import PageEngine
    from ..models import Page, Query
    from ..pace import Pace
    from .results import ResultBatch

log = logging.getLogger(__name__)

# Looks at the page's end, each as long as the pace's grace, without a new candidate.
STALE_ROUNDS = 3
# More of them while the page itself waits for what its scripts asked for.
AWAITED_ROUNDS = 12
# Seconds that pictures on their way are waited for when a search ends.
ON_ITS_WAY = 2.0
# What a page that another one names turns out to be when it does not come.
_MISSING = {Outcome.BLOCKED, Outcome.UNREACHABLE, Outcome.LAYOUT_CHANGED}
# Scrolls without a new candidate on a page without an end.
QUIET_ROUNDS = 80


class Searcher(BaseSearcher["Search"]):
    """One engine in one browser: many searches, one after the other, in one thread.

    `launch` makes a browser when one is needed, and again when it was lost. Results for the
    terms to `believe` are taken whatever they speak of; a server that does not answer is asked
    again after each of the `outages`, in seconds; `captcha` is as in `CaptchaWait`. Close it, or
    use it in a `with`.
    """

    def __init__(
        self,
        engine: PageEngine,
        launch: Callable[[], Browser],
        pace: Pace,
        *,
        origin: str | None = None,
        take_previews: bool = True,
        believe: Collection[str] = (),
        outages: tuple[float, ...] = OUTAGES,
        **captcha: Unpack[CaptchaWords],
    ) -> None:
        super().__init__(pace)
        self.engine = engine
        self.origin = origin or engine.ORIGIN
        self.take_previews = take_previews
        self.landing = Landing(
            engine,
            pace,
            CaptchaWait(**captcha),
            outages=outages,
            believe=frozenset(map(fold, believe)),
        )
        self._launch = launch
        self._browser: Browser | None = None

    def browser(self) -> Browser:
        """Return the browser, launched if there is none; DriverError when that fails."""
        if self._browser is None:
            self._browser = self._launch()
        return self._browser

    def drop(self) -> None:
        """Close the browser, whatever its state."""
        browser, self._browser = self._browser, None
        if browser is not None:
            browser.close()

    def close(self) -> None:
        """Stop the search and close the browser."""
        self.stop()
        self.drop()

    def _begin(self, query: Query) -> Search:
        return Search(self, query)


class Search(BaseSearch):
    """One query's results as they come: iterate it, read `status` afterwards.

    `stop()` may be called from any thread; iterate on to its end to get the previews that
    the browser already holds. DriverError is raised when no browser can be started at all.
    """

    def __init__(self, searcher: Searcher, query: Query) -> None:
        super().__init__(query, ResultSet(searcher.take_previews), searcher.pace)
        self._searcher = searcher
        self._engine = searcher.engine
        self._url = searcher.engine.url(query, searcher.origin)
        self._rounds = 0
        self._quiet_rounds = QUIET_ROUNDS

    @property
    def ending(self) -> SearchStatus | None:
        """The name of `status` in 0.1, kept for its users."""
        return self.status

    def _visit(self) -> Iterator[ResultBatch]:
        """Visit the page, with one more browser if the first is lost, but not to its page."""
        replaced = False
        while self.status is None and not self._stopped.is_set():
            try:
                yield from self._pages()
            except BrowserLost as lost:
                self._searcher.drop()
                if self._stopped.is_set():  # it was ended on purpose
                    return
                log.warning("%s: %s", self._engine.NAME, lost)
                # The next browser has the whole way to go again before anything is new.
                self._quiet_rounds = QUIET_ROUNDS + self._rounds
                if isinstance(lost, PageHangs):  # the page refuses, the browser was well
                    self._end(Outcome.BLOCKED, why=str(lost))
                elif replaced:
                    self._end(Outcome.BROWSER_LOST, why=str(lost))
                replaced = True
            except DriverError as error:
                if not replaced:
                    raise
                self._end(Outcome.BROWSER_LOST, why=str(error))

    def _pages(self) -> Iterator[ResultBatch]:
        """Open the page and those that it names after it, and read each to its end."""
        browser = self._searcher.browser()
        target = PageTarget(self._url, self.query)
        opened: set[str] = set()
        shown: set[str] = set()
        interrupted = -1  # how many results there were when a block page last slid in
        while not self._stopped.is_set():
            opened.add(target.url)
            page = self._searcher.landing.reach(browser, target, self._stopped)
            if isinstance(page, SearchStatus):
                self.status = self._ended(page, target)
                return
            self._extracted |= Counter(page.extractors)
            page, following = yield from self._read(browser, page)
            self._extracted |= Counter(page.extractors)
            if page.outcome not in {PageOutcome.RESULTS, PageOutcome.EMPTY}:
                # A block page slid in: it is answered, and the page read on; where that brought
                # nothing more, it would slide in for ever.
                if len(self._results) == interrupted:
                    self._end(OUTCOMES[page.outcome])
                    return
                interrupted = len(self._results)
                continue
            fresh = {candidate.key for candidate in page.candidates} - shown
            shown |= fresh
            if not following or following in opened or not fresh:
                break
            target = replace(target, url=following, is_first=False)
            self._searcher.pace.pause("look")
        if not self._stopped.is_set():
            self.status = self._refused(browser) or self._named(Outcome.EXHAUSTED)

    def _refused(self, browser: Browser) -> SearchStatus | None:
        """How a search ends whose page was refused what it asked for; None: it was not."""
        status: SearchStatus | None = None
        for refusal in browser.refusals():
            page = self._engine.parse("", refusal.address)
            if page.outcome is not PageOutcome.EMPTY:  # a block page's address
                return self._named(OUTCOMES[page.outcome])
            if refusal.status == HTTPStatus.TOO_MANY_REQUESTS:
                return self._named(Outcome.RATE_LIMITED)
            if refusal.status >= HTTPStatus.BAD_REQUEST:
                status = self._named(Outcome.STUCK, why=f"HTTP {refusal.status}")
        return status

    def _read(
        self, browser: Browser, page: Page
    ) -> Generator[ResultBatch, None, tuple[Page, str | None]]:
        """Scroll to the page's end; returns the page as it stands then and the next one's address.

        Both come from one reading: a page that was read again might name what comes after a batch
        that nobody has read.
        """
        learned, more = self._results.learn(page.candidates), True
        following: str | None = None
        while more and not self._stopped.is_set():
            yield from self._show(browser, learned)
            yield from self._scroll(browser)
            # A last look at the whole page: a block page that slid in, a tile that was missed.
            before = len(self._results)
            if self._stopped.is_set():  # nothing more is wanted: what came meanwhile will do
                learned = self._changes(browser, browser.address())
                break
            html, address = whole_page(browser), browser.address()
            page = self._engine.parse(html, address)
            following = next_page(self._engine, html, address)
            learned = self._results.learn(page.candidates)
            more = len(self._results) > before
        yield from self._show(browser, learned)
        if self._results.waits:  # what is on its way would cross the network a second time
            browser.settle(ON_ITS_WAY)
            yield from self._results.previews(browser)
        return page, following

    def _ended(self, status: SearchStatus, target: PageTarget) -> SearchStatus:
        """How a search ends where a page could not be reached: a later one makes it stuck."""
        if status.outcome is Outcome.LIMIT:
            return self._named(Outcome.LIMIT)
        if status.outcome is Outcome.EMPTY and self.found:  # its own word, asked several times
            return self._named(Outcome.EXHAUSTED)
        if target.is_first:
            return status
        if status.outcome in _MISSING:
            return self._named(Outcome.STUCK, why=status.outcome.value)
        return status

    def _scroll(self, browser: Browser) -> Iterator[ResultBatch]:
        """Scroll until several rounds at the page's end brought nothing new."""
        stale = quiet = awaited = 0
        pressed = False
        here = there = browser.address()
        while not self._stopped.is_set():
            self._rounds += 1
            self._searcher.pace.pause("look")
            moved = browser.advance(self._searcher.pace)
            before = len(self._results)
            yield from self._show(browser, self._changes(browser, there))
            if len(self._results) > before:
                stale = quiet = awaited = 0
                pressed = False
            elif moved:
                quiet += 1
            elif awaited < AWAITED_ROUNDS and browser.awaits():
                awaited += 1
            else:
                stale += 1
                if not pressed:
                    pressed = self._press_more(browser)
            if stale >= STALE_ROUNDS or quiet >= self._quiet_rounds:
                return
            there = browser.address()
            if _place(there) != _place(here):
                return

    def _changes(self, browser: Browser, address: str) -> ResultBatch:
        """Learn from what came or changed since the last reading."""
        html = browser.changes(self._engine.TILES)
        return self._results.learn(self._engine.parse(html, address).candidates if html else ())

    def _press_more(self, browser: Browser) -> bool:
        """Press the more-button; False where it may be pressed again: one that goes away when it
        is pressed and comes back has failed to load what it promised."""
        if not browser.has(self._engine.MORE):
            return False
        self._searcher.pace.pause("click")
        return browser.click(self._engine.MORE) and browser.has(self._engine.MORE)

    def _show(self, browser: Browser, learned: ResultBatch) -> Iterator[ResultBatch]:
        """Hand over what is new, with the previews that the browser has by now."""
        if learned.candidates:
            yield learned
        yield from self._results.previews(browser)

    def _end(self, outcome: Outcome, *, why: str = "") -> None:
        self.status = self._named(outcome, why=why)

    def _named(self, outcome: Outcome, *, why: str = "") -> SearchStatus:
        return search_status(outcome, self._engine.NAME, found=self.found, why=why)


def _place(address: str) -> tuple[str, str]:
    """Return an address's host and path: a page that scrolls may rewrite the rest."""
    parts = urlsplit(address)
    return parts.netloc, parts.path
