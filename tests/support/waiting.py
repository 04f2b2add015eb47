"""Waiting for what becomes so in its own time, long enough for a machine that is busy."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

PATIENCE = 60.0  # seconds; only a failure takes as long


def _pause() -> None:
    time.sleep(0.02)


def soon(is_so: Callable[[], object], meanwhile: Callable[[], object] = _pause) -> bool:
    """Whether something becomes so; `meanwhile` is done between two looks."""
    until = time.monotonic() + PATIENCE
    while not is_so():
        if time.monotonic() > until:
            return False
        meanwhile()
    return True
