"""Progress as a seam: what long work calls, and the silence that is the default."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable


class Progress(Protocol):
    """Shows that long work goes on: `with progress("fetch", n) as advance: advance(1)`."""

    def __call__(
        self, description: str, total: int | None = None
    ) -> AbstractContextManager[Callable[[int], None]]:
        """Open one bar; `total` None where the end is unknown."""
        ...


def silent(
    description: str,  # noqa: ARG001 (the protocol's signature)
    total: int | None = None,  # noqa: ARG001 (the protocol's signature)
) -> AbstractContextManager[Callable[[int], None]]:
    """Show nothing."""

    def advance(count: int) -> None:
        """Count nothing."""

    return nullcontext(advance)
