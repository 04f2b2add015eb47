"""The scraper's values: what is asked of an engine, and what its pages claim.

One frozen dataclass a stage. Claims (`Candidate.claimed_size`) and measurements (the
curation wing's `Facts.width`) have different names on purpose.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class PageOutcome(StrEnum):
    """What one page turned out to be."""

    RESULTS = "results"
    EMPTY = "empty"
    SUSPECT = "suspect"  # results that do not speak of the query; a parser alone cannot tell
    FOREIGN = "foreign"  # another engine's page or none at all; only `inspect` says so
    CONSENT = "consent"
    CAPTCHA = "captcha"
    BLOCKED = "blocked"  # a JavaScript challenge, an unsupported browser, a bare redirect
    LAYOUT_CHANGED = "layout-changed"  # signs of results, none parsed


class Outcome(StrEnum):
    """How one engine's run over one query ended."""

    LIMIT = "limit"
    EXHAUSTED = "exhausted"
    EMPTY = "empty"
    CONSENT = "consent"
    CAPTCHA = "captcha"
    RATE_LIMITED = "rate-limited"
    BLOCKED = "blocked"
    UNREACHABLE = "unreachable"  # no server answered, at several tries
    SUSPECT = "suspect"  # results that do not speak of the term: a decoy
    STUCK = "stuck"  # the page names a next one, which does not come
    LAYOUT_CHANGED = "layout-changed"
    BROWSER_LOST = "browser-lost"


# The endings that say what an engine has; after any other the query is asked again.
SETTLED = frozenset({Outcome.LIMIT, Outcome.EXHAUSTED, Outcome.EMPTY})


@dataclass(frozen=True, slots=True)
class Filters:
    """What narrows a query, in one spelling for all engines; None asks for nothing.

    `min_size` is a pixel count of the shorter side; `type` photo, clipart, lineart, animated
    or face; `colour` a colour's name, `color`, `gray` or `transparent`; `since` day, week,
    month or year; `licence` creative-commons, public-domain, share, share-commercially,
    modify or modify-commercially; `safe` off, moderate or strict; `lang` and `region` are
    ISO codes such as `de` and `AT`.
    """

    min_size: int | None = None
    type: str | None = None
    colour: str | None = None
    since: str | None = None
    licence: str | None = None
    safe: str | None = None
    lang: str | None = None
    region: str | None = None


@dataclass(frozen=True, slots=True)
class Query:
    """One thing to ask an engine: a term and filters.

    `synonyms` are other terms that its results may speak of just as well, in any language: they
    are not asked for, and keep an answer in other words from being taken for a decoy.
    """

    term: str
    filters: Filters = field(default_factory=Filters)
    synonyms: tuple[str, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class Candidate:
    """One result as an engine's page claims it.

    `key` is the engine's own name for the result (Google's docid, Bing's mid, else the
    original's URL): two readings of one growing page are merged by it. `rank` is 1-based,
    in page order. `image_url` is the original, None where the page does not carry it;
    `preview` what the page itself shows, an http(s) URL or a data: URI. `claimed_size` is
    (width, height) in pixels. `licence` is the name of the original's licence as its source
    states it (CC BY-SA 4.0), `creator` whom it names; only openly licensed sources do.
    """

    engine: str
    key: str
    rank: int
    image_url: str | None
    preview: str | None
    page_url: str | None = None
    title: str | None = None
    claimed_size: tuple[int, int] | None = None
    licence: str | None = None
    licence_url: str | None = None
    creator: str | None = None
    creator_url: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """What a parser read in one page; `extractors` counts what each of them gave."""

    outcome: PageOutcome
    candidates: tuple[Candidate, ...] = ()
    extractors: Mapping[str, int] = field(default_factory=dict)

    @property
    def carriers(self) -> Mapping[str, int]:
        """The name of `extractors` in 0.1, kept for its users."""
        return self.extractors
