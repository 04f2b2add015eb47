"""What the pictures of a plain folder are to one another: JSON lines in a hidden file beside it.

A run appends one line with what it found new. A file of another version of the rules, or a torn
one, is begun anew. It may be deleted at any time: the pictures are then compared again.
"""

from __future__ import annotations

import json
import logging
import os
from typing import TYPE_CHECKING, Any, Final

from ..duplicates.memory import Remembered, RememberedPair
from ..duplicates.pair_result import Kind, PairResult
from .cache import SUFFIX, beside

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from pathlib import Path

LOG = logging.getLogger(__name__)

VERSION: Final = 1  # of the lines' own shape; the rules have a version of their own
LIKENESS, DIFFERENCE = 10_000, 100  # the steps of a result's numbers, as whole numbers
_DIGEST = 64  # hexadecimal digits


def pair_cache_path(folder: Path) -> Path:
    """Return where a folder's pairs are remembered."""
    return beside(folder, f".pairs{SUFFIX}")


class PairCache:
    """A PairMemory in a file; what cannot be written is remembered as long as the object lives."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._version: str | None = None  # the version that the file is known to hold, or to lack
        self._fits = True
        self._unwritten: dict[str, list[bytes]] = {}  # lines of one version

    def recall(self, version: str, /) -> Remembered:
        """Everything that the file holds under this version, and what could not be written."""
        self._version, self._fits = version, True
        unwritten = self._unwritten.get(version, [])
        try:
            return _read([*self._path.read_bytes().splitlines(), *unwritten], version)
        except FileNotFoundError:
            pass
        except (OSError, ValueError, KeyError, TypeError, IndexError, RecursionError) as error:
            LOG.debug("%s is begun anew: %r", self._path, error)
            self._fits = False
        return _read(unwritten, version)

    def remember(self, version: str, new: Remembered, stale: Collection[str], /) -> None:
        """Append one line, after those that could not be written before."""
        if self._version != version:
            self.recall(version)
        entry = {
            "v": VERSION,
            "rules": version,
            "stale": sorted(stale),
            "marks": new.pictures,
            "better": new.better,
            **_packed(new.pairs),
        }
        line = json.dumps(entry, separators=(",", ":")).encode("ascii") + b"\n"
        lines = [*self._unwritten.get(version, []), line]
        self._unwritten = {}
        try:
            if self._fits:
                with self._path.open("ab") as stream:
                    stream.writelines(lines)
            else:
                whole = self._path.with_name(f"{self._path.name}.{os.getpid()}.new")
                whole.write_bytes(b"".join(lines))
                whole.replace(self._path)
                self._fits = True
        except OSError as error:
            self._unwritten = {version: lines}
            LOG.info("what was compared is not remembered: %s: %s", self._path, error.strerror)


def _read(lines: Iterable[bytes], version: str) -> Remembered:
    pictures: dict[str, int] = {}
    pairs: dict[tuple[str, str], RememberedPair] = {}
    better: dict[str, Sequence[int]] = {}
    for line in lines:
        entry = json.loads(line)
        if (entry["v"], entry["rules"]) != (VERSION, version):
            raise ValueError(f"by {entry['rules']}")
        stale = set(entry["stale"])
        for pair in [pair for pair in pairs if stale and not stale.isdisjoint(pair)]:
            del pairs[pair]
        pictures |= entry["marks"]
        pairs |= {pair[:2]: pair for pair in _unpacked(entry)}
        better |= entry["better"]
    return Remembered(pictures, pairs.values(), better)


def _packed(pairs: Iterable[RememberedPair]) -> dict[str, Any]:
    """Pairs as rows of small numbers: places among `digests` and `words`."""
    digests: dict[str, int] = {}
    words: dict[str, int] = {}
    rows: list[list[int]] = []
    for pair in pairs:
        row = [digests.setdefault(sha, len(digests)) for sha in pair[:2]] + [pair.reasons]
        if pair.result is not None:
            kind, why = pair.result.kind.value, pair.result.why
            row += [
                *(words.setdefault(word, len(words)) for word in (kind, why)),
                round(pair.result.likeness * LIKENESS),
                round(pair.result.difference * DIFFERENCE),
            ]
        rows.append(row)
    return {"digests": "".join(digests), "words": list(words), "pairs": rows}


def _unpacked(entry: dict[str, Any]) -> list[RememberedPair]:
    text, words = entry["digests"], entry["words"]
    digests = [text[at : at + _DIGEST] for at in range(0, len(text), _DIGEST)]
    return [_pair(row, digests, words) for row in entry["pairs"]]


def _pair(row: Sequence[int], digests: Sequence[str], words: Sequence[str]) -> RememberedPair:
    one, two, reasons, *rest = row
    result = None
    if rest:
        kind, why, likeness, difference = rest
        result = PairResult(
            Kind(words[kind]), likeness / LIKENESS, difference / DIFFERENCE, words[why]
        )
    return RememberedPair(digests[one], digests[two], reasons, result)
