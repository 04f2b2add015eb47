"""Formats of shards: how many pictures one holds, and in which order they come."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..tree.finished import FinishedTree, TreePicture


@dataclass(frozen=True, slots=True)
class ShardSettings:
    """`shard_size` counts pictures; `seed` orders them."""

    shard_size: int = 1_000
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Shard:
    """One shard of a split: its number from 0, how many the split has, and its pictures."""

    split: str
    number: int
    total: int
    pictures: list[TreePicture]


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
            yield Shard(split, number, total, part)
