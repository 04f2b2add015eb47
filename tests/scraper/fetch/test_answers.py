from __future__ import annotations

import gzip
import os
import time
import zlib
from itertools import repeat
from typing import TYPE_CHECKING

import pytest
from support.raw_host import JPG, gzip_bomb, raw, to

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from support.raw_host import RawHost

    Get = Callable[..., bytes | str]

BIG = JPG + os.urandom(20_000)


def chunked(body: bytes, *headers: str, size: int = 1000, end: bytes = b"0\r\n\r\n") -> bytes:
    pieces = [body[at : at + size] for at in range(0, len(body), size)]
    sent = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + end
    return raw(sent, "200 OK", "Transfer-Encoding: chunked", *headers, length=False)


def test_answers_that_only_inform_are_passed_over(host: RawHost, get: Get) -> None:
    hints = b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n"
    processing = b"HTTP/1.1 102 Processing\r\n\r\n"
    host.pages[b"/a"] = hints + b"HTTP/1.1 100 Continue\r\n\r\n" + processing + hints + raw(JPG)
    assert get("/a") == JPG


def test_answers_that_only_inform_without_end_are_an_end(host: RawHost, get: Get) -> None:
    host.pages[b"/a"] = lambda _: repeat(b"HTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\n")
    assert get("/a") == "bad-answer"


def test_many_headers_are_read_and_endless_ones_are_not(host: RawHost, get: Get) -> None:
    host.pages[b"/many"] = raw(JPG, "200 OK", *(f"X-{n}: {n}" for n in range(3000)))
    host.pages[b"/endless"] = lambda _: (b"HTTP/1.1 200 OK\r\n", *repeat(b"X: y\r\n" * 99, 9999))
    assert get("/many") == JPG
    assert get("/endless") == "bad-answer"


@pytest.mark.parametrize("size", [16_371, 16_373, 16_384, 32_757, 200_000])
def test_a_line_of_any_length_within_the_cap_is_read_whole(
    host: RawHost, get: Get, size: int
) -> None:
    place = "/" + "x" * size
    host.pages[b"/a"] = to(place)
    host.pages[place.encode()] = raw(JPG)
    host.pages[b"/out"] = raw(
        JPG, "200 OK", f"X-Robots-Tag: {'otherbot: all, ' * (size // 15)}noai"
    )
    host.pages[b"/beyond"] = to("/" + "x" * 300_000)
    assert get("/a") == JPG
    assert get("/beyond") == "bad-answer"
    assert get("/out") == JPG  # said to another one
    host.pages[b"/out"] = raw(JPG, "200 OK", f"X-Robots-Tag: {'all, ' * (size // 5)}noai")
    assert get("/out") == "opted-out"


@pytest.mark.parametrize("cookies", [89, 90, 2_000])
def test_no_number_of_cookies_hides_what_is_said_after_them(
    host: RawHost, get: Get, cookies: int
) -> None:
    many = [f"Set-Cookie: n{n}=1" for n in range(cookies)]
    host.pages[b"/out"] = raw(JPG, "200 OK", *many, "X-Robots-Tag: noai")
    host.pages[b"/away"] = to("/packed", *many)
    packed = gzip.compress(JPG)
    host.pages[b"/packed"] = raw(packed, "200 OK", *many, "Content-Encoding: gzip")
    host.pages[b"/later"] = raw(b"", "302 Found", *many, "Location: /packed")
    assert get("/out") == "opted-out"
    assert get("/away") == get("/packed") == get("/later") == JPG


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200\r\nContent-Length: 22\r\n\r\n" + JPG,
        b"HTTP/1.1 200 OK" + b" " * 16_368 + b"\r\n\r\n" + JPG,
        b"HTTP/1.1 200 OK\r\nX: " + b"\r" * 40_000 + b"\r\nContent-Length: 22\r\n\r\n" + JPG,
        b"HTTP/1.1 200 OK\nContent-Length: 22\n\n" + JPG,
        b"\r\nHTTP/1.0 200 OK\r\n\r\n" + JPG,
        b"http/1.1 200 fine\r\n\r\n" + JPG,
        b"HTTP/1.1 200 OK\r\nno header\r\nContent-Length : 22 \r\n\r\n" + JPG + b"more",
        b"HTTP/1.1 200 OK\r\nX: folded\r\n  line\r\n\tand more\r\n\r\n" + JPG,
        b"HTTP/1.1 200 OK\r\nContent-Length: 22\r\nContent-Length: 22\r\n\r\n" + JPG,
        b"HTTP/1.1 200 OK\r\nContent-Length: 22, 22\r\n\r\n" + JPG,
        b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n" + JPG,
        b"HTTP/1.1 200 OK\r\nX-Bytes: \xff\xe4\x00\r\n\r\n" + JPG,
        b"HTTP/1.1 203 Copied\r\nContent-Length: 22\r\n\r\n" + JPG,
    ],
)
def test_untidy_answers_are_read(host: RawHost, get: Get, answer: bytes) -> None:
    host.pages[b"/a"] = answer
    assert get("/a") == JPG


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", "bad-answer"),
        (b"HTTP/1.1 abc\r\n\r\n", "bad-answer"),
        (b"\r" * 40_000 + b"\nHTTP/1.1 200 OK\r\n\r\n" + JPG, "bad-answer"),
        (b"HTTP/1.1 200 OK\r\nContent-Le", "bad-answer"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 22\r\nContent-Length: 23\r\n\r\n", "bad-answer"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n" + JPG, "bad-encoding"),
        (b"HTTP/1.1 204 No Content\r\n\r\n" + JPG, "empty"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "empty"),
        (b"HTTP/1.1 101 Switching Protocols\r\n\r\n" + JPG, "http-101"),
        (b"HTTP/1.1 302 Found\r\n\r\n" + JPG, "http-302"),
        (b"HTTP/1.1 302 Found\r\nLocation:  \r\n\r\n" + JPG, "http-302"),
        (b"HTTP/1.1 999 Go Away\r\n\r\n", "http-999"),
    ],
)
def test_what_is_no_picture_has_its_own_name(
    host: RawHost, get: Get, answer: bytes, reason: str
) -> None:
    host.pages[b"/a"] = answer
    assert get("/a") == reason


def test_an_answer_that_never_comes_is_no_connection(host: RawHost, get: Get) -> None:
    host.pages[b"/a"] = b""
    assert get("/a", max_tries=2) == "connection"
    assert host.paths() == [b"/a"] * 2


@pytest.mark.parametrize("size", [1, 7, 1000, 100_000])
def test_chunks_of_any_size_are_put_together(host: RawHost, get: Get, size: int) -> None:
    host.pages[b"/a"] = chunked(BIG, size=size)
    host.pages[b"/trailers"] = chunked(BIG, size=size, end=b"0;x=y\r\nX-Sum: 1\r\nY: 2\r\n\r\n")
    host.pages[b"/bare"] = chunked(BIG, size=size, end=b"0\r\n")
    assert get("/a") == get("/trailers") == get("/bare") == BIG


@pytest.mark.parametrize(
    "answer",
    [
        raw(BIG[:-1], "200 OK", f"Content-Length: {len(BIG)}", length=False),
        chunked(BIG, end=b""),
        chunked(BIG)[:-300],
        chunked(BIG, end=b"zz\r\n"),
        *(chunked(BIG, end=size + b"\r\n") for size in (b"-5", b"+5", b"0x5", b"0_1")),
        chunked(BIG, end=b"5"),
        chunked(BIG, end=b"f" * 100_000),
        chunked(BIG, end=b"0" * 100_000),
        chunked(BIG, end=b"0"),
        chunked(b"", end=b"0" * 100_000),
        raw(gzip.compress(BIG)[:-1], "200 OK", "Content-Encoding: gzip"),
        raw(gzip.compress(BIG)[:-8], "200 OK", "Content-Encoding: gzip"),
        raw(gzip.compress(BIG)[:200], "200 OK", "Content-Encoding: gzip"),
        raw(gzip.compress(BIG)[:5], "200 OK", "Content-Encoding: x-gzip"),
        raw(gzip.compress(JPG) + gzip.compress(BIG)[:-9], "200 OK", "Content-Encoding: gzip"),
        raw(zlib.compress(BIG)[:-4], "200 OK", "Content-Encoding: deflate"),
        raw(zlib.compress(BIG)[:1], "200 OK", "Content-Encoding: deflate"),
        chunked(gzip.compress(BIG)[:-20], "Content-Encoding: gzip"),
        raw(BIG, "206 Partial Content"),
        raw(BIG, "206 Partial Content", f"Content-Range: bytes 0-{len(BIG) - 1}/99999"),
        raw(BIG, "206 Partial Content", f"Content-Range: bytes 5-{len(BIG) - 1}/{len(BIG)}"),
        raw(BIG, "206 Partial Content", f"Content-Range: bytes 0-{len(BIG) - 1}/*"),
        raw(BIG, "206 Partial Content", f"Content-Range: bytes 0-{'9' * 5000}/1{'0' * 5000}"),
    ],
)
def test_a_body_cut_short_is_truncated_whoever_says_so(
    host: RawHost, get: Get, answer: bytes
) -> None:
    host.pages[b"/a"] = answer
    assert get("/a") == "truncated"


def test_a_part_that_is_the_whole_is_a_picture(host: RawHost, get: Get) -> None:
    host.pages[b"/a"] = raw(JPG, "206 Partial Content", "Content-Range: bytes 0-21/22")
    assert get("/a") == JPG


def bare_deflate(data: bytes) -> bytes:
    return zlib.compress(data)[2:-4]


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", gzip.compress(JPG)),
        ("GZip ", gzip.compress(JPG)),
        ("x-gzip", gzip.compress(JPG)),
        ("identity, gzip", gzip.compress(JPG)),
        ("gzip, gzip", gzip.compress(gzip.compress(JPG))),
        ("deflate, gzip", gzip.compress(zlib.compress(JPG))),
        ("deflate", zlib.compress(JPG)),
        ("deflate", bare_deflate(JPG)),
        ("gzip", gzip.compress(JPG[:9]) + gzip.compress(JPG[9:])),
        ("gzip", gzip.compress(JPG) + bytes(100)),
        ("gzip", gzip.compress(JPG) + b"\n"),
        ("identity", JPG),
        ("none", JPG),
        ("", JPG),
        ("utf-8", JPG),
        ("aws-chunked", JPG),
    ],
)
def test_compression_is_undone_however_it_is_named(
    host: RawHost, get: Get, coding: str, body: bytes
) -> None:
    host.pages[b"/a"] = raw(body, "200 OK", f"Content-Encoding: {coding}")
    host.pages[b"/b"] = chunked(body, f"Content-Encoding: {coding}", size=1)
    assert get("/a") == get("/b") == JPG


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("br", b"\x1b\x15\0" + b"x" * 99),
        ("zstd", b"\x28\xb5\x2f\xfd" + b"x" * 99),
        ("gzip, br", gzip.compress(JPG)),
        ("compress", b"\x1f\x9d" + b"x" * 99),
        ("lzma", b"\x5d" + b"x" * 99),
        ("gzip", b"no gzip at all"),
        ("gzip", gzip.compress(BIG)[:-6] + b"123456"),
        ("deflate", b"no deflate at all"),
        ("gzip, gzip, gzip, gzip, gzip, gzip", gzip.compress(JPG)),
    ],
)
def test_compression_that_cannot_be_undone_is_named(
    host: RawHost, get: Get, coding: str, body: bytes
) -> None:
    host.pages[b"/a"] = raw(body, "200 OK", f"Content-Encoding: {coding}")
    assert get("/a") == "bad-encoding"


def test_a_bomb_is_unpacked_no_further_than_the_cap(host: RawHost, get: Get) -> None:
    once = gzip_bomb(200)
    host.pages[b"/once"] = raw(once, "200 OK", "Content-Encoding: gzip")
    host.pages[b"/twice"] = raw(gzip.compress(once), "200 OK", "Content-Encoding: gzip, gzip")
    host.pages[b"/redirect"] = to("/a", "Content-Encoding: gzip", body=once)
    host.pages[b"/a"] = raw(JPG)
    before = _peak()
    assert get("/once", max_bytes=5_000_000) == "too-large"
    assert get("/twice", max_bytes=5_000_000) == "too-large"
    assert get("/redirect", max_bytes=5_000_000) == JPG
    assert _peak() - before < 60_000


def test_a_stream_that_unpacks_to_nothing_for_ever_has_an_end(host: RawHost, get: Get) -> None:
    empty = b"\0\0\0\xff\xff" * 10_000  # stored blocks without a byte
    head = gzip.compress(b"")[:10]
    host.pages[b"/a"] = lambda _: (
        raw(head, "200 OK", "Content-Encoding: gzip", length=False),
        *repeat(empty, 1000),
    )
    assert get("/a", max_bytes=1_000_000) == "too-large"


def _peak() -> int:
    resource = pytest.importorskip("resource", reason="the peak of memory is a POSIX matter")
    peak: int = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak


def test_a_redirects_body_is_not_read(host: RawHost, get: Get) -> None:
    sent = 0

    def huge(_: bytes) -> Iterator[bytes]:
        nonlocal sent
        yield b"HTTP/1.1 302 Found\r\nLocation: /a\r\nContent-Length: 900000000\r\n\r\n"
        for _ in range(900):
            yield bytes(1_000_000)
            sent += 1

    host.pages[b"/huge"] = huge
    host.pages[b"/a"] = raw(JPG)
    assert get("/huge", max_bytes=1_000_000) == JPG
    assert sent < 50


@pytest.mark.parametrize("status", ["302 Found\r\nLocation: /a", "404 Not Found", "503 Busy"])
@pytest.mark.parametrize("framing", ["Content-Length: 50", "Transfer-Encoding: chunked", "X: y"])
def test_a_body_that_nobody_wants_is_not_waited_for(
    host: RawHost, get: Get, status: str, framing: str
) -> None:
    def stall(_: bytes) -> Iterator[bytes]:
        yield f"HTTP/1.1 {status}\r\n{framing}\r\n\r\n".encode()
        time.sleep(60)

    host.pages[b"/stall"] = stall
    host.pages[b"/a"] = raw(JPG)
    expected: bytes | str = JPG if status.startswith("302") else f"http-{status[:3]}"
    assert get("/stall", max_tries=1) == expected
