"""The one spelling of filters, checked here and put into each engine's own by its tables."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..models import Query

COLOURS = (
    "red", "orange", "yellow", "green", "teal", "blue",
    "purple", "pink", "white", "black", "brown",
)  # fmt: skip

WORDS: Mapping[str, tuple[str, ...]] = {
    "type": ("photo", "clipart", "lineart", "animated", "face"),
    "colour": ("color", "gray", "transparent", *COLOURS),
    "since": ("day", "week", "month", "year"),
    "licence": (
        "creative-commons", "public-domain", "share", "share-commercially",
        "modify", "modify-commercially",
    ),
    "safe": ("off", "moderate", "strict"),
}  # fmt: skip
_SHAPES = {
    "lang": (re.compile(r"[A-Za-z]{2,3}(-[A-Za-z]{2,4})?"), "a language code such as de"),
    "region": (re.compile(r"[A-Za-z]{2}"), "a country code such as AT"),
}

# filter → value → the engine's code for it
Codes = dict[str, dict[str, str]]


def check(query: Query) -> None:
    """Refuse a query that no engine could be asked, naming the filter and what it takes."""
    if not query.term.strip():
        raise UsageError("an empty term: say what to search for")
    if any("\ud800" <= letter <= "\udfff" for letter in query.term):
        raise UsageError(f"term {query.term!r}: half a letter, which no address can hold")
    filters = query.filters
    if filters.min_size is not None and filters.min_size < 1:
        raise UsageError(f"min-size {filters.min_size}: expected a number of pixels above 0")
    for name, words in WORDS.items():
        value = getattr(filters, name)
        if value is not None and value not in words:
            raise UsageError(f"{name} {value!r}: expected one of {', '.join(words)}")
    for name, (shape, expected) in _SHAPES.items():
        value = getattr(filters, name)
        if value is not None and not shape.fullmatch(value):
            raise UsageError(f"{name} {value!r}: expected {expected}")


def codes(query: Query, tables: Codes) -> list[tuple[str, str]]:
    """(filter, the engine's code) for each filter that is asked for and that the engine has."""
    asked = ((name, getattr(query.filters, name), table) for name, table in tables.items())
    return [(name, table[value]) for name, value, table in asked if value in table]


def lacking(query: Query, tables: Codes, also: tuple[str, ...]) -> tuple[str, ...]:
    """Filters asked for that the engine lacks; `also` names those it has outside its tables."""
    asked = (
        (name, getattr(query.filters, name)) for name in (*WORDS, "min_size", "lang", "region")
    )
    return tuple(
        name
        for name, value in asked
        if value is not None and name not in also and value not in tables.get(name, {})
    )
