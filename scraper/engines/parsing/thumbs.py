"""Bing's thumbnail server, which Yahoo uses too: one picture, one id, under many addresses."""

from __future__ import annotations

import re

_ID = re.compile(r"(?:[?&]id=|/th/id/)(O\w{1,3}(?:-C)?\.[\w\-]{6,})")


def thumb_name(value: str) -> str:
    """The name of the picture behind a thumbnail's address; empty for any other address."""
    found = None if value.startswith("data:") else _ID.search(value)
    return f"thumb:{found[1]}" if found else ""
