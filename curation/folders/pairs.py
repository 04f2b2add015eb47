"""What a person said of pictures in a plain folder: pairs that are, or are not, duplicates.

Remembered by content in a file beside the folder, so that names, order and time do not matter.
(In a dataset the catalogue remembers.)
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from ...datasets.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

Pairs = set[frozenset[str]]


def said_path(folder: Path) -> Path:
    """Where the opinions about a folder's pictures lie: beside it."""
    whole = folder.absolute()
    return whole.parent / f".{whole.name}.pixset-said.jsonl"


def read_said(folder: Path) -> tuple[Pairs, Pairs]:
    """Pairs of SHA-256 called the same, and pairs called different; the last word counts."""
    latest: dict[frozenset[str], bool] = {}
    path = said_path(folder)
    if path.is_file():
        for line in path.read_text(encoding="utf-8").splitlines():
            try:
                entry = json.loads(line)
                latest[frozenset((str(entry["a"]), str(entry["b"])))] = bool(entry["same"])
            except (ValueError, KeyError, TypeError):
                continue  # a line torn by a full disk
    same = {pair for pair, are_same in latest.items() if are_same}
    return same, set(latest) - same


def add_said(folder: Path, pairs: Iterable[tuple[Path, Path]], *, same: bool) -> None:
    """Remember what a person says of pairs of files; raises UsageError for a file not there."""
    with said_path(folder).open("a", encoding="utf-8") as file:
        for one, other in pairs:
            a, b = sorted(digests(one, other))
            file.write(json.dumps({"a": a, "b": b, "same": same}) + "\n")


def digests(one: Path, other: Path) -> tuple[str, str]:
    """The SHA-256 of two files; raises UsageError where one is missing or both are equal."""
    found = []
    for path in (one, other):
        try:
            found.append(hashlib.sha256(path.read_bytes()).hexdigest())
        except OSError as error:
            raise UsageError(f"{path}: cannot be read ({error.strerror})") from None
    if found[0] == found[1]:
        raise UsageError(f"{one} and {other} have the same bytes: there is nothing to say")
    return found[0], found[1]
