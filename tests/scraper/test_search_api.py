"""The search over an API, against the replica's: every outcome has its name, no browser starts."""

from __future__ import annotations

import json
import re
import socket
import threading
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pixset.scraper.browser.installed import BrowserChoice
from pixset.scraper.engines import ENGINES, asks_api
from pixset.scraper.errors import PageUnreachable, UsageError
from pixset.scraper.fetch import FetchLimits
from pixset.scraper.models import Candidate, Filters, Outcome, Query
from pixset.scraper.pace import PACES, Pace, pace
from pixset.scraper.replica import Faults, Replica, serve
from pixset.scraper.replica.openverse import TOKEN
from pixset.scraper.search.api_client import checked_contact, user_agent
from pixset.scraper.search.api_searcher import ApiSearcher
from pixset.scraper.search.factory import make_searcher
from pixset.scraper.search.health import examine
from support.servers import Host, answer, serving
from support.waiting import soon

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pixset.scraper.search import SearchStatus

BOTH = pytest.mark.parametrize("engine", ["commons", "openverse"])


@pytest.fixture
def replica() -> Iterator[Replica]:
    with serve(per_term=120, faults=Faults(retry_after=0)) as running:
        yield running


@dataclass(frozen=True)
class Done:
    """A search that has ended: what it found, and how it ended."""

    results: list[Candidate]
    status: SearchStatus

    @property
    def ends(self) -> tuple[Outcome, int]:
        return self.status.outcome, len(self.results)


def searched(
    replica: Replica,
    engine: str,
    query: Query | None = None,
    environ: Mapping[str, str] | None = None,
) -> Done:
    searcher = make_searcher(
        ENGINES[engine], BrowserChoice(), replica=replica.url, environ=environ or {}
    )
    assert isinstance(searcher, ApiSearcher)
    with searcher:
        search = searcher.search(query or Query("kiln"))
        found = [one for batch in search for one in batch.candidates]
    assert search.status is not None
    return Done(found, search.status)


@BOTH
def test_everything_that_is_shown_is_found_once(replica: Replica, engine: str) -> None:
    search = searched(replica, engine)
    assert search.ends == (Outcome.EXHAUSTED, 120)
    truth = {one["engine"]: one["results"] for one in replica.truth()["searches"]}[engine]
    found = {one.image_url: one for one in search.results}
    assert found.keys() == {one["image_url"] for one in truth}
    for told in truth:
        one = found[told["image_url"]]
        if one.licence_url and one.creator:
            assert (one.licence_url, one.creator) == (told["licence_url"], told["creator"])
    assert sum(one.licence is None for one in found.values()) <= 20


@BOTH
def test_a_licence_that_is_asked_for_holds_for_every_result(replica: Replica, engine: str) -> None:
    replica.control({engine: "no-filter"})
    query = Query("kiln", Filters(licence="modify-commercially"))
    search = searched(replica, engine, query)
    truth = {one["engine"]: one["results"] for one in replica.truth()["searches"]}[engine]
    codes = {one["image_url"]: one["licence"] for one in truth}
    assert len(search.results) > 20
    assert {codes[one.image_url or ""] for one in search.results} == {
        "by", "by-sa", "cc0", "pdm",
    }  # fmt: skip
    assert "did not fit what was asked" in search.status.detail


@BOTH
def test_licences_that_make_no_sense_are_none(replica: Replica, engine: str) -> None:
    replica.control({engine: "odd-licences"})
    search = searched(replica, engine)
    assert len(search.results) == 120
    assert all(one.licence_url is None for one in search.results)
    query = Query("kiln", Filters(licence="share"))
    assert searched(replica, engine, query).ends == (Outcome.EMPTY, 0)


@BOTH
@pytest.mark.parametrize("fault", ["rate-limited:2", "broken:1", "maxlag:2"])
def test_a_passing_refusal_is_waited_for(replica: Replica, engine: str, fault: str) -> None:
    replica.control({engine: fault})
    search = searched(replica, engine)
    assert search.ends == (Outcome.EXHAUSTED, 120)


@BOTH
@pytest.mark.parametrize(
    ("fault", "ends"),
    [
        ("rate-limited", Outcome.RATE_LIMITED),
        ("empty", Outcome.EMPTY),
        ("challenge", Outcome.BLOCKED),
        ("layout-changed", Outcome.LAYOUT_CHANGED),
    ],
)
def test_a_lasting_refusal_has_its_name(
    replica: Replica, engine: str, fault: str, ends: Outcome
) -> None:
    replica.control({engine: fault})
    search = searched(replica, engine)
    assert search.ends == (ends, 0)
    assert (search.status.page is not None) == (ends is Outcome.LAYOUT_CHANGED)


def test_a_server_that_lags_for_good_is_left_alone(replica: Replica) -> None:
    replica.control({"commons": "maxlag"})
    search = searched(replica, "commons")
    assert search.status.outcome is Outcome.RATE_LIMITED
    assert "lagged" in search.status.detail


def test_who_asks_to_be_left_alone_for_an_hour_is_not_waited_for(replica: Replica) -> None:
    replica.control({"openverse": "rate-limited", "retry_after": 3600})
    search = searched(replica, "openverse")
    assert search.status.outcome is Outcome.RATE_LIMITED
    assert "wait 3600 s" in search.status.detail


@BOTH
def test_later_answers_that_fail_once_are_asked_again(engine: str) -> None:
    with serve(per_term=60) as replica:  # two answers or three: each is waited for
        replica.control({"failing_xhr": 1.0})
        assert len(searched(replica, engine).results) == 60


def test_a_visitor_without_a_token_sees_no_deeper_than_240() -> None:
    with serve(per_term=400) as replica:
        search = searched(replica, "openverse")
        assert search.ends == (Outcome.EXHAUSTED, 240)
        assert "OPENVERSE_TOKEN" in search.status.detail


CLIENT = {"OPENVERSE_CLIENT_ID": "mine", "OPENVERSE_CLIENT_SECRET": "replica-secret"}


@pytest.mark.parametrize("environ", [{"OPENVERSE_TOKEN": TOKEN}, CLIENT])
def test_a_token_goes_deeper(environ: dict[str, str]) -> None:
    with serve(per_term=400) as replica:
        assert len(searched(replica, "openverse", environ=environ).results) == 400


def test_a_wrong_token_is_a_refusal_and_a_wrong_secret_costs_only_the_depth(
    replica: Replica,
) -> None:
    search = searched(replica, "openverse", environ={"OPENVERSE_TOKEN": "stale"})
    assert search.status.outcome is Outcome.BLOCKED
    assert "HTTP 401, Invalid token" in search.status.detail
    wrong = {**CLIENT, "OPENVERSE_CLIENT_SECRET": "wrong"}
    assert len(searched(replica, "openverse", environ=wrong).results) == 120


def asking_openverse(
    site: str, environ: Mapping[str, str], speed: Pace | None = None
) -> ApiSearcher:
    engine = ENGINES["openverse"]
    assert asks_api(engine)
    limits = FetchLimits(allow_private=True)
    return ApiSearcher(engine, limits, speed or pace("none"), origin=site, environ=environ)


@given(st.text(min_size=1).filter(str.strip))
def test_a_token_goes_out_whole_or_not_at_all(token: str) -> None:
    plain = token.strip()
    with asking_openverse("http://127.0.0.1:9", {"OPENVERSE_TOKEN": token}) as searcher:
        assert searcher.token() == (plain if re.fullmatch(r"[ -~]+", plain) else None)


@pytest.mark.parametrize("grant", ["", "[", '{"a":' * 50_000, '{"access_token": "a\\nb"}', "[1]"])
def test_a_grant_without_a_token_costs_only_the_depth(grant: str) -> None:
    with serving(Host()) as site:
        site.otherwise = answer(grant.encode())
        handler: Any = site.server.RequestHandlerClass
        handler.do_POST = handler.do_GET
        with asking_openverse(site.url, CLIENT) as searcher:
            assert searcher.token() is None
    assert site.paths() == ["/v1/auth_tokens/token/"]


def test_a_grant_that_does_not_come_is_asked_for_again() -> None:
    def grants(handler: Any) -> None:
        if len(site.seen) == 1:
            handler.close_connection = True
        else:
            answer(json.dumps({"access_token": TOKEN}).encode())(handler)

    with serving(Host()) as site:
        site.otherwise = grants
        handler: Any = site.server.RequestHandlerClass
        handler.do_POST = handler.do_GET
        with asking_openverse(site.url, CLIENT) as searcher:
            with pytest.raises(PageUnreachable):
                searcher.token()
            assert searcher.token() == TOKEN


def test_an_api_that_is_away_is_unreachable() -> None:
    with serve(per_term=5) as replica:
        url = replica.url
    searcher = make_searcher(ENGINES["commons"], BrowserChoice(), replica=url, outages=(0.0, 0.0))
    with searcher:
        search = searcher.search(Query("kiln"))
        assert list(search) == []
    assert search.status is not None
    assert search.status.outcome is Outcome.UNREACHABLE
    assert "tried 3 times" in search.status.detail


def test_an_api_is_stopped_from_another_thread(replica: Replica) -> None:
    replica.control({"commons": "rate-limited", "retry_after": 100})
    searcher = make_searcher(ENGINES["commons"], BrowserChoice(), replica=replica.url)
    with searcher:
        search = searcher.search(Query("kiln"))
        waiting = threading.Thread(target=list, args=(search,))
        waiting.start()
        assert soon(lambda: any("api.php" in url for url in replica.requests()))
        searcher.stop()
        waiting.join(timeout=60)
        assert not waiting.is_alive()
    assert search.status is not None
    assert search.status.outcome is Outcome.LIMIT


def test_an_api_that_is_away_is_not_asked_again_after_a_stop() -> None:
    asked: list[object] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def hang_up() -> None:
            with suppress(OSError):  # the test is over
                while True:
                    connection, address = listening.accept()
                    asked.append(address)
                    connection.close()

        threading.Thread(target=hang_up, daemon=True).start()
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        searcher = make_searcher(ENGINES["commons"], BrowserChoice(), replica=url, outages=(60.0,))
        with searcher:
            search = searcher.search(Query("kiln"))
            threading.Timer(0.3, search.stop).start()
            assert list(search) == []
    assert search.status is not None
    assert search.status.outcome is Outcome.LIMIT
    assert len(asked) == 1


def test_an_api_is_not_asked_after_a_stop_within_the_gap(replica: Replica) -> None:
    held: list[float] = []

    class Stopping(Pace):
        def hold(self, seconds: float) -> None:
            held.append(seconds)
            if len(held) == 2:
                searcher.stop()

    speed = Stopping("human", 0, PACES["human"])
    with asking_openverse(f"{replica.url}/openverse", {}, speed) as searcher:
        search = searcher.search(Query("kiln"))
        assert len(list(search)) == 1
    assert held == [1.0, 1.0]
    assert search.status is not None
    assert search.status.outcome is Outcome.LIMIT
    assert sum("/v1/images/?" in url for url in replica.requests()) == 1


def test_a_stop_ends_a_request_whose_host_is_still_looked_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked, done = threading.Event(), threading.Event()

    def silent(*_: object, **__: object) -> NoReturn:
        asked.set()
        done.wait(60)
        raise socket.gaierror(socket.EAI_AGAIN, "too late")

    monkeypatch.setattr(socket, "getaddrinfo", silent)
    with asking_openverse("http://slow.example", {}) as searcher:
        search = searcher.search(Query("kiln"))
        asking = threading.Thread(target=list, args=(search,))
        asking.start()
        assert asked.wait(60)
        searcher.stop()
        asking.join(timeout=10)
        assert not asking.is_alive()
        done.set()
    assert search.status is not None
    assert search.status.outcome is Outcome.LIMIT


@pytest.mark.parametrize(("status", "why"), [(407, "password"), (None, "connection")])
def test_a_proxy_that_refuses_is_named_as_such(status: int | None, why: str) -> None:
    with serving(Host()) as site:
        site.otherwise = answer(b"", status=status or 500)
        proxy = site.url.replace("://", "://mo:secret@")
        if status is None:
            proxy = "http://mo:secret@127.0.0.1:1"
        with ApiSearcher(
            ENGINES["openverse"],  # type: ignore[arg-type]  # has an API
            FetchLimits(proxy=proxy),
            pace("none"),
            origin="http://api.openverse.example",
            outages=(),
        ) as searcher:
            search = searcher.search(Query("kiln"))
            assert list(search) == []
    assert search.status is not None
    assert search.status.outcome is Outcome.UNREACHABLE
    assert "through the proxy http://127.0.0.1:" in search.status.detail
    assert why in search.status.detail
    assert "secret" not in search.status.detail


def test_private_addresses_are_refused_unless_a_replica_is_meant() -> None:
    with (
        serve(per_term=5) as replica,
        ApiSearcher(
            ENGINES["openverse"],  # type: ignore[arg-type]  # has an API
            FetchLimits(),
            pace("none"),
            origin=f"{replica.url}/openverse",
            outages=(),
        ) as searcher,
    ):
        search = searcher.search(Query("kiln"))
        assert list(search) == []
        assert replica.requests() == {}
    assert search.status is not None
    assert "private-address" in search.status.detail


def test_the_user_agent_names_the_tool_and_whom_to_write_to() -> None:
    told = user_agent("mo@example.org")
    assert told.startswith("pixset/")
    assert "(mo@example.org) python-requests/" in told
    with serving(Host()) as site:
        site.page("/commons/w/api.php", '{"batchcomplete": true}')
        searcher = make_searcher(
            ENGINES["commons"], BrowserChoice(), replica=site.url, contact="mo@example.org"
        )
        with searcher:
            list(searcher.search(Query("kiln")))
    assert site.headers()["user-agent"] == told
    assert "maxlag=5" in site.paths()[0]


@pytest.mark.parametrize("contact", ["", "me", "a b@c", "a@b\r\nX: y", "ftp://e.org", "ü@e.org"])
def test_a_contact_that_nobody_can_write_to_is_a_mistake(contact: str) -> None:
    with pytest.raises(UsageError, match="--contact"):
        checked_contact(contact)


def test_requests_lie_a_gap_apart_and_what_passed_meanwhile_counts() -> None:
    now = [100.0]
    human = Pace("human", 0, PACES["human"], clock=lambda: now[0])
    now[0] += 0.95
    human.hold(1.0)
    assert human.waited == pytest.approx(0.05)
    now[0] += 2.0
    human.hold(1.0)
    assert human.waited == pytest.approx(0.05)


@BOTH
def test_the_doctor_looks_at_two_answers(replica: Replica, engine: str) -> None:
    searcher = make_searcher(ENGINES[engine], BrowserChoice(), replica=replica.url)
    with searcher:
        health = examine(searcher, "kiln")
    assert not health.drifted, health.findings
    assert json.loads(health.page)
    replica.control({engine: "layout-changed"})
    with make_searcher(ENGINES[engine], BrowserChoice(), replica=replica.url) as searcher:
        assert examine(searcher, "kiln").drifted
