"""Hosts that ask to come later: how long they are left alone, and when they are asked no more."""

from __future__ import annotations

import random
import time as clock
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from pixset.scraper.errors import FetchFailed
from pixset.scraper.fetch import Fetched, FetchLimits, Job, fetch_all, host_waits
from pixset.scraper.fetch.host_waits import HostWaits
from pixset.scraper.fetch.http import retry_after
from support.pictures import jpeg
from support.servers import Host, answer, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

PICTURE = Fetched("u", "u", b"", "jpg")


@pytest.fixture
def host() -> Iterator[Host]:
    with serving(Host()) as running:
        yield running


class Time:
    """A clock that a test turns."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Time:
    time = Time()
    monkeypatch.setattr(host_waits, "monotonic", time)
    return time


@pytest.mark.skipif(not hasattr(clock, "tzset"), reason="the zone is another process's")
@pytest.mark.parametrize("zone", ["UTC0", "JST-9", "HST10"])
@pytest.mark.parametrize(
    "form", ["%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %d %H:%M:%S %Y"]
)
def test_a_date_to_come_back_is_greenwich_s_wherever_one_is(
    monkeypatch: pytest.MonkeyPatch, zone: str, form: str
) -> None:
    monkeypatch.setenv("TZ", zone)
    clock.tzset()
    seconds = random.Random(zone + form).randrange(100, 100_000)
    told = datetime.fromtimestamp(clock.time() + seconds, UTC).strftime(form)
    wait = retry_after(told)
    monkeypatch.undo()
    clock.tzset()
    assert wait == pytest.approx(seconds, abs=60)


@pytest.mark.parametrize("seed", range(6))
def test_a_shorter_wait_takes_nothing_off_a_longer_one(time: Time, seed: int) -> None:
    draw = random.Random(seed)
    waits, until = HostWaits(30.0), 0.0
    for _ in range(40):
        wish = draw.choice([0.0, 1.0, 7.0, 29.0, 86_400.0, 1e300])
        waits.hold("a.example", wish)
        until = max(until, time.now + min(wish, 30.0))
        time.now += draw.uniform(0.0, 12.0)
        assert waits.is_held("a.example") is (until > time.now)
    assert not waits.is_held("b.example")
    assert waits.until_release(["b.example"]) is None


def test_a_host_is_given_up_after_waits_in_a_row_and_not_for_answers_at_one_time(
    time: Time,
) -> None:
    waits, busy = HostWaits(30.0), FetchFailed("http-503")
    for _ in range(4):
        for _ in range(16):  # answers under way at the same time
            waits.hold("a.example", 1e6)
            waits.heard("a.example", busy)
        time.now += 31
        given_up = waits.given_up("a.example")
        if given_up is not None:
            break
    assert time.now == 1000 + 3 * 31
    assert given_up is not None
    assert given_up.reason == "http-503"
    assert waits.given_up("b.example") is None


def test_a_picture_in_between_renews_the_patience(time: Time) -> None:
    waits = HostWaits(30.0)
    for _ in range(50):
        waits.hold("a.example", 20.0)
        waits.heard("a.example", FetchFailed("http-429"))
        time.now += 21
        waits.heard("a.example", PICTURE)
        assert waits.given_up("a.example") is None


def test_a_host_that_says_next_year_to_every_address_costs_a_few_waits(host: Host) -> None:
    def next_year(handler: Any) -> None:
        handler.send_response(429)
        handler.send_header("Retry-After", "31536000")
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    host.pages["/a"] = next_year
    host.pages["/good"] = answer(jpeg(1))
    other = host.url.replace("127.0.0.1", "localhost")
    jobs = [Job(f"{host.url}/a?{n}") for n in range(400)] + [Job(f"{other}/good")]
    limits = FetchLimits(allow_private=True, workers=8, per_host=2, deadline=0.5)
    fates = {job.url: result for job, result in fetch_all(jobs, limits)}
    assert len(fates) == 401
    assert isinstance(fates.pop(f"{other}/good"), Fetched)
    assert {getattr(fate, "reason", "") for fate in fates.values()} == {"http-429"}
    assert len(host.paths()) < 50
    assert any("not asked" in str(fate) for fate in fates.values())
