"""Foreign text (file names, titles) for terminals and JSON: nothing in it acts, nothing is lost.

A file name may hold terminal escapes, line breaks, marks that turn the direction of writing, or
bytes that are no UTF-8. Printed as they are, the first three lie to the reader and the last ends
the program with UnicodeEncodeError.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final

# C0 and C1 controls, line and paragraph separators, direction marks, surrogates.
_UNSAFE: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


def printable(text: object) -> str:
    r"""Return `str(text)` with every character that acts instead of showing escaped.

    `\x1b` for an escape, `\u202e` for a direction mark, `\xe9` for a byte that is no UTF-8.
    """
    return _UNSAFE.sub(_escaped, str(text))


def counted(number: int, one: str, many: str = "") -> str:
    """Return `1 picture` or `2 pictures`; `many` where an added s does not make it so."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def json_text(value: Any, *, indent: int | None = None) -> str:
    r"""Return `value` as JSON that every encoding and every line reader takes as it is.

    Text stays readable; only surrogates (bytes of names that are no UTF-8) and the two Unicode line
    separators are escaped, as `\udce9`: Python's `json.loads` gives the same name back.
    """
    text = (
        _one_line(value) if indent is None else json.dumps(value, indent=indent, ensure_ascii=False)
    )
    return escaped_json(text)


def escaped_json(text: str) -> str:
    """Return JSON text with what `json_text` escapes escaped."""
    if text.isascii() and "\x7f" not in text:  # most: a twentieth of the search's time
        return text
    return _JSON_UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


# `json.dumps` makes an encoder for each call that is not plain: a third of a manifest's writing.
_one_line: Final = json.JSONEncoder(ensure_ascii=False).encode
_JSON_UNSAFE: Final = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def _escaped(found: re.Match[str]) -> str:
    code = ord(found[0])
    if 0xDC80 <= code <= 0xDCFF:
        code -= 0xDC00  # Python's own mark for a byte that is no UTF-8
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
