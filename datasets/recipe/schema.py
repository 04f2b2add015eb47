"""A recipe file's shape, checked by pydantic: every mistake names its key and what was expected.

This is the only module that imports pydantic; it is imported when a recipe is read.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping  # noqa: TC003 - pydantic reads the annotations at run time
from dataclasses import fields
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StrictFloat,
    StrictInt,
    StrictStr,
    StringConstraints,
    ValidationError,
    WrapValidator,
)
from pydantic import model_validator as check_model
from pydantic_core import PydanticCustomError

from ...scraper.engines import ENGINES
from ...scraper.engines.filters import WORDS, check
from ...scraper.errors import UsageError as ScraperUsageError
from ...scraper.models import Filters, Query
from .. import names as slugs
from ..errors import UsageError
from ..split import Ratios
from .hosts import named_site
from .models import CONFLICTS, SOURCES, Expand, Mistake

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence


def _wrong(expected: str, key: str = "") -> PydanticCustomError:
    """The error for `key` of the value at hand, or for the value itself."""
    return PydanticCustomError("expected", "{expected}", {"expected": expected, "key": key})


def _expecting(expected: str) -> WrapValidator:
    """Say `expected` for whatever is wrong inside."""

    def validate(value: Any, inner: Callable[[Any], Any]) -> Any:
        try:
            return inner(value)
        except ValidationError:
            raise _wrong(expected) from None

    return WrapValidator(validate)


def _among(names: Sequence[str]) -> BeforeValidator:
    """One of `names`; the nearest is named for one that is not."""

    def validate(value: object) -> object:
        if value not in names:
            raise _wrong(f"one of {', '.join(names)}, not {value!r}{_hint(str(value), names)}")
        return value

    return BeforeValidator(validate)


def _some_of(names: Collection[str]) -> BeforeValidator:
    """A list of some of `names`, which are read anew each time: a registry may grow."""

    def validate(values: object) -> object:
        if not isinstance(values, list | tuple):
            raise _wrong(f"a list of some of {', '.join(names)}")
        for value in values:
            if value not in names:
                raise _wrong(f"one of {', '.join(names)}, not {value!r}{_hint(str(value), names)}")
        return values

    return BeforeValidator(validate)


def _hint(word: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(word, known, n=1)
    return f" (did you mean {near[0]!r}?)" if near else ""


_PlainText = Annotated[StrictStr, StringConstraints(strip_whitespace=True, min_length=1)]
Text = Annotated[_PlainText, _expecting('a text in quotes, as in "pizza"')]
Texts = Annotated[tuple[_PlainText, ...], _expecting('a list of texts, as in ["logo", "clipart"]')]
Count = Annotated[StrictInt, Field(ge=1), _expecting("a whole number, 1 or more")]
Pixels = Annotated[StrictInt, Field(ge=10), _expecting("a whole number, 10 or more")]
Share = Annotated[StrictFloat, Field(ge=0, le=1), _expecting("a number from 0 to 1")]


class _Table(BaseModel):
    """A TOML table without unknown keys."""

    model_config = ConfigDict(frozen=True)
    required: ClassVar[Mapping[str, str]] = {}  # key → what is expected of it

    @check_model(mode="before")
    @classmethod
    def _know_every_key(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            raise PydanticCustomError("table", "a table")
        known = list(cls.model_fields)
        for key in data:
            if key not in known:
                near = difflib.get_close_matches(key, known, n=1)
                hint = (
                    f"did you mean {near[0]!r}?" if near else f"known: {', '.join(sorted(known))}"
                )
                raise _wrong(f"no such key; {hint}", key)
        for key, expected in cls.required.items():
            if key not in data:
                raise _wrong(expected, key)
        return data


class FilterTable(_Table):
    """What narrows a query."""

    min_size: Count | None = None
    type: Annotated[str, _among(WORDS["type"])] | None = None
    colour: Annotated[str, _among(WORDS["colour"])] | None = None
    since: Annotated[str, _among(WORDS["since"])] | None = None
    licence: Annotated[str, _among(WORDS["licence"])] | None = None
    safe: Annotated[str, _among(WORDS["safe"])] | None = None
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
                raise _wrong(expected, key) from None
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
            raise _wrong(
                'a list of terms or tables, as in ["pizza", { term = "pizza", lang = "it" }]'
            )
        return entry


def _check_shares(queries: tuple[QueryEntry, ...]) -> tuple[QueryEntry, ...]:
    whole = sum(one.share or 0.0 for one in queries)
    if whole > 1.0 + 1e-6:
        raise _wrong(f"shares that sum to at most 1, these sum to {whole:g}")
    return queries


_LIST = 'a list of search terms, as in ["pizza", "pizza slice"]'
Queries = Annotated[tuple[QueryEntry, ...], AfterValidator(_check_shares)]


class StratumTable(_Table):
    """A part of a label."""

    required: ClassVar[Mapping[str, str]] = {
        "share": "the stratum's part of the label, as in 0.4",
        "queries": _LIST,
    }
    share: Share
    cap: Share | None = None
    queries: Queries


class LabelTable(_Table):
    """One class; its queries may be an empty list (pictures that were imported)."""

    name: Text | None = None
    definition: Text | None = None
    target: Count | None = None
    exclude: Texts = ()
    queries: Queries | None = None
    strata: dict[str, StratumTable] = {}
    translations: dict[str, Texts] = {}

    @check_model(mode="after")
    def _check_queries(self) -> LabelTable:
        if not self.strata and self.queries is None:
            raise _wrong(_LIST, "queries")
        if self.strata and not self.queries and not any(s.queries for s in self.strata.values()):
            raise _wrong(_LIST, "queries")
        whole = sum(stratum.share for stratum in self.strata.values())
        if self.strata and abs(whole - 1.0) > 1e-6:
            raise _wrong(f"shares that sum to 1, these sum to {whole:g}", "strata")
        return self


_PLAIN = Expand()


class ExpandTable(_Table):
    """What `--expand` may add."""

    adjectives: Texts = _PLAIN.adjectives
    since: Annotated[tuple[str, ...], _some_of(WORDS["since"])] = _PLAIN.since
    types: Annotated[tuple[str, ...], _some_of(WORDS["type"])] = _PLAIN.types
    colours: Annotated[tuple[str, ...], _some_of(WORDS["colour"])] = _PLAIN.colours
    min_sizes: tuple[Count, ...] = _PLAIN.min_sizes
    min_yield: Share = _PLAIN.min_yield


def _read_ratio(value: object) -> Ratios:
    try:
        return Ratios.parse(str(value))
    except UsageError as error:
        raise _wrong(str(error).partition(": expected ")[2]) from None


class SplitTable(_Table):
    """How pictures are parted."""

    ratio: Annotated[Ratios, BeforeValidator(_read_ratio)] = Ratios()
    conflict: Annotated[str, _among(CONFLICTS)] = CONFLICTS[0]


class OutputTable(_Table):
    """What the pictures of the training tree look like."""

    size: Pixels | None = None
    max_side: Pixels | None = None
    pad: Annotated[StrictBool, _expecting("true or false")] = False


def _check_slug(slug: str) -> str:
    fault = slugs.fault(slug)
    if fault:
        raise _wrong(fault)
    return slug


def _read_checks(table: Any) -> Any:
    if not isinstance(table, dict) or not table:
        return table
    # Imports numpy, which most recipes do not need.
    from ...curation.images.quality import CHECKS

    for name, value in table.items():
        if name not in CHECKS:
            raise _wrong(f"no such key; known: {', '.join(CHECKS)}{_hint(name, CHECKS)}", name)
        if value is not False and (isinstance(value, bool) or not isinstance(value, int | float)):
            raise _wrong("a threshold (number), or false to switch the check off", name)
    return table


def _check_pair(pair: tuple[str, str]) -> tuple[str, str]:
    if pair[0] == pair[1]:
        raise ValueError("one label twice")
    return pair


_Pair = Annotated[tuple[_PlainText, _PlainText], AfterValidator(_check_pair)]


def _check_sites(hosts: tuple[str, ...]) -> tuple[str, ...]:
    sites: dict[str, None] = {}
    for host in hosts:
        try:
            sites[named_site(host)] = None
        except UsageError:
            raise _wrong(f'sites, as in ["shutterstock.com"], {host!r} is none') from None
    return tuple(sites)


class RecipeTable(_Table):
    """A whole recipe file."""

    name: Text | None = None
    description: Text | None = None
    seed: Annotated[StrictInt, Field(ge=0), _expecting("a whole number, 0 or more")] = 0
    per_class: Count | None = None
    engines: Annotated[tuple[str, ...], _some_of(ENGINES)] = ()
    source: Annotated[str, _among(SOURCES)] = SOURCES[0]
    limit: Count | None = None
    reserve: Annotated[StrictFloat, Field(ge=1, le=20), _expecting("a number from 1 to 20")] = 1.7
    ambiguous: Texts = ()
    exclude_hosts: Annotated[Texts, AfterValidator(_check_sites)] = ()
    confusable: Annotated[
        tuple[_Pair, ...], _expecting('a list of pairs, as in [["beach", "coast"]]')
    ] = ()
    filters: FilterTable = FilterTable()
    expand: ExpandTable = ExpandTable()
    split: SplitTable = SplitTable()
    output: OutputTable = OutputTable()
    checks: Annotated[dict[str, float | bool], BeforeValidator(_read_checks)] = {}
    label: dict[Annotated[str, AfterValidator(_check_slug)], LabelTable] = {}

    @check_model(mode="after")
    def _check_labels(self) -> RecipeTable:
        if not self.label:
            raise _wrong("at least one table [label.NAME] with queries", "label")
        for pair in self.confusable:
            for slug in pair:
                if slug not in self.label:
                    raise _wrong(f"labels of this recipe, {slug!r} is none", "confusable")
        return self


def validate(data: Mapping[str, Any]) -> RecipeTable:
    """The checked tables of a recipe; raises Mistake for the first wrong key."""
    try:
        return RecipeTable.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
    context = first.get("ctx", {})
    place = [str(part) if isinstance(part, str) else part + 1 for part in first["loc"]]
    place = [part for part in place if part != "[key]"]  # how pydantic marks a dict's key
    if context.get("key"):
        place.append(context["key"])
    key = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place)
    key = key.removeprefix(".")
    if first["type"] == "expected":
        raise Mistake(key, context["expected"])
    last = next((part for part in reversed(place) if isinstance(part, str)), "")
    what = {
        "table": f"a table, as in [{key}]",
        "dict_type": f"a table, as in [{key}]",
        "tuple_type": f'a list, as in {last} = ["…"]',
    }.get(first["type"])
    raise Mistake(key, what or str(first["msg"]))
