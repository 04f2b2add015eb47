"""Columns under a head, plain or HTML, and lines about many labels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..curation.printable import printable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

FEW = 8  # labels that have a line each


@dataclass(frozen=True, slots=True)
class Table:
    """Columns under a head; None is a value that is not known, shown as a dash."""

    head: Sequence[str]
    rows: Sequence[Sequence[object]]

    def to_text(self) -> str:
        """The table as plain columns, numbers to the right."""
        cells = [[cell_text(value) for value in row] for row in (self.head, *self.rows)]
        widths = [max(len(row[place]) for row in cells) for place in range(len(self.head))]
        lines = [
            "  ".join(
                cell.rjust(width) if right else cell.ljust(width)
                for cell, width, right in zip(row, widths, self.numeric(), strict=True)
            ).rstrip()
            for row in cells
        ]
        return "\n".join(lines)

    def to_html(self) -> str:
        """The table as HTML without any style of its own but the numbers' side."""
        from html import escape  # only notebooks show tables so

        sides = [' style="text-align:right"' if right else "" for right in self.numeric()]
        head = "".join(f"<th>{escape(cell_text(name))}</th>" for name in self.head)
        rows = "".join(
            "<tr>"
            + "".join(
                f"<td{side}>{escape(cell_text(value))}</td>"
                for value, side in zip(row, sides, strict=True)
            )
            + "</tr>"
            for row in self.rows
        )
        return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"

    def numeric(self) -> list[bool]:
        """Whether each column holds numbers only."""
        return [
            all(row[place] is None or isinstance(row[place], int) for row in self.rows)
            for place in range(len(self.head))
        ]


def cell_text(value: object) -> str:
    """One value as it is shown; what a foreign name holds never acts on a terminal."""
    return "-" if value is None else printable(value)


def by_label_lines(numbers: Mapping[str, int], words: str) -> list[str]:
    """A line a label with its number in `words`; where there are many labels, one with the sum."""
    if len(numbers) <= FEW:
        return [f"{label}: {words.format(number)}" for label, number in sorted(numbers.items())]
    names = ", ".join(sorted(numbers)[:3])
    total = words.format(sum(numbers.values()))
    return [f"{len(numbers)} labels ({names}, …): {total}"]
