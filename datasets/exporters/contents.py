"""What an export holds: its manifest, and the checksums of all its files."""

from __future__ import annotations

import hashlib
import os
import tempfile
from contextlib import contextmanager
from itertools import chain
from typing import TYPE_CHECKING, Any, BinaryIO

from ..files import SUMS, files_in_order
from ..tree.columns import column_names
from ..tree.manifest_files import stream_manifest
from ..tree.tables import text_file

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from ..tree.finished import FinishedTree
    from .exporter import PlaceOf


class KnownDigests:
    """Digests of files, noted on disk as they come and given back in the order of their names.

    In memory is none of them where they come in that order already.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._last = ""
        self._is_sorted = True

    def add(self, name: str, digest: str, size: int) -> None:
        """Note the digest that a file has if it is as long as this."""
        self._file.write(f"{name}\0{digest}\0{size}\n".encode())
        self._is_sorted = self._is_sorted and self._last <= name
        self._last = name

    def __iter__(self) -> Iterator[tuple[str, str, int]]:
        self._file.seek(0)
        for line in self._file if self._is_sorted else sorted(self._file):
            name, digest, size = line.decode().split("\0")
            yield name, digest, int(size)


@contextmanager
def write_manifest(tree: FinishedTree, out: Path, place_of: PlaceOf) -> Iterator[KnownDigests]:
    """Write the manifest of an export, each row with its picture's place there.

    Yields digests of the pictures that lie in the export as they lie in the tree, by its manifest.
    """
    all_of = {**tree.summary.columns(), **place_of(tree.pictures[0])}
    with tempfile.TemporaryFile(dir=out.parent) as file:
        digests = KnownDigests(file)
        stream_manifest(out, _rows(tree, place_of, digests), column_names([all_of]))
        yield digests


def _rows(tree: FinishedTree, place_of: PlaceOf, digests: KnownDigests) -> Iterator[dict[str, Any]]:
    for picture in tree.pictures:
        data, place = picture.data, place_of(picture)
        _note(digests, data, place)
        yield {**data, **place}


def _note(digests: KnownDigests, data: Mapping[str, Any], place: Mapping[str, Any]) -> None:
    name, digest, size = place.get("file_name"), data.get("sha256"), data.get("bytes")
    if "shard" in place or not isinstance(name, str):
        return
    if isinstance(digest, str) and isinstance(size, int):
        digests.add(name, digest, size)


def write_checksums(folder: Path, known: KnownDigests) -> tuple[int, int]:
    """Write SHA256SUMS over every file in `folder`; how many files it holds then, and bytes.

    A file that is as long as its known digest says is not read.
    """
    files = size = 0
    waiting = chain(known, [("", "", 0)])
    name, digest, expected = next(waiting)
    with text_file(folder / SUMS) as sums:
        for file in files_in_order(folder):
            if file == SUMS:
                continue
            path = f"{folder}/{file}"
            held = os.stat(path).st_size  # noqa: PTH116 - half the time
            while name and name < file:
                name, digest, expected = next(waiting)
            is_known = name == file and held == expected
            sums.write(f"{digest if is_known else _digest(path)}  {file}\n")
            files, size = files + 1, size + held
    return files + 1, size + (folder / SUMS).stat().st_size


def _digest(path: str) -> str:
    with open(path, "rb") as file:  # noqa: PTH123 - as its caller has it
        return hashlib.file_digest(file, "sha256").hexdigest()
