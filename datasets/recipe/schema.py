"""A recipe file's tables, checked by pydantic: every mistake names its key and what was expected.

This module and `fields` are the only ones that import pydantic; a recipe that is read imports them.
"""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - pydantic reads the annotations at run time
from dataclasses import fields
from math import isnan
from typing import Annotated, Any, ClassVar

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    StrictBool,
    StrictFloat,
    StrictInt,
    ValidationError,
)
from pydantic import model_validator as check_model

from ...scraper.engines import ENGINES
from ...scraper.engines.filters import WORDS, check
from ...scraper.errors import UsageError as ScraperUsageError
from ...scraper.models import Filters, Query
from .. import names as slugs
from ..errors import UsageError
from ..split import Ratios
from .fields import (
    Count,
    Pixels,
    PlainText,
    Share,
    Text,
    Texts,
    TomlTable,
    among,
    expecting,
    hint,
    mistake_of,
    some_of,
    wrong,
)
from .hosts import named_site
from .models import CONFLICTS, SOURCES, Expand


class FilterTable(TomlTable):
    """What narrows a query."""

    min_size: Count | None = None
    type: Annotated[str, among(WORDS["type"])] | None = None
    colour: Annotated[str, among(WORDS["colour"])] | None = None
    since: Annotated[str, among(WORDS["since"])] | None = None
    licence: Annotated[str, among(WORDS["licence"])] | None = None
    safe: Annotated[str, among(WORDS["safe"])] | None = None
    lang: Text | None = None
    region: Text | None = None

    @check_model(mode="after")
    def _check_codes(self) -> FilterTable:
        for key, expected in (
            ("lang", "a language code such as de"),
            ("region", "a country's, as AT"),
        ):
            try:
                check(Query("any", Filters(**{key: getattr(self, key)})))
            except ScraperUsageError:
                raise wrong(expected, key) from None
        return self

    def filters(self) -> Filters:
        """The filters as a value."""
        return Filters(**{one.name: getattr(self, one.name) for one in fields(Filters)})


class QueryEntry(FilterTable):
    """A query: a term alone, or a table of a term with its own filters, share and limit."""

    required: ClassVar[Mapping[str, str]] = {"term": "the search term"}
    term: Text
    share: Share | None = None
    limit: Count | None = None

    @check_model(mode="before")
    @classmethod
    def _take_a_term_alone(cls, entry: Any) -> Any:
        if isinstance(entry, str) and entry.strip():
            return {"term": entry}
        if not isinstance(entry, dict):
            raise wrong(
                'a list of terms or tables, as in ["pizza", { term = "pizza", lang = "it" }]'
            )
        return entry


def _check_shares(queries: tuple[QueryEntry, ...]) -> tuple[QueryEntry, ...]:
    whole = sum(one.share or 0.0 for one in queries)
    if whole > 1.0 + 1e-6:
        raise wrong(f"shares that sum to at most 1, these sum to {whole:g}")
    return queries


_LIST = 'a list of search terms, as in ["pizza", "pizza slice"]'
Queries = Annotated[tuple[QueryEntry, ...], AfterValidator(_check_shares)]


class StratumTable(TomlTable):
    """A part of a label."""

    required: ClassVar[Mapping[str, str]] = {
        "share": "the stratum's part of the label, as in 0.4",
        "queries": _LIST,
    }
    share: Share
    cap: Share | None = None
    queries: Queries


class LabelTable(TomlTable):
    """One class; its queries may be an empty list (pictures that were imported)."""

    name: Text | None = None
    definition: Text | None = None
    target: Count | None = None
    exclude: Texts = ()
    queries: Queries | None = None
    strata: dict[str, StratumTable] = Field(default_factory=dict)
    translations: dict[str, Texts] = Field(default_factory=dict)

    @check_model(mode="after")
    def _check_queries(self) -> LabelTable:
        if not self.strata and self.queries is None:
            raise wrong(_LIST, "queries")
        if self.strata and not self.queries and not any(s.queries for s in self.strata.values()):
            raise wrong(_LIST, "queries")
        whole = sum(stratum.share for stratum in self.strata.values())
        if self.strata and abs(whole - 1.0) > 1e-6:
            raise wrong(f"shares that sum to 1, these sum to {whole:g}", "strata")
        return self


_PLAIN = Expand()


class ExpandTable(TomlTable):
    """What `--expand` may add."""

    adjectives: Texts = _PLAIN.adjectives
    since: Annotated[tuple[str, ...], some_of(WORDS["since"])] = _PLAIN.since
    types: Annotated[tuple[str, ...], some_of(WORDS["type"])] = _PLAIN.types
    colours: Annotated[tuple[str, ...], some_of(WORDS["colour"])] = _PLAIN.colours
    min_sizes: tuple[Count, ...] = _PLAIN.min_sizes
    min_yield: Share = _PLAIN.min_yield


def _read_ratio(value: object) -> Ratios:
    try:
        return Ratios.parse(str(value))
    except UsageError as error:
        raise wrong(str(error).rpartition("expected ")[2]) from None


class SplitTable(TomlTable):
    """How pictures are parted."""

    ratio: Annotated[Ratios, BeforeValidator(_read_ratio)] = Ratios()
    conflict: Annotated[str, among(CONFLICTS)] = CONFLICTS[0]
    drop_moments: Annotated[StrictBool, expecting("true or false")] = False


class OutputTable(TomlTable):
    """What the pictures of the training tree look like."""

    size: Pixels | None = None
    max_side: Pixels | None = None
    pad: Annotated[StrictBool, expecting("true or false")] = False


def _check_slug(slug: str) -> str:
    fault = slugs.fault(slug)
    if fault:
        raise wrong(fault)
    return slug


def _read_checks(table: Any) -> Any:
    if not isinstance(table, dict) or not table:
        return table
    # Imports numpy, which most recipes do not need.
    from ...curation.images.quality import CHECKS

    for name, value in table.items():
        if name not in CHECKS:
            raise wrong(f"no such key; known: {', '.join(CHECKS)}{hint(name, CHECKS)}", name)
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if value is not False and (not number or isnan(value)):
            raise wrong("a threshold (number), or false to switch the check off", name)
    return table


def _check_pair(pair: tuple[str, str]) -> tuple[str, str]:
    if pair[0] == pair[1]:
        raise ValueError("one label twice")
    return pair


_Pair = Annotated[tuple[PlainText, PlainText], AfterValidator(_check_pair)]


def _check_sites(hosts: tuple[str, ...]) -> tuple[str, ...]:
    sites: dict[str, None] = {}
    for host in hosts:
        try:
            sites[named_site(host)] = None
        except UsageError:
            raise wrong(f'sites, as in ["shutterstock.com"], {host!r} is none') from None
    return tuple(sites)


class RecipeTable(TomlTable):
    """A whole recipe file."""

    name: Text | None = None
    description: Text | None = None
    seed: Annotated[StrictInt, Field(ge=0), expecting("a whole number, 0 or more")] = 0
    per_class: Count | None = None
    engines: Annotated[tuple[str, ...], some_of(ENGINES)] = ()
    source: Annotated[str, among(SOURCES)] = SOURCES[0]
    limit: Count | None = None
    reserve: Annotated[StrictFloat, Field(ge=1, le=20), expecting("a number from 1 to 20")] = 1.7
    ambiguous: Texts = ()
    exclude_hosts: Annotated[Texts, AfterValidator(_check_sites)] = ()
    confusable: Annotated[
        tuple[_Pair, ...], expecting('a list of pairs, as in [["beach", "coast"]]')
    ] = ()
    filters: FilterTable = FilterTable()
    expand: ExpandTable = ExpandTable()
    split: SplitTable = SplitTable()
    output: OutputTable = OutputTable()
    checks: Annotated[dict[str, float | bool], BeforeValidator(_read_checks)] = Field(
        default_factory=dict
    )
    label: dict[Annotated[str, AfterValidator(_check_slug)], LabelTable] = Field(
        default_factory=dict
    )

    @check_model(mode="after")
    def _check_labels(self) -> RecipeTable:
        if not self.label:
            raise wrong("at least one table [label.NAME] with queries", "label")
        for pair in self.confusable:
            for slug in pair:
                if slug not in self.label:
                    raise wrong(f"labels of this recipe, {slug!r} is none", "confusable")
        return self


def validate(data: Mapping[str, Any]) -> RecipeTable:
    """The checked tables of a recipe; raises Mistake for the first wrong key."""
    try:
        return RecipeTable.model_validate(data)
    except ValidationError as error:
        raise mistake_of(error) from None
