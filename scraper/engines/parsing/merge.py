"""What every engine's parser is made of: bytes to text, claims joined by picture, merging.

A parser collects *claims* from each carrier that a page has (a script, a tile, a link) and
`Gathering` joins the claims about one picture through the names that they share: the engine's
own id, the thumbnail's id, the original's URL.
"""

from __future__ import annotations

import codecs
import json
import re
from collections import Counter
from dataclasses import dataclass, field, replace
from email import message_from_bytes
from email.errors import MessageError
from typing import TYPE_CHECKING
from urllib.parse import unquote, urljoin, urlsplit

from ...models import Candidate
from ..scrub import scrub

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "Claim", "Gathering", "decode_page", "host", "merge", "parameters", "scrub", "size",
    "thumbnail", "web_url", "words",
]  # fmt: skip

_CHARSET = re.compile(
    rb"""charset\s{0,4}=\s{0,4}["']?\s{0,4}([A-Za-z0-9_:.\-]{2,40})""", re.IGNORECASE
)
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_BLANKS = re.compile(r"\s+")


def decode_page(data: bytes) -> str:
    """The text of a saved page in any encoding; never raises.

    A byte-order mark wins, then valid UTF-8, then what the page declares, then UTF-16 without a
    mark, then Windows-1252. Of an MHTML file the HTML part is read.
    """
    data = _html_part(data)
    for mark, name in _BOMS:
        if data.startswith(mark):
            return (
                data[len(mark) :].decode("utf-8", "replace")
                if name == "utf-8"
                else _decode(data, name)
            )
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        declared = _CHARSET.search(data, 0, 8192)
        return _decode(data, declared[1].decode("ascii") if declared else "windows-1252")
    # ASCII text in UTF-16 is valid UTF-8 with a NUL at every other place.
    if text.count("\0", 0, 4096) > min(len(text), 4096) // 4:
        return _decode(data, "utf-16-le" if data[1:2] == b"\0" else "utf-16-be")
    return text


def _decode(data: bytes, name: str) -> str:
    try:
        # The web's "latin-1" is Windows-1252 (WHATWG Encoding).
        found = codecs.lookup(name).name
        return data.decode("cp1252" if found in {"iso8859-1", "ascii"} else found, "replace")
    except (LookupError, UnicodeError, ValueError):
        return data.decode("cp1252", "replace")


def _html_part(data: bytes) -> bytes:
    """The first HTML part of a MIME file, decoded; anything else as it is."""
    if b"multipart/related" not in data[:4096] or data.lstrip()[:1] == b"<":
        return data
    try:
        for part in message_from_bytes(data).walk():
            body = part.get_payload(decode=True) if part.get_content_type() == "text/html" else None
            if isinstance(body, bytes):
                return body
    except (MessageError, ValueError, LookupError):
        pass  # a MIME file cut in its head is read as the text that it is
    return data


def merge(known: Candidate, again: Candidate) -> Candidate:
    """Two readings of one result as one: the later fills what the earlier lacked.

    The rank stays where the result was first seen, and what was claimed first stays claimed.
    """
    return replace(
        known,
        image_url=known.image_url or again.image_url,
        preview=known.preview or again.preview,
        page_url=known.page_url or again.page_url,
        title=known.title or again.title,
        claimed_size=known.claimed_size or again.claimed_size,
    )


def web_url(value: str | None, base: str = "") -> str | None:
    """An absolute http(s) URL, or None: file names of a saving browser, `cid:` and the like.

    `//host/path` and `/path` are completed with `base`; `./name` is what a saving browser
    writes in place of the URL, and is nobody's address.
    """
    value = (value or "").strip()
    if value.startswith("/"):
        if not base:
            return f"https:{value}" if value.startswith("//") else None
        try:
            value = urljoin(base, value)
        except ValueError:
            return None
    if not value[:8].lower().startswith(("http://", "https://")) or re.search(r"\s", value):
        return None
    return value if host(value) else None


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


@dataclass(slots=True)
class Claim:
    """What one carrier says about one picture; `place` sorts the page's results.

    `names` are what claims are joined by, the engine's own id first. `preview` is what the
    tile shows; `thumb` a thumbnail's URL from the data, for where the tile shows none.
    """

    names: list[str]
    place: tuple[int, int]
    image_url: str | None = None
    preview: str | None = None
    thumb: str | None = None
    page_url: str | None = None
    title: str | None = None
    size: tuple[int, int] | None = None

    def fill(self, other: Claim) -> None:
        """Take what this claim lacks from another one about the same picture."""
        self.names += other.names
        self.place = min(self.place, other.place)
        for name in ("image_url", "preview", "thumb", "page_url", "title", "size"):
            if not getattr(self, name):
                setattr(self, name, getattr(other, name))


@dataclass(slots=True)
class Gathering:
    """The claims of one page, joined by picture."""

    engine: str
    carriers: Counter[str] = field(default_factory=Counter)
    _claims: dict[int, Claim] = field(default_factory=dict)
    _names: dict[str, int] = field(default_factory=dict)

    def add(self, carrier: str, claim: Claim) -> None:
        """Join one claim to those that share a name with it; the earlier's words are kept."""
        claim.names = [name for name in claim.names if name]
        if not claim.names:
            return
        self.carriers[carrier] += 1
        known = {self._names[name] for name in claim.names if name in self._names}
        # The one with the most names takes in the others: joining stays near linear.
        number = max(known, key=self._size_of, default=len(self._names))
        for other in sorted(known - {number}):
            self._absorb(number, other)
        if known:
            self._claims[number].fill(claim)
        else:
            self._claims[number] = claim
        self._names.update(dict.fromkeys(claim.names, number))

    def _size_of(self, number: int) -> tuple[int, int]:
        return len(self._claims[number].names), -number

    def _absorb(self, number: int, other: int) -> None:
        gone = self._claims.pop(other)
        self._names.update(dict.fromkeys(gone.names, number))
        self._claims[number].fill(gone)

    def candidates(self) -> tuple[Candidate, ...]:
        """One candidate a picture, ranked from 1 in page order."""
        ordered = sorted(self._claims.values(), key=lambda claim: claim.place)
        return tuple(
            Candidate(
                engine=self.engine,
                key=_key(claim.names),
                rank=rank,
                image_url=claim.image_url,
                preview=claim.preview or claim.thumb,
                page_url=claim.page_url,
                title=claim.title,
                claimed_size=claim.size,
            )
            for rank, claim in enumerate(ordered, 1)
        )


# What a key is made of, best first: the engine's id, the original, the thumbnail, the page.
_KEYS = ("id", "url", "thumb", "page")


def _key(names: Iterable[str]) -> str:
    """The name that stays the same in every reading of a page, without the kind before it."""
    best = min(names, key=lambda name: _KEYS.index(name.partition(":")[0]))
    kind, _, rest = best.partition(":")
    return rest if kind in {"id", "url"} else best


def json_texts(text: str) -> dict[str, str]:
    """The JSON's texts and numbers as texts; an empty dict for anything else."""
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(told, dict):
        return {}
    return {name: str(value) for name, value in told.items() if isinstance(value, str | int)}
