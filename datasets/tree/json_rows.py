"""Rows read back from a file of JSON lines, some hundred at a time."""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import accumulate, count, islice
from typing import TYPE_CHECKING, Any, Final

import msgspec

from ..errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

_TOGETHER: Final = 500  # rows
# A third of `json`'s time. What it takes is what `json` makes of it; what it refuses (a byte-order
# mark, a blank line, half a surrogate pair, NaN, an error) is asked of `json`, and told as ever.
_decoded: Final[Callable[[bytes], dict[str, Any]]] = msgspec.json.Decoder(dict).decode
_REFUSED: Final = (msgspec.DecodeError, ValueError, RecursionError)


@dataclass(frozen=True, slots=True)
class RowBlock:
    """Rows that follow one another: the byte each begins at in its file, its line, and the row."""

    places: Sequence[int]
    lines: Sequence[bytes]
    rows: Sequence[dict[str, Any]]


def read_jsonl(path: Path) -> Iterator[dict[str, Any]]:
    """The rows of a file of JSON lines; a byte-order mark before them is passed over.

    Raises UsageError that names the line which is no JSON object, or the file that is no UTF-8.
    """
    return (row for block in read_blocks(path) for row in block.rows)


def read_blocks(path: Path) -> Iterator[RowBlock]:
    """As `read_jsonl`, in blocks; before an error come the rows that stand before it."""
    if path.is_dir():
        raise UsageError(f"{path}: is a folder; name the manifest.jsonl in it")
    if not path.is_file():
        raise UsageError(f"{path}: no such file; expected a manifest.jsonl that pixset wrote")
    try:
        # A file of bytes ends its lines at \n alone; splitlines() would cut a title at U+2028.
        with path.open("rb") as file:
            place, number = 0, 1
            while lines := list(islice(file, _TOGETHER)):
                *places, place = accumulate(map(len, lines), initial=place)
                yield from _blocks(path, number, places, lines)
                number += len(lines)
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error.strerror})") from None


def _blocks(
    path: Path, first: int, places: Sequence[int], lines: Sequence[bytes]
) -> Iterable[RowBlock]:
    try:
        return [RowBlock(places, lines, list(map(_decoded, lines)))]
    except _REFUSED:
        return _one_by_one(path, first, places, lines)


def _one_by_one(
    path: Path, first: int, places: Sequence[int], lines: Sequence[bytes]
) -> Iterator[RowBlock]:
    for number, place, line in zip(count(first), places, lines, strict=False):
        text = _text(path, number, line)
        if text.strip():
            yield RowBlock([place], [line], [_object(path, number, text)])


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


def row_of(line: bytes) -> dict[str, Any]:
    """The row of a line that `read_blocks` took before."""
    try:
        return _decoded(line)
    except _REFUSED:
        row: dict[str, Any] = json.loads(line.decode("utf-8-sig"))
        return row
