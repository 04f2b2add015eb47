"""A picture's URL or `data:` URI → its bytes, or a named reason why not.

The web is hostile: bytes, redirects and time are capped, every hop is judged, and the
signature, not the name, says what a file is. One URL's failure is a value (`FetchFailed`
with a `reason` from `REASONS`), never the end of a run.
"""

from __future__ import annotations

import itertools
import queue
import threading
from collections import defaultdict, deque
from typing import TYPE_CHECKING, Any

from ..errors import FetchFailed
from .address import read_address
from .clock import Attempt, Clock
from .data_uri import decode_data_uri, is_data_uri, media_type
from .failures import translate
from .host_waits import HostWaits
from .http import Transfer, extension_of
from .models import Fetched, FetchLimits, Job
from .transport import FetchSession, adopt, open_session

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator

    import requests

    from .address import Address

    _Asked = tuple[Job, Address]
    Result = Fetched | FetchFailed

_AHEAD = 32  # jobs read ahead a worker: enough to find other hosts while one is at its limit


def fetch(
    url: str,
    *,
    referer: str | None = None,
    limits: FetchLimits | None = None,
    session: FetchSession | requests.Session | None = None,
    attempt: Attempt | None = None,
) -> Fetched:
    """Fetch a URL or `data:` URI; raises FetchFailed with a reason from `REASONS`, nothing else.

    `session` comes from `open_session` with the same limits; without one, one is made for
    this call. (0.1 took a `requests.Session`: its headers and its `verify` are still heeded.)
    `attempt` lets a caller with many fetches stop this one or learn of its waits.
    """
    limits = limits or FetchLimits()
    job = Job(url, referer)
    if isinstance(session, FetchSession):
        return _fetched(job, None, limits, session, attempt or Attempt())
    with open_session(limits) if session is None else adopt(session, limits) as own:
        return _fetched(job, None, limits, own, attempt or Attempt())


def _fetched(
    job: Job, address: Address | None, limits: FetchLimits, session: FetchSession, attempt: Attempt
) -> Fetched:
    """As `fetch`; `address` is the job's, where it was read before."""
    try:
        if address is None and isinstance(job.url, str) and is_data_uri(job.url):
            return _inline(job.url, limits)
        clock = Clock(limits.deadline, attempt)
        return Transfer(job.url, job.referer, limits, session, clock, address).run()
    except Exception as error:  # the room's edge: one URL, one fate, whatever happens
        raise translate(error) from error


def _inline(uri: str, limits: FetchLimits) -> Fetched:
    if len(uri) // 4 > limits.max_bytes:  # URL-encoding triples a byte: not even decoded
        raise FetchFailed("too-large", f"a data: URI of {len(uri)} characters")
    data = decode_data_uri(uri)
    if len(data) > limits.max_bytes:
        raise FetchFailed("too-large", f"{len(data)} bytes")
    kind = media_type(uri) or None
    return Fetched(uri, uri, data, extension_of(data, kind), content_type=kind)


class FetchResults:
    """Jobs with their results in order of arrival; closing it ends what is under way."""

    def __init__(self, pool: _FetchPool) -> None:
        self._pool = pool
        self._results = _until_stopped(pool)

    def __iter__(self) -> FetchResults:
        return self

    def __next__(self) -> tuple[Job, Result]:
        return next(self._results)

    def ready(self) -> bool:
        """Whether the next result has come already."""
        return self._pool.ready()

    def close(self) -> None:
        """Cut what is under way and end the threads."""
        self._results.close()


def _until_stopped(pool: _FetchPool) -> Generator[tuple[Job, Result]]:
    try:
        yield from pool.results()
    finally:
        pool.stop()


def together(
    results: Iterator[tuple[Job, Result]], most: int = 16
) -> Iterator[list[tuple[Job, Result]]]:
    """The results of `fetch_all` in groups: what is there at the same time, `most` at once.

    So that what costs much for each (a transaction, a flush of the disk) is done once for many,
    and nothing waits for what is still to come.
    """
    for first in results:
        group = [first]
        while len(group) < most and isinstance(results, FetchResults) and results.ready():
            group.extend(itertools.islice(results, 1))
        yield group


def fetch_all(jobs: Iterable[Job], limits: FetchLimits | None = None) -> FetchResults:
    """Fetch many; yields each job once with its picture or its failure, in order of arrival.

    `jobs` is read a little ahead, never as a whole; at most `limits.workers` results wait in
    memory. No host is asked for more than `limits.per_host` at a time, and a host that answers
    `Retry-After` is left alone that long, within bounds (see `HostWaits`). Closing the results, or
    Ctrl-C in the loop over them, cuts what is under way and ends the threads.
    """
    return FetchResults(_FetchPool(iter(jobs), limits or FetchLimits()))


class _FetchPool:
    """The threads of one `fetch_all`, and who may go next; only the loop's thread decides."""

    def __init__(self, jobs: Iterator[Job], limits: FetchLimits) -> None:
        self._jobs = jobs
        self._limits = limits
        self._waiting: dict[str, deque[_Asked]] = {}
        self._count = 0  # jobs in _waiting
        self._busy: dict[str, int] = defaultdict(int)
        self._waits = HostWaits(limits.deadline)
        self._running = 0
        self._todo: queue.SimpleQueue[_Asked | None] = queue.SimpleQueue()
        self._done: queue.SimpleQueue[tuple[Job, str, Result]] = queue.SimpleQueue()
        self._session = open_session(limits)
        self._threads: list[threading.Thread] = []
        self._attempts: list[Attempt] = []

    def results(self) -> Iterator[tuple[Job, Result]]:
        while True:
            yield from self._start()
            if not self._running and not self._count:
                return
            try:
                job, host, result = self._done.get(timeout=self._waits.until_release(self._waiting))
            except queue.Empty:
                continue  # a host's wait is over
            self._running -= 1
            self._busy[host] -= 1
            if not self._busy[host]:
                del self._busy[host]
            self._waits.heard(host, result)
            yield job, result

    def ready(self) -> bool:
        return not self._done.empty()

    def stop(self) -> None:
        for attempt in self._attempts:
            attempt.stop()
        for _ in self._threads:
            self._todo.put(None)
        for thread in self._threads:
            thread.join()
        self._session.close()

    def _start(self) -> Iterator[tuple[Job, Result]]:
        """Give every free worker something; what needs no network is answered on the spot."""
        while self._running < self._limits.workers:
            found = self._next()
            if found is None:
                return
            job, address = found
            if address is None:
                yield job, _settled(job, None, self._limits, self._session, Attempt())
                continue
            failure = self._waits.given_up(address.authority)
            if failure is not None:
                yield job, failure
                continue
            self._busy[address.authority] += 1
            self._running += 1
            if len(self._threads) < self._running:
                self._hire()
            self._todo.put((job, address))

    def _hire(self) -> None:
        attempt = Attempt(self._waits.hold)
        name = f"fetch {len(self._threads) + 1}"
        thread = threading.Thread(target=self._work, args=(attempt,), name=name, daemon=True)
        self._attempts.append(attempt)
        self._threads.append(thread)
        thread.start()

    def _next(self) -> tuple[Job, Address | None] | None:
        """The next job whose host may be asked now: hosts in turn, so that none holds up others."""
        while self._count < _AHEAD * self._limits.workers:
            job = next(self._jobs, None)
            if job is None:
                break
            address = _address(job.url)
            if address is None:
                return job, None
            self._waiting.setdefault(address.authority, deque()).append((job, address))
            self._count += 1
        for host, jobs in self._waiting.items():
            full = self._busy.get(host, 0) >= self._limits.per_host or self._waits.is_held(host)
            if full and self._waits.given_up(host) is None:
                continue
            found = jobs.popleft()
            self._count -= 1
            del self._waiting[host]
            if jobs:
                self._waiting[host] = jobs  # to the back of the line
            return found
        return None

    def _work(self, attempt: Attempt) -> None:
        while (given := self._todo.get()) is not None:
            job, address = given
            result = _settled(job, address, self._limits, self._session, attempt)
            self._done.put((job, address.authority, result))


def _settled(
    job: Job, address: Address | None, limits: FetchLimits, session: FetchSession, attempt: Attempt
) -> Result:
    try:
        return _fetched(job, address, limits, session, attempt)
    except FetchFailed as failure:
        return failure


def asked_host(url: Any) -> str | None:
    """The host and port that a job asks; None where none is."""
    address = _address(url)
    return None if address is None else address.authority


def _address(url: Any) -> Address | None:
    """What a job asks; None where nothing is to be asked over the network."""
    try:
        return None if is_data_uri(url) else read_address(url)
    except (FetchFailed, TypeError):  # TypeError: no text
        return None
