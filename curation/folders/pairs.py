"""Pairs of pictures in a plain folder that a person has judged: same or different.

Kept by content in a file beside the folder, so that names, order and time do not matter. A dataset
keeps them in its catalogue.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..errors import UsageError
from .cache import beside

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    Pairs = frozenset[frozenset[str]]


@dataclass(frozen=True, slots=True)
class PairConstraints:
    """Pairs of SHA-256: `same` must be linked into one family, `different` cannot be."""

    same: Pairs = frozenset()
    different: Pairs = frozenset()


def constraints_path(folder: Path) -> Path:
    """Where the pairs of a folder are kept (the name is that of 0.1.0)."""
    return beside(folder, ".pixset-said.jsonl")


def read_constraints(folder: Path) -> PairConstraints:
    """Read the pairs of a folder; of two statements about one pair the later counts."""
    latest: dict[frozenset[str], bool] = {}
    path = constraints_path(folder)
    if path.is_file():
        for line in path.read_bytes().split(b"\n"):
            try:
                entry = json.loads(line)
                latest[frozenset((str(entry["a"]), str(entry["b"])))] = bool(entry["same"])
            except (ValueError, KeyError, TypeError, RecursionError):
                continue  # a line torn by a full disk
    same = frozenset(pair for pair, are_same in latest.items() if are_same)
    return PairConstraints(same, frozenset(latest) - same)


def add_constraints(folder: Path, pairs: Iterable[tuple[Path, Path]], *, same: bool) -> None:
    """Append pairs of files; raises UsageError where one is missing or both have equal bytes."""
    with constraints_path(folder).open("a", encoding="ascii") as file:
        for one, other in pairs:
            a, b = sorted(_digests(one, other))
            file.write(json.dumps({"a": a, "b": b, "same": same}) + "\n")


def _digests(one: Path, other: Path) -> tuple[str, str]:
    found = []
    for path in (one, other):
        try:
            with path.open("rb") as file:
                found.append(hashlib.file_digest(file, "sha256").hexdigest())
        except OSError as error:
            raise UsageError(f"{path}: cannot be read ({error.strerror})") from None
    if found[0] == found[1]:
        raise UsageError(f"{one} and {other} have the same bytes: nothing tells them apart")
    return found[0], found[1]
