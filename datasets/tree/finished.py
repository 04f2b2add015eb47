"""A finished tree as exporters read it: rows of the manifest and the pictures they name.

A tree is a folder with `manifest.jsonl`, `classes.txt` and pictures at `<split>/<label>/<id>.jpg`
below it. Exporters read only this; they know no catalogue.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from array import array
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..errors import UsageError
from ..files import read_record, read_whole
from ..names import reserved_token
from ..split import SPLITS
from .json_rows import read_blocks, read_jsonl
from .manifest_pictures import ManifestIndex, ManifestPictures, TreePicture
from .manifest_row import JSONL
from .manifest_row import TREE_RECORD as RECORD
from .manifest_summary import ManifestSummary

if TYPE_CHECKING:
    from collections.abc import Container, Mapping
    from pathlib import Path

__all__ = ["FinishedTree", "TreePicture", "open_tree", "slug"]

_FILE_NAME = re.compile(r"[\w-][\w .+-]{0,200}")
_KEY = 8  # bytes of a digest that order a shuffle


@dataclass(frozen=True, slots=True)
class FinishedTree:
    """A finished tree: its root, its labels in label order, its pictures sorted by file name.

    The pictures' rows stay in the manifest's file; `summary` is what is known of them all.
    """

    root: Path
    name: str
    classes: tuple[str, ...]
    pictures: ManifestPictures
    summary: ManifestSummary

    @property
    def splits(self) -> tuple[str, ...]:
        """The splits that hold pictures, in the order train, val, test."""
        return self.summary.splits

    def of(self, split: str) -> ManifestPictures:
        """The pictures of one split, sorted by file name."""
        return self.pictures.of(split)

    def shuffled(self, split: str, seed: int) -> ManifestPictures:
        """One split in an order that depends on the seed and each picture's id alone."""
        found = self.of(split)
        keys = array("Q")
        for picture in found:
            digest = hashlib.sha256(f"{seed}:{picture.id}".encode()).digest()
            keys.append(int.from_bytes(digest[:_KEY], "big"))
        return found.in_order(sorted(range(len(keys)), key=keys.__getitem__))

    def path(self, picture: TreePicture) -> Path:
        """Where a picture lies."""
        return self.root / picture.file_name

    def read(self, picture: TreePicture) -> bytes:
        """A picture's bytes."""
        return read_whole(f"{self.root}/{picture.file_name}")


def open_tree(folder: Path) -> FinishedTree:
    """Read a finished tree: `folder` itself, or `folder/ready` for a dataset folder.

    Raises UsageError where there is no manifest, a row is damaged, or a row names a file
    that is not there.
    """
    root = next((f for f in (folder / "ready", folder) if (f / JSONL).is_file()), None)
    if root is None:
        raise UsageError(f"{folder}: no finished tree here (no manifest.jsonl): run `pixset split`")
    manifest = root / JSONL
    classes, summary = _classes(root), ManifestSummary()
    labels = None if classes is None else frozenset(classes)
    index, last, is_sorted = ManifestIndex(manifest), "", True
    for block in read_blocks(manifest):
        for row in block.rows:
            _check(root, row, labels)
            is_sorted = is_sorted and last <= row["file_name"]
            last = row["file_name"]
        summary.add(block.rows)
        index.add(block)
    if not index:
        raise UsageError(f"{manifest}: holds no picture, so there is nothing to do")
    if not is_sorted:  # as pixset writes it, it is
        index.sort([row["file_name"] for row in read_jsonl(manifest)])
    if classes is None:
        classes = tuple(sorted({label for label, _ in summary.counts}))
    index.label_ids = {label: number for number, label in reversed(list(enumerate(classes)))}
    pictures = ManifestPictures(index, range(len(index)))
    return FinishedTree(root, _name(root), classes, pictures, summary)


def slug(text: str) -> str:
    """A name for files: lower-case ASCII without dots and without a split's word, else dataset."""
    words = re.findall(r"[a-z0-9]+", text.lower())
    return "_".join(word for word in words if not reserved_token(word)) or "dataset"


def _classes(root: Path) -> tuple[str, ...] | None:
    file = root / "classes.txt"
    if not file.is_file():
        return None
    try:
        return tuple(file.read_text(encoding="utf-8-sig").split())
    except UnicodeDecodeError:
        raise UsageError(f"{file}: no UTF-8 text; save the file as UTF-8") from None


def _check(root: Path, row: Mapping[str, Any], labels: Container[str] | None) -> None:
    """Raise UsageError for a row that no export could follow."""
    for column in ("id", "file_name", "split", "label"):
        if not isinstance(row.get(column), str):
            raise UsageError(f"{root / JSONL}: a row lacks {column!r}: {json.dumps(row)[:80]}")
    name = row["file_name"]
    if name.startswith("/") or "\\" in name or ".." in name.split("/"):
        raise UsageError(f"{root / JSONL}: file_name {name!r} leads out of the tree")
    for column in ("id", "label"):  # exports name files by them
        if not _FILE_NAME.fullmatch(row[column]):
            raise UsageError(f"{root / JSONL}: {column} {row[column]!r} cannot be a file's name")
    if row["split"] not in SPLITS:
        raise UsageError(f"{root / JSONL}: split {row['split']!r}: expected train, val or test")
    if labels is not None and row["label"] not in labels:
        raise UsageError(f"{root / JSONL}: label {row['label']!r} is not in classes.txt")
    if not os.path.isfile(f"{root}/{name}"):  # noqa: PTH113 - a third of the time
        raise UsageError(f"{root / name}: named by the manifest but not there: run `pixset split`")


def _name(root: Path) -> str:
    name = read_record(root, RECORD).get("name")
    if isinstance(name, str) and name:
        return slug(name)
    resolved = root.resolve()
    return slug(resolved.parent.name if resolved.name == "ready" else resolved.name)
