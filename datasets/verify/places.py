"""What is wrong with a tree's names and places, and where loaders part ways over it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ...curation.folders.walk import EntryKind, is_class_name, is_junk
from .. import names as slugs
from .hugging_face import METADATA, WORDS, file_hits
from .loaders import KERAS, TORCHVISION

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from .listing import Listing, TreeFile
    from .reading import LoaderReading

COMMON: Final = (".jpg", ".jpeg", ".png")  # what all eight loaders take
_PICTURES: Final = tuple({*KERAS, *TORCHVISION, ".avif", ".jfif", ".heic"})


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: the check's name, the path below the root ("" for all), why."""

    check: str
    path: str
    message: str


def claims_picture(file: TreeFile) -> bool:
    """Say whether a file is a picture by its name; others are strays and are not decoded."""
    return file.name.lower().endswith(_PICTURES)


def names(tree: Listing, splits: Sequence[str]) -> Iterator[Problem]:
    """Names of folders and files that some loader or system misreads."""
    if any(sign in tree.place for sign in "*?["):
        yield Problem("folder-name", "", "Hugging Face takes [, * or ? in its path for a pattern")
    for folder in splits:
        if folder != folder.lower():
            known = folder.lower()
            yield Problem(
                "split-name", folder, f"Hugging Face, fastai and ultralytics know it as {known}"
            )
    for folder in splits or [""]:
        for name in tree.children(folder):
            path = f"{folder}/{name}" if folder else name
            yield from _class_name(path, name, alone=not folder and len(tree.children("")) == 1)
    for file in tree.files:
        if len(file.parts) > 1 and any(file_hits(split, file.name) for split in WORDS):
            yield Problem("file-name", file.path, "Hugging Face may read a split in this name")
        elif "." in file.name.rpartition(".")[0].lstrip(".") and claims_picture(file):
            yield Problem("file-name", file.path, "WebDataset cuts the name at the first dot")


def _class_name(path: str, name: str, *, alone: bool) -> Iterator[Problem]:
    token = slugs.reserved_token(name)
    if not is_class_name(name):
        yield Problem("hidden-class", path, "torchvision and TFDS take it for a class")
    elif token and not alone:
        yield Problem("split-word", path, f"Hugging Face reads {token!r} as a split")
    elif not slugs.SLUG.fullmatch(name):
        yield Problem("class-name", path, "expected a-z, 0-9 and _, as in text_document")
    elif slugs.is_device(name):
        yield Problem("device-name", path, "Windows can neither clone nor unzip it")


def places(tree: Listing, splits: Sequence[str]) -> Iterator[Problem]:
    """Nothing but pictures in class folders, nothing but metadata beside the splits."""
    depth = 3 if splits else 2
    for name in tree.children("") if splits else []:
        if name not in splits and tree.children(name):
            yield Problem("stray-folder", name, "TFDS takes it for a split")
    for folder in sorted(tree.linked):
        yield Problem("linked-folder", folder, "Hugging Face does not follow links to folders")
    for folder, why in sorted(tree.unlisted.items()):
        yield Problem("unreadable-folder", folder, f"cannot be listed: {why}")
    for file in tree.files:
        inside = file.parts[0] in splits if splits else len(file.parts) > 1
        if file.kind is EntryKind.BROKEN:
            yield Problem("broken-link", file.path, "leads nowhere")
        elif file.broken:
            yield Problem("no-file", file.path, f"a {file.kind}: a loader may wait on it endlessly")
        if inside:
            yield from _in_class_folder(file, depth)


def _in_class_folder(file: TreeFile, depth: int) -> Iterator[Problem]:
    if file.name in METADATA:
        yield Problem("metadata-file", file.path, "Hugging Face then reads no class labels")
    elif is_junk(file.name) or file.name.startswith("."):
        yield Problem("hidden-file", file.path, "Keras, torchvision and TFDS take some")
    elif not claims_picture(file):
        yield Problem("stray-file", file.path, "no picture")
    elif len(file.parts) != depth:
        yield Problem("depth", file.path, "fastai and TFDS drop it, Hugging Face all labels")
    elif not file.name.lower().endswith(COMMON):
        yield Problem("file-type", file.path, "not all loaders take this extension")


def classes(tree: Listing, splits: Sequence[str]) -> Iterator[Problem]:
    """Classes that are missing altogether or in one split."""
    held = picture_counts(tree, splits)
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


def picture_counts(tree: Listing, splits: Sequence[str]) -> dict[str, dict[str, int]]:
    """Split → class → pictures by name; without split folders, all of them are `all`."""
    held: dict[str, dict[str, int]] = {}
    for split in splits or [""]:
        names = [name for name in tree.children(split) if is_class_name(name)]
        start = f"{split}/" if split else ""
        held[split or "all"] = {
            name: sum(claims_picture(file) for file in tree.below(start + name)) for name in names
        }
    return held


def disagreements(
    readings: Mapping[str, LoaderReading], splits: Sequence[str]
) -> Iterator[Problem]:
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
