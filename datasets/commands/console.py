"""What commands print: tables and JSON on stdout, progress on stderr.

On a terminal a table is drawn and work has a bar; on a pipe columns are plain text, one row a
line, and work says where it stands now and then.
"""

from __future__ import annotations

import logging
import os
import shlex
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from ...curation.printable import json_text, printable
from ..table import Table, cell_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

__all__ = [
    "Report", "Table", "bars", "show", "show_json", "show_next", "show_report", "to_text", "warn",
]  # fmt: skip

_EVERY = 10.0  # seconds between two lines of progress where stderr is no terminal


class Report(Protocol):
    """What a command found, for people and for programs."""

    def to_text(self) -> str:
        """Lines for a person."""
        ...

    def to_json(self) -> Mapping[str, object]:
        """One JSON object."""
        ...


def show(blocks: Iterable[str | Table]) -> None:
    """Print lines and tables in order; what a foreign name holds is shown and never acts."""
    drawn = sys.stdout.isatty()
    for block in blocks:
        if drawn and isinstance(block, Table):
            _draw(block)
        else:
            print("\n".join(map(printable, to_text([block]).split("\n"))), flush=True)


def to_text(blocks: Iterable[str | Table]) -> str:
    """Lines and tables as they are printed on a pipe."""
    return "\n".join(block if isinstance(block, str) else block.to_text() for block in blocks)


def show_json(value: object) -> None:
    """Print one JSON document."""
    print(json_text(value, indent=2))


def show_report(report: Report, *, as_json: bool) -> None:
    """Print a report in the form that was asked for."""
    if as_json:
        show_json(report.to_json())
    else:
        show([report.to_text()])


def show_next(dataset: Path, *commands: str) -> None:
    """Print the commands that may follow, as a shell takes them."""
    name = str(dataset)
    place = shlex.quote(f"./{name}" if name.startswith("-") else name)  # else it is an option
    show(["\nnext:  " + "   ".join(f"pixset {command} {place}" for command in commands)])


def warn(line: str, *, loud: bool = False) -> None:
    """Print one line on stderr; on a terminal `loud` makes it bold and red."""
    text = printable(line)
    if loud and sys.stderr.isatty() and not os.environ.get("NO_COLOR"):
        text = f"\x1b[1;31m{text}\x1b[0m"
    print(text, file=sys.stderr, flush=True)


@contextmanager
def bars(description: str, total: int | None = None) -> Iterator[Callable[[int], None]]:
    """Show one piece of work (the `Progress` protocol); several may run side by side."""
    if not logging.getLogger("pixset").isEnabledFor(logging.INFO):  # --quiet
        yield lambda _done: None
    elif sys.stderr.isatty():
        with _bar(description, total) as advance:
            yield advance
    else:
        with _lines(description, total) as advance:
            yield advance


def _draw(table: Table) -> None:
    # rich takes 50 ms to import, and a pipe never needs it.
    from rich import box
    from rich.console import Console
    from rich.table import Table as Drawn
    from rich.text import Text

    drawn = Drawn(box=box.SIMPLE_HEAD, pad_edge=False)
    for name, right in zip(table.head, table.numeric(), strict=True):
        drawn.add_column(Text(name), justify="right" if right else "left", overflow="fold")
    for row in table.rows:
        drawn.add_row(*(Text(cell_text(value)) for value in row))  # Text: brackets are no markup
    Console(highlight=False).print(drawn)


@contextmanager
def _bar(description: str, total: int | None) -> Iterator[Callable[[int], None]]:
    from tqdm import tqdm  # 30 ms that only long work on a terminal pays

    with tqdm(
        desc=description, total=total, file=sys.stderr, unit="", leave=True, dynamic_ncols=True
    ) as bar:

        def advance(done: int) -> None:
            bar.update(done)

        yield advance


@contextmanager
def _lines(description: str, total: int | None) -> Iterator[Callable[[int], None]]:
    done, shown = 0, time.monotonic()

    def so_far() -> str:
        # An engine that gives more, in place of others that are blocked, goes beyond its part.
        of = f"/{total}" if total is not None and done <= total else ""
        return f"{description}: {done}{of}"

    def advance(more: int) -> None:
        nonlocal done, shown
        done += more
        if time.monotonic() - shown >= _EVERY:
            shown = time.monotonic()
            warn(so_far())

    yield advance
    if done:
        warn(f"{so_far()} done")
