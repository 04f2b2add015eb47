"""Two recipes as one, and a recipe into a dataset: no earlier label or query is lost."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ...scraper.models import Filters
from ..errors import UsageError
from .models import Label, Recipe
from .toml import read, write

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..project import Project


def merge(old: Recipe, new: Recipe) -> Recipe:
    """`new` over `old`: its settings, and the labels and queries of both, none lost."""
    labels = {label.slug: label for label in old.labels}
    for label in new.labels:
        known = labels.get(label.slug)
        if known is None:
            labels[label.slug] = replace(label, target=label.target or old.per_class)
        else:
            labels[label.slug] = _merge_label(known, label)
    return replace(
        new,
        labels=tuple(labels.values()),
        # Queries carry their filters; a common default stands only where it is common.
        filters=new.filters if new.filters == old.filters else Filters(),
        drop_moments=old.drop_moments or new.drop_moments,
        confusable=tuple(dict.fromkeys((*old.confusable, *new.confusable))),
        ambiguous=tuple(dict.fromkeys((*old.ambiguous, *new.ambiguous))),
        exclude_hosts=tuple(dict.fromkeys((*old.exclude_hosts, *new.exclude_hosts))),
    )


def leaving_out(recipe: Recipe, sites: Iterable[str]) -> Recipe:
    """The recipe with these sites left out, too."""
    return replace(recipe, exclude_hosts=tuple(dict.fromkeys((*recipe.exclude_hosts, *sites))))


def _merge_label(old: Label, new: Label) -> Label:
    queries = {asked.query: asked for asked in old.queries}
    queries.update({asked.query: asked for asked in new.queries})
    strata = new.strata or old.strata
    # In the order in which a file holds them: those of no stratum first, then stratum by stratum.
    places = {stratum.name: place for place, stratum in enumerate(strata)}
    return Label(
        slug=new.slug,
        name=new.name or old.name,
        definition=new.definition or old.definition,
        queries=tuple(sorted(queries.values(), key=lambda one: places.get(one.stratum or "", -1))),
        strata=strata,
        target=new.target if new.target is not None else old.target,
        exclude=tuple(dict.fromkeys((*old.exclude, *new.exclude))),
        translations={**old.translations, **new.translations},
    )


def merged_with(project: Project, recipe: Recipe) -> Recipe:
    """The recipe merged with the dataset's own, where there is one; nothing is written.

    Raises UsageError for a dataset that was made by another recipe.
    """
    if project.recipe.is_file():
        there = read(project.recipe)
        plain = project.root.resolve().name  # what `scrape --term` and `import` call a dataset
        if there.name not in (recipe.name, plain):
            raise UsageError(
                f"{project.root}: holds {there.name!r}, not {recipe.name!r}: name another folder "
                "with --into"
            )
        recipe = merge(there, recipe)
    return recipe


def merge_into(project: Project, recipe: Recipe) -> Recipe:
    """Write the recipe into the dataset, merged with the one there; returns what it is now.

    Raises UsageError for a dataset that was made by another recipe, and for what stands in the
    dataset's way; nothing is written then.
    """
    project.refuse_obstacles()
    recipe = merged_with(project, recipe)
    write(project.recipe, recipe)
    return recipe
