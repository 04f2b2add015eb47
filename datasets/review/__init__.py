"""The review page: a local web page on which a person keeps, drops, relabels and pairs."""

from __future__ import annotations

from .server import Review, serve
from .session import ReviewSession

Desk = ReviewSession  # as 0.1 called it

__all__ = ["Review", "ReviewSession", "serve"]
