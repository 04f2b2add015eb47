"""From what is asked to pictures with labels, in two passes: search, then download.

What collects is loaded when it is asked for: commands that only look at a dataset import other
modules of this room, and need neither browsers nor HTTP.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .run import CollectOptions, CollectReport, collect

__all__ = ["CollectOptions", "CollectReport", "collect"]

# The names of 0.1 are kept for its users.
_NAMES = {
    "CollectOptions": "CollectOptions",
    "CollectReport": "CollectReport",
    "collect": "collect",
    "Harvest": "CollectReport",
    "Ways": "CollectOptions",
    "harvest": "collect",
}


def __getattr__(name: str) -> Any:
    """Give what this room offers, and what 0.1 called by another name."""
    if name not in _NAMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from . import run

    return getattr(run, _NAMES[name])
