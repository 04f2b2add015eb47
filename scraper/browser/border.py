"""The border: what Selenium and its HTTP client raise, and what it means, in one table."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from ..errors import BrowserLost

if TYPE_CHECKING:
    from collections.abc import Iterator


def fates() -> tuple[tuple[type[Exception], str], ...]:
    """The table of foreign exceptions: what each says about the browser, first match wins."""
    from selenium.common import exceptions
    from urllib3.exceptions import HTTPError

    return (
        (exceptions.TimeoutException, "does not answer"),
        (exceptions.InvalidSessionIdException, "died"),
        (exceptions.NoSuchWindowException, "lost its window"),
        (exceptions.WebDriverException, "failed"),
        (HTTPError, "lost its driver"),
        (OSError, "lost its driver"),
    )


def foreign() -> tuple[type[Exception], ...]:
    """Return every exception type that must not leave this module."""
    return tuple(kind for kind, _ in fates())


@contextlib.contextmanager
def border() -> Iterator[None]:
    """Turn every foreign exception into BrowserLost, one line."""
    try:
        yield
    except foreign() as error:
        what = next(words for kind, words in fates() if isinstance(error, kind))
        said = str(getattr(error, "msg", None) or error).strip().split("\n", 1)[0][:160]
        raise BrowserLost(f"the browser {what}: {said}") from error
