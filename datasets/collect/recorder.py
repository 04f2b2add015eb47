"""Writing down what was seen: sightings, and the previews that came with the page.

A preview that stands in the page itself or that the browser has just loaded is in hand: it is
kept at once, and no host is asked for it again. Where originals are wanted, a picture that
stood in the page is laid aside (previews/) for the case that its original does not come.
"""

from __future__ import annotations

import logging
import re
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from ...scraper.errors import FetchFailed
from ...scraper.fetch.data_uri import decode_data_uri
from ...scraper.fetch.dimensions import is_pixel
from ...scraper.fetch.formats import sniff
from ..catalogue import images, searches
from ..catalogue.images import Fate
from ..files import write_file
from ..recipe.hosts import left_out_site
from . import image_store as pool
from .laid_aside import LaidAside

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ...scraper.models import Candidate
    from ..catalogue import Catalogue
    from ..catalogue.searches import Sighting
    from ..project import Project
    from ..recipe.models import Recipe

_log = logging.getLogger(__name__)
_SHORT = re.compile(r"data:[0-9a-f]{64}")


def is_left_out(recipe: Recipe, label: str, result: Candidate | Sighting) -> bool:
    """Whether a label leaves a result out: for a term in its title, or for its site."""
    sites = recipe.exclude_hosts
    return (
        recipe.excluded_term(label, result.title) is not None
        or left_out_site(sites, result.image_url, result.page_url) is not None
    )


class SightingRecorder:
    """What one search pass writes, within the caller's transactions.

    `came` counts previews by how they came, `inline` or `browser`.
    """

    def __init__(self, project: Project, cat: Catalogue, recipe: Recipe, source: str) -> None:
        self._project = project
        self._cat = cat
        self._recipe = recipe
        self._source = source
        self._laid_aside = LaidAside(project)
        self._standing = set(images.sources(cat))
        self._held: dict[str, dict[str, bytes]] = {}  # engine → key → bytes
        self._recorded: dict[str, dict[str, Candidate]] = {}  # engine → key → as written
        self.came: Counter[str] = Counter()

    def counts_for(self, label: str) -> Callable[[Candidate], bool]:
        """Whether a candidate fills a part of the limit: it has an address and is not left out."""
        return lambda one: bool(
            (one.preview or one.image_url) and not is_left_out(self._recipe, label, one)
        )

    def hold(self, engine: str, previews: Mapping[str, bytes]) -> None:
        """Take over bytes that the browser gave, until their candidates are taken."""
        self._held.setdefault(engine, {}).update(previews)

    def is_new(self, engine: str, candidate: Candidate) -> bool:
        """Whether something of this reading is not written down yet."""
        return self._recorded.get(engine, {}).get(
            candidate.key
        ) != candidate or candidate.key in self._held.get(engine, {})

    def forget(self, engine: str) -> None:
        """The engine's search is over: what was held in memory for it goes."""
        self._held.pop(engine, None)
        self._recorded.pop(engine, None)

    def record(self, search: searches.SearchRecord, candidate: Candidate) -> Candidate:
        """Write a candidate down; returns it with a data: preview spelled short."""
        data, via, failure = self._in_hand(search.engine, candidate)
        preview = candidate.preview
        if via == "inline" and preview is not None and not _SHORT.fullmatch(preview):
            preview = f"data:{pool.digest(preview.encode() if data is None else data)}"
        short = replace(candidate, preview=preview)
        recorded = self._recorded.setdefault(search.engine, {})
        if recorded.get(candidate.key) != short:
            searches.record_sighting(self._cat, search, short, preview)
            recorded[candidate.key] = short
        if preview is None or not self.counts_for(search.label)(short):
            return short
        if failure is not None:
            images.record_fate(self._cat, Fate(preview, via, failure=failure))
        elif data is not None:
            self._keep(search, short, data, via)
        return short

    def keep_page(self, search: searches.SearchRecord, page: str) -> str:
        """Keep a page that could not be read; returns its path relative to the dataset."""
        ending = "json" if page.lstrip().startswith("{") else "html"  # an API's answer, a page
        name = f"{search.engine}-{pool.digest(search.query.encode())[:8]}.{ending}"
        write_file(self._project.pages / name, page.encode("utf-8", "replace"))
        return f"pages/{name}"

    def _in_hand(self, engine: str, candidate: Candidate) -> tuple[bytes | None, str, str | None]:
        """The preview's bytes if they came with the page, how, and why not if they are broken."""
        preview = candidate.preview
        if preview and preview[:5].lower() == "data:" and not _SHORT.fullmatch(preview):
            try:
                return decode_data_uri(preview), "inline", None
            except FetchFailed as error:
                return None, "inline", error.reason
        via = "inline" if preview and _SHORT.fullmatch(preview) else "browser"
        return self._held.get(engine, {}).pop(candidate.key, None), via, None

    def _keep(
        self, search: searches.SearchRecord, candidate: Candidate, data: bytes, via: str
    ) -> None:
        url = candidate.preview or ""
        extension = None if is_pixel(data) else sniff(data)
        if extension is None or extension == "svg":  # vectors have no pixels to look at
            # Of what the browser gives, HTTP may still bring a better answer.
            if via == "inline":
                images.record_fate(self._cat, Fate(url, via, failure="not-an-image"))
            return
        if self._source == "original":
            if via == "inline":
                self._laid_aside.add(pool.digest(data), data, extension)
            return
        place = (search.label, search.engine, search.query, candidate.key)
        if place in self._standing:
            return
        try:
            sha256 = pool.keep(self._project, self._cat, search.label, data, extension)
        except pool.Forgotten:
            images.record_fate(self._cat, Fate(url, via, failure=images.FORGOTTEN))
            return
        images.record_fate(self._cat, Fate(url, via, sha256=sha256))
        images.attach(self._cat, search, candidate.key, candidate.rank, sha256, "preview")
        self._standing.add(place)
        self.came[via] += 1
