"""What became of each address: a line in `fates.jsonl`, and a few bytes in memory.

A list of 50,000 addresses costs about as much memory as one of 1,000: of an address that was
asked the log remembers where its line stands and how it ended, and reads the line when asked.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
from array import array
from bisect import bisect_left
from dataclasses import dataclass, replace
from typing import IO, TYPE_CHECKING, Final

from ...scraper.errors import FetchFailed
from ..errors import UsageError
from ..files import write_file
from .manifest import address_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from ...scraper.fetch import Fetched
    from .manifest import RequestedPicture, RequestedRow, RequestedSet

FATES: Final = "fates.jsonl"
_log = logging.getLogger(__name__)
# `json.dumps` makes an encoder for each call that is not plain.
_one_line: Final = json.JSONEncoder(ensure_ascii=False).encode
# Best first: the fate that counts for a row with several addresses.
ORDER: Final = ("same", "changed", "failed")


@dataclass(frozen=True, slots=True)
class AddressFate:
    """What an address gave for one row.

    `fate` is `same` (the manifest's bytes; `file` is where they lie, relative), `changed`
    (other bytes; `sha256` says which), `failed` (`reason` is the scraper's word, such as
    `http-404`), `inline` (the bytes stood in the result page itself and have no address; `url` is
    None, the original's address would give another picture) or `no-address` (the row names none).
    """

    id: str
    url: str | None
    fate: str
    reason: str | None = None
    status: int | None = None
    sha256: str | None = None
    file: str | None = None


def fate_of_answer(
    wanted: RequestedPicture, url: str, result: Fetched | FetchFailed
) -> AddressFate | None:
    """What an address gave for a row; None where it was not asked to the end.

    Of a row without a digest all bytes are `same`: nothing says otherwise.
    """
    if isinstance(result, FetchFailed):
        if result.reason == "stopped":
            return None
        return AddressFate(wanted.id, url, "failed", result.reason, result.status)
    digest = hashlib.sha256(result.data).hexdigest()
    fate = "same" if wanted.sha256 in (digest, None) else "changed"
    return AddressFate(wanted.id, url, fate, None, result.status, digest)


class FateLog:
    """The fates of one folder. Use it on one thread, and `close` it; it can be read after that."""

    def __init__(self, into: Path, keys: Iterable[int], *, retry: bool) -> None:
        self._into = into
        self._path = into / FATES
        self._retry = retry
        self._writer: IO[bytes] | None = None
        self._reader: IO[bytes] | None = None
        self._end = 0
        # The addresses' short hashes in order, and beside each where its newest line begins, times
        # four, plus its fate's place in ORDER: 16 bytes an address, where a dict takes 200.
        self._keys = array("Q", sorted(keys))
        self._known = array("q", [-1]) * len(self._keys)
        self._read_all()
        self._began = self._end * 4

    def must_ask(self, keys: Sequence[int], key: int) -> bool:
        """Whether an address is still to be asked, by its key, for the row with these keys."""
        best = self._best(keys)
        if best is None:
            return True
        # A picture that came in this run is where it was put.
        if best % 4 == 0 and (best >= self._began or self._has_file(best)):
            return False
        known = self._at(key)
        return known is None or self._retry or ORDER[known % 4] == "same"  # its file is gone

    def number(self, wanted: RequestedSet, turn: int) -> int:
        """How many rows have an address to be asked in this turn."""
        rows = (row.keys for row in wanted.rows() if turn < len(row.keys))
        return sum(self.must_ask(keys, keys[turn]) for keys in rows)

    def settle(
        self, wanted: RequestedPicture, url: str, key: int, result: Fetched | FetchFailed
    ) -> None:
        """Record what an address gave; the picture is in place before its line is."""
        fate = fate_of_answer(wanted, url, result)
        if fate is None:
            return
        if fate.fate == "same" and not isinstance(result, FetchFailed):
            name = f"images/{wanted.label}/{wanted.id}.{result.extension}"
            write_file(f"{self._into}/{name}", result.data)
            fate = replace(fate, file=name)
        self._add(key, fate)

    def fate_of(self, wanted: RequestedPicture) -> AddressFate:
        """The fate that counts for a row: the best of its addresses'."""
        best = self._best(wanted.keys)
        if best is None:
            return AddressFate(wanted.id, None, fate_without(wanted))
        return self._line(best)

    def outcome(self, row: RequestedRow) -> tuple[str, str | None]:
        """The fate that counts for a row, in a word, and the reason it has."""
        best = self._best(row.keys)
        if best is None:
            return fate_without(row), None
        fate = ORDER[best % 4]
        return fate, self._line(best).reason if fate == "failed" else None

    def close(self) -> None:
        """Give the files back; what was settled is on disk already."""
        for file in (self._writer, self._reader):
            if file is not None:
                file.close()
        self._writer = self._reader = None

    def _best(self, keys: Sequence[int]) -> int | None:
        """What is known of the best of these addresses, None where there is none."""
        found = [known for key in keys if (known := self._at(key)) is not None]
        return min(found, key=lambda one: one % 4, default=None)

    def _at(self, key: int) -> int | None:
        """What is known of an address by its key."""
        place = self._place(key)
        return None if place is None or self._known[place] < 0 else self._known[place]

    def _place(self, key: int) -> int | None:
        """Where a key stands; None for an address that the list does not name."""
        place = bisect_left(self._keys, key)
        return place if place < len(self._keys) and self._keys[place] == key else None

    def _line(self, known: int) -> AddressFate:
        if self._reader is None:
            self._reader = self._path.open("rb", buffering=0)
        return AddressFate(**json.loads(line_at(self._reader, known // 4)))

    def _has_file(self, known: int) -> bool:
        file = self._line(known).file
        return file is not None and (self._into / file).is_file()

    def _add(self, key: int, fate: AddressFate) -> None:
        if self._writer is None:
            self._writer = self._path.open("ab", buffering=0)  # a kill loses no line
        line = {name: getattr(fate, name) for name in AddressFate.__slots__}
        data = (_one_line(line) + "\n").encode("utf-8", "backslashreplace")
        self._writer.write(data)
        self._note(key, fate, len(data))

    def _note(self, key: int, fate: AddressFate, size: int) -> None:
        """Remember the line of `size` bytes that stands at the end of the file."""
        place = self._place(key)
        if place is not None:
            self._known[place] = self._end * 4 + ORDER.index(fate.fate)
        self._end += size

    def _read_all(self) -> None:
        """Read the fates on record; a line torn by a kill is cut off, so that the next is whole."""
        if not self._path.is_file():
            return
        try:
            with self._path.open("rb") as lines:
                for line in lines:
                    if not line.endswith(b"\n"):
                        _log.info("%s: the last line was torn and is asked again", self._path)
                        os.truncate(self._path, self._end)
                        break
                    fate = AddressFate(**json.loads(line))
                    self._note(address_key(fate.id, str(fate.url)), fate, len(line))
        except (ValueError, TypeError, RecursionError):
            raise UsageError(
                f"{self._path}: not the fates of a rebuild: choose another --into"
            ) from None


def line_at(file: IO[bytes], at: int) -> bytes:
    """The line that begins at `at` of a file without a buffer, which each jump would fill anew."""
    file.seek(at)
    parts = []
    while data := file.read(1_024):
        end = data.find(b"\n") + 1
        parts.append(data[:end] if end else data)
        if end:
            break
    return b"".join(parts)


def fate_without(row: RequestedPicture | RequestedRow) -> str:
    """The fate of a row of which no address was asked to the end."""
    return "failed" if row.keys else "inline" if row.inline else "no-address"
