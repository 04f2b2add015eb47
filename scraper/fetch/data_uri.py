"""`data:` URIs as pages carry them: base64 or URL-encoded, tidy or not."""

from __future__ import annotations

import base64
import binascii
import re
from urllib.parse import unquote_to_bytes

from ..errors import FetchFailed

_SCHEME = re.compile(r"\s*data:", re.IGNORECASE)
_SPACE = re.compile(rb"\s+")
_URL_SAFE = bytes.maketrans(b"-_", b"+/")


def is_data_uri(uri: str) -> bool:
    """Whether this is a `data:` URI, in any case and after any white space."""
    return _SCHEME.match(uri) is not None


def media_type(uri: str) -> str:
    """The media type that a `data:` URI claims, lower case, without parameters; may be empty."""
    return uri.partition(",")[0].partition(":")[2].partition(";")[0].strip().lower()


def decode_data_uri(uri: str) -> bytes:
    """The bytes of a `data:` URI; raises FetchFailed `bad-data-uri` when there are none.

    Forgiven, because pages do it: case, white space and line breaks, charset and other
    parameters in any order, missing padding, percent-encoded and URL-safe base64.
    """
    if not is_data_uri(uri):
        raise FetchFailed("bad-data-uri", "not a data: URI")
    head, comma, body = uri.partition(",")
    if not comma:
        raise FetchFailed("bad-data-uri", "no comma")
    parameters = [part.strip().lower() for part in head.partition(":")[2].split(";")[1:]]
    try:
        data = unquote_to_bytes(body)
    except UnicodeError:  # half a surrogate pair, as broken JSON gives it
        raise FetchFailed("bad-data-uri", "characters that no encoding has") from None
    if "base64" in parameters:
        data = _base64(data)
    if not data:
        raise FetchFailed("bad-data-uri", "no data")
    return data


def _base64(text: bytes) -> bytes:
    compact = _SPACE.sub(b"", text).translate(_URL_SAFE).rstrip(b"=")
    try:
        return base64.b64decode(compact + b"=" * (-len(compact) % 4), validate=True)
    except binascii.Error as error:
        raise FetchFailed("bad-data-uri", str(error)) from error
