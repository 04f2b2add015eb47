"""A picture's URL or `data:` URI to its bytes, within caps, or a named reason why not."""

from __future__ import annotations

from typing import Any

from . import formats
from .clock import Attempt
from .data_uri import decode_data_uri
from .failures import REASONS
from .formats import sniff
from .models import Fetched, FetchLimits, Job
from .pool import asked_host, fetch, fetch_all, together
from .transport import FetchSession, open_session

__all__ = [
    "REASONS",
    "Attempt",
    "FetchLimits",
    "FetchSession",
    "Fetched",
    "Job",
    "asked_host",
    "decode_data_uri",
    "fetch",
    "fetch_all",
    "open_session",
    "sniff",
    "together",
]

# What 0.1 called by other names.
_EARLIER = {"Limits": FetchLimits, "signatures": formats}


def __getattr__(name: str) -> Any:
    """Give what 0.1 called by another name."""
    if name in _EARLIER:
        return _EARLIER[name]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
