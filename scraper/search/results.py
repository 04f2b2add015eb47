"""The results of one search: readings of a growing page merged, each change handed over once.

This is the only place where readings of one result are merged: a consumer that keeps the
latest candidate of each key has all that is known. Only small values are kept, so that memory
stays flat.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field, replace
from hashlib import sha256
from types import MappingProxyType
from typing import TYPE_CHECKING

from ..engines.parsing.merge import merge
from ..errors import FetchFailed
from ..fetch.data_uri import decode_data_uri

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from ..browser.protocol import Browser
    from ..models import Candidate

# Previews handed over in one piece: some 64 x 10 KB.
_CHUNK = 64


@dataclass(frozen=True, slots=True)
class ResultBatch:
    """A piece of what a search found.

    `candidates` are new, or known ones of which more was learned: the same `key` is the same
    result, and the later one replaces the earlier. `previews` are pictures by key, taken from
    the page itself (the candidate's `preview` is then `data:` and the SHA-256 of the picture in
    hex) or from the browser's memory (an http preview; it may come in a later piece than its
    candidate). A data: URI that cannot be decoded, or that nobody wants yet, stays in its candidate
    as it is.
    """

    candidates: tuple[Candidate, ...] = ()
    previews: Mapping[str, bytes] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(slots=True)
class ResultSet:
    """The results known by key, and the previews that the browser may still give.

    Previews are taken of the first `wanted` results, of all where that is None: each is a question
    to the browser or has to be decoded, and a page may show thousands more than somebody asked for.
    """

    take_previews: bool = True
    wanted: int | None = None
    _known: dict[str, Candidate] = field(default_factory=dict)
    _pending: dict[str, str] = field(default_factory=dict)

    def __len__(self) -> int:
        """Count the results known."""
        return len(self._known)

    def known(self) -> tuple[Candidate, ...]:
        """All results, in the order in which they were first seen."""
        return tuple(self._known.values())

    @property
    def waits(self) -> bool:
        """Tell whether a preview is still wanted from the browser."""
        return any(self._is_wanted(self._known[key]) for key in self._pending)

    def _is_wanted(self, candidate: Candidate) -> bool:
        return self.wanted is None or candidate.rank <= self.wanted

    def learn(self, candidates: Iterable[Candidate]) -> ResultBatch:
        """Return the candidates that are new or say more than was known, ranked as first seen."""
        changed: dict[str, Candidate] = {}
        inline: dict[str, bytes] = {}
        for candidate in candidates:
            key = candidate.key
            before = self._known.get(key)
            if before is None:
                # A fragment's ranks start at 1 again; the page's order is the order of coming.
                now = replace(candidate, rank=len(self._known) + 1)
            else:
                now = merge(before, candidate)
            if now.preview and _is_inline(now.preview) and self._is_wanted(now):
                with suppress(FetchFailed):
                    inline[key] = decode_data_uri(now.preview)
                    now = replace(now, preview=f"data:{sha256(inline[key]).hexdigest()}")
            if now == before:
                continue
            self._known[key] = changed[key] = now
            if self.take_previews and now.preview and not now.preview.startswith("data:"):
                self._pending.setdefault(key, now.preview)
        return ResultBatch(tuple(changed.values()), MappingProxyType(inline))

    def previews(self, browser: Browser) -> Iterator[ResultBatch]:
        """Take from the browser the previews that have arrived, in pieces, each once."""
        taken: dict[str, bytes] = {}
        for key, url in list(self._pending.items()):
            if not self._is_wanted(
                self._known[key]
            ):  # asked each time: what is wanted may change on the way
                continue
            data = browser.resource(url)
            if data is None:
                continue
            del self._pending[key]
            taken[key] = data
            if len(taken) >= _CHUNK:
                yield ResultBatch(previews=taken)
                taken = {}
        if taken:
            yield ResultBatch(previews=taken)


def _is_inline(preview: str) -> bool:
    return preview.startswith("data:") and "," in preview
