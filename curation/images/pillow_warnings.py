"""Pillow's warnings into the log instead of onto the terminal, from any number of threads."""

from __future__ import annotations

import logging
import re
import threading
import warnings
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self, TextIO

LOG = logging.getLogger(__name__)


class PillowWarningsToLog:
    """Pillow's warnings, and no others, go to the log while any thread decodes.

    `warnings.catch_warnings` alone is not safe between threads: the second to enter would save
    what the first had set and restore it for good. Here the first to enter sets and the last to
    leave restores.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._inside = 0
        self._context = warnings.catch_warnings()

    def __enter__(self) -> Self:
        with self._lock:
            self._inside += 1
            if self._inside == 1:
                self._context = warnings.catch_warnings()
                self._context.__enter__()
                self._install()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._lock:
            self._inside -= 1
            if self._inside == 0:
                self._context.__exit__(kind, error, trace)

    @staticmethod
    def _install() -> None:
        theirs = warnings.showwarning

        def show(
            message: Warning | str,
            category: type[Warning],
            filename: str,
            lineno: int,
            file: TextIO | None = None,
            line: str | None = None,
        ) -> None:
            if _OURS.search(filename):
                LOG.debug("%s: %s", category.__name__, message)
            else:
                theirs(message, category, filename, lineno, file, line)

        warnings.showwarning = show
        warnings.filterwarnings("always", module=r"(PIL|pixset)\b")


_OURS = re.compile(r"[/\\](PIL|curation|datasets)[/\\]")
PILLOW_WARNINGS_TO_LOG = PillowWarningsToLog()  # one for all threads
