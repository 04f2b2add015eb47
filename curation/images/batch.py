"""Many pictures: processes that may be lost do the work, one loop hands out what they found."""

from __future__ import annotations

import os
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import TYPE_CHECKING, Final, Protocol, TypeVar

from ..errors import Unreadable
from ..progress import Progress, silent
from .limits import MAX_MEMORY
from .measure import look, missing
from .reading import digest_of, read_file
from .sandbox import DecodeSandbox

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from concurrent.futures import Future
    from pathlib import Path

    from .facts import Facts

    Looked = Facts | Unreadable
    Item = TypeVar("Item")
    Result = TypeVar("Result")

MOST_WORKERS: Final = 32
_AHEAD: Final = 4  # pictures a worker that are asked for before their turn


class Known(Protocol):
    """What was measured before, by the SHA-256 of the bytes; a plain dict will do."""

    def get(self, sha256: str, /) -> Facts | Unreadable | None:
        """The earlier outcome, or None."""
        ...


def look_all(
    paths: Iterable[Path],
    *,
    known: Known | None = None,
    workers: int | None = None,
    progress: Progress = silent,
) -> Iterator[tuple[Path, Looked]]:
    """Look at every file, yielding (path, facts or why not) in the order of `paths`.

    A file whose digest is `known` is read but not decoded, unless its facts lack a measurement:
    then that is measured, and only that. Closing the iterator stops the work at once.
    """

    def measured(path: Path, sandbox: DecodeSandbox) -> Facts:
        earlier = known.get(digest_of(path)) if known is not None else None
        if isinstance(earlier, Unreadable):
            raise earlier
        if earlier is not None and not missing(earlier.versions):
            return earlier
        facts = sandbox.run(look_at, path, earlier)
        # A check or fingerprint that only this process knows is measured here.
        return look(read_file(path), facts) if missing(facts.versions) else facts

    yield from isolated(measured, paths, name="look", workers=workers, progress=progress)


def look_at(path: Path, known: Facts | None = None) -> Facts:
    """Measure one file as `look` does; raises Unreadable also where it cannot be read."""
    return look(read_file(path), known)


def isolated(
    work: Callable[[Item, DecodeSandbox], Result],
    items: Iterable[Item],
    *,
    name: str,
    workers: int | None = None,
    progress: Progress = silent,
) -> Iterator[tuple[Item, Result | Unreadable]]:
    """Yield each item with what `work(item, sandbox)` returned, or its Unreadable, in order.

    `work` runs in a thread and hands the decoding to the sandbox. At most four items a worker are
    in flight, and one picture a worker is decoded, so that memory does not grow with the number of
    items: `workers` times `limits.MAX_MEMORY` at worst. `name` is what progress calls it.
    """
    count = workers or default_workers()
    total = len(items) if isinstance(items, (list, tuple)) else None
    rest = iter(items)
    pool = ThreadPoolExecutor(count, thread_name_prefix=name)
    sandbox = DecodeSandbox()
    flight: deque[tuple[Item, Future[Result | Unreadable]]] = deque()

    def one(item: Item) -> Result | Unreadable:
        try:
            return work(item, sandbox)
        except Unreadable as error:
            return error

    try:
        with progress(name, total) as advance:
            for item in islice(rest, _AHEAD * count):
                flight.append((item, pool.submit(one, item)))
            while flight:
                item, future = flight.popleft()
                outcome = future.result()
                for following in islice(rest, 1):
                    flight.append((following, pool.submit(one, following)))
                advance(1)
                yield item, outcome
    finally:
        sandbox.close()  # first: the threads wait for its children
        pool.shutdown(wait=True, cancel_futures=True)


def default_workers() -> int:
    """One a processor, at most 32, and no more than half of the machine's memory could hold."""
    processors = min(MOST_WORKERS, os.cpu_count() or 1)
    try:
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):
        return processors
    return max(1, min(processors, memory // 2 // MAX_MEMORY))
