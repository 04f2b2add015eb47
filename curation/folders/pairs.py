"""Pairs of pictures in a plain folder that a person has judged: same or different.

Kept by content in a file beside the folder, so that names, order and time do not matter. A dataset
keeps them in its catalogue.
"""

from __future__ import annotations

import errno
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..errors import Unreadable, UsageError
from ..images.reading import digest_of
from .cache import beside
from .undo_file import cannot_be_written

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
    """Read the pairs of a folder; of two statements about one pair the later counts.

    Raises UsageError where they cannot be read.
    """
    latest: dict[frozenset[str], bool] = {}
    for line in _kept(constraints_path(folder)).split(b"\n"):
        try:
            entry = json.loads(line)
            latest[frozenset((str(entry["a"]), str(entry["b"])))] = bool(entry["same"])
        except (ValueError, KeyError, TypeError, RecursionError):
            continue  # a line torn by a full disk
    same = frozenset(pair for pair, are_same in latest.items() if are_same)
    return PairConstraints(same, frozenset(latest) - same)


def _kept(path: Path) -> bytes:
    try:
        return path.read_bytes() if path.is_file() else b""
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:  # nor could anything be kept there
            return b""
        raise UsageError(f"{path}: cannot be read: {error.strerror}; let it be read") from error


def add_constraints(folder: Path, pairs: Iterable[tuple[Path, Path]], *, same: bool) -> None:
    """Append pairs of files, all or none.

    Raises UsageError where one cannot be read, both have equal bytes, or nothing can be kept beside
    the folder.
    """
    lines = ["\n"]  # a full disk may have torn the last one
    for one, other in pairs:
        a, b = sorted((_digest(one), _digest(other)))
        if a == b:
            raise UsageError(f"{one} and {other} have the same bytes: nothing tells them apart")
        lines.append(json.dumps({"a": a, "b": b, "same": same}) + "\n")
    path = constraints_path(folder)
    try:
        with path.open("a", encoding="ascii") as file:
            file.writelines(lines)
    except OSError as error:
        raise cannot_be_written(path, error) from error


def _digest(path: Path) -> str:
    try:
        return digest_of(path)
    except Unreadable as error:
        raise UsageError(f"{path}: cannot be read ({error.detail})") from None
