"""One thread and one browser an engine: given what to look for, it answers through one queue.

The threads write nothing. Each waits at its quota until the writing loop, which alone knows
what the others gave, tells it to go on where it is or to stop.
"""

from __future__ import annotations

import queue
import threading
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Protocol

from ...scraper.browser.process import end_all_browsers
from ...scraper.errors import BrowserLost, DriverError
from ...scraper.models import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from concurrent.futures import Future

    from ...scraper.models import Candidate, Query
    from ...scraper.search import ResultBatch, SearchStatus
    from ...scraper.search.counts import Counts

# A tile's preview may come into the page a moment after the tile: so many more readings are
# waited for before a quota counts as reached.
_PATIENCE = 3
_MOMENT = 0.2  # seconds in which a stopped thread may close its browser in order


class RunningSearch(Protocol):
    """One query's results as they come; `status` says how it ended once it has."""

    status: SearchStatus | None
    wanted: int | None  # of how many results, in the order of coming, previews are taken

    def __iter__(self) -> Iterator[ResultBatch]: ...
    def stop(self) -> None:
        """End at the next reading, with the outcome `limit`."""
        ...


class SearchClient(Protocol):
    """One engine in one browser, used by one thread."""

    def search(self, query: Query) -> RunningSearch:
        """Begin a search; what was open before is left."""
        ...

    def stop(self) -> None:
        """End the search that runs; may be called from any thread."""
        ...

    def close(self) -> None:
        """Close the browser."""
        ...


@dataclass(frozen=True, slots=True)
class BatchRead:
    """A reading of the page."""

    engine: str
    batch: ResultBatch


@dataclass(frozen=True, slots=True)
class Paused:
    """The quota is reached; the search can go on."""

    engine: str


@dataclass(frozen=True, slots=True)
class Ended:
    """The search is over; `failed` where there is no browser to search with at all."""

    engine: str
    outcome: Outcome
    detail: str
    page: str | None = None
    failed: DriverError | None = None
    counts: Counts | None = None


Event = BatchRead | Paused | Ended


@dataclass(frozen=True, slots=True)
class _Task:
    query: Query
    quota: int
    counts: Callable[[Candidate], bool]


@dataclass(frozen=True, slots=True)
class _Quota:
    number: int
    is_last: bool = False  # the page is read no further for it


class WorkerPool:
    """The engines' threads. Use as a context manager; `event` returns what they report.

    `prepare` is called once, by the thread that gives the first task: what takes long and cannot
    be broken off in another thread, such as loading packages.
    """

    def __init__(
        self,
        engines: Sequence[str],
        make: Callable[[str], SearchClient],
        prepare: Callable[[], None] | None = None,
    ) -> None:
        self._prepare = prepare
        self._events: queue.SimpleQueue[Event | Future[None]] = queue.SimpleQueue()
        self._stop = threading.Event()
        self._running: list[Future[None]] = []
        self._threads = ThreadPoolExecutor(len(engines), thread_name_prefix="search")
        self._workers: Mapping[str, _Worker] = {
            engine: _Worker(engine, make, self._events, self._stop) for engine in engines
        }

    def __enter__(self) -> WorkerPool:
        for worker in self._workers.values():
            self._running.append(self._threads.submit(worker.run))
            self._running[-1].add_done_callback(self._events.put)
        return self

    def __exit__(self, error: type[BaseException] | None, *_: object) -> None:
        self._stop.set()
        for worker in self._workers.values():
            worker.leave()
        # Ctrl-C, or an error: there is no waiting for a page to load or a browser to start.
        while error is not None and wait(self._running, timeout=_MOMENT).not_done:
            end_all_browsers()
        self._threads.shutdown(wait=True)

    def begin(
        self, engine: str, query: Query, quota: int, counts: Callable[[Candidate], bool]
    ) -> None:
        """Let an idle engine begin a search that pauses at `quota` candidates that count."""
        if self._prepare is not None:
            prepare, self._prepare = self._prepare, None
            prepare()
        self._workers[engine].tell(_Task(query, quota, counts))

    def go_on(self, engine: str, quota: int) -> None:
        """Let a paused engine go on to a higher quota."""
        self._workers[engine].tell(_Quota(quota))

    def finish(self, engine: str, quota: int) -> None:
        """Let a paused engine end its search with that much of what it has shown."""
        self._workers[engine].tell(_Quota(quota, is_last=True))

    def event(self) -> Event:
        """The next report; raises what a thread died of."""
        while True:
            event = self._events.get()
            if isinstance(event, BatchRead | Paused | Ended):
                return event
            event.result()  # a thread that ended: by our word, or by an error to raise here


class _Worker:
    def __init__(
        self,
        engine: str,
        make: Callable[[str], SearchClient],
        events: queue.SimpleQueue[Event | Future[None]],
        stop: threading.Event,
    ) -> None:
        self._engine = engine
        self._make = make
        self._events = events
        self._stop = stop
        self._commands: queue.SimpleQueue[_Task | _Quota | None] = queue.SimpleQueue()
        self._client: SearchClient | None = None

    def tell(self, word: _Task | _Quota | None) -> None:
        self._commands.put(word)

    def leave(self) -> None:
        """End the thread: a pause is woken, a quota no longer waited at."""
        self._commands.put(None)
        client = self._client
        if client is not None:
            client.stop()

    def run(self) -> None:
        try:
            # A thread that waits at a quota takes the last word itself.
            while not self._stop.is_set():
                word = self._commands.get()
                if word is None:
                    return
                if isinstance(word, _Quota):
                    continue  # the search ended by itself just as it was sent on
                try:
                    self._client = self._client or self._make(self._engine)
                    self._search(self._client, word)
                except DriverError as error:
                    self._end(Ended(self._engine, Outcome.BROWSER_LOST, str(error), None, error))
                except BrowserLost as error:
                    self._end(Ended(self._engine, Outcome.BROWSER_LOST, str(error)))
        finally:
            if self._client is not None:
                self._client.close()

    def _search(self, client: SearchClient, task: _Task) -> None:
        search, quota, is_last = client.search(task.query), task.quota, False
        seen: dict[str, bool] = {}
        complete: set[str] = set()
        patience = _PATIENCE
        search.wanted = quota  # the first reading may be of thousands
        for batch in search:
            if self._stop.is_set():
                return
            self._events.put(BatchRead(self._engine, batch))
            for candidate in batch.candidates:
                seen[candidate.key] = task.counts(candidate)
                if candidate.preview:
                    complete.add(candidate.key)
            search.wanted = _reach(seen.values(), quota)
            if is_last or search.wanted is None:
                continue
            patience -= 1
            if patience > 0 and any(key not in complete for key, counts in seen.items() if counts):
                continue
            word = self._wait()
            patience, quota, is_last = _PATIENCE, word.number, word.is_last
            search.wanted = _reach(seen.values(), quota)
            if is_last:  # what the end still brings is read
                search.stop()
        if self._stop.is_set():
            return
        status = search.status
        if status is None:
            self._end(Ended(self._engine, Outcome.EXHAUSTED, "the results ended"))
        else:
            self._end(
                Ended(
                    self._engine,
                    status.outcome,
                    status.detail,
                    status.page,
                    counts=status.counts,
                )
            )

    def _wait(self) -> _Quota:
        self._events.put(Paused(self._engine))
        word = self._commands.get()
        return word if isinstance(word, _Quota) else _Quota(0, is_last=True)

    def _end(self, ended: Ended) -> None:
        self._events.put(ended)


def _reach(counting: Iterable[bool], quota: int) -> int | None:
    """How many results, in their order, it takes until `quota` count; None: more than there are."""
    if quota <= 0:
        return 0
    places = (place for place, counts in enumerate(counting, 1) if counts)
    return next(islice(places, quota - 1, None), None)
