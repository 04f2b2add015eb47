"""What a pair of pictures is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """What a pair is, from surely the same to surely not."""

    EXACT = "exact"  # every decoded pixel is equal
    COPY = "copy"
    MOMENT = "moment"  # frames, bursts, brackets: one scene and one time, another picture
    MAYBE = "maybe"
    DOUBT = "doubt"  # a maybe, a moment or less: a closer look would tell, and none can be a copy
    LOOSE = "loose"  # alike enough to stay in one split, not to ask a person
    OTHER = "other"

    @property
    def confirmed(self) -> bool:
        """Whether the pair is one picture."""
        return self in (Kind.EXACT, Kind.COPY)


@dataclass(frozen=True, slots=True)
class PairResult:
    """One pair's kind, how like a copy it is (0-1), its worst difference and why."""

    kind: Kind
    likeness: float
    difference: float
    why: str
