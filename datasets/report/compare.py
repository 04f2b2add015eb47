"""What changed between two datasets, or two states of one."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .gather import DatasetFacts


@dataclass(frozen=True, slots=True)
class Comparison:
    """Counts by label (kept then, kept now), and what became of the pictures of the trees."""

    kept: Mapping[str, tuple[int, int]]
    added: Mapping[str, int]
    gone: Mapping[str, int]
    moved: int  # to another split
    relabelled: int

    def to_json(self) -> dict[str, object]:
        """One JSON object."""
        return {
            "kept": {label: list(pair) for label, pair in self.kept.items()},
            "added": dict(self.added),
            "gone": dict(self.gone),
            "moved": self.moved,
            "relabelled": self.relabelled,
        }

    def to_text(self) -> str:
        """Lines for a terminal."""
        lines = [
            f"{label}: kept {old} → {new} ({new - old:+d})"
            for label, (old, new) in self.kept.items()
        ]
        for what, counts in (("new in the tree", self.added), ("gone from it", self.gone)):
            if counts:
                listed = ", ".join(f"{number} {label}" for label, number in sorted(counts.items()))
                lines.append(f"{what}: {sum(counts.values())} ({listed})")
        lines.append(
            f"moved to another split: {self.moved}; under another label: {self.relabelled}"
        )
        return "\n".join(lines)


def compare(old: DatasetFacts, new: DatasetFacts) -> Comparison:
    """Compare by content: the same picture is the same wherever it lies."""
    labels = dict.fromkeys((*old.status.totals, *new.status.totals))
    both = old.placed.keys() & new.placed.keys()
    return Comparison(
        kept={label: (_kept(old, label), _kept(new, label)) for label in labels},
        added=Counter(new.placed[sha][0] for sha in new.placed.keys() - both),
        gone=Counter(old.placed[sha][0] for sha in old.placed.keys() - both),
        moved=sum(old.placed[sha][1] != new.placed[sha][1] for sha in both),
        relabelled=sum(old.placed[sha][0] != new.placed[sha][0] for sha in both),
    )


def _kept(facts: DatasetFacts, label: str) -> int:
    line = facts.status.totals.get(label)
    return (line.kept or 0) if line else 0
