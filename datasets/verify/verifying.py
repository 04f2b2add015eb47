"""Is this tree fit for training? Every check that a loader's trap calls for, on any tree.

Names, places, bytes and pixels: what is wrong is a problem with its path; what each loader would
make of the tree as it is comes from `loaders`, whose rules are theirs.
"""

from __future__ import annotations

import os
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ...curation.progress import Progress, silent
from .. import names as slugs
from ..errors import UsageError
from . import content as verify_content
from .content import InspectedFile, Problem, inspect_file
from .hugging_face import METADATA, WORDS, file_hits
from .listing import Entry, Listing, read_listing
from .loaders import KERAS, LOADERS, TORCHVISION

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from .reading import Reading

COMMON: Final = (".jpg", ".jpeg", ".png")  # what all eight loaders take
_PICTURES: Final = frozenset({*KERAS, *TORCHVISION, ".avif", ".jfif", ".heic"})


@dataclass(frozen=True, slots=True)
class Verified:
    """What was found: `problems` sorted by check and path, and each loader's reading."""

    root: Path
    pictures: int
    splits: Mapping[str, Mapping[str, int]]
    problems: tuple[Problem, ...]
    notes: tuple[str, ...]
    loaders: Mapping[str, Reading] = field(default_factory=dict)

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
        lines = [f"{self.root}: {self.pictures} pictures in {len(self.splits)} splits"]
        for check, found in by_check.items():
            lines.append(f"{check}: {len(found)}")
            lines += [f"  {problem.path or '.'}: {problem.message}" for problem in found[:most]]
        lines += [f"note: {note}" for note in self.notes]
        lines.append("what each loader makes of it:")
        lines += [f"  {name:21} {_summary(reading)}" for name, reading in self.loaders.items()]
        lines.append("no problem found" if self.ok else f"{len(self.problems)} problems found")
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
    files = [entry for entry in read_listing(root, {}).files if not entry.broken]
    paths = [entry.path for entry in files if _claims_picture(entry)]
    inspected = _inspect_all(root, paths, progress, workers)
    tree = read_listing(root, {path: (one.format, one.fault) for path, one in inspected.items()})
    splits = tree.splits()
    problems = [
        *_names(tree, splits),
        *_places(tree, splits),
        *_classes(tree, splits),
        *verify_content.bytes_and_pixels(inspected),
        *verify_content.same_bytes(inspected, depth=1 if splits else 0),
        *verify_content.manifest(root, tree, inspected),
    ]
    notes: list[str] = []
    if copies:
        more, notes = verify_content.copies(root, inspected, depth=1 if splits else 0)
        problems += more
    readings = {name: rule(tree) for name, rule in LOADERS.items()}
    problems += _disagreements(readings, splits)
    return Verified(
        root=root,
        pictures=len(inspected),
        splits=_counts(tree, splits),
        problems=tuple(sorted(set(problems), key=lambda p: (p.check, p.path, p.message))),
        notes=tuple(notes),
        loaders=readings,
    )


def _inspect_all(
    root: Path, paths: Sequence[str], progress: Progress, workers: int | None
) -> dict[str, InspectedFile]:
    count = workers or min(8, os.cpu_count() or 1)
    found: dict[str, InspectedFile] = {}
    with progress("verify", len(paths)) as advance, ThreadPoolExecutor(count) as pool:
        for at in range(0, len(paths), 256):
            part = paths[at : at + 256]
            found.update(
                zip(part, pool.map(inspect_file, [root / path for path in part]), strict=True)
            )
            advance(len(part))
    return found


def _claims_picture(entry: Entry) -> bool:
    """A picture by name; in class folders, other files are strays and are not decoded."""
    return Path(entry.name).suffix.lower() in _PICTURES


def _names(tree: Listing, splits: Sequence[str]) -> Iterator[Problem]:
    for folder in splits or [""]:
        for name in tree.children(folder):
            path = f"{folder}/{name}" if folder else name
            token = slugs.reserved_token(name)
            if name[0] in "._":
                yield Problem("hidden-class", path, "torchvision and TFDS take it for a class")
            elif token and (folder or len(tree.children("")) > 1):
                yield Problem("split-word", path, f"Hugging Face reads {token!r} as a split")
            elif not slugs.SLUG.fullmatch(name):
                yield Problem("class-name", path, "expected a-z, 0-9 and _, as in text_document")
    for entry in tree.files:
        if any(file_hits(split, entry.name) for split in WORDS) and len(entry.parts) > 1:
            yield Problem("file-name", entry.path, "Hugging Face may read a split in this name")
        elif "." in Path(entry.name).stem and _claims_picture(entry):
            yield Problem("file-name", entry.path, "WebDataset cuts the name at the first dot")


def _places(tree: Listing, splits: Sequence[str]) -> Iterator[Problem]:
    """Nothing but pictures in class folders, nothing but metadata beside the splits."""
    depth = 3 if splits else 2
    for name in tree.children("") if splits else []:
        if name not in splits and tree.children(name):
            yield Problem("stray-folder", name, "TFDS takes it for a split")
    for folder in sorted(tree.linked):
        yield Problem("linked-folder", folder, "Hugging Face does not follow links to folders")
    for entry in tree.files:
        inside = entry.parts[0] in splits if splits else len(entry.parts) > 1
        if entry.broken:
            yield Problem("broken-link", entry.path, "leads nowhere")
        if inside:
            yield from _in_class_folder(entry, depth)


def _in_class_folder(entry: Entry, depth: int) -> Iterator[Problem]:
    if entry.name in METADATA:
        yield Problem("metadata-file", entry.path, "Hugging Face then reads no class labels")
    elif entry.name.startswith("."):
        yield Problem("hidden-file", entry.path, "Keras, torchvision and TFDS take some")
    elif not _claims_picture(entry):
        yield Problem("stray-file", entry.path, "no picture")
    elif len(entry.parts) != depth:
        yield Problem("depth", entry.path, "fastai and TFDS drop it, Hugging Face all labels")
    elif not entry.name.lower().endswith(COMMON):
        yield Problem("file-type", entry.path, "not all loaders take this extension")


def _classes(tree: Listing, splits: Sequence[str]) -> Iterator[Problem]:
    held = _counts(tree, splits)
    every = {name for by_class in held.values() for name in by_class}
    if not every:
        yield Problem("no-classes", "", "no class folder with pictures")
    elif len(every) == 1:
        yield Problem("one-class", "", "Hugging Face gives no labels to a single class")
    for split, by_class in held.items():
        for name in sorted(every):
            if not by_class.get(name):
                where = f"{split}/{name}" if splits else name
                yield Problem("missing-class", where, "no picture: labels shift between splits")


def _counts(tree: Listing, splits: Sequence[str]) -> dict[str, dict[str, int]]:
    held: dict[str, dict[str, int]] = {}
    for split in splits or [""]:
        names = [name for name in tree.children(split) if name[0] not in "._"]
        start = f"{split}/" if split else ""
        held[split or "all"] = {
            name: sum(_claims_picture(entry) for entry in tree.below(start + name))
            for name in names
        }
    return held


def _disagreements(readings: Mapping[str, Reading], splits: Sequence[str]) -> Iterator[Problem]:
    """Where two loaders that read these splits count or number differently."""
    if not splits:
        return
    totals: defaultdict[int, list[str]] = defaultdict(list)
    orders: defaultdict[tuple[str, ...], list[str]] = defaultdict(list)
    for name, reading in readings.items():
        if reading.error:
            yield Problem("loader-fails", "", f"{name}: {reading.error}")
            continue
        totals[sum(reading.counts.get("train", {}).values())].append(name)
        for order in reading.orders:
            orders[order].append(name)
    if len(totals) > 1:
        yield Problem("loaders-differ", "", f"pictures in train: {_listed(totals.items())}")
    if len(orders) > 1:
        short = ((", ".join(order) or "none", names) for order, names in orders.items())
        yield Problem("loaders-differ", "", f"label order: {_listed(short)}")


def _listed(found: Iterable[tuple[object, list[str]]]) -> str:
    return "; ".join(f"{what} ({', '.join(sorted(names))})" for what, names in found)


def _summary(reading: Reading) -> str:
    parts = [f"{split} {sum(held.values())}" for split, held in reading.counts.items()]
    orders = [" ".join(order) for order in sorted(reading.orders)]
    text = ", ".join(parts) + (f"; labels {' | '.join(orders)}" if orders else "")
    if reading.error:
        text = f"fails: {reading.error}"
    return text + "".join(f"; {note}" for note in reading.notes)
