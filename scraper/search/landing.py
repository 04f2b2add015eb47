"""Reaching a page of results: past consent, through empty and broken answers, or a block page."""

from __future__ import annotations

import logging
import re
import time
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, TypedDict

from ..engines import next_page
from ..engines.topic import FEW, fold, is_scant, on_topic, suspicion
from ..errors import PageUnreachable
from ..models import Outcome, Page, PageOutcome
from .outcome import OUTCOMES, SearchStatus, search_status

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable

    from ..browser.protocol import Browser
    from ..engines import PageEngine
    from ..models import Query
    from ..pace import Pace

log = logging.getLogger(__name__)

_RELOADS = 2  # of a page that is empty or cannot be read
OUTAGES = (2.0, 5.0, 10.0)  # seconds between the tries where no server answers
# How a browser shows an answer that is a fragment of a page, such as a batch of Bing's.
_AROUND = re.compile(r"\s*<html[^<>]*>\s*<head>\s*</head>\s*(?=<body)")
_ROOTLESS = "<html></html>"
_PRESSES = 3  # of the reject button: some dialogs have two leaves
_WAITS = 5  # looks at the dialog, each as long as the pace's grace, before it is pressed again


@dataclass(frozen=True, slots=True)
class PageTarget:
    """A page to reach: its address, the query that its results are to speak of, and its place."""

    url: str
    query: Query
    is_first: bool = True


class CaptchaWords(TypedDict, total=False):
    """What is done at a captcha, as the keywords of a searcher: see `CaptchaWait`."""

    unattended: bool
    on_wait: Callable[[str], None]
    patience: float
    poll: float


@dataclass(frozen=True, slots=True)
class CaptchaWait:
    """What is done at a captcha: `unattended` gives up, else a person is waited for.

    `on_wait` is given one line for the person, who is waited for up to `patience` seconds and
    looked after every `poll` seconds.
    """

    unattended: bool = False
    on_wait: Callable[[str], None] = log.warning
    patience: float = 300.0
    poll: float = 2.0


@dataclass(frozen=True, slots=True)
class Landing:
    """How one engine's first page is reached.

    An empty page is asked for again before it is believed (Bing answers identical searches with
    nothing, now and then), and so is any page that cannot be read. Where no
    server answers, it is tried again after each of the `outages`, in seconds. A page whose
    results do not speak of the term is loaded again once, unless the term, folded, is one of
    those to `believe`.
    """

    engine: PageEngine
    pace: Pace
    captcha: CaptchaWait = field(default_factory=CaptchaWait)
    outages: tuple[float, ...] = OUTAGES
    believe: frozenset[str] = frozenset()

    def reach(
        self, browser: Browser, target: PageTarget, stopped: threading.Event
    ) -> Page | SearchStatus:
        """Open the address; return the first page with results, or how the search ended."""
        visit = _Visit(self, browser, target, stopped)
        visit.load()
        while not stopped.is_set():
            landed = visit.look()
            if landed is not None:
                return landed
        return search_status(Outcome.LIMIT, self.engine.NAME)


def whole_page(browser: Browser) -> str:
    """The page that a browser shows: a page all the same where its root was taken away."""
    return browser.html() or _ROOTLESS


@dataclass(slots=True)
class _Visit:
    """The tries made so far to get to one page."""

    how: Landing
    browser: Browser
    target: PageTarget
    stopped: threading.Event
    loads: int = 0
    presses: int = 0
    outages: int = 0
    doubts: int = 0
    lingered: bool = False
    unreachable: str | None = None
    page: Page = field(default_factory=lambda: Page(PageOutcome.BLOCKED))

    @property
    def name(self) -> str:
        """The engine's name."""
        return self.how.engine.NAME

    def load(self) -> None:
        """Open the page (again), unless the search was stopped meanwhile."""
        if self.stopped.is_set():
            return
        self.loads += 1
        self.lingered = False
        self.unreachable = None
        try:
            self.browser.open(self.target.url)
        except PageUnreachable as error:
            self.unreachable = str(error)

    def look(self) -> Page | SearchStatus | None:
        """Read the page and act on it; None means: look again."""
        status: int | None = None
        self.page = Page(PageOutcome.BLOCKED)
        if self.unreachable is None:
            html = whole_page(self.browser)
            if not self.target.is_first:  # past the last result a fragment holds nothing
                html = _AROUND.sub("", html, count=1)
            self.page = self.how.engine.parse(html, self.browser.address())
            status = self.browser.status()
        match self.page.outcome:
            case PageOutcome.RESULTS:
                self.refuse_banner()
                return self.believed()
            case PageOutcome.CAPTCHA:
                return None if self.solved_by_person() else self.end(Outcome.CAPTCHA)
            case _ if status == HTTPStatus.TOO_MANY_REQUESTS:
                return self.end(Outcome.RATE_LIMITED)
            case PageOutcome.CONSENT:
                return None if self.refuse() else self.end(Outcome.CONSENT)
        return None if self.again() else self.give_up(status)

    def believed(self) -> Page | SearchStatus | None:
        """The page with results, or why they are not believed; None after loading it again."""
        query, candidates = self.target.query, self.page.candidates
        term = query.term
        if fold(term) in self.how.believe:
            return self.page
        share = on_topic(term, candidates, query.synonyms, query.filters.lang)
        why = suspicion(term, candidates, share)
        if share is None and not self.doubts:
            log.warning("%s: cannot tell whether its results speak of %r", self.name, term)
        scant = False
        if self.target.is_first and not why and len(candidates) <= FEW:
            # Asked only here: reading a page again would hide what came since the first reading.
            named = next_page(self.how.engine, self.browser.html(), self.browser.address())
            scant = is_scant(candidates, named)
        if (why or scant) and not self.doubts:
            self.doubts = 1
            self.how.pace.pause("retry")
            self.load()
            return None
        if scant and share is None:
            why = f"{len(candidates)} in all, and no more"
        return self.end(Outcome.SUSPECT, why=why) if why else self.page

    def refuse_banner(self) -> None:
        """Refuse a consent banner that lies over results without hiding them."""
        if self.browser.has(self.how.engine.REJECT):
            self.how.pace.pause("click")
            self.browser.click(self.how.engine.REJECT)

    def refuse(self) -> bool:
        """Press the consent dialog's reject button; False when it does not go away."""
        if self.presses >= _PRESSES:
            return False
        self.presses += 1
        self.how.pace.pause("click")
        log.info("%s asks for consent: refusing", self.name)
        pressed = self.browser.click(self.how.engine.REJECT)
        for _ in range(_WAITS if pressed else 1):  # the answer may still be on its way
            self.browser.advance(self.how.pace)
            page = self.how.engine.parse(self.browser.html(), self.browser.address())
            if page.outcome is not PageOutcome.CONSENT:
                return True
        return pressed or self.presses == 1

    def solved_by_person(self) -> bool:
        """Wait until a person has solved the captcha in the browser's window."""
        how = self.how.captcha
        if how.unattended or not self.browser.headed:
            return False
        name, minutes = self.name, max(1, round(how.patience / 60))
        how.on_wait(f"{name} asks for a captcha: solve it in its window (waiting {minutes} min)")
        until = time.monotonic() + how.patience
        while time.monotonic() < until and not self.stopped.wait(how.poll):
            page = self.how.engine.parse(self.browser.html(), self.browser.address())
            if page.outcome is not PageOutcome.CAPTCHA:
                how.on_wait(f"{name}: thank you, going on")
                return True
        return self.stopped.is_set()

    def again(self) -> bool:
        """Let the page finish, then load it again; False when that was done often enough."""
        if self.unreachable is not None:
            if self.outages >= len(self.how.outages):
                return False
            self.stopped.wait(self.how.outages[self.outages])
            self.outages += 1
            self.load()
            return True
        if not self.lingered:
            self.lingered = True
            self.browser.advance(self.how.pace)
            return True
        if self.loads > _RELOADS:
            return False
        self.how.pace.pause("retry")
        self.load()
        return True

    def give_up(self, status: int | None) -> SearchStatus:
        """Name what the page turned out to be for good."""
        if self.unreachable is not None:
            return self.end(Outcome.UNREACHABLE, why=self.unreachable)
        if status is not None and status >= HTTPStatus.BAD_REQUEST:
            return self.end(Outcome.BLOCKED, why=f"HTTP {status}")
        outcome = OUTCOMES[self.page.outcome]
        page = None
        if outcome is Outcome.LAYOUT_CHANGED:
            from ..engines.scrub import scrub

            page = scrub(self.browser.html())
        return self.end(outcome, page=page)

    def end(self, outcome: Outcome, *, why: str = "", page: str | None = None) -> SearchStatus:
        """End here."""
        return search_status(outcome, self.name, tries=self.loads, why=why, page=page)
