"""Is this tree fit for training? Every check that a loader's trap calls for, on any tree.

Names, places, bytes and pixels: what is wrong is a problem with its path; what each loader would
make of the tree as it is comes from `loaders`, whose rules are theirs.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ...curation.printable import counted, printable
from ...curation.progress import Progress, silent
from ..errors import UsageError
from ..files import SUMS, read_record
from ..lines import first_lines, in_columns, more
from ..tree.manifest_row import EXPORT_RECORD
from . import content, places
from .inspection import inspect_all
from .listing import read_listing, with_pictures
from .loaders import LOADERS
from .memory import remembered

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from ...curation.duplicates.memory import PairMemory
    from ...curation.folders.cache import Cache
    from .places import Problem
    from .reading import LoaderReading

_MOST_LABELS = 100  # that are listed unless all are asked for


@dataclass(frozen=True, slots=True)
class Verified:
    """What was found: `problems` sorted by check and path, and each loader's reading."""

    root: Path
    pictures: int
    splits: Mapping[str, Mapping[str, int]]
    problems: tuple[Problem, ...]
    notes: tuple[str, ...]
    loaders: Mapping[str, LoaderReading] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems

    def to_json(self) -> dict[str, object]:
        """The result as one JSON object."""
        return {
            "tree": str(self.root),
            "ok": self.ok,
            "pictures": self.pictures,
            "sides": {split: dict(held) for split, held in self.splits.items()},
            "problems": [
                {"check": p.check, "path": p.path, "message": p.message} for p in self.problems
            ],
            "notes": list(self.notes),
            "loaders": {
                name: {
                    "splits": {split: dict(held) for split, held in reading.counts.items()},
                    "classes": {split: list(order) for split, order in reading.classes.items()},
                    "notes": list(reading.notes),
                    "error": reading.error,
                }
                for name, reading in self.loaders.items()
            },
        }

    def to_text(self, most: int | None = 3) -> str:
        """The result as lines for a terminal; at most `most` examples of each problem (None: all).

        Loaders that get the same stand together.
        """
        by_check: defaultdict[str, list[Problem]] = defaultdict(list)
        for problem in self.problems:
            by_check[problem.check].append(problem)
        held = ", ".join(name for name in self.splits if name != "all") or "no split folders"
        lines = [f"{printable(self.root)}: {counted(self.pictures, 'picture')} ({held})"]
        for check, found in by_check.items():
            lines.append(f"{check}: {len(found)}")
            examples = [f"{printable(p.path or '.')}: {printable(p.message)}" for p in found]
            lines += [f"  {line}" for line in first_lines(examples, most)]
        lines += [f"note: {note}" for note in self.notes]
        lines += ["what each loader makes of it:", *_loader_lines(self.loaders, whole=most is None)]
        lines.append("no problem found" if self.ok else f"problems found: {len(self.problems)}")
        return "\n".join(lines)


def verify(
    root: Path, *, copies: bool = True, progress: Progress = silent, workers: int | None = None
) -> Verified:
    """Check the tree at `root`, pixset's own or another's; `copies` looks for near-duplicates too.

    Without split folders, `root` is taken for one folder of classes. Every picture is decoded each
    time; what comparing them needs is remembered beside the tree. Raises UsageError where there is
    no such folder.
    """
    if not root.is_dir():
        what = "is no folder" if root.exists() else "no such folder"
        raise UsageError(f"{root}: {what}; name a tree such as dataset/ready")
    kind = read_record(root, EXPORT_RECORD).get("format")
    if kind is not None and not any(place.is_dir() for place in root.glob("*/*")):
        raise UsageError(
            f"{root}: an export as {kind}, which is no tree of class folders: `sha256sum -c "
            f"{SUMS}` in it says whether it is whole, its README.md how it is read"
        )
    if not copies:
        return _verify(root, None, None, progress, workers)
    with remembered(root) as (known, pairs):
        return _verify(root, known, pairs, progress, workers)


def _verify(
    root: Path,
    known: Cache | None,
    pairs: PairMemory | None,
    progress: Progress,
    workers: int | None,
) -> Verified:
    listing = read_listing(root)
    paths = [f.path for f in listing.files if not f.broken and places.claims_picture(f)]
    inspected = inspect_all(root, paths, known=known, progress=progress, workers=workers)
    found = {path: (one.format, one.fault) for path, one in inspected.items()}
    tree = with_pictures(listing, found)
    splits = tree.splits()
    problems = [
        *places.names(tree, splits),
        *places.places(tree, splits),
        *places.classes(tree, splits),
        *content.bytes_and_pixels(inspected),
        *content.same_bytes(inspected, depth=1 if splits else 0),
        *content.manifest(root, tree, inspected),
    ]
    notes: list[str] = []
    if known is not None:
        more, notes = content.copies(root, inspected, known, pairs, depth=1 if splits else 0)
        problems += more
    readings = {name: rule(tree) for name, rule in LOADERS.items()}
    problems += places.disagreements(readings, splits)
    return Verified(
        root=root,
        pictures=len(inspected),
        splits=places.picture_counts(tree, splits),
        problems=tuple(sorted(set(problems), key=lambda p: (p.check, p.path, p.message))),
        notes=tuple(notes),
        loaders=readings,
    )


def _loader_lines(loaders: Mapping[str, LoaderReading], *, whole: bool) -> list[str]:
    """Who gets the same, and what; the labels once where all who read agree on their order."""
    groups: defaultdict[tuple[str, frozenset[tuple[str, ...]]], list[str]] = defaultdict(list)
    for name, reading in loaders.items():
        groups[_summary(reading), frozenset(reading.orders)].append(name)
    orders = {order for _, order in groups if order}
    lines = []
    for (summary, order), names in groups.items():
        lines += [f"  {', '.join(names)}", f"      {summary}"]
        if len(orders) > 1:
            lines += _order_lines(order, "      labels", indent=8, whole=whole)
    if len(orders) == 1:
        title = "labels, in the same order for all"
        lines += _order_lines(orders.pop(), title, indent=2, whole=whole)
    return lines


def _order_lines(
    orders: Iterable[tuple[str, ...]], title: str, *, indent: int, whole: bool
) -> list[str]:
    lines = []
    for order in sorted(orders):
        shown = order if whole or len(order) <= _MOST_LABELS else order[:_MOST_LABELS]
        lines += [f"{title} ({len(order)}):", *in_columns(shown, indent=indent)]
        if len(shown) < len(order):
            lines.append(" " * indent + more(len(order) - len(shown)))
    return lines


def _summary(reading: LoaderReading) -> str:
    parts = [f"{split} {sum(held.values())}" for split, held in reading.counts.items()]
    read = f"fails: {reading.error}" if reading.error else ", ".join(parts)
    return printable("; ".join(part for part in (read, *reading.notes) if part))
