"""What this run's options make of the scraper: each engine's searcher, and the fetching's caps."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypedDict

from ...scraper.browser.installed import BrowserChoice, choose
from ...scraper.engines import asks_api, default_engines, engine_names
from ...scraper.engines.repairs import repair_files, repaired_engines
from ...scraper.fetch import FetchLimits
from ..errors import UsageError
from ..recipe.models import SOURCES
from .run import CollectOptions

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from ...scraper.search import Searcher
    from ...scraper.search.api_searcher import ApiSearcher
    from ..recipe import Recipe

_log = logging.getLogger(__name__)


def chosen_engines(given: Sequence[str] | None) -> tuple[str, ...]:
    """The engines an option names, None: the default ones; UsageError for another name."""
    known = engine_names()
    for name in given or ():
        if name not in known:
            raise UsageError(f"--engine {name!r}: expected one of {', '.join(known)}")
    return tuple(name for name in known if name in given) if given else default_engines()


def source_name(given: str | None) -> str:
    """The source named by an option, None: preview; raises UsageError for another name."""
    if given is not None and given not in SOURCES:
        raise UsageError(f"--source {given!r}: expected preview or original")
    return given or SOURCES[0]


@dataclass(frozen=True, slots=True)
class SearchSettings:
    """How to search: `replica` is the address of a local one, else the real engines are asked.

    `pace` None: human towards the engines, none towards a replica. Results for the terms to
    `believe` are taken whatever they speak of; `repairs` are engines.toml files; `contact` is
    whom an API's and a picture's host may write to.
    """

    engines: tuple[str, ...] = field(default_factory=default_engines)
    source: str = "preview"
    replica: str | None = None
    pace: str | None = None
    seed: int = 0
    unattended: bool = False
    again: bool = False
    browser: BrowserChoice = field(default_factory=BrowserChoice)
    believe: tuple[str, ...] = ()
    repairs: tuple[Path, ...] = ()
    proxy: str | None = None
    contact: str | None = None

    def options(self) -> CollectOptions:
        """The options for `collect`; raises UsageError for a pace or an address that cannot be."""
        from ...scraper.pace import pace

        pace(self.pace or "human")
        repaired_engines(self.repairs)
        if self.replica is not None and not self.replica.startswith(("http://", "https://")):
            raise UsageError(
                f"--replica {self.replica!r}: expected an address, as in http://127.0.0.1:8808"
            )
        if self.pace == "none" and self.replica is None:
            raise UsageError(
                "--pace none: expected human or brisk towards the real engines; "
                "none is for a replica (--replica URL)"
            )
        if self.proxy is not None:
            from ...scraper.browser.relay import read_proxy

            read_proxy(self.proxy)
        self._check_contact()
        limits = FetchLimits(
            allow_private=self.replica is not None, proxy=self.proxy, contact=self.contact
        )
        return CollectOptions(
            self.make, self.engines, self.source, self.again, limits, prepare=self._prepare
        )

    @property
    def pace_name(self) -> str:
        """The pace that is meant where none is named."""
        return self.pace or ("none" if self.replica else "human")

    def _check_contact(self) -> None:
        from ...scraper.search.api_client import check_contact, checked_contact

        if self.contact is not None:
            checked_contact(self.contact)
        engines = repaired_engines(self.repairs)
        for name in self.engines:
            engine = engines[name]
            if asks_api(engine):
                check_contact(engine, self.contact, self.replica)

    def _prepare(self) -> None:
        """Load the driver's packages, which Ctrl-C can break off in this thread only."""
        engines = repaired_engines(self.repairs)
        if not all(asks_api(engines[name]) for name in self.engines):
            from ...scraper.browser.launch import load_packages  # only where a browser is meant

            load_packages()

    def make(self, engine: str) -> Searcher | ApiSearcher:
        """One engine's searcher; its browser, where it has one, starts at the first search."""
        from ...scraper.search.factory import make_searcher  # the driver's packages

        return make_searcher(
            repaired_engines(self.repairs)[engine],
            self.browser,
            replica=self.replica,
            pace=self.pace,
            seed=self.seed,
            proxy=self.proxy,
            contact=self.contact,
            unattended=self.unattended,
            take_previews=self.source == "preview",
            on_wait=_log.warning,
            believe=self.believe,
        )


class SearchWords(TypedDict, total=False):
    """The options that every search shares, by the names of `SearchOptions`."""

    engines: Sequence[str] | None
    source: str | None
    replica: str | None
    pace: str | None
    seed: int | None
    unattended: bool
    again: bool
    browser: str | None
    driver: Path | None
    headless: bool | None
    profile: Path | None
    believe: Sequence[str]
    repairs: Path | None
    proxy: str | None
    contact: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchOptions:
    """How to search, as a person says it; None where the recipe, or a default, is to say it.

    `into` is the dataset's folder, whose engines.toml holds for it; `repairs` names another.
    """

    engines: Sequence[str] | None = None
    source: str | None = None
    replica: str | None = None
    pace: str | None = None
    seed: int | None = None
    unattended: bool = False
    again: bool = False
    browser: str | None = None
    driver: Path | None = None
    headless: bool | None = None
    profile: Path | None = None
    believe: Sequence[str] = ()
    repairs: Path | None = None
    into: Path | None = None
    proxy: str | None = None
    contact: str | None = None

    def settings(self, recipe: Recipe | None = None) -> SearchSettings:
        """How to search; what the options leave open, the recipe says.

        Raises UsageError for an engine, source, pace, address or browser that cannot be.
        """
        plain = SearchSettings()
        settings = SearchSettings(
            engines=chosen_engines(self.engines) if self.engines or not recipe else recipe.engines,
            source=source_name(self.source) if self.source or not recipe else recipe.source,
            replica=self.replica,
            pace=self.pace,
            seed=(recipe.seed if recipe else plain.seed) if self.seed is None else self.seed,
            unattended=self.unattended,
            again=self.again,
            browser=choose(self.browser, self.driver, headless=self.headless, profile=self.profile),
            believe=tuple(self.believe),
            repairs=repair_files(self.into, self.repairs),
            proxy=self.proxy,
            contact=self.contact,
        )
        settings.options()  # refuses a pace or an address before anything is written
        return settings
