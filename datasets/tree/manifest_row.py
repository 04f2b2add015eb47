"""What a row of a manifest says of where its picture came from, and the files beside a tree.

A module of its own because `pixset fetch` needs no more of this room: with all that writes trees,
and the recipes behind that, starting took a third of a second longer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

JSONL: Final = "manifest.jsonl"
# Written at the root of a tree and true of any export of it, so they go along unchanged.
COMPANY: Final = (
    "ATTRIBUTION.csv",
    "LICENSE",
    "class_names.json",
    "dataset.json",
    "recipe.toml",
)
TREE_RECORD: Final = "dataset.json"  # marks a tree as pixset's own
EXPORT_RECORD: Final = "export.json"  # marks a folder as an export of pixset's


def text_of(row: Mapping[str, Any], column: str) -> str | None:
    """A column as text, or None where it is missing, null or empty."""
    value = row.get(column)
    return str(value) if value not in (None, "") else None


def addresses(row: Mapping[str, Any]) -> tuple[str, ...]:
    """The http(s) addresses of a manifest's row, the likeliest to give its bytes first."""
    named = (text_of(row, column) for column in ("final_url", "image_url", "thumb_url"))
    web = (url for url in named if url and url.startswith(("http://", "https://")))
    return tuple(dict.fromkeys(web))


def stood_in_page(row: Mapping[str, Any]) -> bool:
    """Whether a row's bytes came with the result page: all that it names is the original's."""
    if text_of(row, "fetched_at") is None or not text_of(row, "image_url"):
        return False
    answered = ("final_url", "thumb_url", "http_status")
    return not any(text_of(row, column) for column in answered)
