"""The engines by name, each loaded when it is first asked for: naming them loads none."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

    from . import Engine


class EngineRegistry(MutableMapping[str, "Engine"]):
    """Name → engine, in the order in which they are asked.

    `names` are modules beside this one, of which `opt_in` have an `OPT_IN`; what is set is an
    engine itself.
    """

    def __init__(self, names: Collection[str], opt_in: Collection[str]) -> None:
        self._engines: dict[str, Engine | None] = dict.fromkeys(names)
        self._opt_in = frozenset(opt_in)

    def is_opt_in(self, name: str) -> bool:
        """Whether an engine is asked only where it is named."""
        engine = self._engines[name]
        return name in self._opt_in if engine is None else getattr(engine, "OPT_IN", False)

    def __getitem__(self, name: str) -> Engine:
        engine = self._engines[name]
        if engine is None:
            engine = self._engines[name] = import_module(f".{name}", __package__)
        return engine

    def __setitem__(self, name: str, engine: Engine) -> None:
        self._engines[name] = engine

    def __delitem__(self, name: str) -> None:
        del self._engines[name]

    def __contains__(self, name: object) -> bool:
        return name in self._engines  # without loading it

    def __iter__(self) -> Iterator[str]:
        return iter(self._engines)

    def __len__(self) -> int:
        return len(self._engines)
