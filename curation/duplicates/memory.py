"""Pair results that outlive a run: remembered by content and by version.

The classification of a pair is a function of the two files and of this package's version of the
rules, so a result that was found once never has to be found again. A catalogue or a cache keeps
them by implementing PairMemory; `find_families(..., memory=...)` recalls what is known and adds
what is new.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol
from zlib import crc32

from . import thresholds
from .pair_result import PairResult

if TYPE_CHECKING:
    from collections.abc import Iterable

# (digest, digest, result): the digests in order.
Remembered = tuple[str, str, PairResult]

PROGRAM = 1  # to be raised where the rules change and no number of thresholds.py does


def version() -> str:
    """The version of the rules: another one's results say nothing about these."""
    numbers = {name: repr(value) for name, value in vars(thresholds).items() if name.isupper()}
    return f"{PROGRAM}.{crc32(repr(sorted(numbers.items())).encode()):08x}"


class PairMemory(Protocol):
    """Keeps pair results between runs; a picture of unknown bytes has none."""

    def recall(self, version: str, /) -> Iterable[Remembered]:
        """Everything remembered under this version; more than is asked for does no harm."""
        ...

    def remember(self, version: str, results: Iterable[Remembered], /) -> None:
        """Keep new results; those of another version may be forgotten."""
        ...


class InMemory:
    """Pair results of one process."""

    def __init__(self) -> None:
        self._results: dict[str, dict[tuple[str, str], PairResult]] = {}

    def recall(self, version: str, /) -> Iterable[Remembered]:
        """Everything remembered under this version."""
        return [(*pair, result) for pair, result in self._results.get(version, {}).items()]

    def remember(self, version: str, results: Iterable[Remembered], /) -> None:
        """Keep new results."""
        kept = self._results.setdefault(version, {})
        kept.update({(one, two): result for one, two, result in results})


__all__ = ["InMemory", "PairMemory", "Remembered", "version"]
