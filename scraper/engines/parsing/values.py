"""Values in markup and JSON: addresses, sizes, words, thumbnails; anything else becomes nothing."""

from __future__ import annotations

import json
import re
from urllib.parse import unquote, urljoin, urlsplit

_BLANKS = re.compile(r"\s+")
_BREAKS = re.compile(r"[\t\n\r]")
_AROUND = "".join(map(chr, range(0x21)))  # C0 controls and the space
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
        digits = str(value).strip()
        if not (digits.isascii() and digits.isdigit() and len(digits) <= 6 and int(digits)):
            return None
        sides.append(int(digits))
    return sides[0], sides[1]


def words(text: str | None) -> str | None:
    """Text with its blanks folded, or None when nothing is left."""
    return _BLANKS.sub(" ", text or "").strip()[:2000] or None


def thumbnail(value: str | None, base: str = "") -> str | None:
    """What an `img` shows if it is a picture: a URL or data: URI, never a placeholder.

    Engines put a transparent gif of one pixel where a picture is still to come.
    """
    value = (value or "").strip()
    if not value.startswith("data:"):
        return web_url(value, base)
    kind, _, payload = value[5:].partition(",")
    if not kind.startswith("image/") or kind.startswith("image/svg") or not payload:
        return None
    tiny = {"image/gif": 400, "image/png": 160}.get(kind.partition(";")[0], 0)
    return value if len(payload) > tiny else None


def bing_thumb_name(value: str) -> str:
    """The name of the picture behind an address of Bing's thumbnail server, else nothing."""
    found = None if value.startswith("data:") else _BING_THUMB.search(value)
    return f"thumb:{found[1]}" if found else ""


def json_texts(text: str) -> dict[str, str]:
    """The JSON's texts and numbers as texts; an empty dict for anything else."""
    try:
        parsed = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(parsed, dict):
        return {}
    return {name: str(value) for name, value in parsed.items() if isinstance(value, str | int)}
