"""Results merged: what several extractors read about one picture, and readings one after another.

A parser collects *partial results* from each extractor that a page's layout feeds (scripts,
tiles, links) and `ResultMerger` joins those about one picture through the names that they
share: the engine's own id, the thumbnail's id, the original's URL.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING

from ...models import Candidate

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(slots=True)
class PartialResult:
    """What one extractor says about one picture; `place` sorts the page's results.

    `names` are what partial results are joined by, the engine's own id first. `preview` is what the
    tile shows; `thumb` a thumbnail's URL from the data, for where the tile shows none.
    """

    names: list[str]
    place: tuple[int, int]
    image_url: str | None = None
    preview: str | None = None
    thumb: str | None = None
    page_url: str | None = None
    title: str | None = None
    size: tuple[int, int] | None = None

    def fill(self, other: PartialResult) -> None:
        """Take what this one lacks from another one about the same picture."""
        self.names += other.names
        self.place = min(self.place, other.place)
        for name in ("image_url", "preview", "thumb", "page_url", "title", "size"):
            if not getattr(self, name):
                setattr(self, name, getattr(other, name))


_CLAIMS = tuple(one.name for one in fields(Candidate) if one.name not in {"engine", "key", "rank"})


def merge(known: Candidate, again: Candidate) -> Candidate:
    """Two readings of one result as one: the later fills what the earlier lacked.

    The rank stays where the result was first seen, and what was claimed first stays claimed.
    """
    claims = {name: getattr(known, name) or getattr(again, name) for name in _CLAIMS}
    return replace(known, **claims)


@dataclass(slots=True)
class ResultMerger:
    """The partial results of one page, joined by picture; `extractors` counts who gave how many."""

    engine: str
    extractors: Counter[str] = field(default_factory=Counter)
    _partials: dict[int, PartialResult] = field(default_factory=dict)
    _names: dict[str, int] = field(default_factory=dict)

    def add(self, extractor: str, partial: PartialResult) -> None:
        """Join one partial result to those that share a name with it; what came first stays."""
        partial.names = [name for name in partial.names if name]
        if not partial.names:
            return
        self.extractors[extractor] += 1
        known = {self._names[name] for name in partial.names if name in self._names}
        # The one with the most names takes in the others: joining stays near linear.
        number = max(known, key=self._size_of, default=len(self._names))
        for other in sorted(known - {number}):
            self._absorb(number, other)
        if known:
            self._partials[number].fill(partial)
        else:
            self._partials[number] = partial
        self._names.update(dict.fromkeys(partial.names, number))

    def _size_of(self, number: int) -> tuple[int, int]:
        return len(self._partials[number].names), -number

    def _absorb(self, number: int, other: int) -> None:
        gone = self._partials.pop(other)
        self._names.update(dict.fromkeys(gone.names, number))
        self._partials[number].fill(gone)

    def candidates(self) -> tuple[Candidate, ...]:
        """One candidate a picture, ranked from 1 in page order."""
        ordered = sorted(self._partials.values(), key=lambda partial: partial.place)
        return tuple(
            Candidate(
                engine=self.engine,
                key=_key(partial.names),
                rank=rank,
                image_url=partial.image_url,
                preview=partial.preview or partial.thumb,
                page_url=partial.page_url,
                title=partial.title,
                claimed_size=partial.size,
            )
            for rank, partial in enumerate(ordered, 1)
        )


# What a key is made of, best first: the engine's id, the original, the thumbnail, the page.
_KEYS = ("id", "url", "thumb", "page")


def _key(names: Iterable[str]) -> str:
    """The name that stays the same in every reading of a page, without the kind before it."""
    best = min(names, key=lambda name: _KEYS.index(name.partition(":")[0]))
    kind, _, rest = best.partition(":")
    return rest if kind in {"id", "url"} else best
