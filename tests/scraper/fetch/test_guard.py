from __future__ import annotations

import os
import socket
import threading
from typing import TYPE_CHECKING, NoReturn

import pytest
from pixset.scraper.errors import FetchFailed
from pixset.scraper.fetch import FetchLimits, Job, fetch, fetch_all
from pixset.scraper.fetch.clock import Attempt, Clock
from pixset.scraper.fetch.guard import is_public, look_up
from support.raw_host import JPG, raw, raw_host, to

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from support.raw_host import RawHost

    Get = Callable[..., bytes | str]


@pytest.fixture
def environment() -> Iterator[None]:
    """The environment's proxies are the test's own."""
    before = dict(os.environ)
    for name in list(os.environ):
        if name.lower().endswith("_proxy"):
            del os.environ[name]
    yield
    os.environ.clear()
    os.environ.update(before)


@pytest.mark.parametrize(
    "address",
    [
        *("0.0.0.0", "10.1.2.3", "100.64.0.1", "100.127.255.255", "127.8.8.8", "169.254.169.254"),
        *("172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.2.1", "192.88.99.1", "192.168.0.1"),
        *("198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.1.1.1"),
        *(
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::7f00:1",
            "::8.8.8.8",
            "fc00::1",
            "fd12::1",
        ),
        *("fe80::1", "fe80::1%eth0", "fec0::1", "feff::1", "ff02::1", "100::1", "5f00::1"),
        *(
            "2001::1",
            "2001:2::1",
            "2001:10::1",
            "2001:20::1",
            "2001:db8::1",
            "3fff::1",
            "3fff:fff::1",
        ),
        *("64:ff9b::7f00:1", "64:ff9b:1::1", "2002:7f00:1::", "2002:c0a8:1::", "::ffff:10.0.0.1"),
        *("4000::1", "8000::1", "::ffff:0:127.0.0.1"),
    ],
)
def test_what_is_not_the_public_internet_is_private(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        *(
            "8.8.8.8",
            "1.1.1.1",
            "100.128.0.1",
            "172.32.0.1",
            "192.0.1.1",
            "198.20.0.1",
            "223.1.1.1",
        ),
        *(
            "2001:4860:4860::8888",
            "2606:4700::1111",
            "2a00:1450::1",
            "2400:cb00::1",
            "3ffe:ffff::1",
        ),
        *("::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1"),
    ],
)
def test_what_is_public_stays_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("name", ["localhost", "a.localhost.", "printer.local", "x.home.arpa"])
def test_names_that_are_never_public_are_not_looked_up(name: str) -> None:
    with pytest.raises(FetchFailed, match="private-address"):
        fetch(f"http://{name}/a.jpg")


@pytest.mark.usefixtures("environment")
def test_a_redirect_inwards_is_refused_before_it_is_asked(host: RawHost) -> None:
    with raw_host() as proxy:
        # Through a proxy that may be private, a host that claims to be public leads inwards.
        os.environ["http_proxy"] = proxy.url
        proxy.pages[b"http://public.example/a"] = to(host.url + "/secret")
        with pytest.raises(FetchFailed) as failed:
            fetch("http://public.example/a")
    assert failed.value.reason == "private-address"
    assert host.seen == []


@pytest.mark.usefixtures("environment")
def test_a_proxy_is_asked_with_the_whole_address_as_it_is_written() -> None:
    with raw_host() as proxy:
        os.environ["http_proxy"] = proxy.url.replace("//", "//me:secret@")
        proxy.pages[b"http://public.example/%7ea?[1]"] = raw(JPG)
        assert fetch("http://public.example/%7ea?[1]").data == JPG
        assert b"Proxy-Authorization: Basic bWU6c2VjcmV0\r\n" in proxy.seen[0]
        assert b"Host: public.example\r\n" in proxy.seen[0]


@pytest.mark.usefixtures("environment")
def test_a_proxy_that_gives_no_tunnel_is_no_connection() -> None:
    with raw_host() as proxy:
        os.environ["https_proxy"] = proxy.url
        proxy.pages[b"public.example:443"] = raw(b"no", "403 Forbidden")
        with pytest.raises(FetchFailed, match=r"connection: .*403 Forbidden"):
            fetch("https://public.example/a")
        assert proxy.seen[0].startswith(b"CONNECT public.example:443 HTTP/1.")


@pytest.mark.usefixtures("environment")
def test_a_proxy_is_never_asked_for_this_machine_or_for_no_proxy(host: RawHost, get: Get) -> None:
    host.pages[b"/a"] = raw(JPG)
    with raw_host() as proxy:
        os.environ["http_proxy"] = proxy.url
        os.environ["no_proxy"] = "direct.invalid"
        assert get("/a") == JPG
        assert get("http://direct.invalid/a", max_tries=1) == "connection"
        assert proxy.seen == []


@pytest.mark.usefixtures("environment")
def test_passwords_that_lie_in_a_netrc_file_are_sent_to_nobody(
    host: RawHost, get: Get, tmp_path: Path
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("default login me password secret\nmachine 127.0.0.1 login me password s\n")
    netrc.chmod(0o600)
    os.environ["NETRC"] = str(netrc)
    host.pages[b"/a"] = raw(JPG)
    assert get("/a") == JPG
    assert b"authorization" not in host.seen[0].lower()


@pytest.mark.usefixtures("environment")
def test_a_proxy_of_no_known_kind_is_one_stable_reason() -> None:
    os.environ["http_proxy"] = "gopher://h:1/"
    with pytest.raises(FetchFailed, match="connection: the proxy"):
        fetch("http://public.example/a")


def test_nothing_that_is_no_text_ends_a_run(host: RawHost) -> None:
    host.pages[b"/a"] = raw(JPG)
    odd = [None, 7, b"http://h/", [], "", "\ud800", "http://\0/", "x" * 3_000_000, "data:"]
    jobs = [Job(url) for url in odd] + [Job(host.url + "/a", referer="\ud800")]  # type: ignore[arg-type]  # on purpose
    fates = list(fetch_all(jobs, FetchLimits(allow_private=True)))
    assert len(fates) == len(jobs)
    reasons = {getattr(fate, "reason", "came") for _, fate in fates}
    assert reasons == {"bad-url", "bad-data-uri", "came"}


def test_a_name_server_that_never_answers_meets_the_deadline() -> None:
    done = threading.Event()

    def silent(*_: object, **__: object) -> NoReturn:
        done.wait(20)
        raise socket.gaierror(socket.EAI_AGAIN, "too late")

    clock = Clock(0.2, Attempt())
    with pytest.raises(FetchFailed, match="too-slow"):
        look_up("slow.example", 80, clock, allow_private=False, resolver=silent)
    done.set()


def test_a_name_server_s_own_timeout_is_no_connection() -> None:
    def late(*_: object, **__: object) -> NoReturn:
        raise TimeoutError

    with pytest.raises(FetchFailed, match=r"connection: late\.example: no answer from the name"):
        look_up("late.example", 80, Clock(60, Attempt()), allow_private=False, resolver=late)


def test_waiting_for_a_name_server_can_be_stopped() -> None:
    attempt, done = Attempt(), threading.Event()

    def silent(*_: object, **__: object) -> NoReturn:
        attempt.stop()
        done.wait(20)
        raise socket.gaierror(socket.EAI_AGAIN, "too late")

    with pytest.raises(FetchFailed, match="stopped"):
        look_up("slow.example", 80, Clock(60, attempt), allow_private=False, resolver=silent)
    done.set()


@pytest.mark.parametrize(
    "found", [["10.0.0.1"], ["8.8.8.8", "10.0.0.1"], ["8.8.8.8", "fd00::1"], ["fec0::1"]]
)
def test_a_name_that_leads_inwards_is_private_whatever_else_it_leads_to(found: list[str]) -> None:
    def resolver(*_: object, **__: object) -> list[tuple[object, ...]]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, 80)) for one in found]

    clock = Clock(5, Attempt())
    with pytest.raises(FetchFailed, match="private-address"):
        look_up("rebound.example", 80, clock, allow_private=False, resolver=resolver)  # type: ignore[arg-type]
    assert look_up("rebound.example", 80, clock, allow_private=True, resolver=resolver)  # type: ignore[arg-type]
