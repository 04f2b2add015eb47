"""One engine's search in one browser: land, read, scroll on, and end with a named status."""

from .outcome import SearchStatus
from .results import ResultBatch
from .searcher import Search, Searcher

__all__ = ["ResultBatch", "Search", "SearchStatus", "Searcher"]

# The names of 0.1, kept for its users.
Ending = SearchStatus
Shown = ResultBatch
