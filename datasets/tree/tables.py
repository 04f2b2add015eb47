"""Rows as files: JSON lines and CSV, written alike everywhere and read back with their line."""

from __future__ import annotations

import csv
import json
import re
from typing import TYPE_CHECKING, Any

from ...curation.printable import json_text
from ..errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

# Half a surrogate pair (in a title of the web, a name that is no UTF-8) has no UTF-8 form: it is
# written as \udXXX, which JSON reads back.
_ODD = "backslashreplace"
# What spreadsheets take for the beginning of a formula, also after apostrophes of our own or
# another's, so that reading takes away exactly what writing put there.
_FORMULA = re.compile(r"'*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
_STARTS = "'=+-@\t\r\n\uff1d\uff0b\uff0d\uff20"  # one of these first, or it need not be asked
# `json.dumps` makes an encoder for each call: half of a manifest.csv's writing.
_SORTED_JSON = json.JSONEncoder(sort_keys=True, ensure_ascii=False).encode


def json_line(value: Mapping[str, Any]) -> str:
    """One row as a line of JSON, its keys in the row's own order."""
    return json_text(value) + "\n"


def json_bytes(value: Mapping[str, Any]) -> bytes:
    """As `json_line`, as it stands in a file."""
    return json_line(value).encode("utf-8", _ODD)


def write_jsonl(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    """Write rows as JSON lines (UTF-8, newline \\n on every machine)."""
    with path.open("w", encoding="utf-8", errors=_ODD, newline="\n") as file:
        file.writelines(json_line(row) for row in rows)


def read_jsonl(path: Path) -> Iterator[dict[str, Any]]:
    """The rows of a file of JSON lines; a byte-order mark before them is passed over.

    Raises UsageError that names the line which is no JSON object, or the file that is no UTF-8.
    """
    if not path.is_file():
        raise UsageError(f"{path}: no such file; expected a manifest.jsonl that pixset wrote")
    try:
        # A file of bytes ends its lines at \n alone; splitlines() would cut a title at U+2028.
        with path.open("rb") as lines:
            for number, line in enumerate(lines, 1):
                text = _text(path, number, line)
                if text.strip():
                    yield _object(path, number, text)
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error.strerror})") from None


def _text(path: Path, number: int, line: bytes) -> str:
    try:
        return line.decode("utf-8-sig" if number == 1 else "utf-8")
    except UnicodeDecodeError:
        raise UsageError(
            f"{path}:{number}: no UTF-8 text; save the file as UTF-8 (UTF-16 is another choice "
            "that editors offer)"
        ) from None


def _object(path: Path, number: int, line: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        row = None
    if not isinstance(row, dict):
        raise UsageError(f"{path}:{number}: expected one JSON object a line")
    return row


def write_csv(path: Path, header: Iterable[str], rows: Iterable[Iterable[str]]) -> None:
    """Write a CSV file (UTF-8, newline \\n on every machine)."""
    with path.open("w", encoding="utf-8", errors=_ODD, newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        # A lone \r ends a line for readers, and is quoted only where everything is.
        quoted = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_ALL)
        table.writerow(header)
        for row in rows:
            cells = list(row)
            (quoted if "\r" in "".join(cells) else table).writerow(cells)


def cell(value: Any) -> str:
    """One value as a CSV cell: empty for None, JSON for lists, mappings and booleans.

    Text that a spreadsheet would run as a formula is defused by an apostrophe before it.
    """
    if value is None:
        return ""
    if isinstance(value, str):
        return f"'{value}" if value[:1] in _STARTS and _FORMULA.match(value) else value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, dict)):
        return _SORTED_JSON(value)
    return str(value)


def text_of_cell(text: str) -> str:
    """The text that `cell` wrote: what it put before a formula is taken away again."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text


def read_csv(path: Path) -> Iterator[dict[str, str]]:
    """The rows of a CSV file that pixset wrote, formulas as they were; UsageError for no UTF-8."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            for row in csv.DictReader(file):
                yield {name: text_of_cell(text or "") for name, text in row.items() if name}
    except UnicodeDecodeError:
        raise UsageError(f"{path}: no UTF-8 text; save the file as UTF-8") from None
    except (OSError, csv.Error) as error:
        raise UsageError(f"{path}: cannot be read ({error})") from None
