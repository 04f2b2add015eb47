"""A manifest's rows as its two files.

A module of its own because exports need no more of this room: with all that makes rows, and the
recipes behind that, starting took a third longer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from .columns import column_names
from .manifest_row import JSONL
from .tables import columns_of, csv_header, csv_lines, json_lines, text_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

CSV: Final = "manifest.csv"


def write_manifest(folder: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write manifest.jsonl (rows as they are) and manifest.csv at the root of a tree or export."""
    stream_manifest(folder, rows, column_names(rows))


def stream_manifest(folder: Path, rows: Iterable[Mapping[str, Any]], names: Sequence[str]) -> None:
    """As `write_manifest`, for rows that come once; `names` are the columns of manifest.csv."""
    with text_file(folder / JSONL) as lines, text_file(folder / CSV) as table:
        table.writelines(csv_header(names))
        for columns in columns_of(rows):
            lines.writelines(json_lines(columns))
            nothing = [None] * len(columns["id"])
            table.writelines(csv_lines([columns.get(name, nothing) for name in names]))
