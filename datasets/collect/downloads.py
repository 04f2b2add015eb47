"""The second pass: every sighting gets its picture, every URL its one fate.

For each sighting the addresses are tried in the source's order (a preview falls back to the
original and the other way round, recorded as `fallback`). An address whose fate is known is not
asked again, but for failures that may have passed and pictures whose file is gone, once a run.
"""

from __future__ import annotations

import logging
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...scraper.errors import FetchFailed
from ...scraper.fetch import Job, together
from ..catalogue import images, searches
from ..catalogue.images import Fate
from ..files import FileGroup
from ..pool_files import missing_pictures
from . import image_store as pool
from .laid_aside import LaidAside
from .recorder import is_left_out

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from ...curation.progress import Progress
    from ...scraper.fetch import Fetched, FetchLimits
    from ...scraper.fetch.pool import FetchResults
    from ..catalogue import Catalogue
    from ..catalogue.searches import Sighting
    from ..project import Project
    from ..recipe.models import Recipe

    FetchAll = Callable[[Iterable[Job], FetchLimits | None], FetchResults]

_log = logging.getLogger(__name__)
_FLUSHING = 8  # files that the disk is asked to hold at the same time
# What may be otherwise tomorrow. Every 5xx is, too.
_PASSING = frozenset(
    {"connection", "too-slow", "truncated", "bad-answer", "unexpected", "http-429", "http-408"}
)


def passes(failure: str) -> bool:
    """Whether a failure may have passed by the next run."""
    return failure in _PASSING or failure.startswith("http-5")


@dataclass(frozen=True, slots=True)
class DownloadReport:
    """What a download pass did: pictures by how they came, failures by reason, fallbacks."""

    came: Mapping[str, int]
    failed: Mapping[str, int]
    fallbacks: int


class Downloader:
    """One download pass over a catalogue; `run` does it."""

    def __init__(
        self, project: Project, cat: Catalogue, recipe: Recipe, source: str, fetch_all: FetchAll
    ) -> None:
        self._project = project
        self._cat = cat
        self._recipe = recipe
        self._source = source
        self._fetch_all = fetch_all
        self._fates = images.fates(cat)
        self._missing = missing_pictures(project, cat)  # their addresses are asked again
        self._laid_aside = LaidAside(project)
        self._tried: set[str] = set()
        self._came: Counter[str] = Counter()
        self._failed: Counter[str] = Counter()
        self._fallbacks = 0

    def run(
        self, limits: FetchLimits, progress: Progress, labels: Sequence[str] | None
    ) -> DownloadReport:
        """Bring what is missing, for some labels or all of them."""
        waiting = self._wanting(labels)
        first = True
        while waiting:
            by_url = self._settle_known(waiting)
            if not by_url:
                break
            title = "fetch" if first else "fetch the second choice"
            with progress(title, len(by_url)) as advance:
                waiting = self._wave(by_url, limits, advance)
            first = False
        return DownloadReport(dict(self._came), dict(self._failed), self._fallbacks)

    def _wanting(self, labels: Sequence[str] | None) -> list[Sighting]:
        """Sightings without the picture they should have."""
        standing = images.sources(self._cat)
        wanting: list[Sighting] = []
        for one in searches.sightings(self._cat):
            if labels is not None and one.label not in labels:
                continue
            has = standing.get((one.label, one.engine, one.query, one.key))
            better = self._source == "original" and has is not None and has[1] == "preview"
            is_there = has is not None and has[0] not in self._missing
            if is_there and not (better and one.image_url):
                continue
            if not is_left_out(self._recipe, one.label, one):
                wanting.append(one)
        return wanting

    def _settle_known(self, waiting: Iterable[Sighting]) -> dict[str, list[Sighting]]:
        """Settle what needs no network; the rest by the URL that is to be asked, in order."""
        by_url: dict[str, list[Sighting]] = {}
        with self._cat.transaction():
            for one in waiting:
                for url in self._addresses(one):
                    fate = self._fate(one, url)
                    if fate is None:
                        by_url.setdefault(url, []).append(one)
                        break
                    if fate.sha256 is not None:
                        self._label(one, url, fate.sha256)
                        break
        return by_url

    def _addresses(self, one: Sighting) -> list[str]:
        both = (one.preview_url, one.image_url)
        ordered = both if self._source == "preview" else both[::-1]
        return [url for url in dict.fromkeys(ordered) if url]

    def _fate(self, one: Sighting, url: str) -> Fate | None:
        """A URL's fate where it is known and stands; None: it is to be asked."""
        known = self._fates.get(url)
        if known is not None and (self._has_file(known) or url in self._tried):
            return known
        if url.startswith("data:"):
            return self._from_aside(one, url) or known or Fate(url, "inline", failure="lost")
        if known is not None and known.failure is not None and not passes(known.failure):
            return known
        return None

    def _has_file(self, fate: Fate) -> bool:
        return fate.sha256 is not None and fate.sha256 not in self._missing

    def _from_aside(self, one: Sighting, url: str) -> Fate | None:
        """A picture that stood in the page and was laid aside comes into the pool now."""
        found = self._laid_aside.read(url.removeprefix("data:"))
        if found is None:
            return None
        try:
            sha256 = pool.keep(self._project, self._cat, one.label, *found)
            fate = Fate(url, "inline", sha256=sha256)
            self._came["inline"] += 1
        except pool.Forgotten:
            fate = Fate(url, "inline", failure=images.FORGOTTEN)
        images.record_fate(self._cat, fate)
        self._fates[url] = fate
        return fate

    def _wave(
        self,
        by_url: Mapping[str, Sequence[Sighting]],
        limits: FetchLimits,
        advance: Callable[[int], None],
    ) -> list[Sighting]:
        """Ask each URL once; returns the sightings whose URL brought nothing."""
        without: list[Sighting] = []
        # One page is as good a referer as another; the first in order is every run's.
        jobs = (Job(url, referer=many[0].page_url) for url, many in by_url.items())
        results = self._fetch_all(jobs, limits)
        with (
            closing(results),
            ThreadPoolExecutor(_FLUSHING, thread_name_prefix="flush") as flushing,
        ):
            for group in together(results):
                with self._cat.transaction(), FileGroup(flushing) as files:
                    for job, result in group:
                        many = by_url[job.url]
                        sha256 = self._record(job.url, many[0].label, result, files)
                        if sha256 is None:
                            without.extend(many)
                        else:
                            for one in many:
                                self._label(one, job.url, sha256)
                advance(len(group))
        return without

    def _record(
        self, url: str, label: str, result: Fetched | FetchFailed, files: FileGroup
    ) -> str | None:
        """Write one URL's fate; returns its picture's SHA-256 if it brought one."""
        if isinstance(result, FetchFailed):
            if result.reason == "stopped":
                return None
            fate = Fate(url, "http", failure=result.reason, status=result.status)
        elif result.extension == "svg":  # it has no pixels to look at; another address may
            fate = Fate(url, "http", failure="not-an-image", status=result.status)
        else:
            fate = self._kept(url, label, result, files)
        if fate.failure is not None:
            self._failed[fate.failure] += 1
        images.record_fate(self._cat, fate)
        self._tried.add(url)
        self._fates[url] = fate
        return fate.sha256

    def _kept(self, url: str, label: str, result: Fetched, files: FileGroup) -> Fate:
        data, extension = result.data, result.extension
        try:
            sha256 = pool.keep(self._project, self._cat, label, data, extension, files)
        except pool.Forgotten:
            return Fate(url, "http", failure=images.FORGOTTEN)
        self._came["http"] += 1
        return Fate(
            url,
            "http",
            sha256=sha256,
            status=result.status,
            final_url=result.final_url,
            content_type=result.content_type,
            x_robots_tag=result.x_robots_tag,
            etag=result.etag,
            last_modified=result.last_modified,
        )

    def _label(self, one: Sighting, url: str, sha256: str) -> None:
        source = "original" if url == one.image_url else "preview"
        if url != self._addresses(one)[0]:
            self._fallbacks += 1
            if source == "preview":  # less than what was asked for; an original is not
                source = "fallback"
        if self._source == "original" or self._missing:
            # The preview, or the lost file, that stood for it is not kept as a second picture.
            images.detach_others(self._cat, one, sha256)
        images.attach(self._cat, one, one.key, one.rank, sha256, source)
