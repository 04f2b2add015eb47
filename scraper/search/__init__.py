"""One engine's search in one browser: arrive, read, scroll on, and end with a named outcome."""

from .endings import Ending
from .gleaning import Shown
from .searcher import Search, Searcher

__all__ = ["Ending", "Search", "Searcher", "Shown"]
