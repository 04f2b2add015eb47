"""A picture's URL or `data:` URI to its bytes, within caps, or a named reason why not."""

from .data_uri import decode_data_uri
from .failures import REASONS
from .formats import sniff
from .http import Attempt, Fetched, Limits, open_session
from .pool import Job, fetch, fetch_all

__all__ = [
    "REASONS",
    "Attempt",
    "Fetched",
    "Job",
    "Limits",
    "decode_data_uri",
    "fetch",
    "fetch_all",
    "open_session",
    "sniff",
]
