"""The scraper's errors, named by what to do next; each class carries its exit code.

A picture's failure is a row, an engine's failure ends that engine with a named outcome, and
only the errors below end a run: the command line prints their one line and leaves with
`exit_code`.
"""

from __future__ import annotations


class ScraperError(Exception):
    """Something the scraper cannot go on from; `str(error)` is one line: what, where, what next."""

    exit_code = 1


class UsageError(ScraperError):
    """The caller's mistake: an unknown engine, a filter no engine has, a bad address."""

    exit_code = 2


class DriverError(ScraperError):
    """No browser or no driver could be started; `heading` names a section of drivers.md."""

    exit_code = 3

    def __init__(self, message: str, heading: str) -> None:
        super().__init__(f'{message} (see drivers.md, "{heading}")')
        self.heading = heading


class BrowserLost(ScraperError):
    """The browser died, hung or lost its driver; the search replaces it once."""

    exit_code = 3


class PageHangs(BrowserLost):
    """A page's scripts or dialogs keep the browser from answering: the next fares no better."""


class FetchFailed(ScraperError):
    """One URL's fate is a failure; `reason` is a short stable word such as `http-404`."""

    def __init__(self, reason: str, detail: str = "", status: int | None = None) -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.status = status


class PageUnreachable(ScraperError):
    """A page could not be loaded at all (no such host, refused, reset); the browser is well."""
