"""What was done to build a tree, as JSON and as lines for a terminal."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Final

from ...curation.printable import counted
from ..table import by_label_lines

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from ..folder_swap import FolderSwap
    from ..split import MergedGroup, SplitResult
    from .layout import WrittenTree
    from .settings import SplitSettings


SHEET: Final = "contact-sheet.jpg"  # beside a dataset's tree
_NOTED: Final = ("ratio", "seed", "counts", "quotas", "left_out", "over", "short")


def reasons_of(left_out: Mapping[str, str]) -> list[tuple[str, int]]:
    """What was left out, by the first words of why, the commonest first."""
    words = (why.split(":")[0] for why in left_out.values())
    same = "the same bytes as "
    return Counter(f"{same}another" if w.startswith(same) else w for w in words).most_common()


def report_fields(
    change: FolderSwap, written: WrittenTree, settings: SplitSettings, splits: SplitResult
) -> dict[str, Any]:
    """The fields of a report that every tree's building knows."""
    from .layout import counts  # with what writes trees, which a report that is read has no use for

    return {
        "ratio": str(settings.ratios),
        "seed": settings.seed,
        "counts": counts(written.rows.values()),
        "quotas": splits.quotas,
        "merged": splits.merged,
        "written": len(written.result.written) - len(written.result.reused),
        "reused": len(written.result.reused),
        "changed": not change.kept,
        "by_products": () if change.kept else tuple(change.by_products),
        "aside": change.aside,
    }


@dataclass(frozen=True, slots=True)
class CutGroup:
    """A group that was cut: its labels, how many pictures it held, and the pieces it lies in."""

    group: str
    labels: tuple[str, ...]
    pictures: int
    pieces: int

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> CutGroup:
        """The same from what `asdict` made of it; raises KeyError."""
        return cls(kept["group"], tuple(kept["labels"]), kept["pictures"], kept["pieces"])


@dataclass(frozen=True, slots=True, repr=False)
class TreeReport:
    """What a tree was built of.

    `counts` is label → split → pictures, `quotas` what the ratio asked for. `merged` are groups
    that joined two old splits (their moved members are SHA-256), `cuts` those that only doubts held
    together and that were cut, as no split could have held them; `left_out` maps a path to why it
    is not in the tree; `over` and `short` count, by label, what stays in the pool and what
    the target lacks. `written` counts files made, `reused` files taken from the tree before.
    `changed` is False where the tree that was there is the tree that was asked for. `fresh` says
    that earlier placements were forgotten. `missing` are labels that were asked for and have no
    picture in the tree. `by_products` are files of others that went with the
    tree before; `aside` is where that tree was moved, if it was.
    """

    tree: Path
    ratio: str
    seed: int
    counts: Mapping[str, Mapping[str, int]]
    quotas: Mapping[str, Mapping[str, int]]
    merged: tuple[MergedGroup, ...]
    left_out: Mapping[str, str]
    over: Mapping[str, int]
    short: Mapping[str, int]
    written: int
    reused: int
    changed: bool
    fresh: bool
    missing: tuple[str, ...] = ()
    cuts: tuple[CutGroup, ...] = ()
    by_products: tuple[str, ...] = ()
    aside: Path | None = None

    def to_json(self) -> dict[str, object]:
        """The report as one JSON object."""
        return {
            "tree": str(self.tree),
            "ratio": self.ratio,
            "seed": self.seed,
            "labels": {label: dict(held) for label, held in self.counts.items()},
            "quotas": {label: dict(held) for label, held in self.quotas.items()},
            "merged": [{"family": m.group, "moved": list(m.moved)} for m in self.merged],
            "cut": [asdict(one) for one in self.cuts],
            "left_out": dict(self.left_out),
            "over_target": dict(self.over),
            "short_of_target": dict(self.short),
            "written": self.written,
            "reused": self.reused,
            "changed": self.changed,
            "drawn_afresh": self.fresh,
            "missing": list(self.missing),
            "by_products_removed": list(self.by_products),
            "moved_aside": str(self.aside) if self.aside else None,
        }

    def to_text(self) -> str:
        """The report as lines for a terminal."""
        splits = list(next(iter(self.counts.values()), {}))
        wide = max(len(label) for label in ("label", *self.counts))
        lines = [f"{'label':{wide}}  " + "".join(f"{split:>8}" for split in splits)]
        for label, held in self.counts.items():
            lines.append(f"{label:{wide}}  " + "".join(f"{held[split]:8}" for split in splits))
        lines.append(f"ratio {self.ratio}, seed {self.seed}: {self._did()}")
        if self.fresh:
            lines.append("drawn afresh: earlier placements were forgotten")
        lines += [
            f"group {one.group[:16]} lay in two splits: now in train, {len(one.moved)} moved"
            for one in self.merged
        ]
        lines += [
            f"CUT: {one.pictures} pictures of {' and '.join(one.labels)} may be copies of one "
            f"another, too many for one split: in {one.pieces} groups, confirmed copies together"
            for one in self.cuts
        ]
        lines += [f"left out: {reason} ({n})" for reason, n in reasons_of(self.left_out)]
        lines += by_label_lines(self.over, "{} more stay in the pool than the target takes")
        lines += by_label_lines(self.short, "{} short of the target")
        if self.by_products:
            lines.append(f"gone with the tree before: {', '.join(self.by_products)}")
        if self.aside:
            lines.append(f"the folder before, whole: {self.aside}")
        lines.append(f"tree: {self.tree}")
        lines += [f"MISSING: {label} has no picture in the tree" for label in self.missing]
        return "\n".join(lines)

    def __repr__(self) -> str:
        """The lines for a person, as at a prompt one wants to read them."""
        return self.to_text()

    def _did(self) -> str:
        if not self.changed:
            return "nothing changed"
        return f"{counted(self.written, 'picture')} written, {self.reused} used again"


def note_of(report: TreeReport) -> dict[str, Any]:
    """A report as plain values, for `fields_of_note` where the tree is found as it was left."""
    kept = {name: getattr(report, name) for name in _NOTED}
    kept |= {"missing": list(report.missing), "pictures": report.written + report.reused}
    return kept | {"cuts": [asdict(one) for one in report.cuts]}


def fields_of_note(kept: Mapping[str, Any]) -> dict[str, Any]:
    """A report's fields but for `tree`; KeyError or TypeError for another version's note."""
    return {
        **{name: kept[name] for name in _NOTED},
        "merged": (),
        "written": 0,
        "reused": kept["pictures"],
        "changed": False,
        "fresh": False,
        "missing": tuple(kept["missing"]),
        "cuts": tuple(CutGroup.from_json(one) for one in kept["cuts"]),
    }


@dataclass(frozen=True, slots=True)
class LeftCatalogue:
    """The catalogue as a build left it (`Project.written`), and when (nanoseconds since 1970)."""

    written: list[tuple[int, int]]
    at: int


@dataclass(frozen=True, slots=True, repr=False)
class DatasetTreeReport(TreeReport):
    """What a dataset's tree was built of; `sheet` is its contact sheet, beside the tree.

    `left` is None where the next build has something to try again, or nothing was built.
    """

    sheet: Path = field(kw_only=True)
    left: LeftCatalogue | None = field(default=None, kw_only=True)

    def to_json(self) -> dict[str, object]:
        """The report as one JSON object."""
        return {**TreeReport.to_json(self), "contact_sheet": str(self.sheet)}

    def to_text(self) -> str:
        """The report as lines for a terminal."""
        return f"{TreeReport.to_text(self)}\ncontact sheet: {self.sheet}"
