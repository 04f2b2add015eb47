"""What a layout did, as JSON and as lines for a terminal."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from ..split import Merged


def _reasons(left_out: Mapping[str, str]) -> list[tuple[str, int]]:
    """What was left out, by the first words of why, the commonest first."""
    return Counter(why.split(":")[0] for why in left_out.values()).most_common()


@dataclass(frozen=True, slots=True)
class TreeReport:
    """What was laid out as a tree.

    `counts` is label → side → pictures, `quotas` what the ratio asked for. `merged` are families
    that joined two old sides (their moved members are SHA-256); `left_out` maps a path to why it
    could not be made ready; `over` and `short` count, by label, what stays in the pool and what
    the target lacks. `written` counts files made, `reused` files taken from the tree before.
    `changed` is False where the tree that was there is the tree that was asked for. `fresh` says
    that earlier placements were not used, because another ratio or seed was asked for.
    """

    tree: Path
    ratio: str
    seed: int
    counts: Mapping[str, Mapping[str, int]]
    quotas: Mapping[str, Mapping[str, int]]
    merged: tuple[Merged, ...]
    left_out: Mapping[str, str]
    over: Mapping[str, int]
    short: Mapping[str, int]
    written: int
    reused: int
    changed: bool
    fresh: bool

    def to_json(self) -> dict[str, object]:
        """The report as one JSON object."""
        return {
            "tree": str(self.tree),
            "ratio": self.ratio,
            "seed": self.seed,
            "labels": {label: dict(sides) for label, sides in self.counts.items()},
            "quotas": {label: dict(sides) for label, sides in self.quotas.items()},
            "merged": [{"family": m.family, "moved": list(m.moved)} for m in self.merged],
            "left_out": dict(self.left_out),
            "over_target": dict(self.over),
            "short_of_target": dict(self.short),
            "written": self.written,
            "reused": self.reused,
            "changed": self.changed,
            "drawn_afresh": self.fresh,
        }

    def to_text(self) -> str:
        """The report as lines for a terminal."""
        sides = list(next(iter(self.counts.values()), {}))
        wide = max(len("label"), *(len(label) for label in self.counts))
        lines = [f"{'label':{wide}}  " + "".join(f"{side:>8}" for side in sides)]
        for label, by_side in self.counts.items():
            lines.append(f"{label:{wide}}  " + "".join(f"{by_side[side]:8}" for side in sides))
        lines.append(f"ratio {self.ratio}, seed {self.seed}: {self._did()}")
        if self.fresh:
            lines.append("drawn afresh: another ratio, seed or preference than the tree's before")
        lines += [
            f"family {one.family[:16]} lay on two sides: now in train, {len(one.moved)} moved"
            for one in self.merged
        ]
        lines += [f"left out: {reason} ({n})" for reason, n in _reasons(self.left_out)]
        lines += [f"{label}: {n} more stay in the pool" for label, n in self.over.items()]
        lines += [f"{label}: {n} short of the target" for label, n in self.short.items()]
        lines.append(f"tree: {self.tree}")
        return "\n".join(lines)

    def _did(self) -> str:
        if not self.changed:
            return "nothing changed"
        return f"{self.written} pictures written, {self.reused} used again"


@dataclass(frozen=True, slots=True)
class LayoutReport(TreeReport):
    """What was laid out of a dataset; `sheet` is its contact sheet, beside the tree."""

    sheet: Path

    def to_json(self) -> dict[str, object]:
        """The report as one JSON object."""
        return {**TreeReport.to_json(self), "contact_sheet": str(self.sheet)}

    def to_text(self) -> str:
        """The report as lines for a terminal."""
        return f"{TreeReport.to_text(self)}\ncontact sheet: {self.sheet}"
