"""From what is asked to pictures with labels, in two passes: search, then download.

What is on record is not done again: a finished search is not repeated, a known URL not asked,
and a higher limit or another query adds only what is missing. So a run that was killed
anywhere is simply run again.
"""

from __future__ import annotations

import logging
import math
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from ...curation.progress import Progress, silent
from ...scraper.engines import default_engines, engine_names
from ...scraper.fetch import FetchLimits, fetch_all
from ...scraper.models import SETTLED, Outcome
from ..catalogue import images, searches
from ..errors import AllEnginesBlocked, LayoutChanged
from ..recipe.allocation import Ask, expansions, translated
from .downloads import Downloader
from .plans import EngineProgress, FinishedSearch, SearchPlan
from .recorder import SightingRecorder, is_left_out
from .scheduler import PROBE, SearchScheduler
from .workers import WorkerPool

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from ...scraper.models import Query
    from ..catalogue import Catalogue
    from ..project import Project
    from ..recipe.models import Label, Recipe
    from .downloads import FetchAll
    from .workers import SearchClient

_log = logging.getLogger(__name__)
# The engine was asked and gave what it had; stuck, it gave some of it.
_ANSWERED = SETTLED | {Outcome.STUCK}
_DRY = 3  # expansions in a row that bring almost nothing new: then the label is given up


@dataclass(frozen=True, slots=True)
class CollectOptions:
    """How this run goes about it: `make` gives an engine's searcher, `limits` bind fetching.

    `source` is preview or original; `again` repeats searches that are finished; `prepare` is
    called before the first search.
    """

    make: Callable[[str], SearchClient]
    engines: tuple[str, ...] = field(default_factory=default_engines)
    source: str = "preview"
    again: bool = False
    limits: FetchLimits = field(default_factory=FetchLimits)
    fetch_all: FetchAll = fetch_all
    prepare: Callable[[], None] | None = None


@dataclass(frozen=True, slots=True)
class ExpansionYield:
    """What one added query brought: `found` candidates, `new` pictures not there before."""

    label: str
    query: Query
    found: int
    new: int


@dataclass(frozen=True, slots=True)
class SkippedSearches:
    """How many searches were `finished` before, and the engines that are `unasked`, as other
    engines have brought a term's limit."""

    finished: int
    unasked: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CollectReport:
    """What one run did. `skipped` searches were finished before; `came` counts pictures by how
    they came (browser, inline, http), `failed` URLs by reason. `unasked` engines had nothing to
    add to some term: others have brought as many results as were asked for."""

    looks: tuple[FinishedSearch, ...]
    skipped: int
    came: Mapping[str, int]
    failed: Mapping[str, int]
    fallbacks: int
    yields: tuple[ExpansionYield, ...] = ()
    unasked: tuple[str, ...] = ()

    @property
    def idle(self) -> bool:
        """Whether nothing was asked of anybody."""
        return not (self.looks or self.came or self.failed)

    def refusal(self) -> Exception | None:
        """The error that the run is to end with, if every engine asked refused; else None."""
        last = {look.engine: look for look in self.looks}
        if not last or any(look.outcome in _ANSWERED for look in last.values()):
            return None
        failures = [look.failed for look in last.values() if look.failed is not None]
        if len(failures) == len(last):
            return failures[0]
        outcomes = "; ".join(f"{engine}: {look.outcome}" for engine, look in last.items())
        if all(look.outcome is Outcome.LAYOUT_CHANGED for look in last.values()):
            return LayoutChanged(
                f"no engine's page can be read ({outcomes}): look at the saved pages with "
                "`pixset inspect PAGE --engine …`, and report them"
            )
        first = next(iter(last.values()))
        return AllEnginesBlocked(
            f"every engine refused ({outcomes}); what is done is kept, the same command goes on "
            f"with it. {first.detail}"
        )


def collect(
    project: Project,
    recipe: Recipe,
    asks: Sequence[Ask],
    options: CollectOptions,
    progress: Progress = silent,
    *,
    fill: Mapping[str, int] | None = None,
) -> CollectReport:
    """Search for what `asks` says and bring it into the project's pool.

    `fill` (label → pictures) adds queries of the label's own kind until it holds so many.
    Raises DatasetError (full disk, another writer) and what a thread died of; Ctrl-C passes
    through. What is done is kept in each case.
    """
    with project.open_catalogue(create=True) as cat:
        recorder = SightingRecorder(project, cat, recipe, options.source)
        run = _CollectRun(project, cat, recipe, options, recorder, progress)
        with WorkerPool(options.engines, options.make, options.prepare) as workers:
            plans, skipped = plan(cat, recipe, asks, options)
            run.search(workers, plans)
            run.download(None)
            for slug, wanted in (fill or {}).items():
                label = recipe.label(slug)
                if label is not None:
                    run.fill(workers, label, wanted)
        return replace(run.report(skipped.finished), unasked=skipped.unasked)


def plan(
    cat: Catalogue | None, recipe: Recipe, asks: Sequence[Ask], options: CollectOptions
) -> tuple[list[SearchPlan], SkippedSearches]:
    """What is still to be asked, and what is not.

    `cat` is None where there is no catalogue yet.
    """
    asked_before = searches.searches(cat) if cat is not None else []
    known = {(one.label, one.engine, one.query): one for one in asked_before}
    given = Counter(
        (one.label, one.engine, one.query)
        for one in (searches.sightings(cat) if cat is not None else ())
        if (one.image_url or one.preview_url) and not is_left_out(recipe, one.label, one)
    )
    plans: list[SearchPlan] = []
    skipped = 0
    unasked: dict[str, None] = {}
    for ask in asks:
        query = searches.canonical(ask.query)
        before: dict[str, int] = {}
        standing: dict[str, EngineProgress] = {}
        for engine in dict.fromkeys((*options.engines, *engine_names())):
            row = known.get((ask.label, engine, query))
            asked = engine in options.engines
            if asked and (options.again or not _finished(row, ask.limit)):
                standing[engine] = EngineProgress(_search(ask, engine, query))
            elif row is not None:
                before[engine] = given[ask.label, engine, query]
                skipped += asked
        if standing and sum(before.values()) < ask.limit:
            words = _synonyms(recipe.label(ask.label), ask.query.term)
            plans.append(SearchPlan(ask, ask.limit, before, standing, synonyms=words))
        else:
            unasked |= dict.fromkeys(standing)
    return plans, SkippedSearches(skipped, tuple(unasked))


def _synonyms(label: Label | None, term: str) -> tuple[str, ...]:
    """What a label's results may speak of besides one term: its name and its other terms.

    An engine may answer a word in one language by results that speak another.
    """
    if label is None:
        return ()
    others = [asked.query.term for asked in label.queries]
    others += [one for terms in label.translations.values() for one in terms]
    names = (label.slug.replace("_", " "), label.name, *others)
    return tuple(dict.fromkeys(one for one in names if one and one != term))


def _finished(row: searches.SearchRecord | None, limit: int) -> bool:
    if row is None or row.outcome not in SETTLED:
        return False
    return row.outcome != Outcome.LIMIT or (row.term_limit or row.asked) >= limit


def _search(ask: Ask, engine: str, query: str) -> searches.SearchRecord:
    return searches.SearchRecord(
        ask.label,
        engine,
        query,
        ask.query.term,
        asked=0,
        stratum=ask.stratum,
        lang=ask.query.filters.lang,
        term_limit=ask.limit,
    )


class _CollectRun:
    """One collection under way: its passes, and what they add up to."""

    def __init__(
        self,
        project: Project,
        cat: Catalogue,
        recipe: Recipe,
        options: CollectOptions,
        recorder: SightingRecorder,
        progress: Progress,
    ) -> None:
        self._cat = cat
        self._recipe = recipe
        self._options = options
        self._recorder = recorder
        self._progress = progress
        self._project = project
        self._given_up: set[str] = set()
        self._looks: list[FinishedSearch] = []
        self._came: Counter[str] = Counter()
        self._failed: Counter[str] = Counter()
        self._fallbacks = 0
        self._yields: list[ExpansionYield] = []

    def search(self, workers: WorkerPool, plans: Sequence[SearchPlan]) -> int:
        """Ask what is planned; returns how many candidates were taken."""
        scheduler = SearchScheduler(
            self._cat,
            workers,
            plans,
            self._recorder,
            self._given_up,
            lambda probed: self._worth(probed.ask),
        )
        looks = scheduler.run(self._options.engines, self._progress)
        self._looks.extend(looks)
        return sum(look.given for look in looks)

    def download(self, labels: Sequence[str] | None) -> None:
        """Fetch what is missing."""
        downloader = Downloader(
            self._project, self._cat, self._recipe, self._options.source, self._options.fetch_all
        )
        done = downloader.run(self._options.limits, self._progress, labels)
        self._came.update(done.came)
        self._failed.update(done.failed)
        self._fallbacks += done.fallbacks

    def fill(self, workers: WorkerPool, label: Label, wanted: int) -> None:
        """Add queries, likeliest first, until the label holds `wanted` pictures or runs dry."""
        dry = 0
        for query in _more(self._recipe, label):
            have = images.count_images(self._cat, label.slug)
            if have >= wanted or dry >= _DRY or self._given_up >= set(self._options.engines):
                return
            least = PROBE * len(self._options.engines)
            ask = Ask(label.slug, query, max(least, math.ceil((wanted - have) * 1.5)))
            plans, _ = plan(self._cat, self._recipe, [ask], self._options)
            if not plans:
                dry = 0 if self._worth(ask) else dry + 1  # as it was found when it was asked
                continue
            plans[0].probing = True
            found = self.search(workers, plans)
            self.download([label.slug])
            new = images.count_images(self._cat, label.slug) - have
            self._yields.append(ExpansionYield(label.slug, query, found, new))
            dry = 0 if found and new / found >= self._recipe.expand.min_yield else dry + 1
        _log.info("%s: no more queries to add; see `pixset status`", label.slug)

    def report(self, skipped: int) -> CollectReport:
        """What was done until now."""
        return CollectReport(
            tuple(self._looks),
            skipped,
            dict(self._came + self._recorder.came),
            dict(self._failed),
            self._fallbacks,
            tuple(self._yields),
        )

    def _worth(self, ask: Ask) -> bool:
        """Whether what a query gave so far is new enough to go on with it."""
        new, given = searches.novelty(self._cat, ask.label, searches.canonical(ask.query))
        return given > 0 and new / given >= self._recipe.expand.min_yield


def _more(recipe: Recipe, label: Label) -> Iterator[Query]:
    """Queries to add to a label: its translations, then each query's expansions in turn."""
    yield from translated(label)
    waiting = [expansions(recipe.expand, asked.query) for asked in label.queries]
    while waiting:
        for one in list(waiting):
            query = next(one, None)
            if query is None:
                waiting.remove(one)
            else:
                yield query
