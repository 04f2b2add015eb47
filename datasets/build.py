"""Build: scrape, check, dedupe and split in a row, each doing only what is missing.

Where pictures are dropped and a label falls short of its target, more is asked for, in the
proportion of what was kept so far, a few times; what is then still short is reported.
"""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..curation.progress import Progress, silent
from .catalogue import images, searches
from .collect import CollectReport, collect
from .collect.requests import unsupported_filters
from .collect.unused import new_only_if_used
from .curate import curate
from .errors import LabelMissing
from .recipe import Asked, Label, Recipe, merge_into, merged_with
from .recipe import allocation as asking
from .tree.build_tree import check_tree
from .tree.settings import SplitOptions
from .tree.split_dataset import curated_tree
from .tree.unchanged import known_report

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .collect import CollectOptions
    from .curate import CurateReport
    from .project import Project
    from .recipe.allocation import Ask
    from .tree.report import DatasetTreeReport

_log = logging.getLogger(__name__)
ROUNDS = 4  # each asks twice as deep as the one before, where a label is still short


@dataclass(frozen=True, slots=True)
class Built:
    """What a build did: a report a round, the last curation, the tree.

    `refusal` is why it asked no more: every engine refused. The tree holds what was there by then.
    """

    collected: tuple[CollectReport, ...]
    curated: CurateReport
    tree: DatasetTreeReport
    refusal: Exception | None = None

    @property
    def idle(self) -> bool:
        """Whether all was there already."""
        asked = not all(one.idle for one in self.collected)
        return not asked and not self.tree.changed and not self.curated.measured


def build(
    project: Project,
    recipe: Recipe,
    collect_options: CollectOptions,
    progress: Progress = silent,
    *,
    expand: bool = False,
    options: SplitOptions | None = None,
) -> Built:
    """Run the whole row; `expand` adds queries where the recipe's own do not fill a label.

    Raises what its parts raise, and the refusal where there is no picture to go on with. A tree
    that could not be replaced is refused before anything is written or asked.
    """
    for line in unsupported_filters(asking.asks(recipe), collect_options.engines):
        _log.warning(line)
    with new_only_if_used(project):
        check_tree(project, merged_with(project, recipe), options)
        recipe = merge_into(project, recipe)
        return _build(project, recipe, collect_options, progress, expand=expand, options=options)


def _build(
    project: Project,
    recipe: Recipe,
    collect_options: CollectOptions,
    progress: Progress,
    *,
    expand: bool,
    options: SplitOptions | None,
) -> Built:
    run = _CollectRounds(project, recipe, collect_options, progress)
    run.collect(asking.asks(recipe))
    curated = curate(project, recipe, progress=progress)
    for number in range(1, ROUNDS):
        more = [] if run.refusal else _more(project, recipe, curated, number)
        if not more:
            break
        if run.collect(more):
            curated = curate(project, recipe, progress=progress)
    fill = _filling(project, recipe, curated) if expand and not run.refusal else {}
    if fill and run.collect([], fill):
        curated = curate(project, recipe, progress=progress)
    if not any(curated.kept.values()):
        raise run.refusal or LabelMissing(
            f"{project.root}: no picture of any label is kept; "
            f"`pixset status {project.root}` says what became of them"
        )
    options = options or SplitOptions()
    tree = known_report(project, options) or curated_tree(project, curated, options, progress)
    return Built(tuple(run.collected), curated, tree, run.refusal)


class _CollectRounds:
    """The collecting of one build: a report a round, and the refusal that ended it, if any."""

    def __init__(
        self, project: Project, recipe: Recipe, collect_options: CollectOptions, progress: Progress
    ) -> None:
        self.collected: list[CollectReport] = []
        self.refusal: Exception | None = None
        self._project = project
        self._recipe = recipe
        self._options = collect_options
        self._progress = progress

    def collect(self, asks: Sequence[Ask], fill: Mapping[str, int] | None = None) -> bool:
        """Ask once more; tells whether pictures came."""
        done = collect(self._project, self._recipe, asks, self._options, self._progress, fill=fill)
        self.collected.append(done)
        self.refusal = done.refusal()
        return bool(done.came)


def _more(project: Project, recipe: Recipe, curated: CurateReport, number: int) -> list[Ask]:
    """Asks that go deeper, for the labels that are short, by the queries that bring new pictures.

    The depths are fixed by the round, so that a build that was killed asks the same again.
    """
    reserve = recipe.reserve * 2.0**number
    short = _short(recipe, curated)
    with project.open_catalogue(write=False) as cat:
        yields = searches.yields(cat)

    def is_dry(label: Label, asked: Asked) -> bool:
        new, found = yields.get((label.slug, searches.canonical(asked.query)), (1, 1))
        return new < found * recipe.expand.min_yield or not found

    return [
        ask
        for label in recipe.labels
        if label.slug in short
        for ask in asking.label_asks(
            recipe,
            replace(label, queries=tuple(a for a in label.queries if not is_dry(label, a))),
            reserve,
        )
    ]


def _short(recipe: Recipe, curated: CurateReport) -> dict[str, int]:
    """Label → how many kept pictures its target lacks."""
    lacks = {label.slug: (label.target or 0) - curated.kept.get(label.slug, 0)
             for label in recipe.labels}  # fmt: skip
    return {slug: number for slug, number in lacks.items() if number > 0}


def _filling(project: Project, recipe: Recipe, curated: CurateReport) -> dict[str, int]:
    """Label → how many pictures it should hold, so that enough of them are kept."""
    with project.open_catalogue(write=False) as cat:
        return {
            slug: images.count_images(cat, slug) + math.ceil(number * recipe.reserve)
            for slug, number in _short(recipe, curated).items()
        }
