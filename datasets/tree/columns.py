"""The manifest's columns and their types, for the formats that must state them.

Shapes: `text`, `int`, `float`, `bool`, `hits` (a list of query, engine, rank, label) and
`numbers` (a mapping of names to floats). A column that is not listed here travels as text
(JSON where it is no string), so a newer manifest loses nothing.
"""

from __future__ import annotations

import json
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

from ..errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

COLUMNS: Final[Mapping[str, str]] = {
    "id": "text",
    "file_name": "text",
    "split": "text",
    "label": "text",
    "label_id": "int",
    "label_source": "text",
    "label_verified": "bool",
    "verified_by": "text",
    "verified_at": "text",
    "stratum": "text",
    "group_id": "text",
    "query": "text",
    "query_lang": "text",
    "engine": "text",
    "page": "int",
    "rank": "int",
    "hits": "hits",
    "image_url": "text",
    "page_url": "text",
    "thumb_url": "text",
    "final_url": "text",
    "host": "text",
    "title": "text",
    "alt_text": "text",
    "caption": "text",
    "author": "text",
    "author_url": "text",
    "license": "text",
    "license_url": "text",
    "attribution": "text",
    "license_source": "text",
    "robots": "text",
    "x_robots_tag": "text",
    "tdm_reservation": "int",
    "fetched_at": "text",
    "http_status": "int",
    "content_type": "text",
    "etag": "text",
    "last_modified": "text",
    "source_sha256": "text",
    "source_bytes": "int",
    "source_format": "text",
    "source_width": "int",
    "source_height": "int",
    "sha256": "text",
    "bytes": "int",
    "width": "int",
    "height": "int",
    "mode": "text",
    "transform": "text",
    "phash": "text",
    "dhash": "text",
    "quality": "numbers",
    "status": "text",
    "reject_reason": "text",
    "tool_version": "text",
    "recipe_sha256": "text",
}
HIT: Final[Mapping[str, str]] = {"query": "text", "engine": "text", "rank": "int", "label": "text"}

_NONE: Final = type(None)
PLAIN: Final[Mapping[str, frozenset[type]]] = {
    "text": frozenset({str, _NONE}),
    "int": frozenset({int, _NONE}),
    "float": frozenset({float, _NONE}),
    "bool": frozenset({bool, _NONE}),
}


def column_names(rows: Iterable[Mapping[str, Any]]) -> list[str]:
    """The columns that rows hold, in the manifest's order; what is not listed comes last."""
    # Most rows have the columns of the one before.
    names = {name for columns, _ in groupby(rows, tuple) for name in columns}
    return [*(n for n in COLUMNS if n in names), *sorted(names - COLUMNS.keys())]


def column_types(rows: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """The columns that rows hold, in the manifest's order, each with its type."""
    return {name: COLUMNS.get(name, "text") for name in column_names(rows)}


def number_names(rows: Iterable[Mapping[str, Any]], column: str) -> tuple[str, ...]:
    """The names that a `numbers` column uses anywhere, sorted."""
    found: set[str] = set()
    for row in rows:
        found.update(row.get(column) or {})
    return tuple(sorted(found))


def is_typed(values: Sequence[Any], kind: str) -> bool:
    """Whether `typed` gives back each of these values as it is, numbers of whatever names."""
    if kind in PLAIN:
        return PLAIN[kind].issuperset(map(type, values))
    if kind == "numbers":
        filled = [value for value in values if value is not None]
        plain = all(type(value) is dict for value in filled)
        return plain and is_typed([n for value in filled for n in value.values()], "float")
    if set(map(type, values)) != {list}:
        return False
    hits = [hit for value in values for hit in value]
    alike = all(type(hit) is dict and hit.keys() == HIT.keys() for hit in hits)
    return alike and all(is_typed([hit[key] for hit in hits], of) for key, of in HIT.items())


def typed(value: Any, kind: str, names: tuple[str, ...] = ()) -> Any:
    """One value as its column's type; None stays None. UsageError for what cannot be one."""
    try:
        return _typed(value, kind, names)
    except (TypeError, ValueError, AttributeError, OverflowError):
        raise UsageError(
            f"manifest.jsonl: {value!r:.60} is no {kind}: edited by hand? `pixset split` makes "
            "another"
        ) from None


def _typed(value: Any, kind: str, names: tuple[str, ...]) -> Any:
    if kind == "hits":
        return [{key: typed(hit.get(key), of) for key, of in HIT.items()} for hit in value or []]
    if value is None:
        return None
    if kind == "numbers":
        return {name: typed(value.get(name), "float") for name in names}
    if kind == "text":
        return value if isinstance(value, str) else json.dumps(value, sort_keys=True)
    return {"int": int, "float": float, "bool": bool}[kind](value)
