"""A picture's URL or `data:` URI → its bytes, or a named reason why not.

The web is hostile: bytes, redirects and time are capped, every hop is judged, and the
signature, not the name, says what a file is. One URL's failure is a value (`FetchFailed`
with a `reason` from `REASONS`), never the end of a run.
"""

from __future__ import annotations

import queue
import threading
from collections import defaultdict, deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING

from ..errors import FetchFailed
from .data_uri import decode_data_uri, is_data_uri, media_type
from .failures import FOREIGN, translate
from .guard import Watch
from .http import Attempt, Fetched, FetchLimits, Transfer, extension_of, open_session

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from concurrent.futures import Future

    import requests

_AHEAD = 32  # jobs read ahead a worker: enough to find other hosts while one is at its limit


@dataclass(frozen=True, slots=True)
class Job:
    """One thing to fetch; `token` is the caller's own and comes back untouched."""

    url: str
    referer: str | None = None
    token: object = None


def fetch(
    url: str,
    *,
    referer: str | None = None,
    limits: FetchLimits | None = None,
    session: requests.Session | None = None,
    attempt: Attempt | None = None,
) -> Fetched:
    """Fetch a URL or `data:` URI; raises FetchFailed with a reason from `REASONS`.

    `session` comes from `open_session` with the same limits; without one, one is made for
    this call. `attempt` lets a caller with many fetches stop this one or learn of its waits.
    """
    limits = limits or FetchLimits()
    if is_data_uri(url):
        return _inline(url, limits)
    if session is None:
        with open_session(limits) as own:
            return fetch(url, referer=referer, limits=limits, session=own, attempt=attempt)
    attempt = attempt or Attempt()
    with Watch(limits.deadline) as watch:
        attempt.begin(watch)
        try:
            return Transfer(url, referer, limits, session, watch, attempt).run()
        except FOREIGN as error:
            raise translate(error, watch, stopped=attempt.stopped.is_set()) from error
        finally:
            attempt.end()


def _inline(uri: str, limits: FetchLimits) -> Fetched:
    if len(uri) // 4 > limits.max_bytes:  # URL-encoding triples a byte: not even decoded
        raise FetchFailed("too-large", f"a data: URI of {len(uri)} characters")
    data = decode_data_uri(uri)
    if len(data) > limits.max_bytes:
        raise FetchFailed("too-large", f"{len(data)} bytes")
    kind = media_type(uri) or None
    return Fetched(uri, uri, data, extension_of(data, kind), content_type=kind)


def fetch_all(
    jobs: Iterable[Job], limits: FetchLimits | None = None
) -> Iterator[tuple[Job, Fetched | FetchFailed]]:
    """Fetch many; yields each job once with its picture or its failure, in order of arrival.

    `jobs` is read a little ahead, never as a whole; at most `limits.workers` results wait in
    memory. No host is asked for more than `limits.per_host` at a time, and a host that answers
    `Retry-After` is left alone that long. Closing the generator, or Ctrl-C in the loop over it,
    cuts what is under way and ends the threads.
    """
    pool = _FetchPool(iter(jobs), limits or FetchLimits())
    try:
        yield from pool.results()
    finally:
        pool.stop()


class _FetchPool:
    """The threads of one `fetch_all`, and who may go next; only the loop's thread decides."""

    def __init__(self, jobs: Iterator[Job], limits: FetchLimits) -> None:
        self._jobs = jobs
        self._limits = limits
        self._waiting: dict[str, deque[Job]] = {}
        self._count = 0  # jobs in _waiting
        self._busy: dict[str, int] = defaultdict(int)
        self._held: dict[str, float] = {}  # host → when it may be asked again
        self._running = 0
        self._done: queue.SimpleQueue[tuple[Job, str, Future[Fetched | FetchFailed]]] = (
            queue.SimpleQueue()
        )
        self._threads = ThreadPoolExecutor(limits.workers, thread_name_prefix="fetch")
        self._own = threading.local()
        self._lock = threading.Lock()
        self._sessions: list[requests.Session] = []
        self._attempts: list[Attempt] = []
        self._stopped = False

    def results(self) -> Iterator[tuple[Job, Fetched | FetchFailed]]:
        while True:
            yield from self._start()
            if not self._running and not self._count:
                return
            try:
                job, host, future = self._done.get(timeout=self._until_release())
            except queue.Empty:
                continue  # a host's wait is over
            self._running -= 1
            self._busy[host] -= 1
            if not self._busy[host]:
                del self._busy[host]
            yield job, future.result()

    def stop(self) -> None:
        with self._lock:
            self._stopped = True
            for attempt in self._attempts:
                attempt.stop()
        self._threads.shutdown(wait=True, cancel_futures=True)
        for session in self._sessions:
            session.close()

    def _start(self) -> Iterator[tuple[Job, Fetched | FetchFailed]]:
        """Give every free worker something; what needs no network is answered on the spot."""
        while self._running < self._limits.workers:
            job = self._next()
            if job is None:
                return
            if is_data_uri(job.url):
                yield job, _settled(job, self._limits)
                continue
            host = _host(job.url)
            self._busy[host] += 1
            self._running += 1
            future = self._threads.submit(self._work, job)
            future.add_done_callback(lambda f, job=job, host=host: self._done.put((job, host, f)))  # type: ignore[misc]  # bound now, not at the call

    def _next(self) -> Job | None:
        """The next job whose host may be asked now: hosts in turn, so that none holds up others."""
        while self._count < _AHEAD * self._limits.workers:
            job = next(self._jobs, None)
            if job is None:
                break
            if is_data_uri(job.url):
                return job
            self._waiting.setdefault(_host(job.url), deque()).append(job)
            self._count += 1
        now = monotonic()
        for host, jobs in self._waiting.items():
            if self._busy.get(host, 0) >= self._limits.per_host or self._held.get(host, 0.0) > now:
                continue
            job = jobs.popleft()
            self._count -= 1
            del self._waiting[host]
            if jobs:
                self._waiting[host] = jobs  # to the back of the line
            return job
        return None

    def _until_release(self) -> float | None:
        """Seconds until a held host that has work may be asked; None if no such host."""
        now = monotonic()
        waits = [self._held[host] - now for host in self._waiting if self._held.get(host, 0) > now]
        return max(min(waits), 0.01) if waits else None

    def _work(self, job: Job) -> Fetched | FetchFailed:
        if not hasattr(self._own, "session"):
            self._own.session = open_session(self._limits)
            self._own.attempt = Attempt(self._hold)
            with self._lock:
                self._sessions.append(self._own.session)
                self._attempts.append(self._own.attempt)
                if self._stopped:
                    self._own.attempt.stop()
        return _settled(job, self._limits, self._own.session, self._own.attempt)

    def _hold(self, host: str, seconds: float) -> None:
        self._held[host] = monotonic() + min(seconds, self._limits.deadline)


def _settled(
    job: Job,
    limits: FetchLimits,
    session: requests.Session | None = None,
    attempt: Attempt | None = None,
) -> Fetched | FetchFailed:
    try:
        return fetch(job.url, referer=job.referer, limits=limits, session=session, attempt=attempt)
    except FetchFailed as failure:
        return failure


def _host(url: str) -> str:
    return url.partition("//")[2].partition("/")[0].lower()
