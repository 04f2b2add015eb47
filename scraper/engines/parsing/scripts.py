"""Strings and pictures in inline scripts, by bounded patterns: no script is run or parsed."""

from __future__ import annotations

import re

# A quoted string's inside; possessive, so that an unclosed quote costs its length once.
STRING = r"(?:[^\"\\]|\\.)"

_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|.)", re.DOTALL)
_PLAIN = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": ""}
_DATA_URI = re.compile(
    r"""(["'])(data:image(?:\\?/|\\x2f|\\u002f|%2F)[^"'<>\s]{8,}+)\1""", re.IGNORECASE
)
# f('id','data:…'), ["id","data:…"] and {"id":"data:…"}: the id stands right before the picture.
_ID_BEFORE = re.compile(r"""(["'])([\w:.\-]{1,64})\1\s{0,4}[,:]\s{0,4}$""")
# var s='data:…';var ii=['id','id']: a list of ids stands right after it.
_IDS_AFTER = re.compile(
    r"""^\s{0,4};?\s{0,4}(?:var|let|const)?\s{0,4}ii\s{0,4}=\s{0,4}\[([^\]]*)\]"""
)
_ID = re.compile(r"""["']([\w:.\-]{1,64})["']""")
_URL_BY_ID = re.compile(
    r"""["'](dimg_[\w\-]{1,64})["']\s{0,4}:\s{0,4}"(https?:""" + STRING + r"""{4,2000}+)\""""
)


def undo_escapes(text: str) -> str:
    r"""A JavaScript string's inside as text: `\u003d`, `\x3d`, `\/` and `\"` undone."""
    if "\\" not in text:
        return text
    return whole_letters(_ESCAPE.sub(_character, text))


def whole_letters(text: str) -> str:
    """The text with pairs of surrogates as their letter, halves of one as the replacement sign."""
    if text.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in text):
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _character(match: re.Match[str]) -> str:
    code = match[1]
    if len(code) > 1:
        return chr(int(code[1:], 16))
    return _PLAIN.get(code, code)


def pictures_by_id(html: str) -> dict[str, str]:
    """Pictures that scripts put into the page: element id (or `data-iid`) → data: URI or URL."""
    found: dict[str, str] = {}
    for match in _URL_BY_ID.finditer(html):
        found.setdefault(match[1], undo_escapes(match[2]))
    for match in _DATA_URI.finditer(html):
        ids = _IDS_AFTER.match(html[match.end() : match.end() + 4000])
        before = (
            None if ids else _ID_BEFORE.search(html[max(0, match.start() - 80) : match.start()])
        )
        names = _ID.findall(ids[1]) if ids else [before[2]] if before else []
        if names:
            found.update(dict.fromkeys(names, undo_escapes(match[2])))
    return found
