"""The review page: a local web page on which a person keeps, drops, relabels and pairs."""

from __future__ import annotations

from .desk import Desk
from .server import Review, serve

__all__ = ["Desk", "Review", "serve"]
