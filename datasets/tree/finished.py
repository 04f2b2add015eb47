"""A finished tree as exporters read it: rows of the manifest and the pictures they name.

A tree is a folder with `manifest.jsonl`, `classes.txt` and pictures at `<split>/<label>/<id>.jpg`
below it. Exporters read only this; they know no catalogue.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from ..errors import UsageError
from ..files import read_record
from ..names import reserved_token
from ..split import SPLITS
from .layout import RECORD
from .manifest_row import JSONL
from .tables import read_jsonl

if TYPE_CHECKING:
    from collections.abc import Mapping

_FILE_NAME = re.compile(r"[\w-][\w .+-]{0,200}")


@dataclass(frozen=True, slots=True)
class TreePicture:
    """One row of the manifest: `data` is the whole row, the rest are the columns all formats use.

    `file_name` is a posix path relative to the tree's root; `label_id` an index in `classes`.
    """

    id: str
    file_name: str
    split: str
    label: str
    label_id: int
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class FinishedTree:
    """A finished tree: its root, its labels in label order, its pictures sorted by file name."""

    root: Path
    name: str
    classes: tuple[str, ...]
    pictures: tuple[TreePicture, ...]

    @property
    def splits(self) -> tuple[str, ...]:
        """The splits that hold pictures, in the order train, val, test."""
        present = {picture.split for picture in self.pictures}
        return tuple(split for split in SPLITS if split in present)

    @property
    def rows(self) -> list[Mapping[str, Any]]:
        """The manifest's rows, in the pictures' order."""
        return [picture.data for picture in self.pictures]

    def of(self, split: str) -> tuple[TreePicture, ...]:
        """The pictures of one split, sorted by file name."""
        return tuple(picture for picture in self.pictures if picture.split == split)

    def shuffled(self, split: str, seed: int) -> list[TreePicture]:
        """One split in an order that depends on the seed and each picture's id alone."""

        def key(picture: TreePicture) -> bytes:
            return hashlib.sha256(f"{seed}:{picture.id}".encode()).digest()

        return sorted(self.of(split), key=key)

    def path(self, picture: TreePicture) -> Path:
        """Where a picture lies."""
        return self.root / picture.file_name

    def read(self, picture: TreePicture) -> bytes:
        """A picture's bytes."""
        return self.path(picture).read_bytes()


def open_tree(folder: Path) -> FinishedTree:
    """Read a finished tree: `folder` itself, or `folder/ready` for a dataset folder.

    Raises UsageError where there is no manifest, a row is damaged, or a row names a file
    that is not there.
    """
    root = next((f for f in (folder / "ready", folder) if (f / JSONL).is_file()), None)
    if root is None:
        raise UsageError(f"{folder}: no finished tree here (no manifest.jsonl): run `pixset split`")
    names: dict[str, str] = {}
    rows = [_sharing(row, names) for row in read_jsonl(root / JSONL)]
    if not rows:
        raise UsageError(f"{root / 'manifest.jsonl'}: holds no picture, so there is nothing to do")
    classes = _classes(root, rows)
    pictures = [_picture(root, row, classes) for row in rows]
    pictures.sort(key=lambda picture: picture.file_name)
    return FinishedTree(root, _name(root), classes, tuple(pictures))


def _sharing(row: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    """The row with one text for what all rows say: each line brings its columns' names anew."""
    same = {names.setdefault(name, name): value for name, value in row.items()}
    for name in ("split", "label", "transform", "query", "engine", "license", "fetched_at"):
        value = same.get(name)
        if isinstance(value, str):
            same[name] = names.setdefault(value, value)
    return same


def slug(text: str, fallback: str = "dataset") -> str:
    """A name for files: lower-case ASCII without dots and without a split's word."""
    words = re.findall(r"[a-z0-9]+", text.lower())
    return "_".join(word for word in words if not reserved_token(word)) or fallback


def _classes(root: Path, rows: list[dict[str, Any]]) -> tuple[str, ...]:
    file = root / "classes.txt"
    if file.is_file():
        try:
            return tuple(file.read_text(encoding="utf-8-sig").split())
        except UnicodeDecodeError:
            raise UsageError(f"{file}: no UTF-8 text; save the file as UTF-8") from None
    return tuple(sorted({str(row.get("label")) for row in rows}))


def _picture(root: Path, row: dict[str, Any], classes: tuple[str, ...]) -> TreePicture:
    manifest = root / JSONL
    missing = [c for c in ("id", "file_name", "split", "label") if not isinstance(row.get(c), str)]
    if missing:
        raise UsageError(f"{manifest}: a row lacks {missing[0]!r}: {json.dumps(row)[:80]}")
    name = PurePosixPath(row["file_name"])
    if name.is_absolute() or ".." in name.parts or "\\" in row["file_name"]:
        raise UsageError(f"{manifest}: file_name {row['file_name']!r} leads out of the tree")
    for column in ("id", "label"):  # exports name files by them
        if not _FILE_NAME.fullmatch(row[column]):
            raise UsageError(f"{manifest}: {column} {row[column]!r} cannot be a file's name")
    if row["split"] not in SPLITS:
        raise UsageError(f"{manifest}: split {row['split']!r}: expected train, val or test")
    if row["label"] not in classes:
        raise UsageError(f"{manifest}: label {row['label']!r} is not in classes.txt")
    if not (root / name).is_file():
        raise UsageError(f"{root / name}: named by the manifest but not there: run `pixset split`")
    label_id = classes.index(row["label"])
    return TreePicture(row["id"], row["file_name"], row["split"], row["label"], label_id, row)


def _name(root: Path) -> str:
    name = read_record(root, RECORD).get("name")
    if isinstance(name, str) and name:
        return slug(name)
    resolved = root.resolve()
    return slug(resolved.parent.name if resolved.name == "ready" else resolved.name)
