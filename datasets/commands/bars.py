"""Progress on stderr: bars on a terminal, a line now and then on a pipe."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_EVERY = 10.0  # seconds between two lines where stderr is no terminal


@contextmanager
def bars(description: str, total: int | None = None) -> Iterator[Callable[[int], None]]:
    """Show one piece of work; several may run side by side."""
    if sys.stderr.isatty():
        with _bar(description, total) as advance:
            yield advance
    else:
        with _lines(description, total) as advance:
            yield advance


@contextmanager
def _bar(description: str, total: int | None) -> Iterator[Callable[[int], None]]:
    from tqdm import tqdm

    with tqdm(
        desc=description, total=total, file=sys.stderr, unit="", leave=True, dynamic_ncols=True
    ) as bar:

        def advance(done: int) -> None:
            bar.update(done)

        yield advance


@contextmanager
def _lines(description: str, total: int | None) -> Iterator[Callable[[int], None]]:
    done, said = 0, time.monotonic()
    of = f"/{total}" if total is not None else ""

    def advance(more: int) -> None:
        nonlocal done, said
        done += more
        if time.monotonic() - said >= _EVERY:
            said = time.monotonic()
            print(f"{description}: {done}{of}", file=sys.stderr, flush=True)

    yield advance
    if done:
        print(f"{description}: {done}{of} done", file=sys.stderr, flush=True)
