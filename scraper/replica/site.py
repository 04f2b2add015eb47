"""The replica's server: three engines and all the hosts that their results name, on one port."""

from __future__ import annotations

import contextlib
import threading
from collections import Counter, OrderedDict
from dataclasses import replace
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from ..errors import UsageError
from . import listing as listings
from .answers import answer, fits
from .faults import SHARES, Faults, parse_walls
from .listing import ENGINES, LONGEST, QUALITY, Listing, Plan, Result
from .markup import data_uri
from .server import Server
from .shelf import DrawnShelf, FolderShelf, Picture

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path
    from types import TracebackType

    from .shelf import Shelf

_CACHE_BYTES = 200_000_000


class Replica:
    """A running replica; use it in a `with`, or call `close()`.

    `url` is where it listens; `truth()` and `requests()` say what it showed and was asked.
    """

    def __init__(
        self,
        shelf: Shelf,
        plan: Plan,
        faults: Faults,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        layout: str = "alternate",
    ) -> None:
        self.shelf = shelf
        self.plan = plan
        self.faults = faults
        self.layout = layout
        self._lock = threading.Lock()
        self._listings: dict[tuple[str, str, str], Listing] = {}
        self._requests: Counter[str] = Counter()
        self._times: Counter[tuple[str, str]] = Counter()
        self._cache: OrderedDict[tuple[str, str], bytes] = OrderedDict()
        self._cached = 0
        self.stopping = threading.Event()
        self._server = Server(host, port, partial(answer, self))
        shown = f"[{host}]" if ":" in host else host
        self.url = f"http://{shown}:{self._server.server_port}"
        self.origin = self.url
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), name="replica", daemon=True
        )
        self._thread.start()

    def __enter__(self) -> Replica:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop serving; connections that are open are cut."""
        self.stopping.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def wait(self) -> None:
        """Return when the replica is closed, or at Ctrl-C."""
        with contextlib.suppress(KeyboardInterrupt):
            self.stopping.wait()

    def listing(self, engine: str, term: str, filters: str = "") -> Listing:
        """What an engine shows for a search, whether it was asked or not."""
        key = (engine, " ".join(term.split()), filters)
        with self._lock:
            found = self._listings.get(key)
            if found is None:
                found = listings.make(self.shelf, self.plan, *key, fits(engine, filters))
                self._listings[key] = found
            return found

    def truth(self) -> dict[str, Any]:
        """Everything that the searches so far can show, and what of it was sent to a page.

        `{"origin", "searches": [{"engine", "term", "filters", "shown": results up to the cap,
        "sent": results sent to the page so far, "results": [{"rank", "source": the same for
        all copies of a picture, "variant", "image_url", "preview": URL or data: with
        "preview_sha256", "thumbnail_url", "page_url", "title", "width", "height", "fate",
        "sent"}]}]}`
        """
        with self._lock:
            known = list(self._listings.values())
        return {"origin": self.url, "searches": [self._told(one) for one in known]}

    def requests(self) -> dict[str, int]:
        """How often each URL was asked for, the replica's own pages left out."""
        with self._lock:
            return dict(self._requests)

    def control(self, changes: Mapping[str, object]) -> Faults:
        """Change some faults while it runs; the counts of `empty:2` and the like begin again."""
        faults = self.faults.with_changes(changes)
        with self._lock:
            self.faults = faults
            self._times.clear()
        return faults

    def note(self, path: str) -> None:
        """Count a request."""
        with self._lock:
            self._requests[self.url + path] += 1

    def wall(self, engine: str, asked: str = "") -> str:
        """The wall that the next page of an engine runs into, empty for none; counts it."""
        told = ",".join(filter(None, (getattr(self.faults, engine), asked)))
        with self._lock:
            for name, times in parse_walls(told).items():
                if times is None or self._times[engine, name] < times:
                    self._times[engine, name] += 1
                    return name
        return ""

    def fate(self, picture: Picture) -> str:
        """What happens to who asks for an original: `ok`, or one of the faults' shares."""
        lot = int.from_bytes(sha256(f"fate/{picture.code()}".encode()).digest()[:4]) / 2**32
        for name in SHARES:
            lot -= getattr(self.faults, name)
            if lot < 0:
                return name
        return "ok"

    def inline(self, result: Result) -> str:
        """A result's preview as a data: URI."""
        return data_uri(self.preview(result.picture, result.engine))

    def preview(self, picture: Picture, kind: str) -> bytes:
        """The preview of an engine (or `bing-large`); KeyError if there is none."""
        return self._kept(
            picture, kind, lambda: self.shelf.preview(picture, LONGEST[kind], QUALITY[kind])
        )

    def original(self, picture: Picture) -> bytes:
        """The bytes of an original; KeyError if there is none."""
        return self._kept(picture, "original", lambda: self.shelf.original(picture))

    def warm(self, term: str) -> None:
        """Make the previews of a term in advance, so that a benchmark measures the scraper."""
        for engine in ENGINES:
            for result in self.listing(engine, term).results:
                self.preview(result.picture, engine)

    def _kept(self, picture: Picture, kind: str, make: Callable[[], bytes]) -> bytes:
        key = (picture.code(), kind)
        with self._lock:
            data = self._cache.get(key)
            if data is not None:
                self._cache.move_to_end(key)
                return data
        data = make()
        with self._lock:
            if key not in self._cache:
                self._cache[key] = data
                self._cached += len(data)
            while self._cached > _CACHE_BYTES:
                _, dropped = self._cache.popitem(last=False)
                self._cached -= len(dropped)
        return data

    def _told(self, one: Listing) -> dict[str, Any]:
        return {
            "engine": one.engine,
            "term": one.term,
            "filters": one.filters,
            "shown": len(one.results),
            "sent": len(one.sent),
            "results": [
                self._result(result, sent=result.rank in one.sent) for result in one.results
            ],
        }

    def _result(self, result: Result, *, sent: bool) -> dict[str, Any]:
        inline = {}
        if result.inline:
            digest = sha256(self.preview(result.picture, result.engine)).hexdigest()
            inline = {"preview_sha256": digest}
        return {
            "rank": result.rank,
            "source": result.picture.source,
            "variant": result.picture.change,
            "image_url": self.url + result.original,
            "preview": "data:" if result.inline else self.url + result.preview,
            **inline,
            "thumbnail_url": self.url + result.thumbnail if result.thumbnail else None,
            "page_url": self.url + result.page,
            "title": result.title,
            "width": result.width,
            "height": result.height,
            "fate": self.fate(result.picture),
            "sent": sent,
        }


def serve(  # noqa: PLR0913 - all but the folder are named, with defaults
    folder: Path | None = None,
    *,
    port: int = 0,
    host: str = "127.0.0.1",
    faults: Faults | None = None,
    seed: int = 0,
    per_term: int | None = None,
    overlap: float = 0.3,
    repeats: float = 0.06,
    inline: Mapping[str, int] | None = None,
    layout: str = "alternate",
) -> Replica:
    """Start a replica over class folders, or one that draws; on a free port unless told.

    `per_term` is how many results each engine shows at most (else `listing.CAPS`), `overlap`
    the share of results that engines have in common, `repeats` the share of near-duplicates
    within one engine's results, `inline` how many of the first previews are base64, by engine;
    `layout` is Yahoo's: A, B or alternate (by term).
    """
    if folder is not None and not folder.is_dir():
        raise UsageError(f"{folder}: no such folder; expected class folders with pictures")
    if layout not in ("A", "B", "alternate"):
        raise UsageError(f"layout {layout!r}: expected A, B or alternate")
    caps = dict.fromkeys(ENGINES, per_term) if per_term else listings.CAPS
    plan = Plan(caps=caps, overlap=overlap, repeats=repeats, seed=seed)
    if inline is not None:
        plan = replace(plan, inline=inline)
    shelf: Shelf = FolderShelf(folder) if folder is not None else DrawnShelf(seed)
    return Replica(shelf, plan, faults or Faults(), host=host, port=port, layout=layout)
