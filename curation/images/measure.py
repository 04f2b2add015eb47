"""Looking at many files: threads that decode, one loop that hands out the facts in order."""

from __future__ import annotations

import hashlib
import os
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import TYPE_CHECKING, Protocol

from ..errors import Unreadable
from ..progress import Progress, silent
from .decode import MAX_BYTES
from .facts import Facts, look
from .sandbox import Aside, is_unusual

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from concurrent.futures import Future
    from pathlib import Path

    Looked = Facts | Unreadable


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

    Threads decode (Pillow lets go of the lock); at most four files a worker are in flight, so
    memory does not grow with the number of files. A file whose digest is `known` is read but not
    decoded. Closing the iterator stops the work after the files in flight.
    """
    count = workers or min(32, os.cpu_count() or 1)
    total = len(paths) if isinstance(paths, (list, tuple)) else None
    rest = iter(paths)
    pool = ThreadPoolExecutor(count, thread_name_prefix="look")
    aside = Aside()
    flight: deque[tuple[Path, Future[Looked]]] = deque()
    try:
        with progress("look", total) as advance:
            for path in islice(rest, 4 * count):
                flight.append((path, pool.submit(_look_at, path, known, aside)))
            while flight:
                path, future = flight.popleft()
                outcome = future.result()
                for following in islice(rest, 1):
                    flight.append((following, pool.submit(_look_at, following, known, aside)))
                advance(1)
                yield path, outcome
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
        aside.close()


def _look_at(path: Path, known: Known | None, aside: Aside) -> Looked:
    try:
        if path.stat().st_size > MAX_BYTES:
            return Unreadable("bomb", f"{path.stat().st_size} bytes, the cap is {MAX_BYTES}")
        data = path.read_bytes()
    except OSError as error:
        return Unreadable("not-a-file", error.strerror or str(error))
    if known is not None:
        earlier = known.get(hashlib.sha256(data).hexdigest())
        if earlier is not None:
            return earlier
    try:
        return aside.look(data) if is_unusual(data) else look(data)
    except Unreadable as error:
        return error
