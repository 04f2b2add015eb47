"""What scrape, build, demo and status print: tables for people, one JSON object for programs."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from ..errors import LabelMissing
from ..status import COLUMNS, status_of
from .console import Table, show, show_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..build import Built
    from ..collect import CollectReport
    from ..project import Project
    from ..recipe import Recipe
    from ..status import DatasetStatus, Line
    from ..tree.report import DatasetTreeReport


def show_status(
    project: Project, recipe: Recipe, *, queries: bool = False, sides: bool = True
) -> DatasetStatus:
    """Print the report's tables, and return it; the options are those of `status_blocks`."""
    status = status_of(project, recipe)
    show(status_blocks(status, queries=queries, sides=sides))
    return status


def show_status_json(project: Project, recipe: Recipe, built: Built | None = None) -> DatasetStatus:
    """Print the report as JSON, with the tree's after a build, and return it."""
    status = status_of(project, recipe)
    values = status.to_json()
    if built is not None:
        values["layout"] = built.tree.to_json()
        values["idle"] = built.idle
    show_json(values)
    return status


def refuse_missing(status: DatasetStatus, labels: Iterable[str]) -> None:
    """Raise LabelMissing where one of the labels asked for has no picture at all."""
    short = status.short()
    missing = [slug for slug in labels if slug in short and not short[slug][0]]
    if missing:
        raise LabelMissing(
            f"MISSING: no picture of {', '.join(missing)}; the rest is done. `pixset status` says "
            "what became of what was found; other terms in the recipe may bring some"
        )


def show_built(project: Project, recipe: Recipe, built: Built) -> DatasetStatus:
    """Print what a build did, the tables, and where everything lies; returns the report."""
    if built.idle:
        show(["all is there: nothing was asked, fetched or written"])
    else:
        for number, done in enumerate(built.collected, start=1):
            for line in run_blocks(done) if number == 1 or not done.idle else ():
                show([f"round {number}: {line}" if len(built.collected) > 1 else line])
    show([""])
    status = show_status(project, recipe, sides=False)
    show(tree_blocks(built.tree))
    show(
        [
            f"dataset:        {project.root.resolve()}",
            f"for training:   {built.tree.tree.resolve()}",
            f"contact sheet:  {built.tree.sheet.resolve()}",
            *shortfalls(status),
        ]
    )
    return status


def _asked(line: Line) -> str:
    return f"{line.term} {line.filters}".strip()


def _numbers(line: Line) -> list[int | None]:
    return [getattr(line, column) for column in COLUMNS]


def status_blocks(
    status: DatasetStatus, *, queries: bool, sides: bool = True
) -> Iterator[str | Table]:
    """The report: per query (with its engines, if wanted), engine, label; why not more.

    `sides` adds what was placed where, for whoever does not print a tree after it.
    """
    if not queries:
        yield Table(
            ("label", "query", *COLUMNS),
            [(one.label, _asked(one), *_numbers(one)) for one in status.queries()],
        )
        yield ""
    else:
        head = ("label", "query", "engine", *COLUMNS, "ended")
        rows = [
            (one.label, _asked(one), one.engine, *_numbers(one),
             one.outcome or "not finished")
            for one in status.lines
        ]  # fmt: skip
        yield Table(head, rows)
        yield ""
    yield Table(("engine", *COLUMNS), [(n, *_numbers(one)) for n, one in status.engines.items()])
    yield ""
    yield Table(
        ("label", *COLUMNS, "wanted"),
        [(s, *_numbers(one), status.targets.get(s)) for s, one in status.totals.items()],
    )
    yield ""
    for slug in status.totals:
        yield from _losses(slug, status)
    if status.via:
        came = ", ".join(f"{number} {how}" for how, number in sorted(status.via.items()))
        yield f"pictures came by: {came}"
    for name in status.unfinished:
        yield f"not finished: {name}; run the same command again to go on"
    for name in status.unsettled:
        yield f"not settled: {name}; the next run asks again"
    for slug, placed in status.placed.items() if sides else ():
        yield f"{slug}: " + ", ".join(f"{number} {side}" for side, number in sorted(placed.items()))
    if sides:
        yield from shortfalls(status)


def _losses(slug: str, status: DatasetStatus) -> Iterator[str]:
    """Between two columns of a label: how many were lost, and why."""
    for before, column in pairwise(COLUMNS[1:]):
        why = status.lost[slug].get(column, {})
        if why:
            listed = ", ".join(f"{number} {reason}" for reason, number in why.items())
            yield f"{slug}: {before} but not {column}: {sum(why.values())} ({listed})"
    if status.gained.get(slug):
        yield f"{slug}: {status.gained[slug]} more kept, which came from other labels"
    placed = sum(status.placed.get(slug, {}).values())
    kept = status.totals[slug].kept or 0
    if status.placed and kept > placed:
        full = placed >= (status.targets.get(slug) or kept)
        why_not = "its target is reached" if full else "left out by the split, or came since"
        yield f"{slug}: kept but not placed: {kept - placed} ({why_not})"


def shortfalls(status: DatasetStatus) -> Iterator[str]:
    """The labels that end short, and last those that end without a picture."""
    short = status.short()
    for slug, (has, target) in short.items():
        if has:
            yield f"SHORT: {slug} has {has} of {target} pictures"
    for slug, (has, _) in short.items():
        if not has:
            line = status.totals[slug]
            found = f"{line.found} found, {line.fetched} fetched" if line.found else "none found"
            yield f"MISSING: {slug} has no picture ({found})"


def run_blocks(done: CollectReport) -> Iterator[str]:
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


def tree_blocks(report: DatasetTreeReport) -> Iterator[str]:
    """What the tree holds, and what is short of its target."""
    for label, held in sorted(report.counts.items()):
        yield f"{label}: " + ", ".join(f"{number} {split}" for split, number in held.items())
    for label, number in sorted(report.short.items()):
        yield (
            f"{label}: {number} short of the target: more queries in the recipe, --expand, or "
            "originals (--source original) bring more; see `pixset status`"
        )
