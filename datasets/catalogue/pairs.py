"""What pictures are to one another, remembered so that a pair is compared once."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from ...curation.duplicates.memory import Remembered, RememberedPair
from ...curation.duplicates.pair_result import Kind, PairResult
from .families import put_setting, setting

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from typing import Any

    from .store import Catalogue, Value

# Settings: the version of the rules, and what they found the better versions of families.
_RULES, _BETTER = "pairs compared by", "better versions"
_LIKENESS, _DIFFERENCE = 10_000, 100  # the steps of a result's numbers, as whole numbers


class CataloguePairs:
    """The PairMemory of a catalogue that is open for writing."""

    def __init__(self, cat: Catalogue) -> None:
        self._cat = cat

    def recall(self, version: str, /) -> Remembered:
        """Everything remembered under this version."""
        if setting(self._cat, _RULES) != version:
            return Remembered()
        digests = {
            row[0]: row[1].hex() for row in self._cat.each("SELECT id, sha256 FROM image_row")
        }
        words: dict[int, str] = dict(map(tuple, self._cat.rows("SELECT id, text FROM wording")))
        rows = self._cat.each(
            "SELECT a, b, reasons, kind, why, likeness, difference FROM pair_result"
        )
        marks = {
            digests[image]: mark
            for image, mark in self._cat.each("SELECT image, mark FROM compared")
        }
        better = json.loads(setting(self._cat, _BETTER) or "{}")
        return Remembered(marks, [_pair(row, digests, words) for row in rows], better)

    def remember(self, version: str, new: Remembered, stale: Collection[str], /) -> None:
        """Keep new marks and pairs; those of another version are forgotten."""
        cat = self._cat
        better = dict(new.better)
        if setting(cat, _RULES) != version:
            cat.execute("DELETE FROM pair_result")
            cat.execute("DELETE FROM compared")
            put_setting(cat, _RULES, version)
        else:
            better = json.loads(setting(cat, _BETTER) or "{}") | better
        put_setting(cat, _BETTER, json.dumps(better, separators=(",", ":")))
        ids = {row[1].hex(): row[0] for row in cat.each("SELECT id, sha256 FROM image_row")}
        for sha in stale:
            number = ids[sha]
            cat.execute("DELETE FROM pair_result WHERE a = ? OR b = ?", (number, number))
        cat.execute_many(
            "INSERT OR REPLACE INTO compared VALUES (?, ?)",
            [(ids[sha], mark) for sha, mark in new.pictures.items() if sha in ids],
        )
        cat.execute_many(
            "INSERT OR REPLACE INTO pair_result VALUES (?, ?, ?, ?, ?, ?, ?)",
            list(self._rows(new.pairs, ids)),
        )

    def _rows(
        self, pairs: Iterable[RememberedPair], ids: dict[str, int]
    ) -> Iterator[tuple[Value, ...]]:
        words = {row[1]: row[0] for row in self._cat.rows("SELECT id, text FROM wording")}

        def word(text: str) -> int:
            if text not in words:
                words[text] = self._cat.insert("INSERT INTO wording (text) VALUES (?)", (text,))
            number: int = words[text]
            return number

        for one, two, reasons, result in pairs:
            if result is None:
                yield ids[one], ids[two], reasons, None, None, None, None
                continue
            yield (
                *(ids[one], ids[two], reasons, word(result.kind.value), word(result.why)),
                *(round(result.likeness * _LIKENESS), round(result.difference * _DIFFERENCE)),
            )


def _pair(row: tuple[Any, ...], digests: dict[int, str], words: dict[int, str]) -> RememberedPair:
    a, b, reasons, kind, why, likeness, difference = row
    result = None
    if kind is not None:
        numbers = likeness / _LIKENESS, difference / _DIFFERENCE
        result = PairResult(Kind(words[kind]), *numbers, words[why])
    return RememberedPair(digests[a], digests[b], reasons, result)
