from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pixset.scraper.fetch import FetchLimits, Job, fetch, fetch_all
from support.raw_host import JPG, raw, raw_host, to

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.raw_host import RawHost

    Get = Callable[..., bytes | str]

OPEN = FetchLimits(allow_private=True)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_every_kind_of_redirect_is_followed(host: RawHost, get: Get, status: int) -> None:
    host.pages[b"/from"] = raw(b"moved", f"{status} Moved", "Location: /to")
    host.pages[b"/to"] = raw(JPG)
    assert get("/from") == JPG


@pytest.mark.parametrize("status", [300, 304, 305, 306])
def test_what_only_looks_like_a_redirect_is_a_status(host: RawHost, get: Get, status: int) -> None:
    host.pages[b"/from"] = raw(b"", f"{status} Odd", "Location: /to")
    assert get("/from") == f"http-{status}"


def test_a_long_chain_is_followed_as_far_as_browsers_go(host: RawHost, get: Get) -> None:
    for n in range(30):
        host.pages[b"/%d" % n] = to(f"/{n + 1}")
    host.pages[b"/30"] = raw(JPG)
    assert get("/10") == JPG
    assert get("/0") == "too-many-redirects"


@pytest.mark.parametrize("busy", [b"", raw(b"", "503 Busy", "Retry-After: 0")])
@pytest.mark.parametrize("hop", [0, 2, 5])
def test_a_host_that_falters_once_is_asked_again_wherever_it_stands_in_a_chain(
    host: RawHost, get: Get, hop: int, busy: bytes
) -> None:
    for n in range(5):
        host.pages[b"/%d" % n] = to(f"/{n + 1}")
    host.pages[b"/5"] = raw(JPG)
    sound, answers = host.pages[b"/%d" % hop], iter([busy])
    host.pages[b"/%d" % hop] = lambda _: next(answers, sound)  # type: ignore[arg-type,return-value]  # bytes, all of them
    assert get("/0") == JPG
    assert len(host.seen) == 7


def guard(cookie: str, wanted: bytes, home: str = "/a") -> Callable[[bytes], bytes]:
    def page(request: bytes) -> bytes:
        return raw(JPG) if wanted in request else to(home, f"Set-Cookie: {cookie}")

    return page


@pytest.mark.parametrize(
    "cookie",
    [
        "seen=1",
        "seen=1; Path=/",
        "seen=1; Path=/; HttpOnly; SameSite=Lax; Max-Age=60",
        "seen=1; Expires=Wed, 21 Oct 2099 07:28:00 GMT",
        "seen=1; Max-Age",
        "seen=1; Max-Age=; Path; Domain; Expires; HttpOnly",
        f"seen=1; Max-Age={'9' * 400}",
        'seen=1; Max-Age=1e999; Version=one; Port="a"; Discard; Comment',
        "seen=1; Expires=Wed, 21 Oct 99999999 07:28:00 GMT",
        "seen=1; Expires=Wed, 99 Oct 2099 97:98:99 GMT",
        "seen=1; Expires=soon; Domain=,; Path=elsewhere",
    ],
)
def test_a_cookie_set_by_a_redirect_comes_back(host: RawHost, get: Get, cookie: str) -> None:
    host.pages[b"/a"] = guard(cookie, b"\r\nCookie: seen=1\r\n")
    assert get("/a") == JPG
    assert len(host.seen) == 2


def test_several_cookies_are_gathered_on_the_way(host: RawHost, get: Get) -> None:
    host.pages[b"/a"] = to("/b", "Set-Cookie: one=1", "Set-Cookie: two=2")
    host.pages[b"/b"] = to("/c", "Set-Cookie: three=3", "Set-Cookie: one=; Max-Age=0")
    host.pages[b"/c"] = raw(JPG)
    assert get("/a") == JPG
    assert b"Cookie" not in host.seen[0]
    assert b"Cookie: one=1; two=2\r\n" in host.seen[1]
    assert b"Cookie: two=2; three=3\r\n" in host.seen[2]


def test_a_cookie_is_for_the_host_that_set_it(host: RawHost, get: Get) -> None:
    with raw_host() as other:
        away = f"http://localhost:{other.port}/b"
        host.pages[b"/a"] = to(away, "Set-Cookie: secret=1")
        other.pages[b"/b"] = raw(JPG)
        assert get("/a") == JPG
        assert b"secret" not in other.seen[0]


def test_a_cookie_is_forgotten_with_its_chain(host: RawHost) -> None:
    host.pages[b"/a"] = guard("seen=1", b"Cookie: seen=1")
    host.pages[b"/b"] = raw(JPG)
    one = FetchLimits(allow_private=True, workers=1)
    jobs = [Job(host.url + path) for path in ("/a", "/b", "/a")]
    assert len([r for _, r in fetch_all(jobs, one) if not isinstance(r, Exception)]) == 3
    assert sum(b"Cookie" in request for request in host.seen) == 2
    assert len(host.seen) == 5


def test_a_circle_with_ever_new_cookies_ends_at_the_cap(host: RawHost, get: Get) -> None:
    host.pages[b"/a"] = lambda _: to("/a", f"Set-Cookie: n={len(host.seen)}")
    assert get("/a", max_redirects=7) == "too-many-redirects"
    assert len(host.seen) == 8


def test_the_page_stays_the_referer_on_the_way(host: RawHost) -> None:
    host.pages[b"/a"] = to("/b")
    host.pages[b"/b"] = raw(JPG)
    fetch(host.url + "/a", referer="https://me:pw@page.example/x y#z", limits=OPEN)
    assert all(b"Referer: https://page.example/x%20y\r\n" in request for request in host.seen)
