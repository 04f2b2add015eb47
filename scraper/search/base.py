"""What a searcher in a browser and one over an API share: how searches begin and end."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Generic, TypeVar

from ..models import Outcome
from .counts import Counts

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Self

    from ..models import Query
    from ..pace import Pace
    from .outcome import SearchStatus
    from .results import ResultBatch, ResultSet


class BaseSearch(ABC):
    """One query's results as they come: iterate it, read `status` afterwards.

    `stop()` may be called from any thread.
    """

    def __init__(self, query: Query, results: ResultSet, pace: Pace) -> None:
        self.query = query
        self.status: SearchStatus | None = None
        self._results = results
        self._pace = pace
        self._extracted: Counter[str] = Counter()
        self._stopped = threading.Event()
        self._pieces = self._run()

    def __iter__(self) -> Iterator[ResultBatch]:
        return self._pieces

    @property
    def found(self) -> int:
        """Count the results found so far."""
        return len(self._results)

    @property
    def wanted(self) -> int | None:
        """Of how many results, in the order of coming, previews are taken; None: of all."""
        return self._results.wanted

    @wanted.setter
    def wanted(self, number: int | None) -> None:
        self._results.wanted = number

    def stop(self) -> None:
        """End the search: enough was found. Its outcome is `limit`."""
        self._stopped.set()
        self._pace.stop()

    def _run(self) -> Iterator[ResultBatch]:
        """Search to the end, then count; a search that was stopped has met its limit."""
        try:
            yield from self._visit()
        finally:
            status = self.status or self._named(Outcome.LIMIT)
            counts = Counts.of(self.query, self._results.known(), self._extracted)
            self.status = replace(status, counts=counts)

    @abstractmethod
    def _visit(self) -> Iterator[ResultBatch]:
        """Search until the engine shows nothing more, and set `status` unless stopped."""

    @abstractmethod
    def _named(self, outcome: Outcome) -> SearchStatus:
        """How this search ends with an outcome."""


AnySearch = TypeVar("AnySearch", bound=BaseSearch)


class BaseSearcher(ABC, Generic[AnySearch]):
    """One engine: many searches, one after the other, in one thread.

    Close it, or use it in a `with`.
    """

    def __init__(self, pace: Pace) -> None:
        self.pace = pace
        self._current: AnySearch | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def search(self, query: Query) -> AnySearch:
        """Return a search that begins when it is iterated; an earlier one is stopped."""
        if self._current is not None:
            self._current.stop()
        self.pace.resume()
        self._current = self._begin(query)
        return self._current

    def stop(self) -> None:
        """Stop the search that runs, from any thread."""
        if self._current is not None:
            self._current.stop()

    @abstractmethod
    def close(self) -> None:
        """Stop the search and let go of what it used."""

    @abstractmethod
    def _begin(self, query: Query) -> AnySearch:
        """A search that has not begun."""
