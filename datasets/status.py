"""Asked / found / fetched / valid / unique / kept, by query, engine and label; and why not more.

Each picture is credited once within its label, to the query asked first, there to its best
rank, so that `unique` and `kept` add up. Between two columns every sighting that is lost has a
reason, and the reasons add up to the difference. Before `check` and `dedupe` have run, nothing
is known to be valid, unique or kept.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import asdict, dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING

from ..scraper.models import SETTLED
from .catalogue import accounts, searches
from .pool_files import missing_files
from .recipe.counted import counted_recipe
from .recipe.hosts import left_out_site
from .table import Table

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from .catalogue import Catalogue
    from .project import Project
    from .recipe import Recipe

COLUMNS = ("asked", "found", "fetched", "valid", "unique", "kept")
Reasons = dict[str, dict[str, int]]


@dataclass(frozen=True, slots=True)
class Line:
    """One row: what a query brought from one engine for one label.

    `valid`, `unique` and `kept` are None while no picture of the dataset has been looked at.
    """

    label: str
    term: str
    filters: str
    engine: str
    outcome: str | None
    asked: int = 0
    found: int = 0
    fetched: int = 0
    valid: int | None = None
    unique: int | None = None
    kept: int | None = None


@dataclass(frozen=True, slots=True, repr=False)
class DatasetStatus:
    """The table and the reasons.

    `lost` is label → column → reason → how many sightings stop before that column, and `gained`
    how many pictures a decision gave to the label from another: a label's columns differ by just
    these. `missing` and `dropped` are label → reason → number, over columns. `via` counts URLs by
    how their picture came; `targets` are the recipe's; `unsettled` are searches that ended
    without an answer and are asked again. `missing_files` counts pictures whose file is
    gone from the pool.
    """

    lines: tuple[Line, ...]
    totals: Mapping[str, Line]
    engines: Mapping[str, Line]
    lost: Mapping[str, Mapping[str, Mapping[str, int]]]
    gained: Mapping[str, int]
    via: Mapping[str, int]
    unfinished: tuple[str, ...]
    unsettled: tuple[str, ...]
    placed: Mapping[str, Mapping[str, int]]
    targets: Mapping[str, int | None] = field(default_factory=dict)
    missing_files: int = 0

    @property
    def missing(self) -> Mapping[str, Mapping[str, int]]:
        """Label → why sightings have no picture → number."""
        return {slug: self.lost[slug].get("fetched", {}) for slug in self.totals}

    @property
    def dropped(self) -> Mapping[str, Mapping[str, int]]:
        """Label → why pictures are out → number."""
        found = {}
        for slug in self.totals:
            why: Counter[str] = Counter()
            for column in ("valid", "unique", "kept"):
                why.update(self.lost[slug].get(column, {}))
            del why[accounts.SEEN_AGAIN]
            found[slug] = dict(why.most_common())
        return found

    def short(self) -> dict[str, tuple[int, int | None]]:
        """Label → (pictures it has, its target) where that is fewer than wanted, or none at all.

        Counted are the pictures that are kept, and those that nobody has looked at yet.
        """
        found = {}
        for slug, line in self.totals.items():
            unseen = self.lost[slug].get("valid", {}).get(accounts.NOT_LOOKED_AT, 0)
            has = line.fetched if line.kept is None else line.kept + unseen
            if has == 0 or has < (self.targets.get(slug) or 0):
                found[slug] = has, self.targets.get(slug)
        return found

    def queries(self) -> tuple[Line, ...]:
        """One row a query: its engines together."""
        asked: dict[tuple[str, str, str], list[Line]] = {}
        for line in self.lines:
            asked.setdefault((line.label, line.term, line.filters), []).append(line)
        return tuple(
            replace(_sum(label, "", lines), term=term, filters=filters)
            for (label, term, filters), lines in asked.items()
        )

    def to_json(self) -> dict[str, object]:
        """The report as one JSON object."""
        return {
            "labels": {slug: {**_numbers(one), "target": self.targets.get(slug)}
                       for slug, one in self.totals.items()},
            "engines": {name: _numbers(one) for name, one in self.engines.items()},
            "queries": [asdict(one) for one in self.lines],
            "lost": {slug: {column: dict(why) for column, why in lost.items()}
                     for slug, lost in self.lost.items()},
            "gained": dict(self.gained),
            "missing": {slug: dict(why) for slug, why in self.missing.items()},
            "dropped": {slug: dict(why) for slug, why in self.dropped.items()},
            "short": {slug: {"has": has, "target": target}
                      for slug, (has, target) in self.short().items()},
            "via": dict(self.via),
            "unfinished": list(self.unfinished),
            "unsettled": list(self.unsettled),
            "placed": {slug: dict(splits) for slug, splits in self.placed.items()},
            "missing_files": self.missing_files,
        }  # fmt: skip

    def by_label(self) -> Table:
        """A row a label: the columns, what is wanted, and what lies in each split."""
        splits = [
            name
            for name in ("train", "val", "test")
            if any(name in placed for placed in self.placed.values())
        ]
        rows = [
            (
                slug,
                *(getattr(one, column) for column in COLUMNS),
                self.targets.get(slug),
                *(self.placed.get(slug, {}).get(name) for name in splits),
            )
            for slug, one in self.totals.items()
        ]
        return Table(("label", *COLUMNS, "wanted", *splits), rows)

    def __repr__(self) -> str:
        """The labels' table, as at a prompt one wants to read it."""
        return self.by_label().to_text()

    def _repr_html_(self) -> str:
        return self.by_label().to_html()


def _numbers(line: Line) -> dict[str, int | None]:
    return {column: getattr(line, column) for column in COLUMNS}


def status_of(project: Project, recipe: Recipe | None = None) -> DatasetStatus:
    """How a dataset stands; the recipe is its own where none is given."""
    with project.open_catalogue(write=False) as cat:
        return report(cat, recipe or counted_recipe(project), missing_files(project, cat))


def report(cat: Catalogue, recipe: Recipe, gone: Collection[str] = ()) -> DatasetStatus:
    """Read the whole table from the catalogue; `gone` are paths of pictures without a file."""
    asked = searches.searches(cat)
    unfetched, bare = _unfetched(cat, recipe)
    lines, lost = _lines(cat, asked, bare, gone)
    labels = dict.fromkeys((*(label.slug for label in recipe.labels), *(s.label for s in asked)))
    gained = accounts.gained(cat, gone) if accounts.is_looked_at(cat) else {}
    totals = {}
    for slug in (*labels, *(new for new in gained if new not in labels)):
        whole = _sum(slug, "", (one for one in lines if one.label == slug))
        more = gained.get(slug, 0)
        totals[slug] = replace(whole, kept=(whole.kept or 0) + more) if more else whole
    for slug, why in unfetched.items():
        lost[slug]["fetched"] = why
    return DatasetStatus(
        lines=lines,
        totals=totals,
        engines={
            name: _sum("", name, (one for one in lines if one.engine == name))
            for name in dict.fromkeys(one.engine for one in lines)
        },
        lost={slug: lost[slug] for slug in totals},
        gained=gained,
        via=accounts.ways(cat),
        unfinished=tuple(f"{one.engine}: {one.term}" for one in asked if one.outcome is None),
        unsettled=tuple(
            f"{one.engine}: {one.term}: {one.outcome}"
            for one in asked
            if one.outcome is not None and one.outcome not in (*SETTLED, "imported")
        ),
        placed=accounts.placed(cat),
        targets={label.slug: label.target for label in recipe.labels},
        missing_files=len(gone),
    )


def _lines(
    cat: Catalogue,
    asked: Iterable[searches.SearchRecord],
    bare: Mapping[int, int],
    gone: Collection[str],
) -> tuple[tuple[Line, ...], dict[str, Reasons]]:
    """A line a search; and label → column → reason → number.

    `bare` are the sightings without a picture, by their search's number.
    """
    looked, found = accounts.is_looked_at(cat), accounts.found_by_search(cat)
    came = accounts.fetched_by_search(cat, found, bare)
    numbers = accounts.search_numbers(cat)
    label_of = {number: place[0] for place, number in numbers.items()}
    stops: dict[int, Counter[str]] = defaultdict(Counter)
    lost: dict[str, Reasons] = defaultdict(dict)
    for one in accounts.accounts(cat, gone):
        stops[one.search][one.stops] += one.number
        if looked:
            why = lost[label_of[one.search]].setdefault(one.stops, {})
            why[one.reason] = why.get(one.reason, 0) + one.number
    lines = []
    for search in asked:
        number = numbers[search.label, search.engine, search.query]
        stop = stops[number]
        fetched = came.get(number, 0)
        line = Line(
            label=search.label,
            term=search.term,
            filters=filters_text(search.query),
            engine=search.engine,
            outcome=search.outcome,
            asked=search.asked,
            found=found.get(number, 0),
            fetched=fetched,
        )
        if looked:
            valid = fetched - stop["valid"]
            unique = valid - stop["unique"]
            line = replace(line, valid=valid, unique=unique, kept=unique - stop["kept"])
        lines.append(line)
    return tuple(lines), lost


def _unfetched(cat: Catalogue, recipe: Recipe) -> tuple[Reasons, Counter[int]]:
    """Why sightings of a label have no picture: label → reason → number; and search → number."""
    bare: Counter[int] = Counter()
    speaks = cache(recipe.excluded_term)
    why: dict[str, Counter[str]] = defaultdict(Counter)
    for one in accounts.unfetched(cat):
        bare[one.search] += 1
        word = speaks(one.label, one.title) if one.title else None
        site = left_out_site(recipe.exclude_hosts, one.image_url, one.page_url)
        if word is not None:
            why[one.label][f"title says {word!r}"] += 1
        elif site is not None:
            why[one.label][f"site {site} left out"] += 1
        elif one.failure:
            why[one.label][one.failure] += 1
        else:
            reason = "not fetched yet" if one.has_address else "no address on the page"
            why[one.label][reason] += 1
    return {label: dict(reasons.most_common()) for label, reasons in why.items()}, bare


def filters_text(query: str) -> str:
    """A query's filters, as in `since=month type=photo`."""
    filters = asdict(searches.read_query(query).filters)
    return " ".join(f"{key}={value}" for key, value in filters.items() if value is not None)


def _sum(label: str, engine: str, lines: Iterable[Line]) -> Line:
    whole: dict[str, int | None] = dict.fromkeys(COLUMNS, 0)
    for line in lines:
        for column in COLUMNS:
            value, sofar = getattr(line, column), whole[column]
            whole[column] = None if value is None or sofar is None else sofar + value
    return Line(label, "", "", engine, None, **whole)  # type: ignore[arg-type]  # its fields
