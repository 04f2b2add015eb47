"""TOML to a Recipe, once: every mistake is one line, "file: key: what was expected"."""

from __future__ import annotations

import tomllib
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ...scraper.engines import engine_names
from ...scraper.engines.filters import WORDS, check
from ...scraper.errors import UsageError as ScraperUsageError
from ...scraper.models import Filters, Query
from .. import names as slugs
from ..errors import UsageError
from ..split import Ratios
from .matching import contains
from .models import CONFLICTS, SOURCES, Asked, Expand, Label, Recipe, Stratum
from .table import Table

if TYPE_CHECKING:
    from collections.abc import Mapping


def read(path: Path) -> Recipe:
    """The recipe in `path`; raises UsageError with one line that names file and key."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise UsageError(f"{path}: no such recipe (`pixset recipe new` writes one)") from None
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: cannot be read as UTF-8 text ({error})") from error
    return parse(text, str(path))


def parse(text: str, name: str) -> Recipe:
    """The recipe in `text`; `name` is what its mistakes are reported under."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{name}: expected TOML: {error}") from error
    return _recipe(Table(name, "", data), Path(name).stem)


def _recipe(top: Table, stem: str) -> Recipe:
    sides, output = top.table("split"), top.table("output")
    filters = read_filters(top.table("filters"))
    per_class = top.count("per_class")
    thresholds, off = _checks(top.table("checks"))
    recipe = Recipe(
        name=top.text("name") or stem,
        description=top.text("description") or "",
        seed=top.count("seed", least=0) or 0,
        engines=top.choices("engines", engine_names()) or engine_names(),
        source=top.choice("source", SOURCES) or "preview",
        limit=top.count("limit"),
        reserve=top.number("reserve", 1.0, 20.0) or 1.7,
        filters=filters,
        expand=_expand(top.table("expand")),
        split=_ratio(sides),
        conflict=sides.choice("conflict", CONFLICTS) or "drop",
        ambiguous=top.texts("ambiguous"),
        checks=thresholds,
        checks_off=off,
        size=output.count("size", least=10),
        max_side=output.count("max_side", least=10),
        pad=output.flag("pad") or False,
    )
    labels = tuple(
        _label(table, slug, filters, per_class) for slug, table in top.table("label").tables()
    )
    if not labels:
        raise top.wrong("label", "at least one table [label.NAME] with queries")
    recipe = replace(recipe, labels=labels, confusable=_pairs(top, labels))
    for table in (sides, output, top):
        table.done()
    _agree(top, recipe)
    return recipe


def _label(table: Table, slug: str, filters: Filters, per_class: int | None) -> Label:
    fault = slugs.fault(slug)
    if fault:
        raise table.wrong("", fault)
    strata, queries = _strata(table, filters)
    translations = table.table("translations")
    label = Label(
        slug=slug,
        name=table.text("name") or "",
        definition=table.text("definition") or "",
        queries=(*_queries(table, filters, None), *queries),
        strata=strata,
        target=table.count("target") or per_class,
        exclude=table.texts("exclude"),
        translations={lang: translations.texts(lang) for lang in translations.names()},
    )
    translations.done()
    table.done()
    # An empty list is an answer (pictures that were imported); none at all is forgotten.
    if not label.queries and (strata or "queries" not in table.names()):
        raise table.wrong("queries", 'a list of search terms, as in ["pizza", "pizza slice"]')
    seen: set[Query] = set()
    for asked in label.queries:
        if asked.query in seen:
            raise table.wrong("queries", f"each query once, {asked.query.term!r} stands twice")
        seen.add(asked.query)
    return label


def _strata(table: Table, filters: Filters) -> tuple[tuple[Stratum, ...], tuple[Asked, ...]]:
    strata: list[Stratum] = []
    queries: list[Asked] = []
    for name, part in table.table("strata").tables():
        share = part.number("share", 0.0, 1.0)
        if share is None:
            raise part.wrong("share", "the stratum's part of the label, as in 0.4")
        strata.append(Stratum(name, share, part.number("cap", 0.0, 1.0)))
        queries.extend(_queries(part, filters, name))
        part.done()
    whole = sum(stratum.share for stratum in strata)
    if strata and abs(whole - 1.0) > 1e-6:
        raise table.wrong("strata", f"shares that sum to 1, these sum to {whole:g}")
    return tuple(strata), tuple(queries)


def _queries(table: Table, filters: Filters, stratum: str | None) -> list[Asked]:
    asked: list[Asked] = []
    for entry in table.entries("queries"):
        if isinstance(entry, str):
            asked.append(Asked(Query(entry, filters), stratum))
            continue
        term = entry.text("term")
        if not term:
            raise entry.wrong("term", "the search term")
        own = read_filters(entry, finish=False)
        share, limit = entry.number("share", 0.0, 1.0), entry.count("limit")
        entry.done()
        given = {f.name: value for f in fields(own) if (value := getattr(own, f.name)) is not None}
        asked.append(Asked(Query(term, replace(filters, **given)), stratum, share, limit))
    whole = sum(one.share or 0.0 for one in asked)
    if whole > 1.0 + 1e-6:
        raise table.wrong("queries", f"shares that sum to at most 1, these sum to {whole:g}")
    return asked


def read_filters(table: Table, *, finish: bool = True) -> Filters:
    """The filters in `table`; `finish=False` where the table holds other keys too."""
    filters = Filters(
        min_size=table.count("min_size"),
        type=table.choice("type", WORDS["type"]),
        colour=table.choice("colour", WORDS["colour"]),
        since=table.choice("since", WORDS["since"]),
        licence=table.choice("licence", WORDS["licence"]),
        safe=table.choice("safe", WORDS["safe"]),
        lang=table.text("lang"),
        region=table.text("region"),
    )
    for key, expected in (("lang", "a language code such as de"), ("region", "a country's, as AT")):
        try:
            check(Query("any", Filters(**{key: getattr(filters, key)})))
        except ScraperUsageError as error:
            raise table.wrong(key, expected) from error
    if finish:
        table.done()
    return filters


def _expand(table: Table) -> Expand:
    plain = Expand()
    expand = Expand(
        adjectives=table.texts("adjectives", plain.adjectives),
        since=table.choices("since", WORDS["since"], plain.since),
        types=table.choices("types", WORDS["type"], plain.types),
        colours=table.choices("colours", WORDS["colour"]),
        min_sizes=tuple(table.counts("min_sizes")),
        min_yield=_or(table.number("min_yield", 0.0, 1.0), plain.min_yield),
    )
    table.done()
    return expand


def _or(value: float | None, otherwise: float) -> float:
    return otherwise if value is None else value


def _ratio(table: Table) -> Ratios:
    text = table.text("ratio")
    if text is None:
        return Ratios()
    try:
        return Ratios.parse(text)
    except UsageError as error:
        raise table.wrong(
            "ratio", "two or three numbers above 0, as in 80/20 or 70/15/15"
        ) from error


def _checks(table: Table) -> tuple[Mapping[str, float], frozenset[str]]:
    if not table.names():
        return {}, frozenset()
    from ...curation.images.quality import CHECKS

    thresholds: dict[str, float] = {}
    off: set[str] = set()
    for name in CHECKS:
        value = table.switch_or_number(name)
        if value is False:
            off.add(name)
        elif isinstance(value, float):
            thresholds[name] = value
    table.done()
    return thresholds, frozenset(off)


def _pairs(top: Table, labels: tuple[Label, ...]) -> tuple[tuple[str, str], ...]:
    known = {label.slug for label in labels}
    pairs = top.pairs("confusable")
    for pair in pairs:
        for slug in pair:
            if slug not in known:
                raise top.wrong("confusable", f"labels of this recipe, {slug!r} is none")
    return pairs


def _agree(top: Table, recipe: Recipe) -> None:
    """What one value cannot know of another: no query may be ambiguous."""
    for label in recipe.labels:
        for asked in label.queries:
            if any(contains(asked.query.term, term) for term in recipe.ambiguous):
                raise top.wrong(
                    f"label.{label.slug}.queries",
                    f"no ambiguous term, {asked.query.term!r} is one",
                )
