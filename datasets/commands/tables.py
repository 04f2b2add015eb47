"""Reports as text: plain columns that a terminal and a file show alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..status import COLUMNS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ..collect import Harvest
    from ..status import Line, Report
    from ..tree.build_tree import LayoutReport


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Columns as wide as they need be; numbers to the right, None as a dash."""
    cells = [[_cell(value) for value in row] for row in (head, *rows)]
    widths = [max(len(row[place]) for row in cells) for place in range(len(head))]
    numeric = [
        all(row[place] is None or isinstance(row[place], int) for row in rows)
        for place in range(len(head))
    ]
    lines = [
        "  ".join(
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(row, widths, numeric, strict=True)
        ).rstrip()
        for row in cells
    ]
    return "\n".join(lines)


def _cell(value: object) -> str:
    return "-" if value is None else str(value)


def _asked(line: Line) -> str:
    return f"{line.term} {line.filters}".strip()


def _numbers(line: Line) -> list[int | None]:
    return [getattr(line, column) for column in COLUMNS]


def status_text(report: Report, *, queries: bool, sides: bool = True) -> Iterator[str]:
    """The report: per query (with its engines, if wanted), engine, label; why not more.

    `sides` adds what was placed where, for whoever does not print a layout after it.
    """
    if not queries:
        yield table(
            ("label", "query", *COLUMNS),
            [(one.label, _asked(one), *_numbers(one)) for one in report.queries()],
        )
        yield ""
    else:
        head = ("label", "query", "engine", *COLUMNS, "ended")
        rows = [
            (one.label, _asked(one), one.engine, *_numbers(one),
             one.outcome or "not finished")
            for one in report.lines
        ]  # fmt: skip
        yield table(head, rows)
        yield ""
    yield table(("engine", *COLUMNS), [(n, *_numbers(one)) for n, one in report.engines.items()])
    yield ""
    yield table(
        ("label", *COLUMNS, "wanted"),
        [(s, *_numbers(one), report.targets.get(s)) for s, one in report.totals.items()],
    )
    yield ""
    for slug in report.totals:
        yield from _reasons(slug, "no picture", report.missing.get(slug, {}))
        yield from _reasons(slug, "dropped", report.dropped.get(slug, {}))
    if report.via:
        came = ", ".join(f"{number} {how}" for how, number in sorted(report.via.items()))
        yield f"pictures came by: {came}"
    for name in report.unfinished:
        yield f"not finished: {name}; run the same command again to go on"
    for slug, placed in report.placed.items() if sides else ():
        yield f"{slug}: " + ", ".join(f"{number} {side}" for side, number in sorted(placed.items()))


def _reasons(slug: str, what: str, why: Mapping[str, int]) -> Iterator[str]:
    if why:
        listed = ", ".join(f"{number} {reason}" for reason, number in why.items())
        yield f"{slug}: {what}: {sum(why.values())} ({listed})"


def harvest_text(done: Harvest) -> Iterator[str]:
    """What this run did: refusals with what to do next, yields of added queries, counts."""
    for look in done.looks:
        if look.outcome not in ("limit", "exhausted"):
            yield f"{look.engine}: {look.term!r}: {look.outcome}: {look.detail}"
    for one in done.yields:
        filters = one.query.filters
        narrowed = " ".join(f"{k}={v}" for k in ("since", "type", "colour", "min_size", "lang")
                            if (v := getattr(filters, k)) is not None)  # fmt: skip
        yield (
            f"{one.label}: added {one.query.term!r} {narrowed}".rstrip()
            + f": {one.found} found, {one.new} new"
        )
    if done.idle:
        yield f"all is there: {done.skipped} searches finished before, nothing to fetch"
        return
    came = ", ".join(f"{number} by {how}" for how, number in sorted(done.came.items())) or "none"
    yield (
        f"{len(done.looks)} searches now, {done.skipped} finished before; pictures: {came}"
        + (f"; {done.fallbacks} fell back to the other address" if done.fallbacks else "")
    )
    if done.failed:
        listed = ", ".join(f"{number} {reason}" for reason, number in sorted(done.failed.items()))
        yield f"no picture from {sum(done.failed.values())} addresses: {listed}"


def layout_text(laid: LayoutReport) -> Iterator[str]:
    """What was laid out, and what is short of its target."""
    for label, sides in sorted(laid.counts.items()):
        yield f"{label}: " + ", ".join(f"{number} {side}" for side, number in sides.items())
    for label, number in sorted(laid.short.items()):
        yield (
            f"{label}: {number} short of the target: more queries in the recipe, --expand, or "
            "originals (--source original) bring more; see `pixset status`"
        )
    for label, number in sorted(laid.over.items()):
        yield f"{label}: {number} more are kept in the pool than the target takes"
