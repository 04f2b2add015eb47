"""What one search has seen so far: small values only, so that memory stays flat."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from ..engines.parsing.merge import merge

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from ..browser.protocol import Browser
    from ..models import Candidate

# Previews handed over in one piece: some 64 x 10 KB.
_CHUNK = 64


@dataclass(frozen=True, slots=True)
class Shown:
    """A piece of what a search found.

    `candidates` are new, or known ones of which more was learned; the same `key` is the same
    result. A known one carries all that is known of it but an inline preview shown before:
    merge it with the earlier. `previews` are bytes by key, of http previews taken from the
    browser; they may come in a later piece than their candidate.
    """

    candidates: tuple[Candidate, ...] = ()
    previews: Mapping[str, bytes] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(slots=True)
class Gleaning:
    """The results known by key, and the previews that the browser may still give."""

    take_previews: bool = True
    _known: dict[str, Candidate] = field(default_factory=dict)
    _inline: set[str] = field(default_factory=set)
    _pending: dict[str, str] = field(default_factory=dict)

    def __len__(self) -> int:
        """Count the results known."""
        return len(self._known)

    @property
    def waits(self) -> bool:
        """Tell whether a preview is still wanted from the browser."""
        return bool(self._pending)

    def learn(self, candidates: Iterable[Candidate]) -> tuple[Candidate, ...]:
        """Return the candidates that are new or say more than was known, ranked as first seen."""
        learned = (self._learn(candidate) for candidate in candidates)
        return tuple(candidate for candidate in learned if candidate is not None)

    def _learn(self, candidate: Candidate) -> Candidate | None:
        key = candidate.key
        before = self._known.get(key)
        if before is None:
            # A fragment's ranks start at 1 again; the page's order is the order of coming.
            now = replace(candidate, rank=len(self._known) + 1)
        else:
            if key in self._inline:
                candidate = replace(candidate, preview=None)
            now = merge(before, candidate)
            if now == before:
                return None
        inline = now.preview is not None and now.preview.startswith("data:")
        if inline:
            self._inline.add(key)
        self._known[key] = replace(now, preview=None) if inline else now
        if self.take_previews and now.preview and not inline and before != now:
            self._pending.setdefault(key, now.preview)
        return now

    def previews(self, browser: Browser) -> Iterator[Mapping[str, bytes]]:
        """Take from the browser the previews that have arrived, in pieces, each once."""
        taken: dict[str, bytes] = {}
        for key, url in list(self._pending.items()):
            data = browser.resource(url)
            if data is None:
                continue
            del self._pending[key]
            taken[key] = data
            if len(taken) >= _CHUNK:
                yield taken
                taken = {}
        if taken:
            yield taken
