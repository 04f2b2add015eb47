"""Many files whose hashes are all equal: often one "not available" picture, saved many times."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..images.facts import Facts

FLOOD = 8  # so many files of other bytes with both hashes equal are a placeholder, or might be


@dataclass(frozen=True, slots=True)
class Flood:
    """Files of different bytes whose hashes are all equal: often one "not available" picture."""

    phash: int
    dhash: int
    members: tuple[str, ...]


def floods(facts: Iterable[Facts]) -> tuple[Flood, ...]:
    """Groups of at least FLOOD files, by their hashes."""
    groups: dict[tuple[int, int], list[str]] = defaultdict(list)
    for fact in facts:
        groups[fact.fingerprints["phash"], fact.fingerprints["dhash"]].append(fact.sha256)
    return tuple(
        Flood(phash, dhash, tuple(sorted(shas)))
        for (phash, dhash), shas in sorted(groups.items())
        if len(shas) >= FLOOD
    )
