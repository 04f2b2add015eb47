"""The progress seam: what long work calls, and the silence that is its default."""

from __future__ import annotations

from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Progress(Protocol):
    """`with progress("hash", n) as advance: advance(1)`; `total` None where it is not known."""

    def __call__(
        self, description: str, total: int | None = None
    ) -> AbstractContextManager[Callable[[int], None]]:
        """Begin one piece of long work; what is yielded is told of each step done."""
        ...


@contextmanager
def silent(description: str, total: int | None = None) -> Iterator[Callable[[int], None]]:
    """Show nothing."""
    del description, total
    yield lambda _done: None
