"""A picture's URL or `data:` URI to its bytes, within caps, or a named reason why not."""

from .data_uri import decode_data_uri
from .fetching import Job, fetch, fetch_all
from .refusals import REASONS
from .signatures import sniff
from .transfer import Attempt, Fetched, Limits, open_session

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
