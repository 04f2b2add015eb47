"""What changed between two datasets, or two states of one."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...curation.printable import counted
from ..errors import UsageError
from ..lines import first_lines
from ..table import Table
from ..tree.json_rows import read_jsonl
from ..tree.manifest_row import JSONL

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from .gather import DatasetFacts

_MOST = 20  # labels listed before it ends early


@dataclass(frozen=True, slots=True)
class BuildState:
    """What is compared: kept pictures by label, and sha256 → (label, split) of the tree."""

    kept: Mapping[str, int]
    placed: Mapping[str, tuple[str, str]]


def state_of_facts(facts: DatasetFacts, *, tree_only: bool = False) -> BuildState:
    """A dataset as it is now; `tree_only` counts what lies in its tree, as of a build on disk."""
    if tree_only:
        return BuildState(Counter(label for label, _ in facts.placed.values()), facts.placed)
    kept = {label: line.kept or 0 for label, line in facts.status.totals.items()}
    return BuildState(kept, facts.placed)


def state_of_tree(tree: Path) -> BuildState:
    """A build on disk, by its manifest: a tree that was moved aside, or an export of folders.

    Raises UsageError where there is no manifest.
    """
    placed: dict[str, tuple[str, str]] = {}
    for row in read_jsonl(tree / JSONL):
        try:
            placed[str(row["id"])] = str(row["label"]), str(row["split"])
        except KeyError as error:
            raise UsageError(f"{tree / JSONL}: a row has no {error.args[0]}") from None
    return BuildState(Counter(label for label, _ in placed.values()), placed)


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

    def to_text(self, most: int | None = _MOST) -> str:
        """Lines for a terminal; at most `most` labels that changed (None: all, changed or not)."""
        rows = [
            (label, old, new, f"{new - old:+d}" if new != old else "=",
             self.added.get(label, 0), self.gone.get(label, 0))
            for label, (old, new) in self.kept.items()
            if most is None or new != old or self.added.get(label) or self.gone.get(label)
        ]  # fmt: skip
        lines = []
        if rows:
            table = Table(("label", "kept then", "now", "change", "new in tree", "gone"), rows)
            lines += first_lines(table.to_text().split("\n"), None if most is None else most + 1)
        same = len(self.kept) - len(rows)
        if same:
            labels = counted(same, "label has", "labels have")
            lines.append(f"{labels} the same pictures as before")
        lines.append(
            f"in the tree: {sum(self.added.values())} new, {sum(self.gone.values())} gone, "
            f"{self.moved} moved to another split, {self.relabelled} under another label"
        )
        return "\n".join(lines)


def compare(old: BuildState, new: BuildState) -> Comparison:
    """Compare by content: the same picture is the same wherever it lies."""
    labels = dict.fromkeys((*old.kept, *new.kept))
    then, now = _by_id(old.placed), _by_id(new.placed)
    both = then.keys() & now.keys()
    return Comparison(
        kept={label: (old.kept.get(label, 0), new.kept.get(label, 0)) for label in labels},
        added=Counter(now[one][0] for one in now.keys() - both),
        gone=Counter(then[one][0] for one in then.keys() - both),
        moved=sum(then[one][1] != now[one][1] for one in both),
        relabelled=sum(then[one][0] != now[one][0] for one in both),
    )


def _by_id(placed: Mapping[str, tuple[str, str]]) -> dict[str, tuple[str, str]]:
    """By the part of a digest that a tree's file names carry."""
    return {sha[:16]: place for sha, place in placed.items()}
