"""The rows of a tree in the making: on disk as they come, put in order at the end.

In memory is where each row's line stands, so that a long list takes little more than a short one.
"""

from __future__ import annotations

import hashlib
import heapq
import tempfile
from itertools import groupby
from typing import TYPE_CHECKING, Any, Self

from ..files import SUMS
from ..tree.tables import json_bytes
from .fates import line_at

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_AT = 48  # bits of a line's place


class RowSpool:
    """Rows of a manifest to be written in order of their files. Use as a context manager.

    They wait in a nameless file of `folder`'s disk, which ends with this process.
    `sides` are the pairs of (label, split) that have a row.
    """

    def __init__(self, folder: Path) -> None:
        # Without a buffer: it is written row by row, and read here and there.
        self._file = tempfile.TemporaryFile(buffering=0, dir=folder)  # noqa: SIM115 - see __exit__
        # A picture's folder → its name (16 hex digits) and place as one number.
        self._places: dict[tuple[str, str], list[int]] = {}
        self._end = 0
        self._number = 0

    @property
    def sides(self) -> set[tuple[str, str]]:
        """The pairs of (label, split) that have a row."""
        return set(self._places)

    def __len__(self) -> int:
        return self._number

    def add(self, row: Mapping[str, Any], label: str, split: str) -> None:
        """Keep one row, whose file is `<split>/<label>/<id>.jpg`."""
        line = str(row["sha256"]).encode() + json_bytes(row)
        self._file.seek(self._end)
        self._file.write(line)
        self._places.setdefault((label, split), []).append(int(row["id"], 16) << _AT | self._end)
        self._end += len(line)
        self._number += 1

    def write_manifest(self, path: Path) -> None:
        """Write the rows as JSON lines, in order of their file names."""
        with path.open("wb") as out:
            out.writelines(line for _, _, line in self._in_order())

    def write_checksums(self, folder: Path) -> None:
        """Write SHA256SUMS over the rows' files and whatever lies beside them in `folder`."""
        pictures = ((name, digest) for name, digest, _ in self._in_order())
        beside = sorted(file.name for file in folder.iterdir() if file.is_file())
        others = ((name, _digest(folder / name)) for name in beside)
        files = (
            both for both, _ in groupby(heapq.merge(pictures, others))
        )  # listed twice, once here
        with (folder / SUMS).open("w", encoding="utf-8", newline="\n") as out:
            out.writelines(f"{digest}  {name}\n" for name, digest in files)

    def _in_order(self) -> Iterator[tuple[str, str, bytes]]:
        """Each row's file name, digest and line."""
        folders = {f"{split}/{label}/": side for side in self._places for label, split in [side]}
        for folder in sorted(folders):
            places = self._places[folders[folder]]
            places.sort()
            for place in places:
                line = line_at(self._file, place & ((1 << _AT) - 1))
                yield f"{folder}{place >> _AT:016x}.jpg", line[:64].decode(), line[64:]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
