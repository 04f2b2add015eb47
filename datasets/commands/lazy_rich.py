"""Two of rich's modules are loaded when something is drawn with them, and help never is.

Typer's help names `Markdown` and `Traceback` as it is imported; with them come a Markdown parser
and a highlighter for source code, a third of what `pixset --help` costs.
"""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import Any

_CLASSES = {"rich.markdown": "Markdown", "rich.traceback": "Traceback"}


class _Later(type):
    """Stands for a class of a module that is not loaded yet; whoever uses it gets the real one."""

    def __call__(cls, *args: Any, **options: Any) -> Any:
        return _real(cls)(*args, **options)

    def __getattr__(cls, name: str) -> Any:
        return getattr(_real(cls), name)


def _real(stand_in: type) -> Any:
    return getattr(_loaded(stand_in.__module__), stand_in.__name__)


def _loaded(name: str) -> ModuleType:
    """The real module, in place of what stands for it."""
    if isinstance(sys.modules.get(name), _Deferred):
        del sys.modules[name]
    return importlib.import_module(name)


class _Deferred(ModuleType):
    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)  # the import system asks for its own marks
        return getattr(_loaded(self.__name__), name)


def defer() -> None:
    """Let those modules wait until they are used; one that is loaded already stays."""
    for name, kept in _CLASSES.items():
        if name not in sys.modules:
            module = _Deferred(name)
            setattr(module, kept, _Later(kept, (), {"__module__": name}))
            sys.modules[name] = module
