"""`scrape --term …` as a recipe: a label with its terms, their filters, and their limit."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING

from ...scraper.engines.filters import check
from ...scraper.errors import UsageError as ScraperUsageError
from ...scraper.models import Filters, Query
from .. import names as slugs
from ..errors import UsageError
from ..recipe.allocation import DEFAULT_LIMIT, Ask, asks
from ..recipe.merging import merge_into
from ..recipe.models import Asked, Label, Recipe, over
from ..recipe.toml import find, read, recipe_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ..project import Project

    Merge = Callable[[Project, Recipe], Recipe]


def checked_filters(filters: Filters) -> Filters:
    """The filters, checked; raises UsageError that names the option and what it takes."""
    try:
        check(Query("any", filters))
    except ScraperUsageError as error:
        raise UsageError(f"--{error}") from error
    return filters


def requests_of_terms(
    project: Project,
    terms: Sequence[str],
    label: str | None,
    limit: int | None,
    filters: Filters,
    merge: Merge = merge_into,
) -> tuple[Recipe, list[Ask]]:
    """Bring the terms into the dataset's recipe; returns it and what is asked for them now.

    `merge` merges with the recipe that is there, and writes it unless it is `merged_with`.
    """
    if not all(term.strip() for term in terms):
        raise UsageError("--term '': expected words to search for, as in --term pizza")
    slugs.refuse_other_than_text([*terms, label or ""])
    name = label or terms[0]
    base = recipe_of(project)
    plain = slugs.plain_name
    named = [one.slug for one in base.labels if plain(name) in map(plain, (one.slug, one.name))]
    slug = slugs.slug_of(name, named)
    filters = over(filters, base.filters)
    queries = tuple(Asked(Query(term, filters), None, None, limit) for term in dict.fromkeys(terms))
    new = replace(base, labels=(Label(slug, name=name if name != slug else "", queries=queries),))
    recipe = merge(project, new)
    number = limit or recipe.limit or DEFAULT_LIMIT
    return recipe, [Ask(slug, asked.query, number) for asked in queries]


def requests_of_recipe(
    project: Project,
    name: str | None,
    limit: int | None,
    filters: Filters,
    merge: Merge = merge_into,
) -> tuple[Recipe, list[Ask]]:
    """A recipe (None: the dataset's own), merged in; `limit` and `filters` stand above its own."""
    if name is None:
        if not project.recipe.is_file():
            raise UsageError(
                f"{project.root}: has no recipe yet: say what to look for, as in "
                "`pixset scrape --term pizza`, or name a recipe"
            )
        recipe = read(project.recipe)
    else:
        recipe = find(name)
    given = {f.name: v for f in fields(filters) if (v := getattr(filters, f.name)) is not None}
    if given:
        labels = tuple(
            replace(label, queries=tuple(_narrow(asked, given) for asked in label.queries))
            for label in recipe.labels
        )
        recipe = replace(recipe, labels=labels, filters=replace(recipe.filters, **given))
    recipe = merge(project, recipe)
    asked = asks(recipe)
    if limit is not None:
        asked = [replace(ask, limit=limit) for ask in asked]
    return recipe, asked


def unsupported_filters(asked: Sequence[Ask], engines: Sequence[str]) -> list[str]:
    """One line for each filter that an engine does not support: it is asked without."""
    from ...scraper.engines import ENGINES

    lines: dict[str, None] = {}
    for engine in engines:
        for ask in asked:
            for name in ENGINES[engine].unsupported(ask.query):
                value = getattr(ask.query.filters, name)
                lines[f"{engine} has no filter {name}={value}: it is asked without"] = None
    return list(lines)


def _narrow(asked: Asked, given: dict[str, object]) -> Asked:
    filters = replace(asked.query.filters, **given)  # type: ignore[arg-type]  # Filters' own fields
    return replace(asked, query=replace(asked.query, filters=filters))
