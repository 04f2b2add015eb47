"""A host of every unkind sort, and what must become of each of its addresses."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import threading
import zlib
from collections import Counter
from dataclasses import dataclass
from itertools import repeat
from typing import TYPE_CHECKING

from support.pictures import photo
from support.raw_host import JPG, RawHost, gzip_bomb, raw, raw_host, to

from .runs import Ran, World, run

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from support.raw_host import Page

_HINTS = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Met:
    """How a run over hostile addresses ended: one line in `wrong` for each that was misjudged."""

    kinds: int
    good: int
    wrong: tuple[str, ...]
    ran: Ran
    peak_megabytes: float


def meet(world: World, *, good: int = 100) -> Met:
    """Fetch `good` pictures with all the hostile kinds among them, by one command."""
    gone = threading.Event()
    with raw_host() as host:
        pages, fates = _kinds(gone)
        host.pages |= {path.encode(): page for path, (page, _) in pages.items()}
        fates |= {host.url + path: reason for path, (_, reason) in pages.items()}
        pictures = _good(host, good)
        rows = _rows(fates, pictures)
        manifest = world.work / "manifest.jsonl"
        manifest.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
        words = ("fetch", "manifest.jsonl", "--into", "got", "--allow-private", "--json")
        with _Peak(world) as peak:
            ran = run(world, words)
        gone.set()
    wrong = tuple(_misjudged(world.work / "got", fates, set(pictures), ran))
    return Met(len(fates), good, wrong, ran, peak.megabytes)


def _kinds(gone: threading.Event) -> tuple[dict[str, tuple[Page, str]], dict[str, str]]:
    """Path → page and fate; address → fate."""
    big = JPG + os.urandom(50_000)
    packed = gzip.compress(big)
    bomb = gzip_bomb(300)

    def drip(head: bytes) -> Page:
        def page(_: bytes) -> Iterator[bytes]:
            yield head
            while not gone.wait(0.2):
                yield b"x"

        return page

    def silent(_: bytes) -> Iterator[bytes]:
        gone.wait(60)
        yield b""

    def coded(coding: str, body: bytes, *more: str) -> bytes:
        return raw(body, "200 OK", f"Content-Encoding: {coding}", *more)

    def chunks(body: bytes, *headers: str) -> bytes:
        return raw(body, "200 OK", "Transfer-Encoding: chunked", *headers, length=False)

    ok = b"HTTP/1.1 200 OK\r\n"
    pages: dict[str, tuple[Page, str]] = {
        "/status-404": (raw(b"no", "404 Not Found"), "http-404"),
        "/status-403": (raw(b"no", "403 Forbidden"), "http-403"),
        "/status-999": (raw(b"no", "999 Denied"), "http-999"),
        "/html.jpg": (
            raw(b"<!doctype html><p>no", "200 OK", "Content-Type: image/jpeg"),
            "not-an-image",
        ),
        "/film.jpg": (raw(b"\0\0\0\x18ftypisom\0\0\0\0isomavc1" + bytes(99)), "not-an-image"),
        "/empty": (raw(b""), "empty"),
        "/no-content": (raw(b"", "204 No Content"), "empty"),
        "/hangs-up": (b"", "connection"),
        "/garbage": (os.urandom(5000).replace(b"HTTP", b"") + b"\n\n", "bad-answer"),
        "/other-protocol": (b"220 mail.example ESMTP\r\n\r\n", "bad-answer"),
        "/endless-headers": (lambda _: (ok, *repeat(b"X: y\r\n" * 999, 9999)), "bad-answer"),
        "/header-of-a-megabyte": (raw(JPG, "200 OK", "X-Long: " + "y" * 10**6), "bad-answer"),
        "/redirect-of-a-megabyte": (to("/" + "y" * 10**6), "bad-answer"),
        "/busy-in-bytes": (raw(b"", "503 Busy", b"Retry-After: \xff\xfe\xfd"), "http-503"),
        "/endless-hints": (lambda _: repeat(_HINTS, 99_999), "bad-answer"),
        "/endless-body": (lambda _: (ok + b"\r\n", *repeat(bytes(1_000_000), 80)), "too-large"),
        "/huge-length": (ok + b"Content-Length: 99999999999\r\n\r\n", "too-large"),
        "/short-length": (raw(big, "200 OK", "Content-Length: 99999", length=False), "truncated"),
        "/lengths-differ": (ok + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\n", "bad-answer"),
        "/chunks-cut": (chunks(b"400\r\nabc"), "truncated"),
        "/chunks-wrong": (chunks(b"5\r\nabcde\r\nxyz\r\n"), "truncated"),
        "/chunk-size-endless": (lambda _: (chunks(b""), *repeat(b"0" * 9999, 99)), "truncated"),
        "/gzip-cut": (coded("gzip", packed[:-4]), "truncated"),
        "/gzip-wrong-sum": (coded("gzip", packed[:-8] + bytes(8)), "bad-encoding"),
        "/gzip-is-none": (coded("gzip", b"nothing of the kind"), "bad-encoding"),
        "/gzip-bomb": (coded("gzip", bomb), "too-large"),
        "/gzip-bomb-twice": (coded("gzip, gzip", gzip.compress(bomb)), "too-large"),
        "/gzip-many-times": (coded(", ".join(["gzip"] * 40), packed), "bad-encoding"),
        "/brotli": (coded("br", b"\x1b\x15\0abc"), "bad-encoding"),
        "/zstd": (coded("zstd", b"\x28\xb5\x2f\xfdabc"), "bad-encoding"),
        "/deflate-cut": (coded("deflate", zlib.compress(big)[:-3]), "truncated"),
        "/part": (raw(big, "206 Partial Content", "Content-Range: bytes 0-9/99"), "truncated"),
        "/circle": (to("/circle"), "too-many-redirects"),
        "/circle-of-two": (to("/circle-back"), "too-many-redirects"),
        "/circle-back": (to("/circle-of-two"), "too-many-redirects"),
        "/circle-grows": (lambda got: to(got.split()[1] + b"x"), "http-404"),
        "/to-ipv6-cut": (to("http://[::1"), "bad-url"),
        "/to-nothing": (to("http://"), "bad-url"),
        "/to-file": (to("file:///etc/passwd"), "bad-scheme"),
        "/to-data": (to("data:image/png;base64,AAAA"), "bad-scheme"),
        "/to-mail-port": (to("http://127.0.0.1:25/"), "unsafe-port"),
        "/to-bytes": (to(b"http://\xff\xfe\xfd/"), "bad-url"),
        "/redirect-bomb": (to("/status-404", "Content-Encoding: gzip", body=bomb), "http-404"),
        "/redirect-endless": (
            lambda _: (
                b"HTTP/1.1 302 Found\r\nLocation: /status-404\r\n\r\n",
                *repeat(bytes(10**6), 99),
            ),
            "http-404",
        ),
        "/opted-out": (raw(JPG, "200 OK", "X-Robots-Tag: max-snippet: -1, noai"), "opted-out"),
        "/drips-headers": (drip(b""), "too-slow"),
        "/drips-body": (drip(ok + b"\r\n"), "too-slow"),
        "/drips-chunks": (drip(chunks(b"fffff\r\n")), "too-slow"),
        "/silent": (silent, "too-slow"),
        "/busy-for-years": (raw(b"", "429 Slow", "Retry-After: 99999999"), "http-429"),
        "/busy-nonsense": (raw(b"", "429 Slow", "Retry-After: soon"), "http-429"),
    }
    addresses = {
        "http://[::1/a.jpg": "bad-url",
        "http://a b.example/": "bad-url",
        "http://127.0.0.1:0/": "unsafe-port",
        "http://127.0.0.1:22/": "unsafe-port",
        "http://no-such-host.invalid/a.jpg": "connection",
        "http://" + "a" * 70 + ".example/": "bad-url",
        "http://\U0001f355.invalid/": "connection",
        "http://127.0.0.1:1/closed": "unsafe-port",
        "http://127.0.0.1:2/closed": "connection",
    }
    return pages, addresses


def _good(host: RawHost, count: int) -> dict[str, str]:
    """Address → SHA-256 of pictures that a browser would get, each in another way."""
    from io import BytesIO

    pictures = {}
    for number in range(count):
        file = BytesIO()
        photo(number, (120, 90)).save(file, "JPEG")
        data, path = file.getvalue(), f"/good {number}%7e[{number}].jpg"
        page = (
            raw(data),
            _HINTS + raw(data),
            raw(gzip.compress(data), "200 OK", "Content-Encoding: gzip "),
            raw(data, "200 OK", *(f"X-{n}: y" for n in range(150))),
            raw(data, b"200 \xff\xfe".decode("latin-1"), b"X-\xe9: \xff\x80", b'ETag: "\xfe\xff"'),
        )[number % 5]
        host.pages[path.replace(" ", "%20").encode()] = page
        pictures[host.url + path] = hashlib.sha256(data).hexdigest()
    return pictures


def _rows(fates: Mapping[str, str], pictures: Mapping[str, str]) -> list[dict[str, str]]:
    rows = []
    for number, url in enumerate([*pictures, *fates]):
        digest = pictures.get(url) or hashlib.sha256(url.encode()).hexdigest()
        row = {"id": digest[:16], "label": "a", "split": "val" if number % 5 else "train"}
        rows.append(row | {"image_url": url, "source_sha256": digest, "transform": "full;q90"})
    return rows


def _misjudged(got: Path, fates: Mapping[str, str], good: set[str], ran: Ran) -> Iterator[str]:
    if ran.code != 0 or "Traceback" in ran.err:
        yield f"the run ended with exit {ran.code}: {ran.err[-300:]}"
    path = got / "fates.jsonl"
    lines = path.read_text("utf-8").splitlines() if path.is_file() else []
    said = {fate["url"]: fate for fate in map(json.loads, lines)}
    times = Counter(fate["url"] for fate in map(json.loads, lines))
    for url, reason in fates.items():
        fate = said.get(url, {"reason": "no fate"})
        if fate["reason"] != reason:
            yield f"{url[:90]}: {fate['reason'] or fate.get('fate')}, expected {reason}"
    for url in sorted(good):
        if said.get(url, {}).get("fate") != "same":
            yield f"a good picture is lost: {said.get(url)}"
    yield from (f"{url[:90]} has {count} fates" for url, count in times.items() if count > 1)


class _Peak:
    """The most memory that the world's command held, in MB (Linux)."""

    def __init__(self, world: World) -> None:
        self.megabytes = 0.0
        self._world = world
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def _look(self) -> None:
        from pathlib import Path

        while not self._over.wait(0.2):
            for pid in self._world.processes():
                try:
                    status = Path(f"/proc/{pid}/status").read_text("ascii", "replace")
                except OSError:
                    continue
                peak = status.partition("VmHWM:")[2].split()
                self.megabytes = max(self.megabytes, int(peak[0]) / 1024 if peak else 0.0)

    def __enter__(self) -> _Peak:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
