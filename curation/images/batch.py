"""Many pictures: processes that may be lost do the work, one loop hands out what they found."""

from __future__ import annotations

import os
import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

from ..errors import Unreadable
from ..progress import Progress, silent
from .child import address_space
from .facts import Facts
from .limits import MAX_MEMORY
from .measure import Begun, begin, finish, look, missing, versions
from .reading import digest_of, read_file, read_slice
from .sandbox import DecodeSandbox

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
    from concurrent.futures import Future
    from pathlib import Path

    Looked = Facts | Unreadable
    Item = TypeVar("Item")
    Result = TypeVar("Result")

MOST_WORKERS: Final = 32
_AHEAD: Final = 4  # items a worker that are asked for before their turn
TOGETHER: Final = 16  # pictures a task, at most
_BEGUN_BYTES: Final = 16_000_000  # that a task holds of pictures which are begun
_BEGUN_SECONDS: Final = 1.0  # of CPU time for beginning them: a tenth of the clock for one picture
_BEGUN_GROWTH: Final = MAX_MEMORY // 10  # bytes that the process may keep from beginning them
# What a decoder also says where it was given too little memory, each in its own way.
_FOR_MEMORY: Final = frozenset({"bomb", "corrupt", "truncated"})


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
    then that is measured, and only that. Closing the iterator stops the work at once. A list or
    tuple of many is measured in groups, up to 16 a task, which takes a third less CPU time than
    any other iterable's one by one.
    """
    count = workers or default_workers()
    total = len(paths) if isinstance(paths, (list, tuple)) else None
    size = max(1, min(TOGETHER, (total or 0) // (_AHEAD * count)))

    def measured(group: Sequence[Path], sandbox: DecodeSandbox) -> list[Looked]:
        return _measured(group, known, sandbox)

    groups = isolated(measured, in_groups(paths, size), name="look", workers=count)
    with progress("look", total) as advance, closing(groups):
        for group, outcomes in groups:
            assert not isinstance(outcomes, Unreadable)  # noqa: S101 (`_measured` raises none)
            for path, outcome in zip(group, outcomes, strict=True):
                advance(1)
                yield path, outcome


def in_groups(items: Iterable[Item], size: int) -> Iterator[Sequence[Item]]:
    """`size` items at a time, for one task each."""
    rest = iter(items)
    while group := tuple(islice(rest, size)):
        yield group


def _measured(group: Sequence[Path], known: Known | None, sandbox: DecodeSandbox) -> list[Looked]:
    """What each file of a group is found to be; what must be decoded goes in one task."""
    today = versions()
    found: dict[Path, Looked] = {}
    calls: dict[Path, tuple[Path, Facts | None]] = {}
    for path in group:
        earlier = _before(path, known)
        if earlier is None or (isinstance(earlier, Facts) and missing(earlier.versions)):
            calls[path] = path, earlier
        else:
            found[path] = earlier
    found.update(zip(calls, in_one_task(look_some, list(calls.values()), sandbox), strict=True))
    for path in calls:
        seen = found[path]
        # A check or fingerprint that only this process knows is measured here.
        if isinstance(seen, Facts) and seen.versions != today and missing(seen.versions):
            found[path] = _or_unreadable(look_at, path, seen)
    return [found[path] for path in group]


def _before(path: Path, known: Known | None) -> Looked | None:
    """What is known of a file's bytes, or why they cannot be read."""
    if known is None:
        return None
    digest = _or_unreadable(digest_of, path)
    return digest if isinstance(digest, Unreadable) else known.get(digest)


def in_one_task(
    task: Callable[[Sequence[Item]], list[Result]], items: Sequence[Item], sandbox: DecodeSandbox
) -> list[Result | Unreadable]:
    """What `task(items)` answers of each item, or its Unreadable; it may answer the first few only.

    Where one of them takes the others with it, each is tried alone.
    """
    found: list[Result | Unreadable] = []
    while rest := items[len(found) :]:
        answers = _or_unreadable(sandbox.run, task, rest)
        if isinstance(answers, Unreadable):
            alone = (_or_unreadable(sandbox.run, task, [item]) for item in rest)
            return [*found, *(one if isinstance(one, Unreadable) else one[0] for one in alone)]
        found += answers
    return found


def look_some(files: Sequence[tuple[Path, Facts | None]]) -> list[Looked]:
    """Measure the first of the files (each with what is known of it): those that cost little."""
    return _first(_begin_at, files)


def look_some_inside(slices: Sequence[tuple[Path, int, int]]) -> list[Looked]:
    """The same for pictures inside files: each an archive, its first byte's place, and how many."""
    return _first(_begin_inside, slices)


def _first(work: Callable[..., Begun | Facts], calls: Sequence[tuple[Any, ...]]) -> list[Looked]:
    begun: list[Begun | Looked] = []
    held, start, idle = 0, time.process_time(), address_space()
    for arguments in calls:
        one = _or_unreadable(work, *arguments)
        if begun and isinstance(one, Unreadable) and one.why in _FOR_MEMORY:
            break  # those before it may have left it too little: it is the next task's first
        begun.append(one)
        held += one.held if isinstance(one, Begun) else 0
        if held > _BEGUN_BYTES or time.process_time() - start > _BEGUN_SECONDS:
            break
        if address_space() - idle > _BEGUN_GROWTH:
            break
    finished = iter(finish([one for one in begun if isinstance(one, Begun)]))
    return [next(finished) if isinstance(one, Begun) else one for one in begun]


def _begin_at(path: Path, known: Facts | None) -> Begun | Facts:
    return begin(read_file(path), known)


def _begin_inside(archive: Path, at: int, size: int) -> Begun | Facts:
    return begin(read_slice(archive, at, size))


def look_at(path: Path, known: Facts | None = None) -> Facts:
    """Measure one file as `look` does; raises Unreadable also where it cannot be read."""
    return look(read_file(path), known)


def _or_unreadable(work: Callable[..., Result], *arguments: Any) -> Result | Unreadable:
    try:
        return work(*arguments)
    except Unreadable as error:
        # Not the error itself: its traceback's frames hold the picture, up to a gigabyte.
        return Unreadable(error.why, error.detail)


def isolated(
    work: Callable[[Item, DecodeSandbox], Result],
    items: Iterable[Item],
    *,
    name: str,
    workers: int | None = None,
    progress: Progress = silent,
) -> Generator[tuple[Item, Result | Unreadable]]:
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

    try:
        with progress(name, total) as advance:
            for item in islice(rest, _AHEAD * count):
                flight.append((item, pool.submit(_or_unreadable, work, item, sandbox)))
            while flight:
                item, future = flight.popleft()
                outcome = future.result()
                for following in islice(rest, 1):
                    flight.append(
                        (following, pool.submit(_or_unreadable, work, following, sandbox))
                    )
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
