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
from functools import partial
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from ..errors import UsageError
from ..user_folders import config_folder
from . import ENGINES, Engine

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from .facts import EngineFacts

log = logging.getLogger(__name__)

FILE = "engines.toml"
_LARGEST = 1_000_000  # bytes
_UNDER_FACTS = ("url", "parse", "next")  # functions that take them
_OF_PAGES = {"TILES": "tiles", "MORE": "more", "REJECT": "reject"}


def _repaired(engine: Any, facts: EngineFacts) -> Any:
    """An engine such as `bing` under other facts; what they do not touch is its own."""
    own = {name: getattr(engine, name) for name in dir(engine) if not name.startswith("_")}
    functions = {n: partial(own[n], facts=facts) for n in _UNDER_FACTS if n in own}
    selectors = {n: facts.selectors.get(at, own[n]) for n, at in _OF_PAGES.items() if n in own}
    return SimpleNamespace(**own | functions | selectors | {"FACTS": facts})


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
            engines[name] = _repaired(ENGINES[name], facts)
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
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise UsageError(f"{file}: expected TOML: {error}") from None
