"""An answer's head is read by our own few lines: they agree with the standard library's."""

from __future__ import annotations

import socket
from http.client import HTTPResponse

import pytest
from pixset.scraper.fetch.answer import BrowserlikeResponse

# Heads that both readers take, of the headers that are kept.
HEADS = (
    "HTTP/1.1 200 OK\r\nContent-Length: 12\r\nX-Robots-Tag: noai\r\nX-Robots-Tag: bing: none\r\n",
    "HTTP/1.1 200 OK\r\ncontent-length:12\r\netag:  W/\"a:b\" \t\r\nConnection: Close\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\nContent-Length: 12\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\nContent-Type: image/jpeg; a=\"b\\\"c\"\r\n",
    "HTTP/1.1 204 No Content\r\nSet-Cookie: a=b; Path=/\r\nSet-Cookie: c=d, e=f\r\n",
    "HTTP/1.1 304 Not Modified\r\nContent-Length: 12\r\n",
    "HTTP/1.1 301\r\nLocation: /caf\xe9?a=b:c\r\nContent-Length: 0\r\n",
    "HTTP/1.0 200 OK\r\nContent-Length: 12\r\n",
    "HTTP/1.0 200 Fine by me\r\nConnection: Keep-Alive\r\nContent-Length: 12\r\n",
    "HTTP/1.1 200 OK\r\n",
    "HTTP/1.1 429 Too Many\r\nRetry-After: \r\nContent-Type:\r\n",
)  # fmt: skip


@pytest.mark.parametrize("head", HEADS)
def test_a_sound_head_is_read_as_http_client_reads_it(head: str) -> None:
    def read(kind: type[HTTPResponse]) -> tuple[object, ...]:
        ours, theirs = socket.socketpair()
        with ours, theirs:
            theirs.sendall(head.encode("latin-1") + b"\r\n")
            theirs.shutdown(socket.SHUT_WR)
            answer = kind(ours, method="GET")
            answer.begin()
            headers = [(name.lower(), value.strip()) for name, value in answer.headers.items()]
            said = (answer.version, answer.status, answer.code, answer.reason, sorted(headers))
            framed = (answer.length, answer.chunked, answer.will_close)
            answer.close()
            return (*said, *framed)

    assert read(BrowserlikeResponse) == read(HTTPResponse)


def test_folded_lines_several_headers_and_bad_bytes_keep_their_meaning() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(
            b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
            b"HTTP/1.1 200 OK\r\nno header at all\r\nX-Robots-Tag: otherbot: noai,\r\n"
            b"\tnoindex\r\nx-robots-tag: noimage\0ai\r\nX-Else: noai\r\n"
            b"Content-Length: 3, 3\r\nContent-Type: image/jp\xe9g\r\n\r\n"
        )
        answer = BrowserlikeResponse(ours, method="GET")
        answer.begin()
        assert answer.headers.get_all("X-Robots-Tag") == ["otherbot: noai, noindex", "noimageai"]
        assert answer.headers.get_all("content-type") == ["image/jp\xe9g"]
        assert (answer.length, answer.will_close) == (3, False)
        names = ["x-robots-tag", "x-robots-tag", "content-type", "content-length"]
        assert answer.headers.keys() == names
        answer.close()
