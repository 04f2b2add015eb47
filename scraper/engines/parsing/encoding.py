"""The text of a saved page in any encoding."""

from __future__ import annotations

import codecs
import re
from email import message_from_bytes
from email.errors import MessageError

_CHARSET = re.compile(
    rb"""charset\s{0,4}=\s{0,4}["']?\s{0,4}([A-Za-z0-9_:.\-]{2,40})""", re.IGNORECASE
)
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

# The web's "latin-1" is Windows-1252 (WHATWG Encoding); the others are Python's own.
_AS_WINDOWS = {"iso8859-1", "ascii", "unicode-escape", "raw-unicode-escape", "punycode", "utf-7"}


def decode_page(data: bytes) -> str:
    """The text of a saved page in any encoding; never raises.

    A byte-order mark wins, then valid UTF-8, then what the page declares, then UTF-16 without a
    mark, then Windows-1252. Of an MHTML file the HTML part is read.
    """
    data = _html_part(data)
    for mark, name in _BOMS:
        if data.startswith(mark):
            return _decode(data, name)
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
        found = codecs.lookup(name).name
        return data.decode("cp1252" if found in _AS_WINDOWS else found, "replace")
    except (LookupError, ValueError):
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
    except (MessageError, ValueError, LookupError, RecursionError):
        pass  # a MIME file cut in its head, or of parts within parts, is read as the text it is
    return data
