"""Image-search engines driven in a real browser: from a term to files.

    from pixset.scraper import ENGINES, BrowserChoice, Query, Searcher, launch
    from pixset.scraper.pace import pace

    bing = ENGINES["bing"]
    with Searcher(bing, lambda: launch(BrowserChoice(), engine=bing), pace("human")) as searcher:
        search = searcher.search(Query("pizza"))
        for batch in search:
            print([candidate.image_url for candidate in batch.candidates])
        print(search.status.outcome, search.status.detail)

The names below are loaded when they are first asked for, so that importing this package
loads neither Selenium nor an HTTP client. The functions `fetch` and `pace` are taken from
the modules of the same names.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .browser.downloads import Downloads
    from .browser.installed import BrowserChoice, choose
    from .browser.launch import launch
    from .browser.protocol import Browser
    from .browser.resolve import Resolution
    from .engines import ENGINES, Engine
    from .errors import BrowserLost, DriverError, FetchFailed, ScraperError, UsageError
    from .fetch import Fetched, FetchLimits, Job, fetch_all
    from .models import Candidate, Filters, Outcome, Page, PageOutcome, Query
    from .pace import PACES, Pace
    from .progress import Progress, silent
    from .search import ResultBatch, Search, Searcher, SearchStatus

__all__ = [
    "ENGINES",
    "PACES",
    "Browser",
    "BrowserChoice",
    "BrowserLost",
    "Candidate",
    "Downloads",
    "DriverError",
    "Engine",
    "FetchFailed",
    "FetchLimits",
    "Fetched",
    "Filters",
    "Job",
    "Outcome",
    "Pace",
    "Page",
    "PageOutcome",
    "Progress",
    "Query",
    "Resolution",
    "ResultBatch",
    "ScraperError",
    "Search",
    "SearchStatus",
    "Searcher",
    "UsageError",
    "choose",
    "fetch_all",
    "launch",
    "silent",
]

_HOMES = {
    "browser.downloads": ("Downloads",),
    "browser.launch": ("launch",),
    "browser.resolve": ("Resolution",),
    "browser.installed": ("BrowserChoice", "choose"),
    "browser.protocol": ("Browser",),
    "models": ("Candidate", "Filters", "Outcome", "Page", "PageOutcome", "Query"),
    "engines": ("ENGINES", "Engine"),
    "errors": ("BrowserLost", "DriverError", "FetchFailed", "ScraperError", "UsageError"),
    "fetch": ("Fetched", "Job", "FetchLimits", "fetch_all"),
    "pace": ("PACES", "Pace"),
    "progress": ("Progress", "silent"),
    "search": ("SearchStatus", "Search", "Searcher", "ResultBatch"),
}
_HOME = {name: home for home, names in _HOMES.items() for name in names}
# Names of 0.1, kept for its users.
_RENAMED = {"Ending": "SearchStatus", "Limits": "FetchLimits", "Shown": "ResultBatch"}


def __getattr__(name: str) -> Any:
    """Load a public name from its module."""
    name = _RENAMED.get(name, name)
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_HOME[name]}", __name__), name)


def __dir__() -> list[str]:
    """List the public names."""
    return sorted({*globals(), *__all__})
