"""Values in markup and JSON: addresses, sizes, words, thumbnails; anything else becomes nothing."""

from __future__ import annotations

import json
import re
from html import unescape
from urllib.parse import unquote, urljoin, urlsplit

from ...errors import FetchFailed
from ...fetch.data_uri import decode_data_uri, is_data_uri, media_type
from ...fetch.dimensions import claimed_dimensions
from .scripts import STRING, undo_escapes, whole_letters

_BLANKS = re.compile(r"\s+")
_SIDE = re.compile(r"([0-9]{1,6})(?:\.[0-9]{1,9})?")
_SIZE = re.compile(r"(?<!\d)(\d{1,5})\s{0,3}[x\u00d7\u2715]\s{0,3}(\d{1,5})(?!\d)")
_BREAKS = re.compile(r"[\t\n\r]")
_AROUND = "".join(map(chr, range(0x21)))  # C0 controls and the space
_MEMBER = re.compile(
    rf'"(\w{{1,40}})"\s{{0,64}}:\s{{0,64}}'
    rf'(?:(\d{{1,9}})(?=\s{{0,64}}[,}}\]])|"({STRING}{{0,8000}}+)")'
)
_DEEPEST = 4  # objects in objects
_TINY = {"image/gif": 400, "image/png": 160}  # characters of a placeholder, whatever it holds
_LARGEST_PLACEHOLDER = 8_000  # characters: a longer one is not looked into
_PLACEHOLDER = 48  # pixels of its longer side: no result's thumbnail is as small
# Bing's thumbnail server, which Yahoo uses too: one picture, one id, under many addresses.
_BING_THUMB = re.compile(r"(?:[?&]id=|/th/id/)(O\w{1,3}(?:-C)?\.[\w\-]{6,})")


def web_url(value: str | None, base: str = "") -> str | None:
    """An absolute http(s) URL, or None: file names of a saving browser, `cid:` and the like.

    `//host/path` and `/path` are completed with `base`; `./name` is what a saving browser
    writes in place of the URL, and is no address. As browsers do (WHATWG URL), blanks
    around an address and line breaks in it are taken away, and a space in it becomes %20.
    """
    value = (value or "").strip(_AROUND)
    if not value.isprintable():
        value = _BREAKS.sub("", value)
    if value.startswith("/"):
        if not base:
            return f"https:{value}" if value.startswith("//") else None
        try:
            value = urljoin(base, value)
        except ValueError:
            return None
    if not value[:8].lower().startswith(("http://", "https://")):
        return None
    name = host(value)
    return value.replace(" ", "%20") if name and not _BLANKS.search(name) else None


def host(url: str) -> str:
    """The host of a URL in lower case; empty when it has none or is no URL."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def parameters(url: str) -> dict[str, str]:
    """The query's parameters, the first of each name, decoded."""
    found: dict[str, str] = {}
    _, _, query = url.partition("?")
    for part in query.partition("#")[0].split("&"):
        name, _, value = part.partition("=")
        if value:
            found.setdefault(name, unquote(value.replace("+", " ")))
    return found


def size(width: object, height: object) -> tuple[int, int] | None:
    """(width, height) of two claims in any shape, or None unless both are sensible."""
    sides = []
    for value in (width, height):
        digits = _SIDE.fullmatch(str(value).strip())
        if not digits or not int(digits[1]):
            return None
        sides.append(int(digits[1]))
    return sides[0], sides[1]


def size_in(text: str) -> tuple[int, int] | None:
    """(width, height) in words: width, a times sign, height, whatever is around them."""
    found = _SIZE.search(text)
    return size(found[1], found[2]) if found else None


def whole_number(text: str, default: int) -> int:
    """The number that up to eight digits spell, else the default."""
    return int(text) if text.isdecimal() and len(text) < 9 else default


def words(text: str | None) -> str | None:
    """Text with its blanks folded, or None when nothing is left."""
    return _BLANKS.sub(" ", text or "").strip()[:2000] or None


def thumbnail(value: str | None, base: str = "") -> str | None:
    """What an `img` shows if it is a picture: a URL or data: URI, never a placeholder.

    Engines put a transparent gif of one pixel, or the picture itself in some pixels, where a
    picture is still to come.
    """
    value = (value or "").strip()
    return _inline(value) if is_data_uri(value) else web_url(value, base)


def _inline(value: str) -> str | None:
    """A picture's data: URI, its scheme in lower case; None for what holds another's place."""
    kind, payload = media_type(value), value.partition(",")[2]
    if kind.startswith("image/svg") or not payload:
        return None
    value = f"data:{value.partition(':')[2]}"
    is_picture = kind.startswith("image/")
    if len(payload) <= _TINY.get(kind, 0):
        return None
    if len(payload) > _LARGEST_PLACEHOLDER:
        return value if is_picture else None
    try:
        data = decode_data_uri(value)
    except FetchFailed:
        return value if is_picture else None
    sides = claimed_dimensions(data)
    if sides is None:
        return value if is_picture else None
    return None if max(sides) <= _PLACEHOLDER else value


def bing_thumb_name(value: str) -> str:
    """The name of the picture behind an address of Bing's thumbnail server, else nothing."""
    found = None if value.startswith("data:") else _BING_THUMB.search(value)
    return f"thumb:{found[1]}" if found else ""


def json_texts(text: str) -> dict[str, str]:
    """The texts and numbers of an object in JSON, as texts; an empty dict for anything else.

    What stands in an object or list inside it counts where the object itself has no such name.
    What was escaped twice is undone twice.
    """
    try:
        level = [json.loads(text)]
    except (ValueError, RecursionError):
        twice = "&quot;" in text and '"' not in text
        return json_texts(unescape(text)) if twice else {}
    texts: dict[str, str] = {}
    for _ in range(_DEEPEST):
        below: list[object] = []
        for one in level:
            members = one.items() if isinstance(one, dict) else ()
            for name, value in members:
                if isinstance(value, str | int | float):
                    texts.setdefault(name, whole_letters(str(value)))
            held = one.values() if isinstance(one, dict) else one if isinstance(one, list) else ()
            below += [value for value in held if isinstance(value, dict | list)]
        level = below
    return texts


def damaged_texts(text: str) -> dict[str, str]:
    """What is whole in an object whose JSON is damaged or cut short, as texts, the first of each
    name."""
    found: dict[str, str] = {}
    for one in _MEMBER.finditer(text):
        found.setdefault(one[1], one[2] or undo_escapes(one[3] or ""))
    return found
