"""Whether the engines' pages are still as the parsers know them: one page of each, politely."""

from __future__ import annotations

import json
import threading
from dataclasses import asdict, dataclass, field, replace
from itertools import islice
from typing import TYPE_CHECKING, Any

from ..engines import scrub
from ..models import Outcome, Query
from .api_searcher import ApiSearcher
from .counts import Counts
from .landing import PageTarget
from .outcome import SearchStatus
from .results import ResultBatch, ResultSet

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from ..browser.protocol import Browser
    from .searcher import Searcher

FEWEST = 20  # results of a first page
ORIGINALS = 0.9  # of a first page's results have their original's URL
PREVIEWS = 0.95
ON_TOPIC = 0.3  # the worst real page that was saved had 0.32 (`topic`)
_ROUNDS = 8  # scrolls in which a second batch has to come
_BATCH = 10  # results that make one
_LATER = 2  # more looks: the data of a batch may come after its tiles
# What says that the parsers no longer fit: the engine answered, and was not understood.
_DRIFTED = {Outcome.LAYOUT_CHANGED, Outcome.CONSENT, Outcome.EMPTY}


@dataclass(frozen=True, slots=True)
class HealthFinding:
    """One thing that has to be so on an engine's page, and what was seen."""

    name: str
    holds: bool
    message: str


@dataclass(frozen=True, slots=True)
class EngineHealth:
    """How one engine's page was read. `outcome` is None for results; `page` is scrubbed HTML."""

    engine: str
    outcome: str | None
    detail: str
    page: str
    first: Counts = field(default_factory=Counts)
    second: Counts = field(default_factory=Counts)
    findings: tuple[HealthFinding, ...] = ()

    @property
    def drifted(self) -> bool:
        """Whether something is not as it has to be."""
        return self.outcome in _DRIFTED or any(not one.holds for one in self.findings)

    def to_json(self) -> dict[str, Any]:
        """As plain values, without the page."""
        return {
            "engine": self.engine,
            "outcome": self.outcome or "results",
            "detail": self.detail,
            "drifted": self.drifted,
            "first": self.first.to_json(),
            "second": self.second.to_json(),
            "findings": [asdict(one) for one in self.findings],
        }


def examine(searcher: Searcher | ApiSearcher, term: str) -> EngineHealth:
    """Open one page of the searcher's engine and look for what has to be there.

    Of an API two answers are asked for.
    """
    if isinstance(searcher, ApiSearcher):
        return _examine_api(searcher, term)
    engine, browser = searcher.engine, searcher.browser()
    searcher.pace.resume()
    query = Query(term)
    target = PageTarget(engine.url(query, searcher.origin), query)
    landed = searcher.landing.reach(browser, target, threading.Event())
    page = scrub(browser.html())
    if isinstance(landed, SearchStatus):
        return EngineHealth(engine.NAME, landed.outcome, landed.detail, page)
    first = Counts.of(query, landed.candidates, landed.extractors)
    second, has_more = _second_batch(searcher, browser, {one.key for one in landed.candidates})
    health = EngineHealth(engine.NAME, None, "read", page, first, second)
    usual: tuple[str, ...] = getattr(engine, "USUAL", ())
    button = "a button for more was seen" if has_more else "no button for more was seen"
    return replace(health, findings=tuple(_findings(first, second, usual, button)))


def _examine_api(searcher: ApiSearcher, term: str) -> EngineHealth:
    engine = searcher.engine
    query = Query(term)
    search = searcher.search(query)
    batches = list(islice(search, 2))
    search.stop()
    for _ in search:
        pass
    status = search.status
    text = search.last_answer
    if not batches and status is not None:
        return EngineHealth(engine.NAME, status.outcome, status.detail, text)
    usual: tuple[str, ...] = getattr(engine, "USUAL", ())
    counted = [
        Counts.of(query, batch.candidates, {usual[0]: len(batch.candidates)} if usual else {})
        for batch in (*batches, ResultBatch())
    ]
    first, second = counted[0], counted[1]
    # It finds words in what it does not show: no share on topic is expected.
    expected = _findings(replace(first, on_topic=None), second, usual, "the next answer")
    return EngineHealth(engine.NAME, None, "read", text, first, second, tuple(expected))


def _second_batch(searcher: Searcher, browser: Browser, known: set[str]) -> tuple[Counts, bool]:
    """What a person's scrolling brings, and whether a button for more was seen."""
    engine = searcher.engine
    results = ResultSet(take_previews=False)
    has_more = False
    left = _ROUNDS
    while left > 0:
        left -= 1
        searcher.pace.pause("look")
        moved = browser.advance(searcher.pace)
        html = browser.changes(engine.TILES)
        page = engine.parse(html, browser.address()).candidates if html else ()
        results.learn(one for one in page if one.key not in known)
        if len(results) >= _BATCH:
            left = min(left, _LATER)
        elif browser.has(engine.MORE):
            has_more = True
            if not moved:
                searcher.pace.pause("click")
                browser.click(engine.MORE)
    return Counts.of(Query(""), results.known(), {}), has_more


def _findings(
    first: Counts, second: Counts, usual: tuple[str, ...], button: str
) -> list[HealthFinding]:
    total = max(1, first.results)
    share = first.on_topic
    missing = [
        one for one in usual if not any(first.extractors.get(name) for name in one.split("|"))
    ]
    carriers = ", ".join(f"{name} {n}" for name, n in first.extractors.items())
    on_topic = "cannot be told" if share is None else f"{share:.0%}"
    found = [
        HealthFinding("results", first.results >= FEWEST, f"{first.results} on the first page"),
        HealthFinding(
            "carriers", not missing, ", ".join(missing) + " missing" if missing else carriers
        ),
        _at_least("previews", first.previews, PREVIEWS, total),
        HealthFinding("on topic", share is None or share >= ON_TOPIC, on_topic),
        HealthFinding("second batch", second.results > 0, f"{second.results} more; {button}"),
    ]
    if first.originals or usual:
        found.insert(2, _at_least("originals", first.originals, ORIGINALS, total))
        if second.results:
            enough = second.originals >= ORIGINALS * second.results
            message = f"{second.originals} of {second.results}"
            found.append(HealthFinding("second batch's originals", enough, message))
    return found


def _at_least(name: str, number: int, share: float, total: int) -> HealthFinding:
    return HealthFinding(name, number >= share * total, f"{number / total:.0%}")


def compared(health: EngineHealth, before: Mapping[str, Any] | None) -> EngineHealth:
    """The health with what vanished since the last time that the engine was looked at."""
    if health.outcome is not None or not before:
        return health
    last: Mapping[str, int] = before.get("first", {}).get("extractors", {})
    gone = [name for name, n in last.items() if n and not health.first.extractors.get(name)]
    if not gone:
        return health
    message = ", ".join(f"{name} ({last[name]} last time)" for name in gone)
    return replace(health, findings=(*health.findings, HealthFinding("vanished", False, message)))


def keep(health: EngineHealth, folder: Path) -> Path:
    """Write the scrubbed page, and the counts of a page that was read, for the next time."""
    folder.mkdir(parents=True, exist_ok=True)
    is_json = health.page.lstrip().startswith("{")  # NAME.json holds the counts
    page = folder / f"{health.engine}-page.json" if is_json else folder / f"{health.engine}.html"
    page.write_text(health.page, encoding="utf-8", errors="replace")
    if health.outcome is None:
        text = json.dumps(health.to_json(), indent=2)
        (folder / f"{health.engine}.json").write_text(text, encoding="utf-8")
    return page


def last_time(engine: str, folder: Path) -> Mapping[str, Any] | None:
    """What `keep` wrote, None where there is nothing that can be read."""
    try:
        known = json.loads((folder / f"{engine}.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return known if isinstance(known, dict) else None
