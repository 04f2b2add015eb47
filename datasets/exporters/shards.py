"""Formats of shards: how many pictures one holds, and in which order they come."""

from __future__ import annotations

import hashlib
from array import array
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, Self

from ..errors import UsageError
from ..files import write_all

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from ..tree.finished import FinishedTree, TreePicture


@dataclass(frozen=True, slots=True)
class ShardSettings:
    """`shard_size` counts pictures; `seed` orders them."""

    shard_size: int = 1_000
    seed: int = 0


class PictureSource(Protocol):
    """What a shard's writer asks of a tree: its labels in order, and a picture's bytes."""

    @property
    def classes(self) -> tuple[str, ...]:
        """The labels in label order."""

    def read(self, picture: TreePicture, /) -> bytes:
        """A picture's bytes."""


@dataclass(frozen=True, slots=True)
class Shard:
    """One shard of a split: its number from 0, how many the split has, and its pictures.

    `pictures` may be read anew by each use; `numbers` are theirs in the tree.
    """

    split: str
    number: int
    total: int
    pictures: Sequence[TreePicture]
    numbers: Sequence[int] = ()


def shards(tree: FinishedTree, settings: ShardSettings) -> Iterator[Shard]:
    """The shards of a tree, split by split; raises UsageError for a size under 1."""
    size = settings.shard_size
    if size < 1:
        raise UsageError(f"--shard-size {size}: expected 1 or more pictures a shard")
    for split in tree.splits:
        pictures = tree.shuffled(split, settings.seed)
        total = -(-len(pictures) // size)
        for number in range(total):
            part = pictures[number * size : (number + 1) * size]
            yield Shard(split, number, total, part, part.numbers)


class DigestedFile:
    """A file that is written once, in order: its digest is known when it is done."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("wb", buffering=0)
        self._hash = hashlib.sha256()
        self.size = 0

    def write(self, data: bytes) -> None:
        """Write some bytes, at once."""
        self._hash.update(data)
        write_all(self._file.fileno(), data)
        self.size += len(data)

    @property
    def digest(self) -> str:
        """The SHA-256 of what was written, in hexadecimal."""
        return self._hash.hexdigest()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()


class ShardPlaces:
    """Where the pictures of a tree lie in shards, asked of a picture: a few bytes for each.

    `digests` are the shards' own, where they were digested as they were written: name → digest
    and size.
    """

    def __init__(self, pictures: int) -> None:
        self.digests: dict[str, tuple[str, int]] = {}
        self._names: list[str] = []
        self._shards = array("I", bytes(pictures * array("I").itemsize))

    def add(self, name: str, shard: Shard, file: DigestedFile | None = None) -> None:
        """Note the file that holds a shard's pictures."""
        if file is not None:
            self.digests[name] = file.digest, file.size
        for number in shard.numbers:
            self._shards[number] = len(self._names)
        self._names.append(name)

    def __call__(self, picture: TreePicture) -> Mapping[str, str]:
        """A picture's columns `file_name` and `shard`."""
        name = self._names[self._shards[picture.number]]
        return {"file_name": f"{picture.id}.jpg", "shard": name}
