"""The search in a real Chromium against the replica: everything shown is found, once."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest
from pixset.scraper.browser.installed import BrowserChoice
from pixset.scraper.browser.launch import launch
from pixset.scraper.engines import ENGINES
from pixset.scraper.models import Candidate, Outcome, Query
from pixset.scraper.pace import pace
from pixset.scraper.replica import Faults, Replica, serve
from pixset.scraper.search import Search, Searcher
from support.chromium import browser_or_skip

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pixset.scraper.browser.selenium_browser import SeleniumBrowser

pytestmark = pytest.mark.browser

PIZZA = Query("pizza")
SHOWN = 45


class Room:
    """Searchers over one replica; notes the browsers that were launched."""

    def __init__(self, replica: Replica) -> None:
        self.replica = replica
        self.browsers: list[SeleniumBrowser] = []
        self.bing = self.searcher("bing")

    def launch(self) -> SeleniumBrowser:
        with browser_or_skip():
            browser = launch(BrowserChoice(headless=True))
        self.browsers.append(browser)
        return browser

    def searcher(self, engine: str) -> Searcher:
        return Searcher(
            ENGINES[engine], self.launch, pace("none"), origin=f"{self.replica.url}/{engine}"
        )


@pytest.fixture(scope="module")
def replica() -> Iterator[Replica]:
    """One site for all tests: it draws each picture once."""
    with serve(per_term=SHOWN, faults=Faults(referer=0.0)) as replica:
        yield replica


@pytest.fixture
def room(replica: Replica) -> Room:
    replica.control({"google": "", "bing": "", "yahoo": ""})
    return Room(replica)


def gather(search: Search) -> tuple[dict[str, Candidate], dict[str, bytes], list[str]]:
    """What is known in the end, the previews taken, and the keys in the order they came."""
    found: dict[str, Candidate] = {}
    previews: dict[str, bytes] = {}
    order: list[str] = []
    for shown in search:
        for candidate in shown.candidates:
            if candidate.key not in found:
                order.append(candidate.key)
            found[candidate.key] = candidate
        assert not previews.keys() & shown.previews.keys()
        previews.update(shown.previews)
    return found, previews, order


@pytest.mark.parametrize("engine", ["google", "bing", "yahoo"])
def test_everything_that_the_replica_shows_is_found_and_no_preview_is_asked_for_twice(
    room: Room, engine: str
) -> None:
    before = room.replica.requests()
    with room.searcher(engine) as searcher:
        search = searcher.search(PIZZA)
        found, previews, order = gather(search)
    searches = room.replica.truth()["searches"]
    truth = next(one["results"] for one in searches if one["engine"] == engine)
    assert search.status is not None
    assert search.status.outcome is Outcome.EXHAUSTED
    assert {c.image_url for c in found.values()} == {one["image_url"] for one in truth}
    assert [found[key].image_url for key in order] == [one["image_url"] for one in truth]
    inline = [one["preview_sha256"] for one in truth if one["preview"] == "data:"]
    digests = {
        hashlib.sha256(previews[c.key]).hexdigest()
        for c in found.values()
        if c.preview and c.preview.startswith("data:")
    }
    assert digests == set(inline)
    assert len(previews) == len(truth)
    asked = room.replica.requests()
    previews_shown = {one["preview"] for one in truth} - {"data:"}
    assert {asked[url] - before.get(url, 0) for url in previews_shown} == {1}


def test_a_browser_killed_in_the_middle_is_replaced_and_everything_is_found_all_the_same(
    room: Room,
) -> None:
    with room.searcher("bing") as searcher:
        search = searcher.search(PIZZA)
        pieces = iter(search)
        keys = [candidate.key for candidate in next(pieces).candidates]
        os.kill(room.browsers[0]._driver.capabilities["goog:processID"], signal.SIGKILL)
        keys += [candidate.key for shown in pieces for candidate in shown.candidates]
    assert len(set(keys)) == SHOWN
    assert len(room.browsers) == 2
    assert search.status is not None
    assert search.status.outcome is Outcome.EXHAUSTED
    assert not any(browser._process.driver_alive() for browser in room.browsers)


@pytest.mark.parametrize("engine", ["google", "yahoo"])
def test_a_consent_wall_is_refused_and_remembered(room: Room, engine: str) -> None:
    room.replica.control({engine: "consent"})
    with room.searcher(engine) as searcher:
        first = searcher.search(PIZZA)
        next(iter(first))
        assert first.found
        second = searcher.search(PIZZA)
        next(iter(second))
        assert second.found
    assert len(room.browsers) == 1


@pytest.mark.parametrize(
    ("wall", "outcome"),
    [
        ("captcha", Outcome.CAPTCHA),
        ("rate-limited", Outcome.RATE_LIMITED),
        ("empty", Outcome.EMPTY),
        ("layout-changed", Outcome.LAYOUT_CHANGED),
        ("challenge", Outcome.BLOCKED),
        ("broken", Outcome.BLOCKED),
        ("hollow", Outcome.BLOCKED),
        ("decoy", Outcome.SUSPECT),
        ("one-tile", Outcome.SUSPECT),
    ],
)
def test_every_wall_is_named_and_nothing_is_found_behind_it(
    shared: Room, wall: str, outcome: Outcome
) -> None:
    shared.replica.control({"bing": wall})
    search = shared.bing.search(PIZZA)
    assert gather(search)[0] == {}
    assert search.status is not None
    assert search.status.outcome is outcome
    assert (search.status.page is not None) == (outcome is Outcome.LAYOUT_CHANGED)


def test_a_decoy_at_the_first_load_costs_a_reload_and_no_result(shared: Room) -> None:
    shared.replica.control({"bing": "decoy:1"})
    search = shared.bing.search(PIZZA)
    found = gather(search)[0]
    assert len(found) == SHOWN
    assert all("pizza" in (one.title or "").lower() for one in found.values())
    assert search.status is not None
    assert search.status.outcome is Outcome.EXHAUSTED


def test_a_page_that_does_not_grow_is_left_for_the_next_one_that_it_names(shared: Room) -> None:
    shared.replica.control({"bing": "no-growth"})
    search = shared.bing.search(PIZZA)
    assert len(gather(search)[0]) == SHOWN
    assert search.status is not None
    assert search.status.outcome is Outcome.EXHAUSTED


def test_a_next_page_that_is_broken_makes_the_search_stuck(shared: Room) -> None:
    shared.replica.control({"bing": "stuck"})
    search = shared.bing.search(PIZZA)
    assert 0 < len(gather(search)[0]) < SHOWN
    assert search.status is not None
    assert search.status.outcome is Outcome.STUCK


@pytest.fixture(scope="module")
def shared(replica: Replica) -> Iterator[Room]:
    """One browser for all the walls."""
    room = Room(replica)
    with room.bing:
        yield room


def test_an_empty_answer_now_and_then_is_asked_again(shared: Room) -> None:
    shared.replica.control({"bing": "empty:2"})
    search = shared.bing.search(PIZZA)
    next(iter(search))
    assert search.found


def test_stopping_from_another_thread_ends_the_search(shared: Room) -> None:
    shared.replica.control({"bing": ""})
    search = shared.bing.search(PIZZA)
    pieces = iter(search)
    next(pieces)
    stopper = threading.Thread(target=search.stop)
    stopper.start()
    stopper.join()
    list(pieces)
    assert search.status is not None
    assert search.status.outcome is Outcome.LIMIT


def test_three_engines_search_side_by_side_each_in_a_browser_of_its_own() -> None:
    """In a process of its own, as a run does it: threads, then an orderly end."""
    script = """
import threading
from pixset.scraper.browser.launch import launch
from pixset.scraper.models import Query
from pixset.scraper.engines import ENGINES, default_engines
from pixset.scraper.errors import DriverError
from pixset.scraper.browser.installed import BrowserChoice
from pixset.scraper.pace import pace
from pixset.scraper.replica import serve
from pixset.scraper.search import Searcher

def run(name):
    try:
        with Searcher(ENGINES[name], lambda: launch(BrowserChoice(headless=True)), pace("none"),
                      origin=f"{replica.url}/{name}") as searcher:
            search = searcher.search(Query("pizza"))
            for _ in search: pass
            ends[name] = (str(search.status.outcome), search.found)
    except DriverError as error:
        ends[name] = ("no browser", 0)

ends = {}
with serve(per_term=20) as replica:
    threads = [threading.Thread(target=run, args=(name,)) for name in default_engines()]
    [t.start() for t in threads]; [t.join() for t in threads]
print(sorted(ends.items()))
"""
    said = subprocess.run(
        [sys.executable, "-W", "error", "-c", script], capture_output=True, text=True, check=False
    )
    if "no browser" in said.stdout:
        pytest.skip("no browser can be started")
    assert said.stdout.strip() == str(
        [(name, ("exhausted", 20)) for name in ("bing", "google", "yahoo")]
    ), said.stderr
    assert said.stderr == ""
