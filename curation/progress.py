"""How long work says where it stands: a seam one call wide."""

from __future__ import annotations

from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Progress(Protocol):
    """`with progress("hash", total) as advance: advance(1)`; total None means unknown."""

    def __call__(
        self, description: str, total: int | None = None
    ) -> AbstractContextManager[Callable[[int], None]]:
        """Open one line of progress."""
        ...


@contextmanager
def silent(description: str, total: int | None = None) -> Iterator[Callable[[int], None]]:
    """Say nothing: the default of every library function."""
    del description, total

    def advance(count: int) -> None:
        del count

    yield advance
