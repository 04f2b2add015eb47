"""What all shapes share."""

from __future__ import annotations

from pydantic import ConfigDict
from typing_extensions import TypedDict

Count = dict[str, int]  # what is counted → how many


class Shape(TypedDict):
    """An object with these keys and no others; the text below a key describes it."""

    __pydantic_config__ = ConfigDict(extra="forbid", use_attribute_docstrings=True)
