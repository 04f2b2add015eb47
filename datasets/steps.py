"""The steps from terms to a training tree, each one function: the command line's and `Dataset`'s.

What a step raises is of `DatasetError`, `ScraperError` or `CurationError`; none prints, and what
a person should know meanwhile is a line of the `pixset` log.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from ..curation.printable import counted
from ..curation.progress import Progress, silent
from ..scraper.models import Filters
from .catalogue.measurements import unmeasured
from .collect.image_store import find
from .collect.requests import (
    checked_filters,
    requests_of_recipe,
    requests_of_terms,
    unsupported_filters,
)
from .collect.unused import new_only_if_used
from .curate import CurateReport, PairStatement, curate, recipe_of
from .curate.measuring import measure
from .errors import UsageError
from .recipe.allocation import DEFAULT_LIMIT
from .recipe.allocation import asks as asks_of
from .recipe.hosts import named_site
from .recipe.merging import leaving_out, merge_into, merged_with
from .recipe.toml import read, write
from .status import DatasetStatus, status_of
from .tree.split_dataset import split

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from ..curation.duplicates.explain import Explanation
    from ..curation.labels.embedding import Embedder
    from .collect import CollectReport
    from .collect.forecast import Forecast
    from .collect.settings import SearchOptions
    from .curate.label_report import LabelReport
    from .project import Project
    from .recipe import Recipe
    from .recipe.allocation import Ask

__all__ = [
    "ScrapeRequest",
    "Scraped",
    "check",
    "check_labels",
    "dedupe",
    "explain_copies",
    "forecast_build",
    "forecast_scrape",
    "look_at_new",
    "scrape",
    "sites_of",
    "split",
]

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScrapeRequest:
    """What to search for: `terms` of one `label`, or a `recipe` (a name or file, None: its own).

    `limit` counts results for each term over all engines. `expand` adds queries until enough is
    in. Nothing is taken from `exclude_hosts`, now and later.
    """

    terms: Sequence[str] = ()
    recipe: str | None = None
    label: str | None = None
    limit: int | None = None
    filters: Filters = field(default_factory=Filters)
    expand: bool = False
    exclude_hosts: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Scraped:
    """What a scrape did and where the dataset now stands; `labels` are the slugs asked for.

    `refusal` is why it brought nothing: every engine that was asked refused.
    """

    labels: tuple[str, ...]
    collected: CollectReport
    status: DatasetStatus
    refusal: Exception | None = None

    def __repr__(self) -> str:
        """Outcomes that need a look, and the status."""
        looks = (one for one in self.collected.looks if one.outcome not in ("limit", "exhausted"))
        lines = [f"{one.engine}: {one.term!r}: {one.outcome}: {one.detail}" for one in looks]
        return "\n".join([*lines, repr(self.status)])

    def _repr_html_(self) -> str:
        return self.status._repr_html_()


def scrape(
    project: Project, request: ScrapeRequest, search: SearchOptions, progress: Progress = silent
) -> Scraped:
    """Search, and bring the pictures into the dataset, which is made where there is none.

    Raises UsageError for what cannot be asked, before anything is written. A dataset that this
    run made does not stay behind when every engine refused and nothing was found.
    """
    from .collect import run  # browsers and HTTP, which only this step needs

    _check(request, search)
    with new_only_if_used(project) as give_up:
        wanted, asks = _requested(project, request, merge_into)
        labels = tuple(dict.fromkeys(ask.label for ask in asks))
        options = search.settings(wanted).options()
        for line in unsupported_filters(asks, options.engines):
            _log.warning(line)
        fill = _fill(wanted, labels, request.limit) if request.expand else {}
        done = run.collect(project, wanted, asks, options, progress, fill=fill)
        scraped = Scraped(labels, done, status_of(project, wanted), done.refusal())
        if scraped.refusal is not None:
            give_up()
    return scraped


def forecast_scrape(project: Project, request: ScrapeRequest, search: SearchOptions) -> Forecast:
    """What `scrape` would ask, and how long that takes; nothing is asked and nothing written.

    Raises UsageError as `scrape` does.
    """
    _check(request, search)
    wanted, asks = _requested(project, request, merged_with)
    return _forecast(project, wanted, asks, search)


def forecast_build(project: Project, recipe: Recipe, search: SearchOptions) -> Forecast:
    """What `build` would ask in its first round; nothing is asked and nothing written."""
    search.settings()
    wanted = merged_with(project, recipe)
    return _forecast(project, wanted, asks_of(wanted), search)


def _forecast(
    project: Project, wanted: Recipe, asks: Sequence[Ask], search: SearchOptions
) -> Forecast:
    from .collect.forecast import forecast  # the engines' pages and paces

    settings = search.settings(wanted)
    return forecast(project, wanted, asks, settings.options(), settings.pace_name)


def _check(request: ScrapeRequest, search: SearchOptions) -> None:
    """Refuse what cannot be asked, before anything is written."""
    if request.recipe is not None and (request.terms or request.label):
        raise UsageError("scrape: expected a recipe or --term, not both")
    if request.label is not None and not request.terms:
        raise UsageError("--label: expected a --term to go with it")
    search.settings()
    checked_filters(request.filters)
    sites_of(request.exclude_hosts)


def _requested(
    project: Project, request: ScrapeRequest, merge: Callable[[Project, Recipe], Recipe]
) -> tuple[Recipe, list[Ask]]:
    """The dataset's recipe with what is requested, as `merge` merges it; what is asked now."""
    limit, filters = request.limit, request.filters
    if request.terms:
        wanted, asks = requests_of_terms(
            project, request.terms, request.label, limit, filters, merge
        )
    else:
        wanted, asks = requests_of_recipe(project, request.recipe, limit, filters, merge)
    sites = sites_of(request.exclude_hosts)
    return (merge(project, leaving_out(wanted, sites)) if sites else wanted), asks


def sites_of(hosts: Sequence[str]) -> tuple[str, ...]:
    """The sites that are named; raises UsageError for what is none."""
    return tuple(dict.fromkeys(map(named_site, hosts)))


def check(
    project: Project, thresholds: Mapping[str, float] | None = None, progress: Progress = silent
) -> CurateReport:
    """Find pictures with something wrong.

    `thresholds` (check → number) hold from now on: they are written into the dataset's recipe,
    where it has one. Raises UsageError for a check that does not exist. Compares no pictures:
    families stay as the last `dedupe` found them.
    """
    recipe = recipe_of(project)
    if thresholds:
        recipe = _with_thresholds(recipe, thresholds)
    found = curate(project, recipe, compare=False, asked=True, progress=progress)
    if thresholds and project.recipe.is_file():  # as it is by now
        write(project.recipe, _with_thresholds(read(project.recipe), thresholds))
    return found


def _with_thresholds(recipe: Recipe, thresholds: Mapping[str, float]) -> Recipe:
    checks, off = {**recipe.checks, **thresholds}, recipe.checks_off - thresholds.keys()
    return replace(recipe, checks=checks, checks_off=off)


def check_labels(
    project: Project, embedder: Embedder, *, share: float = 0.02, progress: Progress = silent
) -> LabelReport:
    """Hold the kept pictures against their labels; what is found waits on the review page.

    `share` is how many to call off topic. Nothing is dropped for it.
    """
    from .curate.label_check import check_labels as check_pictures  # numpy's weight

    return check_pictures(project, embedder, share=share, progress=progress)


def look_at_new(project: Project, progress: Progress = silent) -> None:
    """Look at pictures that no step has looked at yet: the review page shows what was decoded.

    Where the catalogue cannot be written now they wait, and a line of the log says so.
    """
    with project.open_catalogue(write=False) as cat:
        waiting = len(unmeasured(cat))
    if not waiting:
        return
    try:
        with project.open_catalogue() as cat:
            measure(project, cat, progress=progress)
    except UsageError as error:
        _log.warning(f"{error}; {counted(waiting, 'picture')} not looked at yet are not shown")


def dedupe(
    project: Project,
    statements: Sequence[tuple[Path, Path, bool]] = (),
    *,
    anew: bool = False,
    drop_moments: bool | None = None,
    progress: Progress = silent,
) -> CurateReport:
    """Find copies; `statements` name two pictures, and whether they are the same, to remember.

    A picture is named by its file or the start of its id. `anew` compares although nothing
    changed. `drop_moments` says whether frames of one moment go like copies, from now on: it is
    written into the dataset's recipe. Raises UsageError where there is no recipe for it.
    """
    recipe = recipe_of(project)
    if drop_moments is not None:
        if not project.recipe.is_file():
            raise UsageError(f"{project.recipe}: no recipe that could remember what is dropped")
        recipe = replace(recipe, drop_moments=drop_moments)
    pairs = []
    if statements:
        with project.open_catalogue(write=False) as cat:
            pairs = [
                PairStatement(find(project, cat, one), find(project, cat, other), same)
                for one, other, same in statements
            ]
    found = curate(project, recipe, statements=pairs, anew=anew, asked=not anew, progress=progress)
    if drop_moments is not None:  # as it is by now
        write(project.recipe, replace(read(project.recipe), drop_moments=drop_moments))
    return found


def explain_copies(project: Project, found: CurateReport) -> Explanation:
    """Why these pictures are copies and others not; `found` is of a `dedupe` that compared anew."""
    from ..curation.duplicates.explain import explain  # numpy
    from ..curation.images.reading import read_file
    from .catalogue import measurements

    with project.open_catalogue(write=False) as cat:
        facts = [one for one in measurements.each_facts(cat) if one.sha256 in found.compared]
    return explain(
        facts,
        found.families,
        names=found.paths,
        read=lambda sha: read_file(project.image(found.paths[sha])),
    )


def _fill(recipe: Recipe, labels: Sequence[str], limit: int | None) -> dict[str, int]:
    """Label → how many pictures it should hold."""
    return {
        one.slug: limit or one.target or DEFAULT_LIMIT
        for one in recipe.labels
        if one.slug in labels
    }
