"""One engine's search in one browser: arrive, read, scroll on, and end with a named outcome."""

from .outcome import Ending
from .results import Shown
from .searcher import Search, Searcher

__all__ = ["Ending", "Search", "Searcher", "Shown"]
