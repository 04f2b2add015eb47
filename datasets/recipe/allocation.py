"""From a recipe to what is asked of the engines: each query with its limit, in order.

Pure. Shares are quotas: a label's target is parted among its strata, a stratum's part among its
queries, and no query brings more than its stratum's cap, so that no single dish dominates.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ...scraper.models import Query
from .models import Asked, Expand, Label, Recipe, Stratum

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

DEFAULT_LIMIT = 1800  # about what three engines show of one term
# Fewer than this from one query is not worth opening three result pages for.
_WORTH = 8


@dataclass(frozen=True, slots=True)
class Ask:
    """One query to be put for one label; `limit` candidates over all engines."""

    label: str
    query: Query
    limit: int
    stratum: str | None = None


def asks(recipe: Recipe) -> list[Ask]:
    """Everything a recipe asks for, label by label in the recipe's order."""
    return [ask for label in recipe.labels for ask in label_asks(recipe, label, recipe.reserve)]


def label_asks(recipe: Recipe, label: Label, reserve: float) -> list[Ask]:
    """What one label asks for; `reserve` candidates for each picture of its target."""
    known = {stratum.name for stratum in label.strata}
    free = [asked for asked in label.queries if asked.stratum not in known]
    found: list[Ask] = []
    if free:
        # Beside strata, a query of its own stands for itself and takes nothing from them.
        wanted = label.target if not label.strata else None
        found.extend(_part(recipe, label, free, wanted, Stratum("", 1.0), reserve))
    for stratum in label.strata:
        mine = [asked for asked in label.queries if asked.stratum == stratum.name]
        wanted = None if label.target is None else math.ceil(label.target * stratum.share)
        found.extend(_part(recipe, label, mine, wanted, stratum, reserve))
    return found


def _part(
    recipe: Recipe,
    label: Label,
    queries: list[Asked],
    wanted: int | None,
    stratum: Stratum,
    reserve: float,
) -> Iterator[Ask]:
    if wanted is None:
        plain = recipe.limit or DEFAULT_LIMIT
        for asked in queries:
            yield Ask(label.slug, asked.query, asked.limit or plain, asked.stratum)
        return
    candidates = math.ceil(wanted * reserve)
    used = _used(queries, candidates, stratum.cap)
    given = sum(asked.share or 0.0 for asked in used)
    open_ones = sum(asked.share is None for asked in used)
    even = (1.0 - given) / open_ones if open_ones else 0.0
    for asked in used:
        share = even if asked.share is None else asked.share
        if stratum.cap is not None and len(used) * stratum.cap >= 1.0:
            share = min(share, stratum.cap)
        limit = asked.limit or max(1, math.ceil(candidates * share))
        yield Ask(label.slug, asked.query, limit, asked.stratum)


def _used(queries: list[Asked], candidates: int, cap: float | None) -> list[Asked]:
    """The first queries, as many as are worth asking; those with a share or limit always."""
    least = math.ceil(1.0 / cap) if cap else 1
    number = max(least, candidates // _WORTH)
    return [
        asked
        for place, asked in enumerate(queries)
        if place < number or asked.share is not None or asked.limit is not None
    ]


def unused(recipe: Recipe) -> dict[str, int]:
    """Label → how many of its queries a small target leaves out."""
    asked = asks(recipe)
    left = {
        label.slug: len(label.queries) - sum(ask.label == label.slug for ask in asked)
        for label in recipe.labels
    }
    return {slug: number for slug, number in left.items() if number}


def expansions(more: Expand, asked: Query) -> Iterator[Query]:
    """More queries from one query, likeliest first: date windows, types, colours, sizes, words."""
    narrower: tuple[tuple[str, Sequence[str | int]], ...] = (
        ("since", more.since),
        ("type", more.types),
        ("colour", more.colours),
        ("min_size", more.min_sizes),
    )
    for name, values in narrower:
        if getattr(asked.filters, name) is None:
            for value in values:
                # The filter's name is one of Filters' fields, which a type checker cannot see.
                yield replace(asked, filters=replace(asked.filters, **{name: value}))  # type: ignore[arg-type]
    for adjective in more.adjectives:
        if not asked.term.lower().startswith(adjective.lower() + " "):
            yield replace(asked, term=f"{adjective} {asked.term}")


def translated(label: Label) -> Iterator[Query]:
    """The label's translations as queries in their language."""
    for lang, terms in label.translations.items():
        for term in terms:
            yield Query(term, replace(Query(term).filters, lang=lang))
