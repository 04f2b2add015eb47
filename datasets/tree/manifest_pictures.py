"""A manifest's pictures, read from its file whenever they are asked for.

In memory is where each row begins: a large tree takes a few bytes a picture more than a small one.
"""

from __future__ import annotations

import os
import re
from array import array
from collections.abc import Sequence
from itertools import starmap
from typing import TYPE_CHECKING, Any, BinaryIO, Final, NamedTuple, overload

from ..errors import UsageError
from ..split import SPLITS
from .json_rows import row_of
from .tables import json_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from .json_rows import RowBlock


# How a row of pixset's own begins. Its first four columns are read off in a tenth of the time
# that the whole row takes, which often nobody asks for.
_HEAD: Final = re.compile(
    rb'\{"id": ?"([^"\\]+)", ?"file_name": ?"([^"\\]+)", ?'
    rb'"split": ?"([^"\\]+)", ?"label": ?"([^"\\]+)"[,}]'
)
_COLUMNS: Final = ("id", "file_name", "split", "label")


class TreePicture(NamedTuple):
    """One row of the manifest: the columns that all formats use, and the whole row as JSON.

    `file_name` is a posix path relative to the tree's root, `label_id` an index in `classes`;
    `number` counts the tree's pictures from 0 in the order of their file names. `line` is the row
    as it stands in the manifest, or else as pixset would have written it.
    """

    id: str
    file_name: str
    split: str
    label: str
    label_id: int
    line: bytes
    number: int = 0

    @property
    def data(self) -> Mapping[str, Any]:
        """The whole row, read from its line each time."""
        return row_of(self.line)


class ManifestIndex:
    """Where each row of a manifest begins, and its split, in the order they were added."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.label_ids: Mapping[str, int] = {}
        self._state = _state(os.stat(path))  # noqa: PTH116 - as os.fstat has it
        self._places = array("Q")
        self._splits = array("B")
        self._is_plain = True  # every row begins as `_HEAD` has it, and says nothing else later on

    def __len__(self) -> int:
        return len(self._places)

    def add(self, block: RowBlock) -> None:
        """Note rows: where their lines begin, and whether these begin as they should."""
        self._places.extend(block.places)
        self._splits.extend(SPLITS.index(row["split"]) for row in block.rows)
        self._is_plain = self._is_plain and all(map(_is_plain, block.lines, block.rows))

    def sort(self, names: Sequence[str]) -> None:
        """Put the rows in the order of these names, one for each row."""
        order = sorted(range(len(names)), key=names.__getitem__)
        self._places = array("Q", (self._places[number] for number in order))
        self._splits = array("B", (self._splits[number] for number in order))

    def numbers_of(self, split: str) -> array[int]:
        """The numbers of the rows of one split, in order."""
        wanted = SPLITS.index(split)
        return array("I", (n for n, one in enumerate(self._splits) if one == wanted))

    def open(self) -> BinaryIO:
        """The manifest's file to `read` from; raises UsageError where it is another by now."""
        try:
            file = self.path.open("rb")
        except OSError as error:
            raise UsageError(f"{self.path}: cannot be read ({error.strerror})") from None
        if _state(os.fstat(file.fileno())) != self._state:
            file.close()
            raise UsageError(f"{self.path}: was written to meanwhile: run again")
        return file

    def line(self, file: BinaryIO, number: int) -> bytes:
        """The line of a row by its number."""
        file.seek(self._places[number])
        return file.readline()

    def picture(self, number: int, line: bytes) -> TreePicture:
        """The picture of a line that was read."""
        if self._is_plain and (found := _HEAD.match(line)):
            name, file_name, split, label = b"\0".join(found.groups()).decode().split("\0")
            stands = line.rstrip() + b"\n"
        else:
            row = row_of(line)
            name, file_name, split, label = map(row.__getitem__, _COLUMNS)
            stands = json_bytes(row)
        return TreePicture(name, file_name, split, label, self.label_ids[label], stands, number)


class ManifestPictures(Sequence[TreePicture]):
    """Pictures of a tree, all or some, in an order of their own; each use reads them anew.

    Raises UsageError where the manifest was written to since the tree was opened.
    """

    def __init__(self, index: ManifestIndex, numbers: Sequence[int]) -> None:
        self._index = index
        self.numbers = numbers

    def __len__(self) -> int:
        return len(self.numbers)

    def __iter__(self) -> Iterator[TreePicture]:
        return starmap(self._index.picture, self._lines())

    def _lines(self) -> Iterator[tuple[int, bytes]]:
        with self._index.open() as file:
            for number in self.numbers:
                yield number, self._index.line(file, number)

    @overload
    def __getitem__(self, at: int) -> TreePicture: ...

    @overload
    def __getitem__(self, at: slice) -> ManifestPictures: ...

    def __getitem__(self, at: int | slice) -> TreePicture | ManifestPictures:
        if isinstance(at, slice):
            return ManifestPictures(self._index, self.numbers[at])
        with self._index.open() as file:
            number = self.numbers[at]
            return self._index.picture(number, self._index.line(file, number))

    def of(self, split: str) -> ManifestPictures:
        """The pictures of one split of the tree, in order of their file names."""
        return ManifestPictures(self._index, self._index.numbers_of(split))

    def in_order(self, places: Sequence[int]) -> ManifestPictures:
        """These pictures in the order of their places here."""
        return ManifestPictures(self._index, array("I", map(self.numbers.__getitem__, places)))


def _is_plain(line: bytes, row: Mapping[str, Any]) -> bool:
    """Whether a line begins as `_HEAD` has it, and its row says nothing else."""
    found = _HEAD.match(line)
    expected = (row["id"], row["file_name"], row["split"], row["label"])
    return found is not None and b"\0".join(found.groups()).decode() == "\0".join(expected)


def _state(status: os.stat_result) -> tuple[int, int, int]:
    return status.st_ino, status.st_size, status.st_mtime_ns
