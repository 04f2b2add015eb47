"""Pair results that outlive a run: remembered by content and by version.

Whether two pictures are candidates, and what they are, is a function of their facts, their files
and this package's version of the rules; only among many of one template (crowds.py) it depends on
who else is there, so that a crowd is met anew unless it is as it was. So a memory keeps the pairs
that are anything to each other, and which pictures have been joined with one another: a pair of
joined pictures that it does not hold is two other pictures. `find_families(..., memory=...)` then
meets what is new with what is there, and nothing twice; what it returns is the same with a memory
and without.
"""

from __future__ import annotations

import hashlib
from array import array
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple, Protocol
from zlib import crc32

from . import crowd_thresholds, edit_thresholds, screen_thresholds, thresholds

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from ..images.facts import Facts
    from .pair_result import PairResult

# Places one < two, reasons, and the result where there is one.
KnownPair = tuple[int, int, int, "PairResult | None"]

PROGRAM = 10  # to be raised where the rules change and no tuned number does


def version() -> str:
    """The version of the rules: another one's results say nothing about these."""
    named = {
        name: value
        for room in (thresholds, screen_thresholds, edit_thresholds, crowd_thresholds)
        for name, value in vars(room).items()
    }
    numbers = {name: repr(value) for name, value in named.items() if name.isupper()}
    return f"{PROGRAM}.{crc32(repr(sorted(numbers.items())).encode()):08x}"


class RememberedPair(NamedTuple):
    """Two digests in order, why they are candidates (bits of candidates.py), and what they are.

    `result` None: close in a fingerprint, and not laid over one another so far.
    """

    one: str
    two: str
    reasons: int
    result: PairResult | None


@dataclass(frozen=True, slots=True)
class Remembered:
    """What is remembered: digest → mark (`mark_of`) of pictures, and pairs of them.

    `better`: a family's key → which of it `better_versions` prefers to its keeper, by their places
    among the family's digests in order; and which crowds of one template the last run has found.
    """

    pictures: Mapping[str, int] = field(default_factory=dict)
    pairs: Iterable[RememberedPair] = ()
    better: Mapping[str, Sequence[int]] = field(default_factory=dict)


class PairMemory(Protocol):
    """Keeps pairs between runs."""

    def recall(self, version: str, /) -> Remembered:
        """Everything remembered under this version."""
        ...

    def remember(self, version: str, new: Remembered, stale: Collection[str], /) -> None:
        """Keep new marks and pairs in place of earlier ones; what other versions kept may go.

        First all pairs of `stale` digests are forgotten: their pictures were measured anew.
        """
        ...


class InMemory:
    """Pairs of one process."""

    def __init__(self) -> None:
        self._version = ""
        self._pictures: dict[str, int] = {}
        self._pairs: dict[tuple[str, str], RememberedPair] = {}
        self._better: dict[str, Sequence[int]] = {}

    def recall(self, version: str, /) -> Remembered:
        """Everything remembered under this version."""
        if version != self._version:
            return Remembered()
        return Remembered(dict(self._pictures), list(self._pairs.values()), dict(self._better))

    def remember(self, version: str, new: Remembered, stale: Collection[str], /) -> None:
        """Keep new marks and pairs."""
        if version != self._version:
            self._version, self._pictures, self._pairs, self._better = version, {}, {}, {}
        for pair in [pair for pair in self._pairs if not set(stale).isdisjoint(pair)]:
            del self._pairs[pair]
        self._pictures |= new.pictures
        self._pairs |= {pair[:2]: pair for pair in new.pairs}
        self._better |= new.better


# Bits of a mark: joined with all others that are; of low information; one of many of one template.
JOINED, LOW, CROWDED = 1, 2, 4
_BITS = JOINED | LOW | CROWDED
_TEMPLATE = "template "  # begins the key of a crowd, whose value is one of these:
_TODAY, _OUTDATED = [1], [0]  # the last run's; an earlier one's


def mark_of(facts: Facts) -> int:
    """A number that changes with whatever of a picture's facts the classification reads."""
    prints, kinds = _in_order(tuple(facts.fingerprints))
    scores, names = _in_order(tuple(facts.scores))
    plain = (
        *(facts.width, facts.height, facts.bytes, facts.format, facts.mode, facts.frames),
        *(facts.gray, facts.jpeg_quality, facts.trimmed, kinds, names),
    )
    mark = crc32(repr(plain).encode(), crc32(facts.thumb))
    mark = crc32(array("Q", map(facts.fingerprints.__getitem__, prints)), mark)
    return crc32(array("d", map(facts.scores.__getitem__, scores)), mark) << 3


@lru_cache(maxsize=256)
def _in_order(names: tuple[str, ...]) -> tuple[list[str], str]:
    """Names in order, and as one text: of thousands of pictures few have others."""
    line = sorted(names)
    return line, " ".join(line)


class Recollection:
    """What a memory holds of pictures in `facts`, by their places; a pair's first is the better.

    `joined`: places that have been joined with one another; `low`: those of low information;
    `pairs`: (one, two, reasons, result); `same`: whether the last run had just these pictures, and
    no crowd of one template among them.
    """

    def __init__(self, facts: Sequence[Facts], memory: PairMemory | None) -> None:
        self._memory = memory
        self.joined: set[int] = set()
        self.low: set[int] = set()
        self.pairs: list[KnownPair] = []
        self.same = False
        self._crowded: set[int] = set()
        self._better: Mapping[str, Sequence[int]] = {}
        self._new_better: dict[str, Sequence[int]] = {}
        if memory is None:
            return
        self._shas = [one.sha256 for one in facts]
        self._marks = dict(zip(self._shas, map(mark_of, facts), strict=True))
        self._version = version()
        known = memory.recall(self._version)
        self._known, self._better = known.pictures, known.better
        places = {
            sha: place
            for place, sha in enumerate(self._shas)
            if known.pictures.get(sha, -1) & ~_BITS == self._marks[sha]
        }
        self._stale = {sha for sha in self._shas if sha in known.pictures and sha not in places}
        marked = {place: known.pictures[sha] for sha, place in places.items()}
        self.joined = {
            place for place, mark in marked.items() if mark & (JOINED | CROWDED) == JOINED
        }
        self._crowded = {
            place for place, mark in marked.items() if mark & (JOINED | CROWDED) > CROWDED
        }
        self.low = {place for place, mark in marked.items() if mark & LOW}
        away = (mark for sha, mark in known.pictures.items() if sha not in places)
        self.same = len(self.joined) == len(facts) and not any(mark & JOINED for mark in away)
        self._pairs: dict[tuple[str, str], RememberedPair] = {}
        for pair in known.pairs:
            one, two = places.get(pair.one), places.get(pair.two)
            if one is not None and two is not None:
                self._pairs[pair[:2]] = pair
                self.pairs.append((min(one, two), max(one, two), *pair[2:]))

    def better(self, family: Sequence[int]) -> list[int] | None:
        """What `prefer` was told of this family, its keeper first; None where it was not."""
        if not self._better:
            return None
        places = self._better.get(self._key(family))
        line = sorted(family, key=self._shas.__getitem__)
        return None if places is None else [line[place] for place in places]

    def prefer(self, family: Sequence[int], better: Sequence[int]) -> None:
        """Remember which pictures of a family, its keeper first, are better than that."""
        if self._memory is not None:
            line = sorted(family, key=self._shas.__getitem__)
            self._new_better[self._key(family)] = [line.index(place) for place in better]

    def rejoin(self, crowd: Sequence[int]) -> bool:
        """Whether the last run found these very pictures to be many of one template.

        Then they are `joined`: what they are to each other is remembered. Of any other crowd it is
        to be found anew, as that depends on who is in it.
        """
        if not self._crowded.issuperset(crowd):
            return False
        same = self._better.get(self._template(crowd)) == _TODAY
        if same:
            self.joined.update(crowd)
        return same

    def _template(self, crowd: Sequence[int]) -> str:
        return _TEMPLATE + self._key(sorted(crowd, key=self._shas.__getitem__))

    def _key(self, family: Sequence[int]) -> str:
        """A family by its content: measured anew, or of another picture more, it is another."""
        keeper, *others = (
            f"{sha} {self._marks[sha]}" for sha in map(self._shas.__getitem__, family)
        )
        return hashlib.sha256(repr((keeper, sorted(others))).encode()).hexdigest()[:24]

    def keep(
        self,
        low: Collection[int],
        templates: Iterable[Sequence[int]],
        pairs: Iterable[KnownPair],
    ) -> None:
        """Remember that all of `facts` are joined, with these pairs; only what is new is given.

        `templates`: crowds of one template each.
        """
        if self._memory is None:
            return
        marks = {sha: self._marks[sha] | JOINED for sha in self._shas}
        keys = set()
        for crowd in templates:
            keys.add(self._template(crowd))
            for place in crowd:
                marks[self._shas[place]] |= CROWDED
        outdated = {key for key in self._better if key.startswith(_TEMPLATE)} - keys
        now = dict.fromkeys(keys, _TODAY) | dict.fromkeys(outdated, _OUTDATED)
        self._new_better |= {key: on for key, on in now.items() if self._better.get(key) != on}
        for place in low:
            marks[self._shas[place]] |= LOW
        # who is away has not been joined with what is new
        marks |= {
            sha: mark & ~(JOINED | CROWDED) for sha, mark in self._known.items() if sha not in marks
        }
        changed = {sha: mark for sha, mark in marks.items() if self._known.get(sha) != mark}
        new = []
        for one, two, reasons, result in pairs:
            digests = sorted((self._shas[one], self._shas[two]))
            pair = RememberedPair(digests[0], digests[1], reasons, result)
            if self._pairs.get(pair[:2]) != pair:
                new.append(pair)
        if changed or new or self._new_better:
            found = Remembered(changed, new, self._new_better)
            self._memory.remember(self._version, found, self._stale)


__all__ = ["InMemory", "PairMemory", "Recollection", "Remembered", "RememberedPair", "version"]
