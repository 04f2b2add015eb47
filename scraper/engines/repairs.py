"""`engines.toml`: an engine's facts mended without a release; data only, no code, no addresses.

    [bing.selectors]
    result = "a.tile2[data-m]"
    [bing.names]
    data = "data-m"

The tables are those of `facts.EngineFacts`: `selectors`, `names`, `parameters`, `marks`.
"""

from __future__ import annotations

import logging
import tomllib
from typing import TYPE_CHECKING, Any, Protocol

from ..errors import UsageError
from ..user_folders import config_folder
from . import ENGINES, Engine

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from ..models import Page, Query
    from .facts import EngineFacts

log = logging.getLogger(__name__)

FILE = "engines.toml"
_LARGEST = 1_000_000  # bytes


class Repairable(Protocol):
    """An engine whose facts are data: a module such as `bing`."""

    NAME: str
    ORIGIN: str
    FACTS: EngineFacts

    def url(self, query: Query, origin: str = ..., facts: EngineFacts = ...) -> str:
        """Like `Engine.url`."""
        ...

    def unsupported(self, query: Query) -> tuple[str, ...]:
        """Like `Engine.unsupported`."""
        ...

    def parse(self, html: str, address: str = ..., facts: EngineFacts = ...) -> Page:
        """Like `Engine.parse`."""
        ...

    def next(self, html: str, address: str = ..., facts: EngineFacts = ...) -> str | None:
        """Like `next_page`."""
        ...


# What an engine has besides its facts and functions.
_KEPT = ("HEADLESS", "HINTS", "USUAL", "OPT_IN", "MANNERS", "fault")
_OF_PAGES = {"TILES": "tiles", "MORE": "more", "REJECT": "reject"}


class RepairedEngine:
    """An engine with other facts; asked like any other."""

    def __init__(self, engine: Repairable, facts: EngineFacts) -> None:
        self.NAME = engine.NAME
        self.ORIGIN = engine.ORIGIN
        self.FACTS = facts
        self._engine = engine
        for name in _KEPT:
            if hasattr(engine, name):
                setattr(self, name, getattr(engine, name))
        for name, fact in _OF_PAGES.items():
            if fact in facts.selectors:
                setattr(self, name, facts.selectors[fact])

    def url(self, query: Query, origin: str = "") -> str:
        """The address to open, under the repaired parameters."""
        return self._engine.url(query, origin or self.ORIGIN, self.FACTS)

    def unsupported(self, query: Query) -> tuple[str, ...]:
        """The filters that the engine itself lacks."""
        return self._engine.unsupported(query)

    def parse(self, html: str, address: str = "") -> Page:
        """What a page claims, read under the repaired facts."""
        return self._engine.parse(html, address, self.FACTS)

    def next(self, html: str, address: str = "") -> str | None:
        """The next page's address, read under the repaired facts."""
        return self._engine.next(html, address, self.FACTS)


def repair_files(dataset: Path | None = None, named: Path | None = None) -> tuple[Path, ...]:
    """The files that are there: the user's own, the dataset's, the one that is named."""
    places = [config_folder() / FILE, *([dataset / FILE] if dataset is not None else [])]
    return (*(place for place in places if place.is_file()), *([named] if named else ()))


def repaired_engines(files: Iterable[Path]) -> dict[str, Engine]:
    """ENGINES with the repairs of all files, a later one over an earlier.

    Raises UsageError, one line with file and key, for a file that cannot be read, an unknown
    engine or fact, and a selector that is none.
    """
    engines = dict(ENGINES)
    for file in files:
        for name, tables in _read(file).items():
            if name not in engines:
                known = ", ".join(engines)
                raise UsageError(f"{file}: {name}: no such engine; known: {known}")
            facts = getattr(engines[name], "FACTS", None)
            if facts is None or not isinstance(tables, dict):
                raise UsageError(f"{file}: {name}: expected tables, as in [{name}.selectors]")
            try:
                facts = facts.repaired(tables)
            except UsageError as error:
                raise UsageError(f"{file}: {name}.{error}") from None
            base: Any = ENGINES[name]
            engines[name] = RepairedEngine(base, facts)
            log.info("%s is asked and read as %s says", name, file)
    return engines


def _read(file: Path) -> Mapping[str, Any]:
    try:
        if file.exists() and not file.is_file():
            raise UsageError(f"{file}: no ordinary file")
        with file.open("rb") as stream:
            data = stream.read(_LARGEST + 1)
        if len(data) > _LARGEST:
            raise UsageError(f"{file}: too large for an {FILE}")
        return tomllib.loads(data.decode("utf-8"))
    except OSError as error:
        raise UsageError(f"{file}: cannot be read: {error.strerror}") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"{file}: expected TOML: {error}") from None
