"""What all shapes share."""

from __future__ import annotations

from pydantic import ConfigDict

CLOSED = ConfigDict(extra="forbid", use_attribute_docstrings=True)
Count = dict[str, int]  # what is counted → how many
