"""What this run's options make of the scraper: each engine's searcher, and the fetching's caps."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from ...scraper.browser.installed import BrowserChoice
from ...scraper.engines import ENGINES, engine_names
from ...scraper.fetch import FetchLimits
from ..errors import UsageError
from ..recipe.models import SOURCES
from .run import CollectOptions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...scraper.search import Searcher

_log = logging.getLogger(__name__)


def chosen_engines(given: Sequence[str] | None) -> tuple[str, ...]:
    """The engines named by an option, None: all; raises UsageError for another name."""
    known = engine_names()
    for name in given or ():
        if name not in known:
            raise UsageError(f"--engine {name!r}: expected one of {', '.join(known)}")
    return tuple(name for name in known if not given or name in given)


def source_name(given: str | None) -> str:
    """The source named by an option, None: preview; raises UsageError for another name."""
    if given is not None and given not in SOURCES:
        raise UsageError(f"--source {given!r}: expected preview or original")
    return given or SOURCES[0]


@dataclass(frozen=True, slots=True)
class SearchSettings:
    """How to search: `replica` is the address of a local one, else the real engines are asked.

    `pace` None: human towards the engines, none towards a replica.
    """

    engines: tuple[str, ...] = field(default_factory=engine_names)
    source: str = "preview"
    replica: str | None = None
    pace: str | None = None
    seed: int = 0
    unattended: bool = False
    again: bool = False
    browser: BrowserChoice = field(default_factory=BrowserChoice)

    def options(self) -> CollectOptions:
        """The ways for `harvest`; raises UsageError for a pace or an address that cannot be."""
        from ...scraper.pace import pace

        pace(self.pace or "human")
        if self.replica is not None and not self.replica.startswith(("http://", "https://")):
            raise UsageError(
                f"--replica {self.replica!r}: expected an address, as in http://127.0.0.1:8808"
            )
        if self.pace == "none" and self.replica is None:
            raise UsageError(
                "--pace none: expected human or brisk towards the real engines; "
                "none is for a replica (--replica URL)"
            )
        limits = FetchLimits(allow_private=self.replica is not None)
        return CollectOptions(self.make, self.engines, self.source, self.again, limits)

    def make(self, engine: str) -> Searcher:
        """One engine's searcher; its browser starts at the first search."""
        from ...scraper.browser.launch import launch
        from ...scraper.pace import pace
        from ...scraper.search import Searcher

        chosen = ENGINES[engine]
        browser = self.browser
        if browser.profile is not None:
            # Two browsers cannot share one profile, and the engines run side by side.
            browser = replace(browser, profile=browser.profile / engine)
        if self.replica is not None and browser.headless is None:
            browser = replace(browser, headless=True)  # a replica draws no captcha for it
        return Searcher(
            chosen,
            lambda: launch(browser, engine=chosen),
            pace(self.pace or ("none" if self.replica else "human"), self.seed),
            origin=f"{self.replica.rstrip('/')}/{engine}" if self.replica else None,
            unattended=self.unattended,
            take_previews=self.source == "preview",
            on_wait=_log.warning,
        )
