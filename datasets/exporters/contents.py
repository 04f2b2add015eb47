"""What an export holds: its manifest, and the checksums of all its files."""

from __future__ import annotations

import hashlib
import os
import tempfile
from contextlib import contextmanager
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, BinaryIO

from ..files import SUMS, files_in_order
from ..tree.columns import column_names
from ..tree.manifest_files import CSV
from ..tree.manifest_row import JSONL
from ..tree.tables import TOGETHER, csv_header, csv_rows, json_bytes, kept_in_lines, text_file
from .shards import ShardPlaces

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from ..tree.finished import FinishedTree, TreePicture
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
        if isinstance(place_of, ShardPlaces):
            for name, (digest, size) in place_of.digests.items():
                digests.add(name, digest, size)
        waiting = iter(tree.pictures)
        with (out / JSONL).open("wb") as lines, text_file(out / CSV) as table:
            names = column_names([all_of])
            table.write(csv_header(names))
            while block := list(islice(waiting, TOGETHER)):
                rows, places = [one.data for one in block], list(map(place_of, block))
                moved = b"".join(map(_moved, block, rows, places))
                lines.write(kept_in_lines(moved))
                placed = [{**row, **place} for row, place in zip(rows, places, strict=True)]
                table.writelines(csv_rows(placed, names))
                for row, place in zip(rows, places, strict=True):
                    _note(digests, row, place)
        yield digests


def _moved(picture: TreePicture, row: Mapping[str, Any], place: Mapping[str, Any]) -> bytes:
    """A picture's row with its place in the export: nothing else of its line is formed anew."""
    line = picture.line
    if not place:
        return line
    between = ":" if line.startswith(b'{"id":"') else ": "  # earlier versions set spaces
    comma = between.replace(":", ",")
    before = f'{{"id"{between}"{picture.id}"{comma}"file_name"{between}'.encode()
    named = f'"{picture.file_name}"'.encode()
    more = {name: value for name, value in place.items() if name != "file_name"}
    is_short = "file_name" in place and more.keys().isdisjoint(row)
    if not is_short or not line.startswith(before + named):
        return json_bytes({**row, **place})
    name = json_bytes(place["file_name"])[:-1]
    end = comma.encode() + json_bytes(more)[1:] if more else b"}\n"
    return before + name + line[len(before) + len(named) : -len(b"}\n")] + end


def _note(digests: KnownDigests, row: Mapping[str, Any], place: Mapping[str, Any]) -> None:
    name, digest, size = place.get("file_name"), row.get("sha256"), row.get("bytes")
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
