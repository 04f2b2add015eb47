"""Values of the command line that need no pydantic to be read: it is loaded for the others.

Newer Typers read every value, be it none or a text, through an adapter of pydantic's, and loading
that is a sixth of what `pixset status` costs. Whatever is not plainly what its option takes is
left to Typer, whose answers stay.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer.core

if TYPE_CHECKING:
    from collections.abc import Callable

# What an option may ask of a path besides that it can be read.
_ASKED = ("exists", "writable", "resolve_path", "allow_dash", "path_type")


def defer_pydantic() -> None:
    """Let Typer read plain values without pydantic; older ones, which have none, stay as they are.

    Typer asks this function for each parameter's reader as soon as it has a value.
    """
    core: Any = typer.core
    build = getattr(core, "build_runtime_param", None)
    if build is not None and not isinstance(build, _Readers):
        core.build_runtime_param = _Readers(build)


@dataclass(frozen=True, slots=True)
class _Readers:
    """Makes readers; `build` is Typer's way, which loads pydantic."""

    build: Callable[[Any], Any]

    def __call__(self, takes: Any) -> _PlainReader:
        return _PlainReader(takes, self.build)


@dataclass(frozen=True, slots=True)
class _PlainReader:
    """Reads one parameter's values; `takes` is Typer's description of them."""

    takes: Any
    build: Callable[[Any], Any]

    def coerce(self, value: Any, param: Any, ctx: Any) -> Any:
        """The value as the command gets it; raises what Typer raises."""
        several, kind = param.multiple or param.nargs == -1, self.takes.annotation
        if value is None:
            return () if several else None
        if self.takes.parameter_info.parser is None:
            if several:
                texts = kind == list[str] and isinstance(value, list | tuple)
                if texts and all(type(one) is str for one in value):
                    return list(value)
            elif kind is Path and self._is_plain_path(value):
                return Path(value)
            elif type(value) is kind and (kind is str or value == param.default):
                return value
        return self.build(self.takes).coerce(value, param=param, ctx=ctx)

    def _is_plain_path(self, value: Any) -> bool:
        info = self.takes.parameter_info
        if not isinstance(value, str | Path) or any(getattr(info, name) for name in _ASKED):
            return False
        if not info.file_okay or not info.dir_okay:
            return False
        return os.access(value, os.R_OK) or not os.access(value, os.F_OK)
