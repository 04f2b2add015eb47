"""What scrape, build, demo and status print: tables for people, one JSON object for programs."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING

from ...curation.printable import counted
from ..errors import LabelMissing
from ..lines import first_lines, first_rows
from ..status import COLUMNS, status_of
from ..table import FEW, by_label_lines
from .console import Table, show, show_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from ..build import Built
    from ..collect import CollectReport
    from ..collect.forecast import Forecast
    from ..project import Project
    from ..recipe import Recipe
    from ..status import DatasetStatus, Line
    from ..tree.report import DatasetTreeReport


_MOST_QUERIES, _MOST_LABELS = 20, 60  # rows of a table before it ends early
_ALL = "pixset status --all"
_ANEW = "it is older than the decisions, and `pixset split` builds it anew"
_WAYS = {
    "browser": "loaded by the browser itself",
    "inline": "written out in the result pages",
    "http": "fetched from their addresses",
    "import": "imported from disk",
}


def show_status(
    project: Project,
    recipe: Recipe,
    *,
    queries: bool = False,
    sides: bool = True,
    whole: bool = False,
) -> DatasetStatus:
    """Print the report's tables, and return it; the options are those of `status_blocks`."""
    status = status_of(project, recipe)
    show(status_blocks(status, queries=queries, sides=sides, whole=whole))
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
    status: DatasetStatus, *, queries: bool, sides: bool = True, whole: bool = False
) -> Iterator[str | Table]:
    """The report: per query (with its engines, if wanted), engine, label; why not more.

    `sides` adds what is short, for whoever does not print a tree after it. Unless `whole`, long
    tables end early, and reasons are summed where there are many labels.
    """
    if queries:
        head = ("label", "query", "engine", *COLUMNS, "ended")
        rows = [
            (one.label, _asked(one), one.engine, *_numbers(one),
             one.outcome or "not finished")
            for one in status.lines
        ]  # fmt: skip
        asked = Table(head, rows)
    else:
        asked = Table(
            ("label", "query", *COLUMNS),
            [(one.label, _asked(one), *_numbers(one)) for one in status.queries()],
        )
    yield from first_rows(asked, None if whole or queries else _MOST_QUERIES, _ALL)
    yield ""
    yield Table(("engine", *COLUMNS), [(n, *_numbers(one)) for n, one in status.engines.items()])
    yield ""
    yield from first_rows(status.by_label(), None if whole else _MOST_LABELS, _ALL)
    yield ""
    if whole or len(status.totals) <= FEW:
        for slug in status.totals:
            yield from _losses(slug, status)
    else:
        yield from _losses_of_all(status)
    if status.via:
        yield f"pictures: {came_by(status.via)}"
    unfinished = [f"not finished: {n}; run the same command again" for n in status.unfinished]
    yield from first_lines(unfinished, None if whole else FEW, _ALL)
    unsettled = [f"not settled: {n}; the next run asks again" for n in status.unsettled]
    yield from first_lines(unsettled, None if whole else FEW, _ALL)
    if status.missing_files:
        files = counted(status.missing_files, "file is", "files are")
        yield f"GONE: {files} missing from images/; `pixset check` names them"
    if sides:
        yield from shortfalls(status, whole=whole)


def came_by(ways: Mapping[str, int]) -> str:
    """How pictures came, in words; another way keeps its name."""
    return ", ".join(f"{number} {_WAYS.get(way, way)}" for way, number in sorted(ways.items()))


def _losses(slug: str, status: DatasetStatus) -> Iterator[str]:
    """Between two columns of a label: how many were lost, and why."""
    for before, column in pairwise(COLUMNS[1:]):
        why = status.lost[slug].get(column, {})
        if why:
            yield f"{slug}: {before} but not {column}: {sum(why.values())} ({_listed(why)})"
    if status.gained.get(slug):
        yield f"{slug}: {status.gained[slug]} more kept, which came from other labels"
    number, why_not = _unplaced(slug, status)
    if number:
        yield f"{slug}: kept but not placed: {number} ({why_not})"
    if out := _outdated(slug, status):
        yield f"{slug}: {out} more in the tree than kept: {_ANEW}"


def _losses_of_all(status: DatasetStatus) -> Iterator[str]:
    """The same, summed over the labels."""
    for before, column in pairwise(COLUMNS[1:]):
        reasons = [status.lost[slug].get(column, {}) for slug in status.totals]
        why: Counter[str] = Counter()
        for one in reasons:
            why.update(one)
        if why:
            labels = sum(map(bool, reasons))
            yield (
                f"{before} but not {column}: {why.total()} in {counted(labels, 'label')} "
                f"({_listed(dict(why.most_common()))})"
            )
    gained = sum(status.gained.values())
    if gained:
        yield f"{gained} more kept under labels that their searches did not have"
    left: Counter[str] = Counter()
    for slug in status.totals:
        number, why_not = _unplaced(slug, status)
        left[why_not] += number
    for why_not, number in left.most_common():
        if number:
            yield f"kept but not placed: {number} ({why_not})"
    if out := sum(_outdated(slug, status) for slug in status.totals):
        yield f"{out} more in the tree than kept: {_ANEW}"


def _unplaced(slug: str, status: DatasetStatus) -> tuple[int, str]:
    """How many pictures of a label are kept and not in the tree, and why."""
    placed = sum(status.placed.get(slug, {}).values())
    kept = status.totals[slug].kept or 0
    full = placed >= (status.targets.get(slug) or kept)
    why = "its target is reached" if full else "left out by the split, or came since"
    return (max(0, kept - placed) if status.placed else 0), why


def _outdated(slug: str, status: DatasetStatus) -> int:
    """How many more pictures of a label are in the tree than kept: the tree is the older one."""
    placed = sum(status.placed.get(slug, {}).values())
    return max(0, placed - (status.totals[slug].kept or 0))


def _listed(reasons: Mapping[str, int]) -> str:
    return ", ".join(f"{number} {reason}" for reason, number in reasons.items())


def shortfalls(status: DatasetStatus, *, whole: bool = False) -> Iterator[str]:
    """The labels that end short, and last those that end without a picture."""
    short = status.short()
    lines = [f"SHORT: {slug} has {has} of {target} pictures"
             for slug, (has, target) in short.items() if has]  # fmt: skip
    yield from first_lines(lines, None if whole else FEW, _ALL)
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
    if done.unasked:
        yield (
            f"not asked: {', '.join(done.unasked)}: others have brought as many results of a term "
            "as --limit says; a higher one asks for more"
        )
    before = counted(done.skipped, "search", "searches")
    if done.idle:
        yield f"all is there: {before} finished before, nothing to fetch"
        return
    came = came_by(done.came) or "none"
    now = counted(len(done.looks), "search", "searches")
    yield (
        f"{now} now, {done.skipped} finished before; fetched: {came}"
        + (f"; {done.fallbacks} fell back to the other address" if done.fallbacks else "")
    )
    if done.failed:
        listed = ", ".join(f"{number} {reason}" for reason, number in sorted(done.failed.items()))
        addresses = counted(sum(done.failed.values()), "address", "addresses")
        yield f"no picture from {addresses}: {listed}"


def tree_blocks(report: DatasetTreeReport) -> Iterator[str]:
    """What the tree lacks of its target."""
    yield from by_label_lines(
        report.short,
        "{} short of the target: more queries in the recipe, --expand, or originals "
        "(--source original) bring more; see `pixset status`",
    )


def show_forecast(expected: Forecast, *, as_json: bool) -> None:
    """Print what a run would ask, and the minutes that it is expected to take."""
    if as_json:
        show_json(expected.to_json())
        return
    rows = [
        (
            one.label,
            " ".join([one.term, *(f"{name}={value}" for name, value in one.filters.items())]),
            one.engine,
            one.asked,
            round(one.seconds / 60, 1),
        )
        for one in expected.searches
    ]
    each = ", ".join(f"{engine} {number:.1f}" for engine, number in expected.minutes().items())
    finished = f"; {expected.finished} finished before" if expected.finished else ""
    show(
        [
            Table(("label", "query", "engine", "results", "minutes"), rows),
            (
                f"\nabout {expected.longest:.1f} minutes at pace {expected.pace}, side by side "
                f"({each or 'nothing to ask'}), fetching not counted{finished}"
            ),
            "nothing was asked and nothing written: leave out --dry-run to do it",
        ]
    )
