"""What is fed, with valid inputs to begin from and what each may raise."""

from __future__ import annotations

import base64
import json
import shutil
import urllib.error
import urllib.request
from contextlib import ExitStack, contextmanager
from io import BytesIO
from typing import TYPE_CHECKING

from pixset.curation import look
from pixset.curation.errors import CurationError, Unreadable
from pixset.curation.folders.scan import scan
from pixset.datasets.errors import DatasetError
from pixset.datasets.project import Project
from pixset.datasets.rebuild.fetch import rebuild
from pixset.datasets.recipe import toml
from pixset.datasets.recipe.binary import binary
from pixset.datasets.review import serve as serve_review
from pixset.datasets.tree.prepare import prepare
from pixset.datasets.tree.target import Target as TreeTarget
from pixset.datasets.verify import verify
from pixset.scraper.engines import ENGINES, decode_page, scrub
from pixset.scraper.errors import FetchFailed, ScraperError
from pixset.scraper.fetch import REASONS, FetchLimits, decode_data_uri, fetch
from pixset.scraper.fetch.address import read_address, read_location
from pixset.scraper.fetch.robots import opted_out
from pixset.scraper.models import PageOutcome, Query
from pixset.scraper.replica import serve as serve_replica
from support.catalogues import fill
from support.pictures import photo
from support.raw_host import JPG, raw, raw_host, to

from .hostile_trees import plant
from .run import Target

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from pixset.scraper.fetch import Fetched, Job

_FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF", "ICO", "AVIF", "JPEG2000", "PPM", "DDS")
_MODES = {"PNG": ("RGB", "RGBA", "P", "L", "I;16", "1"), "JPEG": ("RGB", "L", "CMYK")}
_MODES |= {"TIFF": ("RGB", "CMYK", "L", "F", "LAB"), "WEBP": ("RGB", "RGBA"), "GIF": ("P", "L")}


@contextmanager
def all_targets(home: Path) -> Iterator[list[Target]]:
    """Every target, with the servers that some need; files are made below `home`."""
    with ExitStack() as servers:
        pictures = list(_pictures())
        yield [
            Target("pages", _pages(servers), _feed_page),
            Target("pictures", pictures, _feed_picture),
            Target("pictures for the tree", pictures, _feed_prepare),
            Target("data: URIs", _data_uris(pictures), _feed_data_uri),
            Target("addresses", _addresses(), _feed_address),
            Target("X-Robots-Tag", _robots(), _feed_robots),
            Target("HTTP answers", _answers(), _feeding_answers(servers)),
            Target("recipes", _recipes(), _feed_recipe),
            Target("manifests", _manifests(), _feeding_manifests(home)),
            Target("hostile trees", [bytes(range(64))], _feeding_trees(home)),
            Target("review JSON", _sayings(), _feeding_review(home, servers)),
        ]


def _pictures() -> Iterator[bytes]:
    for number, kind in enumerate(_FORMATS):
        for mode in _MODES.get(kind, ("RGB",)):
            file = BytesIO()
            picture = photo(number, (90, 60))
            try:
                (picture.convert("L") if mode == "I;16" else picture).convert(mode).save(file, kind)
            except (OSError, ValueError, KeyError):  # this build of Pillow lacks the format
                continue
            yield file.getvalue()
    file = BytesIO()
    photo(50, (90, 60)).save(file, "JPEG", progressive=True, exif=b"Exif\0\0MM\0*\0\0\0\x08\0\0")
    yield file.getvalue()
    file = BytesIO()
    frames = [photo(n, (40, 30)) for n in range(3)]
    frames[0].save(file, "GIF", save_all=True, append_images=frames[1:])
    yield file.getvalue()


def _feed_picture(data: bytes) -> bool:
    try:
        look(data)
    except Unreadable as failure:
        return failure.why not in ("not-an-image", "empty", "unsupported")
    return True


def _feed_prepare(data: bytes) -> bool:
    try:
        made = prepare(data, TreeTarget(size=32))
    except Unreadable as failure:
        return failure.why not in ("not-an-image", "empty", "unsupported")
    assert made.data.startswith(b"\xff\xd8"), "no JPEG"
    assert (made.width, made.height) == (32, 32), "another size"
    return True


def _pages(servers: ExitStack) -> list[bytes]:
    replica = servers.enter_context(serve_replica(per_term=12))
    pages = []
    for name, engine in ENGINES.items():
        url = engine.url(Query("pizza"), f"{replica.url}/{name}")
        for address in (url, f"{replica.url}/{name}/search?q=pizza"):
            try:
                with urllib.request.urlopen(address) as answer:
                    pages.append(answer.read())
            except urllib.error.HTTPError as error:
                pages.append(error.read())
    # Small parts of pages make for more inputs a second, and deeper ones.
    parts = [page[at : at + 4000] for page in pages for at in range(0, len(page), 4000)]
    return [*pages, *parts[:200]]


def _feed_page(data: bytes) -> bool:
    html = decode_page(data)
    found = False
    for engine in ENGINES.values():
        page = engine.parse(html, "https://www.google.com/search?q=pizza")
        found |= page.outcome is PageOutcome.RESULTS
        assert [one.rank for one in page.candidates] == list(range(1, len(page.candidates) + 1))
    scrub(html[:20_000])
    return found


def _data_uris(pictures: list[bytes]) -> list[bytes]:
    small = [JPG, *(one for one in pictures if len(one) < 3000)]
    plain = [b"data:image/png;base64," + base64.b64encode(one) for one in small]
    return [*plain, b"data:image/svg+xml;utf8,<svg xmlns='x'/>", b"data:;charset=x;base64,_-8="]


def _feed_data_uri(data: bytes) -> bool:
    try:
        decode_data_uri(data.decode("utf-8", "surrogatepass" if len(data) % 2 else "replace"))
    except UnicodeDecodeError:
        return False
    except FetchFailed as failure:
        assert failure.reason == "bad-data-uri", failure.reason
        return False
    return True


def _addresses() -> list[bytes]:
    return [
        *(b"http://example.org/a%7eb.jpg?x=[1]#y", b"https://user:pw@h.example:8443/%u0041/../b"),
        *(b"http://[2001:db8::1]:80/", "http://bücher.example/ü".encode(), b"http://0x7f.1/"),
        *(b"//h/p", b"\\\\h\\p", b"?q", "http://🍕.example/\t\n".encode(), b"http://1.2.3.4.:80/"),
    ]


def _feed_address(data: bytes) -> bool:
    base = read_address("http://base.example/a/b?c")
    text = data.decode("latin-1") if len(data) % 2 else data.decode("utf-8", "replace")
    try:
        found = read_location(text, base) if len(data) % 3 else read_address(text)
    except FetchFailed as failure:
        assert failure.reason in ("bad-url", "bad-scheme", "unsafe-port"), failure.reason
        return False
    assert found.target.isascii(), "the request line would not be ASCII"
    assert not set(found.target + found.authority) & set("\r\n\0 "), "a line of its own"
    assert read_address(found.href).href == found.href, "read again, it is another"
    return True


def _robots() -> list[bytes]:
    return [
        b"noai, noimageai",
        b"max-image-preview: large, noai",
        b"unavailable_after: 25 Jun 2030 15:00:00 PST, noai",
        b"otherbot: noindex, nofollow",
        b"pixset: none; all",
    ]


def _feed_robots(data: bytes) -> bool:
    return opted_out([data.decode("latin-1")])


def _answers() -> list[bytes]:
    import gzip

    chunked = b"9\r\n" + JPG[:9] + b"\r\nd\r\n" + JPG[9:] + b"\r\n0\r\nX: y\r\n\r\n"
    packed = gzip.compress(JPG)
    return [
        raw(JPG, "200 OK", "Content-Type: image/jpeg", "ETag: x", "X-Robots-Tag: all"),
        raw(packed, "200 OK", "Content-Encoding: gzip"),
        raw(chunked, "200 OK", "Transfer-Encoding: chunked", length=False),
        b"HTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\n" + raw(JPG),
        to("/elsewhere", "Set-Cookie: a=b; Path=/; Max-Age=9"),
        raw(JPG, "206 Partial Content", "Content-Range: bytes 0-21/22"),
    ]


def _feeding_answers(servers: ExitStack) -> Callable[[bytes], bool]:
    host = servers.enter_context(raw_host())
    limits = FetchLimits(allow_private=True, deadline=20, max_tries=1, max_bytes=1_000_000)

    def feed(data: bytes) -> bool:
        host.seen.clear()
        host.pages[b"/a"] = data
        try:
            return bool(fetch(f"{host.url}/a", limits=limits).data)
        except FetchFailed as failure:
            known = failure.reason in REASONS or failure.reason.startswith("http-")
            assert known, failure.reason
            assert failure.reason != "unexpected", str(failure)
            return failure.reason not in ("bad-answer", "connection")

    return feed


def _recipes() -> list[bytes]:
    shipped = [path.read_bytes() for path in toml.shipped().values()]
    return [*shipped, toml.dump(binary("pizza").recipe).encode()]


def _feed_recipe(data: bytes) -> bool:
    try:
        toml.parse(data.decode("utf-8", "surrogateescape"), "fuzzed")
    except (DatasetError, ScraperError) as error:
        # A TOML that was read, and refused for what it says, got past the header.
        return "TOML" not in str(error)
    return True


def _manifests() -> list[bytes]:
    rows = [
        {
            "id": f"{number:016x}",
            "label": ("cat", "dog")[number % 2],
            "split": ("train", "val", "test")[number % 3],
            "image_url": f"http://h.example/{number}.jpg",
            "thumb_url": None,
            "page_url": "http://h.example/",
            "source_sha256": f"{number:064x}",
            "transform": "crop64;q90",
        }
        for number in range(6)
    ]
    return ["".join(json.dumps(row) + "\n" for row in rows[:count]).encode() for count in (1, 3, 6)]


def _feeding_manifests(home: Path) -> Callable[[bytes], bool]:
    manifest, into = home / "manifest.jsonl", home / "rebuilt"

    def nothing(jobs: Iterable[Job], _: object) -> Iterator[tuple[Job, Fetched | FetchFailed]]:
        for job in jobs:
            yield job, FetchFailed("connection")

    def feed(data: bytes) -> bool:
        manifest.write_bytes(data)
        shutil.rmtree(into, ignore_errors=True)
        try:
            rebuild(manifest, into, fetcher=nothing)
        except DatasetError as error:
            return "label" in str(error) or "split" in str(error) or "sha256" in str(error)
        return True

    return feed


def _feeding_trees(home: Path) -> Callable[[bytes], bool]:
    def feed(data: bytes) -> bool:
        tree = home / "tree"
        count = plant(tree, data)
        try:
            scan(tree)
            verify(tree)
        except (CurationError, DatasetError):
            return False
        finally:
            shutil.rmtree(tree, ignore_errors=True)
        return count > 1

    return feed


def _sayings() -> list[bytes]:
    sayings = [
        {"shas": ["0" * 64], "what": "keep"},
        {"shas": ["1" * 64, "2" * 64], "what": "drop", "reason": "blurry"},
        {"shas": ["0" * 64], "what": "relabel", "label": "cat"},
        {"what": "undo"},
        {"pair": ["0" * 64, "1" * 64], "what": "same"},
    ]
    return [json.dumps(saying).encode() for saying in sayings]


def _feeding_review(home: Path, servers: ExitStack) -> Callable[[bytes], bool]:
    jpegs = []
    for number in range(4):
        file = BytesIO()
        photo(number, (64, 48)).save(file, "JPEG")
        jpegs.append(file.getvalue())
    project = fill(Project(home / "reviewed"), {"cat": jpegs[:2], "dog": jpegs[2:]})
    review = servers.enter_context(serve_review(project))
    headers = {"Content-Type": "application/json", "Origin": review.url.rpartition("/")[0]}
    origin = "/".join(review.url.split("/")[:3])
    headers["Origin"] = origin
    address = review.url.rstrip("/") + "/api/say"

    def feed(data: bytes) -> bool:
        request = urllib.request.Request(address, data, headers)  # loopback
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return bool(json.loads(answer.read()) is not None)
        except urllib.error.HTTPError as error:
            assert error.code < 500, f"status {error.code}: {error.read()[:200]!r}"
            return error.code == 409

    return feed
