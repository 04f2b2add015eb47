"""Is this tree fit for training? Every check that a loader's trap calls for, on any tree.

Names, places, bytes and pixels: what is wrong is a problem with its path; what each loader would
make of the tree as it is comes from `loaders`, whose rules are theirs.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ...curation.printable import printable
from ...curation.progress import Progress, silent
from ..errors import UsageError
from . import content, places
from .inspection import inspect_all
from .listing import read_listing, with_pictures
from .loaders import LOADERS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from .places import Problem
    from .reading import LoaderReading


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

    def to_text(self, most: int = 3) -> str:
        """The result as lines for a terminal; at most `most` examples of each problem."""
        by_check: defaultdict[str, list[Problem]] = defaultdict(list)
        for problem in self.problems:
            by_check[problem.check].append(problem)
        held = ", ".join(name for name in self.splits if name != "all") or "no split folders"
        lines = [f"{printable(self.root)}: {self.pictures} pictures ({held})"]
        for check, found in by_check.items():
            lines.append(f"{check}: {len(found)}")
            lines += [
                f"  {printable(problem.path or '.')}: {printable(problem.message)}"
                for problem in found[:most]
            ]
        lines += [f"note: {note}" for note in self.notes]
        lines.append("what each loader makes of it:")
        lines += [f"  {name:21} {_summary(reading)}" for name, reading in self.loaders.items()]
        lines.append("no problem found" if self.ok else f"problems found: {len(self.problems)}")
        return "\n".join(lines)


def verify(
    root: Path, *, copies: bool = True, progress: Progress = silent, workers: int | None = None
) -> Verified:
    """Check the tree at `root`, pixset's own or another's; `copies` looks for near-duplicates too.

    Without split folders, `root` is taken for one folder of classes. Raises UsageError where there
    is no such folder.
    """
    if not root.is_dir():
        raise UsageError(f"{root}: no such folder; name a tree such as dataset/ready")
    listing = read_listing(root)
    paths = [f.path for f in listing.files if not f.broken and places.claims_picture(f)]
    inspected = inspect_all(root, paths, measure=copies, progress=progress, workers=workers)
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
    if copies:
        more, notes = content.copies(root, inspected, depth=1 if splits else 0)
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


def _summary(reading: LoaderReading) -> str:
    parts = [f"{split} {sum(held.values())}" for split, held in reading.counts.items()]
    orders = [" ".join(order) for order in sorted(reading.orders)]
    said = [", ".join(parts), f"labels {' | '.join(orders)}" if orders else ""]
    if reading.error:
        said = [f"fails: {reading.error}"]
    return printable("; ".join(part for part in (*said, *reading.notes) if part))
