"""Lists as lines for a terminal: in columns, and with an end where they are long."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ..curation.printable import printable
from .table import Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

ALL: Final = "--all"  # the option that shows what a list leaves out
_WIDTH = 78


def in_columns(words: Iterable[str], *, indent: int = 2) -> list[str]:
    """The words under each other in as many columns as fit, read line by line."""
    cells = [printable(word) for word in words]
    if not cells:
        return []
    wide = max(map(len, cells)) + 2
    across = max(1, (_WIDTH - indent + 2) // wide)
    return [
        (" " * indent + "".join(cell.ljust(wide) for cell in cells[at : at + across])).rstrip()
        for at in range(0, len(cells), across)
    ]


def more(number: int, how: str = ALL) -> str:
    """What stands in place of the `number` that a list leaves out."""
    return f"… and {number} more ({how})"


def first_lines(lines: Sequence[str], most: int | None, how: str = ALL) -> list[str]:
    """At most `most` of the lines, then how many more there are; one more is simply shown."""
    if most is None or len(lines) <= most + 1:
        return list(lines)
    return [*lines[:most], more(len(lines) - most, how)]


def first_rows(table: Table, most: int | None, how: str = ALL) -> list[str | Table]:
    """A table of at most `most` rows, then how many more there are."""
    if most is None or len(table.rows) <= most + 1:
        return [table]
    return [Table(table.head, table.rows[:most]), more(len(table.rows) - most, how)]
