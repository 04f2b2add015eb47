"""The search over an API: ask, read, ask for the next answer; then a named status.

What `searcher.py` does with pages in a browser, without one: one engine, one thread, many
queries. Limits are outside: the consumer calls `stop()`.
"""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING

from ..engines import next_page
from ..engines.api import fits, read_json
from ..engines.topic import fold, on_topic, suspicion
from ..errors import PageUnreachable
from ..models import Outcome, Page, PageOutcome
from .api_client import ApiClient
from .base import BaseSearch, BaseSearcher
from .landing import OUTAGES
from .outcome import OUTCOMES, SearchStatus, search_status
from .results import ResultSet

if TYPE_CHECKING:
    import threading
    from collections.abc import Collection, Iterator, Mapping

    from ..engines import ApiEngine
    from ..engines.api import ApiFault, TokenSource
    from ..fetch import FetchLimits
    from ..models import Query
    from ..pace import Pace
    from .api_client import ApiAnswer
    from .results import ResultBatch

log = logging.getLogger(__name__)

_TOO_MANY_REQUESTS = 429
_BROKEN = 500  # and above: the server's own fault, which may pass
_REFUSED = 400
_UNAUTHORISED = {401, 403}
_TRIES = 4  # of one answer, with the waits that the server asks for between them
_LONGEST_WAIT = 120.0  # seconds: who asks to be left alone for longer is asked in another run
_BACKOFF = 2.0  # seconds, doubled each time, where the server does not say how long
_KEPT = 200_000  # characters of an answer that could not be read


class ApiSearcher(BaseSearcher["ApiSearch"]):
    """One engine with an API: many searches, one after the other, in one thread.

    Pauses are the engine's own (`MANNERS.gap`), none at pace none, which is for a replica.
    A server that does not answer is asked again after each of the `outages`, in seconds. Tokens
    are read from `environ`.
    """

    def __init__(
        self,
        engine: ApiEngine,
        limits: FetchLimits,
        pace: Pace,
        *,
        origin: str | None = None,
        believe: Collection[str] = (),
        outages: tuple[float, ...] = OUTAGES,
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        super().__init__(pace)
        self.engine = engine
        self.origin = origin or engine.ORIGIN
        self.believe = frozenset(map(fold, believe))
        self.outages = outages
        self._environ = environ
        self._client = ApiClient(limits)
        self._token: str | None = None
        self._is_known = False

    def stop(self) -> None:
        """Stop the search that runs, from any thread."""
        super().stop()
        self._client.stop()

    def close(self) -> None:
        """Stop the search and end the connections."""
        self.stop()
        self._client.close()

    def _begin(self, query: Query) -> ApiSearch:
        return ApiSearch(self, query)

    def ask(self, url: str, stopped: threading.Event) -> ApiAnswer:
        """An answer, the engine's gap after the one before; PageUnreachable where none comes."""
        token = self.token()
        if not self.pace.hurries:
            self.pace.hold(self.engine.MANNERS.gap)
        if stopped.is_set():
            raise PageUnreachable("the search was stopped")
        return self._client.ask(url, token=token)

    def token(self) -> str | None:
        """The access token, asked for once; None without one that a header can carry.

        PageUnreachable where no answer comes: the next call asks again.
        """
        source = self.engine.MANNERS.token
        if source is not None and not self._is_known:
            token = self._variable(source.variable) or self._granted(source)
            self._is_known = True
            if token is None or (token.isascii() and token.isprintable()):
                self._token = token
            else:
                name = self.engine.NAME
                log.warning("%s: no header can carry its token: going on without one", name)
        return self._token

    def _granted(self, source: TokenSource) -> str | None:
        """The token that the API gives for a client's name and secret, where they are set."""
        client = self._variable(source.client_id)
        secret = self._variable(source.client_secret)
        if client is None or secret is None:
            return None
        form = {"grant_type": "client_credentials", "client_id": client, "client_secret": secret}
        answer = self._client.ask(f"{self.origin}{source.path}", form=form)
        if token := (read_json(answer.text) or {}).get("access_token"):
            return str(token)
        log.warning(
            "%s gives no token for %s (HTTP %d): going on without one",
            self.engine.NAME,
            source.client_id,
            answer.status,
        )
        return None

    def _variable(self, name: str) -> str | None:
        return self._environ.get(name, "").strip() or None


class ApiSearch(BaseSearch):
    """One query's results as they come: iterate it, read `status` afterwards.

    Results that do not fit a licence or a size that was asked for are left out and counted.
    """

    def __init__(self, searcher: ApiSearcher, query: Query) -> None:
        super().__init__(query, ResultSet(take_previews=False), searcher.pace)
        self._searcher = searcher
        self._engine = searcher.engine
        self._left_out = 0
        self._tries = 0
        self.last_answer = ""  # what came last, as it came

    def _visit(self) -> Iterator[ResultBatch]:
        """Ask for one answer after another until the last, or until one does not come."""
        url = self._engine.url(self.query, self._searcher.origin)
        asked: set[str] = set()
        while url and url not in asked and not self._stopped.is_set():
            asked.add(url)
            answered = self._answer(url, is_first=len(asked) == 1)
            if answered is None:  # stopped
                return
            if isinstance(answered, SearchStatus):
                self.status = answered
                return
            page, text = answered
            self._extracted.update(page.extractors)
            if len(asked) == 1:
                self._doubt(page)
            fitting = [one for one in page.candidates if fits(one, self.query.filters)]
            self._left_out += len(page.candidates) - len(fitting)
            yield self._results.learn(fitting)
            url = next_page(self._engine, text, url) or ""
        if not self._stopped.is_set():
            self.status = self._exhausted()

    def _answer(self, url: str, *, is_first: bool) -> tuple[Page, str] | SearchStatus | None:
        """An answer with results, or how the search ends; None where it was stopped."""
        waits = iter(self._searcher.outages)
        self._tries = 0
        while True:
            self._tries += 1
            try:
                answer = self._searcher.ask(url, self._stopped)
            except PageUnreachable as error:
                wait = next(waits, None)
                if wait is None and not self._stopped.is_set():
                    return self._missing(Outcome.UNREACHABLE, str(error), is_first=is_first)
                if self._stopped.wait(wait):
                    return None
                continue
            self.last_answer = answer.text[:_KEPT]
            fault = self._engine.fault(answer.text)
            passes = answer.status == _TOO_MANY_REQUESTS or answer.status >= _BROKEN
            if not passes and not (fault is not None and fault.passes):
                return self._read(url, answer, fault, is_first=is_first)
            wait = _BACKOFF * 2 ** (self._tries - 1) if answer.wait is None else answer.wait
            if self._tries >= _TRIES or wait > _LONGEST_WAIT:
                return self._busy(answer, fault, wait, is_first=is_first)
            log.info("%s asks to wait %.0f s", self._engine.NAME, wait)
            if self._stopped.wait(wait):
                return None

    def _read(
        self, url: str, answer: ApiAnswer, fault: ApiFault | None, *, is_first: bool
    ) -> tuple[Page, str] | SearchStatus:
        """What an answer that is final turns out to be."""
        page = self._engine.parse(answer.text, url)
        if answer.status < _REFUSED and fault is None:
            if page.outcome is PageOutcome.RESULTS:
                return page, answer.text
            if page.outcome is PageOutcome.EMPTY:
                return self._named(Outcome.EMPTY) if is_first else self._exhausted()
        if answer.status in _UNAUTHORISED and not is_first and self._searcher.token() is None:
            return self._exhausted()  # deeper than a visitor without a token may go
        why = f"HTTP {answer.status}" if answer.status >= _REFUSED else "an answer without JSON"
        if fault is not None:
            why = fault.detail if answer.status < _REFUSED else f"{why}, {fault.detail}"
        outcome = OUTCOMES[page.outcome]
        if fault is not None or answer.status >= _REFUSED:
            outcome = Outcome.BLOCKED
        kept = self.last_answer if outcome is Outcome.LAYOUT_CHANGED else None
        return self._missing(outcome, why, is_first=is_first, page=kept)

    def _busy(
        self, answer: ApiAnswer, fault: ApiFault | None, wait: float, *, is_first: bool
    ) -> SearchStatus:
        """How a search ends whose server asked to be left alone, or stayed broken."""
        why = fault.detail if fault is not None else f"HTTP {answer.status}"
        if wait > _LONGEST_WAIT:
            why = f"{why}, wait {wait:.0f} s"
        if answer.status == _TOO_MANY_REQUESTS or (fault is not None and fault.passes):
            return self._named(Outcome.RATE_LIMITED, why=why)
        return self._missing(Outcome.BLOCKED, why, is_first=is_first)

    def _missing(
        self, outcome: Outcome, why: str, *, is_first: bool, page: str | None = None
    ) -> SearchStatus:
        """How a search ends where an answer does not come: a later one makes it stuck."""
        if is_first:
            return self._named(outcome, why=why, page=page)
        return self._named(Outcome.STUCK, why=why, page=page)

    def _doubt(self, page: Page) -> None:
        """Say where a first answer does not speak of the term: an API finds words it does not
        show (descriptions, tags) and serves no decoys, so that its results are taken."""
        term, found = self.query.term, page.candidates
        share = on_topic(term, found, self.query.synonyms, self.query.filters.lang)
        why = suspicion(term, found, share)
        if why and fold(term) not in self._searcher.believe:
            log.warning("%s: %s by title and address; taken all the same", self._engine.NAME, why)

    def _exhausted(self) -> SearchStatus:
        if not self.found and self._left_out:
            return self._named(Outcome.EMPTY, why=f"{self._left_out} did not fit what was asked")
        notes = [f"{self._left_out} more did not fit what was asked"] if self._left_out else []
        manners = self._engine.MANNERS
        if manners.anonymous and self.found and self._searcher.token() is None:
            notes.append(manners.anonymous)
        return self._named(Outcome.EXHAUSTED, why="; ".join(notes))

    def _named(self, outcome: Outcome, *, why: str = "", page: str | None = None) -> SearchStatus:
        return search_status(
            outcome,
            self._engine.NAME,
            found=self.found,
            tries=self._tries,
            why=why,
            page=page,
            by_api=True,
        )
