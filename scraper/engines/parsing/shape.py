"""What a result says under names that nobody knows yet: told by its shape."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from .values import damaged_texts, host, json_texts, parameters, web_url

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from selectolax.lexbor import LexborNode

_PICTURE = re.compile(
    r"\.(?:avif|bmp|gif|heic|jfif|jpe?g|png|tiff?|webp)(?![a-z0-9])", re.IGNORECASE
)
_LINKS = 4  # of a tile that are looked at
_LONGEST = 100_000  # characters of an attribute


def addresses(tile: LexborNode) -> list[str]:
    """The addresses that a tile and its links carry: in attributes, in JSON there, in queries."""
    nodes = [tile, *(link for link in tile.css("a")[:_LINKS] if link.mem_id != tile.mem_id)]
    found = (web_url(text) for node in nodes for text in _texts(node))
    return list(dict.fromkeys(address for address in found if address))


def _texts(node: LexborNode) -> Iterator[str]:
    for name, value in node.attributes.items():
        text = (value or "").strip()[:_LONGEST]
        if name == "href":
            yield from parameters(text).values()
        elif text[:1] in {"{", "["}:
            yield from (json_texts(text) or damaged_texts(text)).values()
        else:
            yield text


def by_shape(found: Iterable[str], own: tuple[str, ...]) -> tuple[str | None, str | None]:
    """The original and the page it stands on, among addresses without names.

    An original is the only address of a picture outside the engine's `own` sites: of several none
    is believed. The page is the first other address outside them, of a result that has an original.
    """
    others = [one for one in found if not f".{host(one)}".endswith(own)]
    pictures = [one for one in others if _is_picture(urlsplit(one).path)]
    if len(pictures) != 1:
        return None, None
    return pictures[0], next((one for one in others if one != pictures[0]), None)


def _is_picture(path: str) -> bool:
    return "/wiki/" not in path and _PICTURE.search(path) is not None  # File:A.jpg is a page
