"""What a replica shows and was asked: its results, its faults, its pictures, its counts."""

from __future__ import annotations

import threading
from collections import Counter, OrderedDict
from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from .faults import BLOCKS, SHAPES, SHARES, Faults, parse_faults
from .markup import data_uri
from .open_licences import rights_of
from .results import APIS, ENGINES, LONGEST, QUALITY, Result, ResultList, fits, make_results

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from .pictures import PictureSource, ReplicaPicture
    from .results import ResultPlan

_CACHE_BYTES = 200_000_000
_FOREIGN = ("lighthouse of genoa", "m276 engine")


class Site:
    """A replica's state, shared by the threads that answer its requests."""

    def __init__(
        self,
        pictures: PictureSource,
        plan: ResultPlan,
        faults: Faults,
        *,
        layout: str = "alternate",
    ) -> None:
        self.pictures = pictures
        self.plan = plan
        self.faults = faults
        self.layout = layout
        self.origin = ""
        self.consent_origin = ""
        self.stopping = threading.Event()
        self._lock = threading.Lock()
        self._lists: dict[tuple[str, str, str], ResultList] = {}
        self._requests: Counter[str] = Counter()
        self._times: Counter[tuple[str, str]] = Counter()
        self._cache: OrderedDict[tuple[str, str], bytes] = OrderedDict()
        self._cached = 0

    def results(self, engine: str, term: str, filters: str = "") -> ResultList:
        """What an engine shows for a search, whether it was asked or not."""
        key = (engine, " ".join(term.split()), filters)
        with self._lock:
            found = self._lists.get(key)
            if found is None:
                found = make_results(self.pictures, self.plan, *key, fits(engine, filters))
                self._lists[key] = found
            return found

    def decoys(self, engine: str, term: str) -> ResultList:
        """What an engine shows that has nothing to do with the term; no part of the truth."""
        foreign = next((one for one in _FOREIGN if one not in term.lower()), "")
        for name in (foreign, *self.pictures.terms()):
            found = make_results(self.pictures, self.plan, engine, name, "", fits(engine, ""))
            if found.entries and name.lower() not in term.lower():
                return replace(found, term=term)
        return ResultList(engine, term, "", ())

    def layout_of(self, term: str) -> str:
        """Yahoo's layout for a term: A or B."""
        if self.layout == "alternate":
            return "AB"[sum(" ".join(term.split()).encode()) % 2]
        return self.layout

    def truth(self) -> dict[str, Any]:
        """Everything that the searches so far can show, and what of it was sent to a page.

        `{"origin", "searches": [{"engine", "term", "filters", "shown": results up to the cap,
        "sent": results sent to the page so far, "results": [{"rank", "source": the same for
        all copies of a picture, "variant", "image_url", "preview": URL or data: with
        "preview_sha256", "thumbnail_url", "page_url", "title", "width", "height", "fate",
        "sent", and of an API "licence": its code, "licence_url", "creator"}]}]}`
        """
        with self._lock:
            known = list(self._lists.values())
        return {"origin": self.origin, "searches": [self._search(one) for one in known]}

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

    def count(self, path: str) -> None:
        """Count a request."""
        with self._lock:
            self._requests[self.origin + path] += 1
            due = self._requests.total() == self.faults.restart
        if due:
            self.restart()

    def restart(self) -> None:
        """Be away for a while, as a server that is restarted is; a site without one stays."""

    def next_block(self, engine: str, asked: str = "") -> str:
        """What stands before an engine's next page, empty for nothing; counts it."""
        return next(self._due(engine, asked, BLOCKS), "")

    def next_shapes(self, engine: str, asked: str = "") -> frozenset[str]:
        """How an engine's next page of results differs from its usual one; counts them."""
        return frozenset(self._due(engine, asked, SHAPES))

    def _due(self, engine: str, asked: str, names: Mapping[str, str]) -> Iterator[str]:
        faults = ",".join(filter(None, (getattr(self.faults, engine), asked)))
        for name, times in parse_faults(faults).items():
            if name not in names:
                continue
            with self._lock:
                due = times is None or self._times[engine, name] < times
                self._times[engine, name] += due
            if due:
                yield name

    def trouble(self, path: str) -> str:
        """What befalls a later batch of results at its first time: `slow`, `failing` or nothing."""
        with self._lock:
            self._times["batch", path] += 1
            if self._times["batch", path] > 1:
                return ""
        shares = {"slow": self.faults.slow_xhr, "failing": self.faults.failing_xhr}
        return _drawn(f"batch/{path}", shares)

    def fate(self, picture: ReplicaPicture) -> str:
        """What happens to who asks for an original: `ok`, or one of the faults' shares."""
        shares = {name: getattr(self.faults, name) for name in SHARES}
        return _drawn(f"fate/{picture.code()}", shares) or "ok"

    def inline(self, result: Result) -> str:
        """A result's preview as a data: URI."""
        return data_uri(self.preview(result.picture, result.engine))

    def preview(self, picture: ReplicaPicture, kind: str) -> bytes:
        """The preview of an engine (or `bing-large`); KeyError if there is none."""
        return self._kept(
            picture, kind, lambda: self.pictures.preview(picture, LONGEST[kind], QUALITY[kind])
        )

    def original(self, picture: ReplicaPicture) -> bytes:
        """The bytes of an original; KeyError if there is none."""
        return self._kept(picture, "original", lambda: self.pictures.original(picture))

    def warm(self, term: str) -> None:
        """Make the previews of a term in advance, so that a benchmark measures the scraper."""
        for engine in ENGINES:
            for result in self.results(engine, term).entries:
                self.preview(result.picture, engine)

    def _kept(self, picture: ReplicaPicture, kind: str, make: Callable[[], bytes]) -> bytes:
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

    def _search(self, one: ResultList) -> dict[str, Any]:
        return {
            "engine": one.engine,
            "term": one.term,
            "filters": one.filters,
            "shown": len(one.entries),
            "sent": len(one.sent),
            "results": [
                self._result(result, sent=result.rank in one.sent) for result in one.entries
            ],
        }

    def _rights(self, result: Result) -> dict[str, str]:
        """Licence and creator, where the engine states them."""
        if result.engine not in APIS:
            return {}
        rights = rights_of(result.picture)
        return {"licence": rights.code, "licence_url": rights.url, "creator": rights.creator}

    def _result(self, result: Result, *, sent: bool) -> dict[str, Any]:
        inline = {}
        if result.inline:
            digest = sha256(self.preview(result.picture, result.engine)).hexdigest()
            inline = {"preview_sha256": digest}
        return {
            "rank": result.rank,
            "source": result.picture.source,
            "variant": result.picture.change,
            "image_url": self.origin + result.original,
            "preview": "data:" if result.inline else self.origin + result.preview,
            **inline,
            "thumbnail_url": self.origin + result.thumbnail if result.thumbnail else None,
            "page_url": self.origin + result.page,
            "title": result.title,
            **self._rights(result),
            "width": result.width,
            "height": result.height,
            "fate": self.fate(result.picture),
            "sent": sent,
        }


def _drawn(what: str, shares: Mapping[str, float]) -> str:
    """Which of the shares (0 to 1 each) a thing falls into, always the same; empty for none."""
    lot = int.from_bytes(sha256(what.encode()).digest()[:4]) / 2**32
    for name, share in shares.items():
        lot -= share
        if lot < 0:
            return name
    return ""
