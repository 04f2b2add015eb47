"""The rows of a tree in the making: on disk as they come, put in order at the end.

In memory is where each row's line stands, so that a long list takes little more than a short one.
"""

from __future__ import annotations

import hashlib
import heapq
import tempfile
from array import array
from itertools import groupby
from typing import TYPE_CHECKING, Any, Self

from ..files import SUMS
from ..tree.tables import json_bytes
from .fates import line_at

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path


class RowSpool:
    """Rows of a manifest to be written in order of their files. Use as a context manager.

    They wait in nameless files of `folder`'s disk, which end with this process.
    `sides` are the pairs of (label, split) that have a row.
    """

    def __init__(self, folder: Path) -> None:
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - see __exit__
        self._sums = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - see __exit__
        # A picture's folder → the names (16 hex digits) and the places of its rows.
        self._places: dict[tuple[str, str], tuple[array[int], array[int]]] = {}
        self._end = 0
        self._number = 0

    @property
    def sides(self) -> set[tuple[str, str]]:
        """The pairs of (label, split) that have a row."""
        return set(self._places)

    def __len__(self) -> int:
        return self._number

    def add(self, row: Mapping[str, Any], label: str, split: str) -> None:
        """Keep one row, whose file is `<split>/<label>/<id>.jpg`; not after the first writing."""
        line = str(row["sha256"]).encode() + json_bytes(row)
        self._file.write(line)
        names, places = self._places.setdefault((label, split), (array("Q"), array("Q")))
        names.append(int(row["id"], 16))
        places.append(self._end)
        self._end += len(line)
        self._number += 1

    def write_manifest(self, path: Path) -> None:
        """Write the rows as JSON lines, in order of their file names."""
        self._file.flush()
        with path.open("wb") as out:
            for name, digest, line in self._in_order():
                out.write(line)
                self._sums.write(f"{digest}  {name}\n".encode())

    def write_checksums(self, folder: Path) -> None:
        """Write SHA256SUMS over the rows' files and whatever lies beside them in `folder`.

        The manifest was written before, and is one of those.
        """
        self._sums.seek(0)
        pictures = ((line[66:-1].decode(), line[:64].decode()) for line in self._sums)
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
        with open(self._file.fileno(), "rb", buffering=0, closefd=False) as file:
            for folder in sorted(folders):
                names, places = self._places[folders[folder]]
                for name, place in sorted(zip(names, places, strict=True)):
                    line = line_at(file, place)
                    yield f"{folder}{name:016x}.jpg", line[:64].decode(), line[64:]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
        self._sums.close()


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
