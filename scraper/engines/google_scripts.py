"""Google's data extractors: the array pairs in inline scripts, and the older `rg_meta` JSON."""

from __future__ import annotations

import html as markup
import json
import re
from functools import cache
from typing import TYPE_CHECKING

from .parsing.merge import PartialResult
from .parsing.scripts import STRING, undo_escapes, whole_letters
from .parsing.values import size, web_url, words

if TYPE_CHECKING:
    from collections.abc import Callable

    from .reading import PageReading

_BLANKS = r"\s{0,64}+"  # JSON may be set out in lines, and indented
_COMMA = f"{_BLANKS},{_BLANKS}"
_SIDE = r"(?:\d{1,6}(?:\.\d{1,9})?|null)"
_STARTS = r"https?(?::|\\u003[aA]|\\x3[aA])"
# ["thumbnail",H,W],["original",H,W]: two neighbours, height before width, if they say a size. A
# lone triple is an icon as often as a result, so the pair is the anchor.
_PAIR = re.compile(
    rf'\[{_BLANKS}"(?P<thumb>(?:{_STARTS}|data:image){STRING}{{1,200000}}+)"'
    rf"(?:{_COMMA}{_SIDE}){{0,2}}{_BLANKS}\]{_COMMA}"
    rf'\[{_BLANKS}"(?P<original>{STRING}{{1,8000}}+)"'
    rf"(?:{_COMMA}(?P<height>{_SIDE}){_COMMA}(?P<width>{_SIDE}))?"
)
_ID_BEFORE = re.compile(rf"[\"']([\w\-]{{6,40}}:?)[\"']{_COMMA}$")
_TEXT = rf'{_BLANKS}(?:null|"({STRING}{{0,8000}}+)"){_BLANKS}'
_REACH = 6000  # the source stands within some 2,000 characters after the pair
_THUMB_ID = re.compile(r"tbn(?::|%3[Aa])([\w\-]{20,})")

# The same arrays inside another string (inside another string …) or an attribute: how to know
# them, how to undo one layer.
_BARE = re.compile(rf'\[{_BLANKS}"http')
_OTHER_QUOTES = str.maketrans("'\"", "\"'")
_WRAPPINGS: tuple[tuple[re.Pattern[str], Callable[[str], str]], ...] = (
    (re.compile(r'\[\s{0,4}\\{1,15}"http'), lambda text: re.sub(r"\\([\\\"/])", r"\1", text)),
    (re.compile(r"\[\s{0,4}\\(?:x22|u0022)http"), undo_escapes),
    (re.compile(r"\[\s{0,4}&(?:quot|#34|#[xX]22);http"), markup.unescape),
    (re.compile(rf"\[{_BLANKS}'http"), lambda text: text.translate(_OTHER_QUOTES)),
)
_DEEPEST = 4  # layers of wrapping


def thumb_name(url: str | None) -> str:
    """The name that a thumbnail's URL gives a picture, or nothing."""
    found = None if (url or "data:").startswith("data:") else _THUMB_ID.search(url or "")
    return f"thumb:{found[1]}" if found else ""


def id_name(identity: str | None) -> str:
    """The name that Google's own id (tbnid, docid) gives a picture; old ids end in a colon."""
    identity = (identity or "").rstrip(":")
    return f"id:{identity}" if identity else ""


def url_name(original: str | None) -> str:
    """The name that its original gives a picture, or nothing."""
    return f"url:{original}" if original else ""


@cache
def _field(name: str, texts: int) -> re.Pattern[str]:
    """A field of a result with its first texts: "2003":[age or null,"docid","source page","title";
    "2008":[null,"alt text"."""
    return re.compile(rf'"{re.escape(name)}"{_BLANKS}:{_BLANKS}\[' + ",".join([_TEXT] * texts))


def pairs(reading: PageReading) -> None:
    """Every pair of thumbnail and original in the page's scripts, whatever wraps them."""
    if _BARE.search(reading.html):
        _pairs(reading.html, reading)
    for mark, unwrap in _WRAPPINGS:
        text = reading.html
        for _ in range(_DEEPEST):
            if not mark.search(text):
                break
            text = unwrap(text)
            if _BARE.search(text):
                _pairs(text, reading)


def _pairs(text: str, reading: PageReading) -> None:
    names = reading.facts.names
    source_of, alt_of = _field(names["script-source"], 4), _field(names["script-alt"], 2)
    found = list(_PAIR.finditer(text))
    for number, match in enumerate(found):
        before = _ID_BEFORE.search(text[max(0, match.start() - 240) : match.start()])
        thumb = undo_escapes(match["thumb"])
        if not before and not thumb_name(thumb):
            continue
        end = match.end() + _REACH
        if number + 1 < len(found):
            end = min(end, found[number + 1].start())
        following = text[match.end() : end]
        source, alt = source_of.search(following), alt_of.search(following)
        original = web_url(undo_escapes(match["original"]))
        title = (source and source[4]) or (alt and alt[2]) or ""
        reading.add(
            "script-pair",
            PartialResult(
                names=[id_name(before and before[1]), url_name(original), thumb_name(thumb)],
                place=(1, number),
                image_url=original,
                thumb=web_url(thumb),
                page_url=web_url(undo_escapes((source and source[3]) or "")),
                title=words(markup.unescape(undo_escapes(title))),
                size=size(match["width"], match["height"]),
            ),
        )


def metas(reading: PageReading) -> None:
    """The JSON beside each tile of 2013-2019: `ou` original, `ru` page, `ow` and `oh` its size."""
    for number, node in enumerate(reading.css("meta")):
        try:
            meta = json.loads(node.text())
        except (ValueError, RecursionError):
            continue
        if not isinstance(meta, dict):
            continue
        texts = {k: whole_letters(value) for k, value in meta.items() if isinstance(value, str)}
        first = reading.facts.first
        original, thumb = (
            web_url(first(name, texts)) for name in ("meta-original", "meta-thumbnail")
        )
        reading.add(
            "rg-meta",
            PartialResult(
                names=[id_name(texts.get("id")), url_name(original), thumb_name(thumb)],
                place=(1, number),
                image_url=original,
                thumb=thumb,
                page_url=web_url(first("meta-page", texts)),
                title=words(markup.unescape(first("meta-title", texts))),
                size=size(meta.get("ow"), meta.get("oh")),
            ),
        )
