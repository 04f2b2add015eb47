"""Many files whose hashes are all equal: often one "not available" picture, saved many times."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .thresholds import PLACEHOLDERS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..images.facts import Facts


@dataclass(frozen=True, slots=True)
class PlaceholderGroup:
    """Files of different bytes whose hashes are all equal: often one "not available" picture."""

    phash: int
    dhash: int
    members: tuple[str, ...]


def placeholder_groups(facts: Iterable[Facts]) -> tuple[PlaceholderGroup, ...]:
    """Groups of at least PLACEHOLDERS files, by their hashes."""
    groups: dict[tuple[int, int], list[str]] = defaultdict(list)
    for fact in facts:
        groups[fact.fingerprints["phash"], fact.fingerprints["dhash"]].append(fact.sha256)
    return tuple(
        PlaceholderGroup(phash, dhash, tuple(sorted(shas)))
        for (phash, dhash), shas in sorted(groups.items())
        if len(shas) >= PLACEHOLDERS
    )
