"""Answers and addresses that once went wrong, one test a case, named by the case.

Inputs are this suite's own; `test_given_cases.py` runs the ones that were handed over, too.
"""

from __future__ import annotations

import gzip
import html
import json
import os
import tracemalloc
from itertools import repeat
from typing import TYPE_CHECKING

import pytest
from pixset.scraper.engines import bing
from pixset.scraper.fetch.address import read_address
from support.raw_host import JPG, raw, to

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.raw_host import RawHost

    Get = Callable[..., bytes | str]


@pytest.mark.parametrize("path", ["/%7Ejo/x%2dy.jpg", "/caf%c3%A9%5f.jpg", "/%41?sig=a%2Fb%2f~"])
def test_address_rewritten_unreserved(host: RawHost, get: Get, path: str) -> None:
    host.pages[path.encode()] = raw(JPG)
    assert get(path) == JPG
    assert host.paths() == [path.encode()]


def test_bing_address_with_space() -> None:
    thumb = "https://tse.example/th?id=A"
    told = {"murl": "http://photos.example/our dog 2.jpg", "purl": "http://photos.example/"}
    data = html.escape(json.dumps(told | {"t": "x", "mid": "A", "turl": thumb}))
    tile = f'<a class="iusc" m="{data}" href="/x"><img src="{thumb}"></a>'
    page = f'<ul><li><div class="iuscp">{tile}</div></li></ul>'
    (found,) = bing.parse(page, "https://www.bing.com/images/search?q=dog").candidates
    assert found.image_url is not None
    assert found.image_url.replace(" ", "%20") == "http://photos.example/our%20dog%202.jpg"


def test_coded_body_misread(host: RawHost, get: Get) -> None:
    packed = gzip.compress(JPG)
    for coding, body, right in [
        ("br", b"\x0b\x02\x80abcdef\x03", "bad-encoding"),
        ("zstd", b"\x28\xb5\x2f\xfd" + b"z" * 50, "bad-encoding"),
        ("gzip  ", packed, JPG),
        ("identity,gzip", packed, JPG),
        ("GZIP", packed, JPG),
    ]:
        host.pages[b"/p"] = raw(body, "200 OK", f"Content-Encoding: {coding}")
        assert get("/p") == right, coding


def test_early_hints(host: RawHost, get: Get) -> None:
    hint = b"HTTP/1.1 103 Early Hints\r\nLink: </font.woff>; rel=preload\r\n\r\n"
    host.pages[b"/p"] = hint + hint + b"HTTP/1.1 102 Processing\r\n\r\n" + raw(JPG)
    assert get("/p") == JPG


def test_gzip_cut_passes(host: RawHost, get: Get) -> None:
    packed = gzip.compress(JPG + os.urandom(9000))
    for cut in (1, 5, 9, 4000):
        body = packed[:-cut]
        chunked = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
        headers = ("Content-Encoding: gzip", "Transfer-Encoding: chunked")
        host.pages[b"/p"] = raw(chunked, "200 OK", *headers, length=False)
        assert get("/p") == "truncated", cut


@pytest.mark.parametrize(
    ("spelled", "asked"),
    [
        ("\U0001f408.example", "xn--zn8h.example"),
        ("stra\u00dfe_\u00e4.example", "xn--strae_-eta6b.example"),
        ("photos\uff0eexample\u3002org", "photos.example.org"),
    ],
)
def test_hosts_that_browsers_take(spelled: str, asked: str) -> None:
    read = read_address(f"http://{spelled}/a.jpg")
    assert read.host.isascii()
    assert read.host == asked


@pytest.mark.parametrize("where", ["/p \t ", "\\p", "/\tp", "  /p", "/x/../p", "?../p\n"])
def test_location_not_as_browsers_read_it(host: RawHost, get: Get, where: str) -> None:
    host.pages[b"/p"] = host.pages[b"/r?../p"] = raw(JPG)
    host.pages[b"/r"] = to(where.replace("\n", ""))
    assert get("/r") == JPG


@pytest.mark.parametrize(
    "line",
    [
        "max-image-preview: large, noai",
        "max-video-preview: 0, max-snippet: 20, NoImageAI",
        "unavailable_after: 25 Jun 2030 15:00:00 PST, noindex",
    ],
)
def test_opt_out_after_a_colon(host: RawHost, get: Get, line: str) -> None:
    host.pages[b"/p"] = raw(JPG, "200 OK", f"X-Robots-Tag: {line}")
    assert get("/p") == "opted-out"


def test_redirect_body_uncapped(host: RawHost, get: Get) -> None:
    head = b"HTTP/1.1 301 Moved\r\nLocation: /p\r\nContent-Length: 90000000\r\n\r\n"
    host.pages[b"/r"] = lambda _: (head, *repeat(bytes(1_000_000), 90))
    host.pages[b"/p"] = raw(JPG)
    tracemalloc.start()
    assert get("/r", max_bytes=1_000_000) == JPG
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20_000_000


def test_redirect_location_latin1(host: RawHost, get: Get) -> None:
    host.pages[b"/r"] = to(b"/stra\xdfe.jpg")
    host.pages[b"/stra%DFe.jpg"] = raw(JPG)
    assert get("/r") == JPG


def test_redirect_needs_its_cookie(host: RawHost, get: Get) -> None:
    def page(request: bytes) -> bytes:
        again = to("/p", "Set-Cookie: consent=yes; Path=/; SameSite=Lax")
        return raw(JPG) if b"consent=yes" in request else again

    host.pages[b"/p"] = page
    assert get("/p") == JPG
    assert get("/p") == JPG
    assert sum(b"consent=yes" in request for request in host.seen) == 2  # forgotten in between
