"""Rows as files: JSON lines and CSV, written alike everywhere.

Rows are written some hundred at a time, and CSV column by column: most columns of a manifest hold
one value, or texts that need nothing, so that its 57 columns cost half of what they do one by one.
"""

from __future__ import annotations

import csv
import json
import re
from functools import cache
from itertools import groupby, islice, repeat
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final

from ...curation.printable import escaped_json
from ..errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from io import TextIOWrapper
    from pathlib import Path

    from msgspec.json import Encoder

# Half a surrogate pair (in a title of the web, a name that is no UTF-8) has no UTF-8 form: it is
# written as \udXXX, which JSON reads back.
_ODD = "backslashreplace"
# What spreadsheets take for the beginning of a formula, also after apostrophes of our own or
# another's, so that reading takes away exactly what writing put there.
_FORMULA = re.compile(r"'*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
_STARTS = "'=+-@\t\r\n\uff1d\uff0b\uff0d\uff20"  # one of these first, or it need not be asked
_QUOTE = '"'
_QUOTED = re.compile('[",\r\n]')
TOGETHER: Final = 500  # rows
# What msgspec does not take: half a surrogate pair, and what is none of JSON's types to it.
_NOT_PLAIN: Final = (UnicodeEncodeError, TypeError)
_plain_json: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@cache
def _encoder() -> Encoder:
    """A tenth of the time that the json module takes of a manifest's row."""
    from msgspec.json import Encoder  # loading it takes as long as a thousand rows

    return Encoder()


def _any_json(value: Any) -> str:
    try:
        return _encoder().encode(value).decode()
    except _NOT_PLAIN:
        return _plain_json(value)


def blocks_of(rows: Iterable[Mapping[str, Any]]) -> Iterator[Sequence[Mapping[str, Any]]]:
    """Rows in blocks of some that have the same columns, in the same order."""
    for _, alike in groupby(rows, tuple):
        while block := list(islice(alike, TOGETHER)):
            yield block


def columns_of(rows: Sequence[Mapping[str, Any]]) -> dict[str, Sequence[Any]]:
    """Rows (one or more) as columns, None where a row lacks one."""
    names = tuple(rows[0])
    if all(tuple(row) == names for row in rows):  # nearly always, and then a quarter of the time
        values = zip(*[row.values() for row in rows], strict=True)
        return dict(zip(names, values, strict=True))
    every = dict.fromkeys(name for row in rows for name in row)
    return {name: [row.get(name) for row in rows] for name in every}


def csv_rows(rows: Sequence[Mapping[str, Any]], names: Iterable[str]) -> Iterator[str]:
    """Rows (one or more) as lines of CSV with these columns."""
    columns, nothing = columns_of(rows), [None] * len(rows)
    return csv_lines([columns.get(name, nothing) for name in names])


def row_lines(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """Rows as lines of JSON, their keys in the rows' own order, as they stand in a file."""
    try:
        return kept_in_lines(_encoder().encode_lines(rows))
    except _NOT_PLAIN:
        return b"".join(map(json_bytes, rows))


def json_bytes(value: Any) -> bytes:
    """One row (or a value of it) as `row_lines` has it."""
    try:
        line = _encoder().encode(value)
    except _NOT_PLAIN:
        return (escaped_json(_plain_json(value)) + "\n").encode()
    return kept_in_lines(line + b"\n")


def kept_in_lines(text: bytes) -> bytes:
    """Lines of JSON with everything escaped that pixset escapes in a manifest."""
    return text if text.isascii() and b"\x7f" not in text else escaped_json(text.decode()).encode()


def csv_header(names: Iterable[str]) -> str:
    """The first line of a CSV file: names as they are."""
    return ",".join(map(_quoted, names)) + "\n"


def csv_lines(columns: Sequence[Sequence[Any]]) -> Iterator[str]:
    """The rows of a block (a row or more) as lines of CSV, each value as `cell` has it."""
    number, texts = len(columns[0]), [_csv_texts(values) for values in columns]
    if len(texts) == 1:  # an empty line would be none
        cells = repeat(texts[0], number) if isinstance(texts[0], str) else texts[0]
        texts = [[cell or '""' for cell in cells]]
    shape = ",".join(text.replace("%", "%%") if isinstance(text, str) else "%s" for text in texts)
    varying = [text for text in texts if not isinstance(text, str)]
    if not varying:
        return repeat(f"{shape}\n" % (), number)
    return map(f"{shape}\n".__mod__, zip(*varying, strict=True))


def _csv_texts(values: Sequence[Any]) -> str | Iterable[str]:
    """A column as cells: one text where all its values are the same."""
    if _is_one(values):
        return _quoted(cell(values[0]))
    kinds = set(map(type, values))
    if kinds == {int}:
        return map(int.__repr__, values)
    if kinds == {str} and _needs_nothing(values):
        return values
    if kinds == {dict} and all(values):
        return _object_cells(values)
    return [_quoted(cell(value)) for value in values]


def _is_one(values: Sequence[Any]) -> bool:
    """Whether a column holds one value all along, which is always written alike."""
    first = values[0]
    if values.count(first) < len(values):
        return False
    if first is None or isinstance(first, str):
        return True
    # 1 and True are equal, and so are mappings of 1 and of 1.0.
    alike = isinstance(first, int) or first in ([], {})
    return alike and len(set(map(type, values))) == 1


def _object_cells(objects: Sequence[Mapping[str, Any]]) -> list[str]:
    """Mappings as cells; none is empty, so all need quotes."""
    try:
        text = _encoder().encode_lines(objects).decode()
    except _NOT_PLAIN:
        return [_quoted(cell(value)) for value in objects]
    text = text.replace(_QUOTE, _QUOTE * 2).removesuffix("\n").replace("\n", '"\n"')
    return f'"{text}"'.split("\n")


def _needs_nothing(texts: Sequence[str]) -> bool:
    """Whether all these texts can stand in a table as they are."""
    whole = "".join(texts)
    plain = whole.isprintable() and "," not in whole and '"' not in whole
    return plain and {text[:1] for text in texts}.isdisjoint(_STARTS)


def _quoted(text: str) -> str:
    # A lone \r ends a line for readers too, which `csv` does not think of.
    return f'"{text.replace(_QUOTE, _QUOTE * 2)}"' if _QUOTED.search(text) else text


def text_file(path: Path) -> TextIOWrapper:
    """A file of lines to write: UTF-8, newline \\n on every machine."""
    return path.open("w", encoding="utf-8", errors=_ODD, newline="\n")


def write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write a CSV file (UTF-8, newline \\n on every machine), each value as `cell` has it."""
    waiting = iter(rows)
    with text_file(path) as file:
        file.write(csv_header(header))
        while block := list(islice(waiting, TOGETHER)):
            file.writelines(csv_lines(list(zip(*block, strict=True))))


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
        return _any_json(value)
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


def read_columns(path: Path, names: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Some columns (two or more) of a CSV file that pixset wrote; UsageError without them."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            table = csv.reader(file)
            header = next(table, [])
            wanted = itemgetter(*map(header.index, names))
            yield from map(wanted, table)
    except (OSError, csv.Error, ValueError, IndexError) as error:
        raise UsageError(f"{path}: cannot be read ({error})") from None
