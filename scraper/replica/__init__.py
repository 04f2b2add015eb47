"""A local image-search site in the three engines' page shapes: for the demo and the tests."""

from __future__ import annotations

from .faults import Faults
from .running import Replica, serve

__all__ = ["Faults", "Replica", "serve"]
