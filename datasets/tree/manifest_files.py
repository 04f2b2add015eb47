"""A manifest's rows as its two files.

A module of its own because exports need no more of this room: with all that makes rows, and the
recipes behind that, starting took a third longer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from .columns import column_names
from .manifest_row import JSONL
from .tables import blocks_of, csv_header, csv_rows, row_lines, text_file

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    Row = Mapping[str, Any]

CSV: Final = "manifest.csv"


def write_manifest(folder: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write manifest.jsonl (rows as they are) and manifest.csv at the root of a tree or export."""
    blocks = list(blocks_of(rows))
    names = column_names(block[0] for block in blocks)
    with (folder / JSONL).open("wb") as lines, text_file(folder / CSV) as table:
        table.write(csv_header(names))
        for block in blocks:
            lines.write(row_lines(block))
            table.writelines(csv_rows(block, names))
