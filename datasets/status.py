"""Asked / found / fetched / valid / unique / kept, by query, engine and label; and why not more.

Each picture is credited once within its label, to the query asked first, there to its best
rank, so that `unique` and `kept` add up. Before `check` and `dedupe` have run, nothing is known
to be valid, unique or kept.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING

from .catalogue import decisions, images, measurements, searches
from .collect.recorder import left_out
from .curate.rules import DUPLICATE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .catalogue import Catalogue
    from .catalogue.decisions import Standing
    from .catalogue.searches import Sighting
    from .recipe import Recipe

COLUMNS = ("asked", "found", "fetched", "valid", "unique", "kept")


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


@dataclass(frozen=True, slots=True)
class Report:
    """The table and the reasons. `missing` and `dropped` are label → reason → number; `via`
    counts URLs by how their picture came; `targets` are the recipe's."""

    lines: tuple[Line, ...]
    totals: Mapping[str, Line]
    engines: Mapping[str, Line]
    missing: Mapping[str, Mapping[str, int]]
    dropped: Mapping[str, Mapping[str, int]]
    via: Mapping[str, int]
    unfinished: tuple[str, ...]
    placed: Mapping[str, Mapping[str, int]]
    targets: Mapping[str, int | None] = field(default_factory=dict)

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
            "missing": {slug: dict(why) for slug, why in self.missing.items()},
            "dropped": {slug: dict(why) for slug, why in self.dropped.items()},
            "via": dict(self.via),
            "unfinished": list(self.unfinished),
            "placed": {slug: dict(sides) for slug, sides in self.placed.items()},
        }  # fmt: skip


def _numbers(line: Line) -> dict[str, int | None]:
    return {column: getattr(line, column) for column in COLUMNS}


def report(cat: Catalogue, recipe: Recipe) -> Report:
    """Read the whole table from the catalogue."""
    from .catalogue import placements as placing
    from .curate import kept

    book = _Book(cat)
    asked = searches.searches(cat)
    lines = tuple(_line(one, book) for one in asked)
    survivors = Counter(one.label for one in kept(cat))
    labels = dict.fromkeys((*(label.slug for label in recipe.labels), *(s.label for s in asked)))
    totals = {slug: _sum(slug, "", (one for one in lines if one.label == slug)) for slug in labels}
    engines = dict.fromkeys(one.engine for one in lines)
    placed: dict[str, Counter[str]] = {}
    for place in placing.placements(cat).values():
        placed.setdefault(place.label, Counter())[place.split] += 1
    return Report(
        lines,
        totals,
        {name: _sum("", name, (one for one in lines if one.engine == name)) for name in engines},
        {slug: book.missing(recipe, slug) for slug in totals},
        {slug: book.dropped(slug) for slug in totals},
        Counter(fate.via for fate in book.fates.values() if fate.sha256),
        tuple(f"{one.engine}: {one.term}" for one in asked if one.outcome is None),
        {slug: dict(sides) for slug, sides in sorted(placed.items())},
        {label.slug: label.target for label in recipe.labels} | {
            slug: None for slug in survivors if recipe.label(slug) is None
        },
    )  # fmt: skip


class _Book:
    """The catalogue's rows, joined once for the whole table."""

    def __init__(self, cat: Catalogue) -> None:
        self.fates = images.fates(cat)
        self._sightings = searches.sightings(cat)
        self._sources = images.sources(cat)
        self._readable = measurements.measured(cat)
        self._stands = decisions.standings(cat)
        self._judged = bool(self._readable or measurements.unreadable(cat))
        order = {(row.label, row.query): row.place for row in searches.query_order(cat)}
        self._credit: dict[tuple[str, str], tuple[str, str, str]] = {}
        ranked = sorted(
            self._sightings,
            key=lambda s: (order.get((s.label, s.query), 0), s.rank, s.engine, s.key),
        )
        for one in ranked:
            stands = self._sources.get((one.label, one.engine, one.query, one.key))
            if stands is not None:
                place = (one.label, one.engine, one.query)
                self._credit.setdefault((one.label, stands[0]), place)
        self._by_search: dict[tuple[str, str, str], list[Sighting]] = {}
        for one in self._sightings:
            self._by_search.setdefault((one.label, one.engine, one.query), []).append(one)

    def numbers(self, search: searches.SearchRecord) -> dict[str, int | None]:
        """found, fetched, valid, unique, kept of one search."""
        place = (search.label, search.engine, search.query)
        seen = self._by_search.get(place, [])
        shas = [
            self._sources[key][0]
            for one in seen
            if (key := (one.label, one.engine, one.query, one.key)) in self._sources
        ]
        found: dict[str, int | None] = {"found": len(seen), "fetched": len(shas)}
        if not self._judged:
            return found
        mine = [sha for sha in dict.fromkeys(shas) if self._credit[search.label, sha] == place]
        found["valid"] = sum(self._valid(sha) for sha in shas)
        found["unique"] = sum(self._valid(sha) and not self._twice(sha) for sha in mine)
        found["kept"] = sum(
            sha in self._readable
            and not self._stand(sha).dropped
            and (self._stand(sha).label or search.label) == search.label
            for sha in mine
        )
        return found

    def missing(self, recipe: Recipe, label: str) -> dict[str, int]:
        """Why sightings of a label have no picture: reason → number."""
        why: Counter[str] = Counter()
        for one in self._sightings:
            if one.label != label or (one.label, one.engine, one.query, one.key) in self._sources:
                continue
            out = left_out(recipe, label, one.title)
            urls = [url for url in (one.preview_url, one.image_url) if url]
            failures = [f.failure for url in urls if (f := self.fates.get(url)) and f.failure]
            if out is not None:
                why[f"title says {out!r}"] += 1
            elif failures:
                why[failures[0]] += 1
            else:
                why["not fetched yet" if urls else "no address on the page"] += 1
        return dict(why.most_common())

    def dropped(self, label: str) -> dict[str, int]:
        """Why pictures of a label are out: reason → number."""
        why: Counter[str] = Counter()
        for slug, sha in self._credit:
            verdict = self._stand(sha).verdict
            if slug != label:
                continue
            if self._judged and sha not in self._readable:
                why["unreadable"] += 1
            elif verdict is not None and verdict.decision == "drop":
                why[verdict.reason if verdict.by == "rule" else "by a person"] += 1
        return dict(why.most_common())

    def _stand(self, sha: str) -> Standing:
        return self._stands.get(sha, decisions.Standing())

    def _valid(self, sha: str) -> bool:
        rule = self._stand(sha).rule
        broken = rule is not None and rule.decision == "drop" and rule.reason not in _SECOND
        return sha in self._readable and not broken

    def _twice(self, sha: str) -> bool:
        rule = self._stand(sha).rule
        return rule is not None and rule.decision == "drop" and rule.reason == DUPLICATE


# Drops that say nothing against the picture itself.
_SECOND = frozenset({DUPLICATE, "label-conflict"})


def _line(search: searches.SearchRecord, book: _Book) -> Line:
    query = searches.read_query(search.query)
    filters = {k: v for k, v in asdict(query.filters).items() if v is not None}
    return Line(
        search.label,
        search.term,
        " ".join(f"{key}={value}" for key, value in filters.items()),
        search.engine,
        search.outcome,
        search.asked,
        **book.numbers(search),  # type: ignore[arg-type]  # its keys are fields
    )


def _sum(label: str, engine: str, lines: Iterable[Line]) -> Line:
    whole: dict[str, int | None] = dict.fromkeys(COLUMNS, 0)
    for line in lines:
        for column in COLUMNS:
            value, sofar = getattr(line, column), whole[column]
            whole[column] = None if value is None or sofar is None else sofar + value
    return Line(label, "", "", engine, None, **whole)  # type: ignore[arg-type]  # as above
