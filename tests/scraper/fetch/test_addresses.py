from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pixset.scraper.errors import FetchFailed
from pixset.scraper.fetch.address import read_address, read_location
from support.raw_host import JPG, raw, to

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.raw_host import RawHost

    Get = Callable[..., bytes | str]


@pytest.mark.parametrize(
    "path",
    [
        *("/a%7Eb", "/a~b", "/a%2db", "/a%2Db", "/%e4%E4", "/%u00e4", "/100%", "/%zz", "/a%20b"),
        *(
            "/[1]",
            "/a|b",
            "/a;b=c,d",
            "/a'b(c)",
            "/a?q=%7e[1]&r=~|",
            "/a//b",
            "/%2e%2e%2fb",
            "/a+b",
        ),
        *("/a?", "/a?b?c", "/!$&()*+,;=:@"),
    ],
)
def test_a_path_goes_out_as_it_is_written(host: RawHost, get: Get, path: str) -> None:
    host.pages[path.encode()] = raw(JPG)
    assert get(path) == JPG
    assert host.paths() == [path.encode()]


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("/my cat.jpg", "/my%20cat.jpg"),
        ("/my cat.jpg?a b", "/my%20cat.jpg?a%20b"),
        ("/gr\u00f6\u00dfe", "/gr%C3%B6%C3%9Fe"),
        ("/a\tb\r\nc", "/abc"),
        ("/a\\b", "/a/b"),
        ("/a/../b/./c", "/b/c"),
        ('/"<>`{}', "/%22%3C%3E%60%7B%7D"),
        ("/a?b='c'", "/a?b=%27c%27"),
        ("/a#part", "/a"),
        ("  /a  ", "/a"),
        ("?q", "/?q"),
    ],
)
def test_what_cannot_go_out_as_it_is_goes_as_browsers_send_it(written: str, sent: str) -> None:
    base = read_address("http://host.example/")
    assert read_address(written, base).target == sent


@pytest.mark.parametrize(
    ("host", "ascii_host"),
    [
        ("\U0001f42b.example", "xn--zo8h.example"),
        ("a_b.example", "a_b.example"),
        ("\u00e4_1.example", "xn--_1-uia.example"),
        ("www\u3002example\uff61org", "www.example.org"),
        ("stra\u00dfe.example", "xn--strae-oqa.example"),
        ("EXAMPLE.Org.", "example.org."),
        ("%65xample.org", "example.org"),
        ("0x7f.1", "127.0.0.1"),
        ("2130706433", "127.0.0.1"),
        ("\uff11\uff12\uff17.0.0.1", "127.0.0.1"),
        ("[::FFFF:127.0.0.1]", "::ffff:7f00:1"),
    ],
)
def test_hosts_become_ascii_as_in_browsers(host: str, ascii_host: str) -> None:
    assert read_address(f"http://{host}/a").host == ascii_host


@pytest.mark.parametrize(
    "url",
    [
        *("http://[::1", "http://[1:2]/", "http://1.2.3.256/", "http://a b/", "http://a<b/"),
        *(
            "http://h:99999/",
            "http://h:-1/",
            "a.jpg",
            "/a.jpg",
            "//h/a.jpg",
            "",
            "\ud800",
            "http://",
        ),
        "http://[fe80::1%25eth0]/",
    ],
)
def test_what_no_browser_takes_for_an_address_is_a_bad_url(url: str) -> None:
    with pytest.raises(FetchFailed) as failed:
        read_address(url)
    assert failed.value.reason == "bad-url"


@pytest.mark.parametrize("url", ["ftp://h/a", "file:///a", "javascript:a", "host.example:80/a"])
def test_another_scheme_is_named(url: str) -> None:
    with pytest.raises(FetchFailed, match="bad-scheme"):
        read_address(url)


@pytest.mark.parametrize("port", [0, 22, 25, 6000, 6667, 10080])
def test_a_port_of_another_protocol_is_named(get: Get, port: int) -> None:
    assert get(f"http://127.0.0.1:{port}/a.jpg") == "unsafe-port"


def test_a_port_that_is_the_schemes_own_is_not_said() -> None:
    assert read_address("http://h:80/").authority == "h"
    assert read_address("https://h:443/").authority == "h"
    assert read_address("https://h:80/").authority == "h:80"
    assert read_address("http://[::1]:8080/").authority == "[::1]:8080"


def test_user_and_password_go_where_they_belong(host: RawHost, get: Get) -> None:
    host.pages[b"/a"] = raw(JPG)
    assert get(f"http://me:p%40ss@127.0.0.1:{host.port}/a") == JPG
    assert b"Authorization: Basic bWU6cEBzcw==\r\n" in host.seen[0]
    assert f"Host: 127.0.0.1:{host.port}\r\n".encode() in host.seen[0]


@pytest.mark.parametrize(
    ("location", "sent"),
    [
        ("/caf\u00e9".encode("latin-1"), b"/caf%E9"),
        ("/caf\u00e9".encode(), b"/caf%C3%A9"),
        ("/\u043a\u043e\u0442".encode("cp1251"), b"/%EA%EE%F2"),
        (b"/to  \t", b"/to"),
        (b"\\to\\here", b"/to/here"),
        (b"to here", b"/to%20here"),
        (b"/t\to", b"/to"),
        (b"?x", b"/from?x"),
        (b"./to#part", b"/to"),
        (b"/%7eto%2f[1]", b"/%7eto%2f[1]"),
    ],
)
def test_a_location_is_read_as_browsers_read_it(
    host: RawHost, get: Get, location: bytes, sent: bytes
) -> None:
    host.pages[b"/from"] = to(location)
    host.pages[sent] = raw(JPG)
    assert get("/from") == JPG
    assert host.paths() == [b"/from", sent]


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        (b"http://[::1", "bad-url"),
        (b"http://[", "bad-url"),
        (b"//", "bad-url"),
        (b"http://h:port/", "bad-url"),
        (b"http://\xff\xfe/", "bad-url"),
        (b"ftp://h/", "bad-scheme"),
        (b"data:image/png,x", "bad-scheme"),
        (b"http://127.0.0.1:25/", "unsafe-port"),
        (b"/" + b"x" * 100_000, "http-404"),
    ],
)
def test_a_location_that_leads_nowhere_is_that_urls_fate(
    host: RawHost, get: Get, location: bytes, reason: str
) -> None:
    host.pages[b"/from"] = to(location)
    assert get("/from") == reason


def test_a_location_may_name_a_host_in_its_own_letters() -> None:
    base = read_address("http://h.example/")
    utf8 = "http://b\u00fccher.example/\u00fc".encode().decode("latin-1")
    assert read_location(utf8, base).href == "http://xn--bcher-kva.example/%C3%BC"
    assert read_location("//other.example\\a", base).href == "http://other.example/a"
