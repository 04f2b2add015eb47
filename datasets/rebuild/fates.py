"""What became of each address: a line in `fates.jsonl`, and a few bytes in memory.

A list of 50,000 addresses costs about as much memory as one of 1,000: of an address that was
asked the log remembers where its line stands and how it ended, and reads the line when asked.
"""

from __future__ import annotations

import hashlib
import json
import logging
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Final

from ...scraper.errors import FetchFailed
from ..errors import UsageError
from ..files import write_file

if TYPE_CHECKING:
    from pathlib import Path

    from ...scraper.fetch import Fetched
    from .manifest import RequestedPicture

_log = logging.getLogger(__name__)
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


class FateLog:
    """The fates of one folder. Use it on one thread, and `close` it; it can be read after that."""

    def __init__(self, into: Path, *, retry: bool) -> None:
        self._into = into
        self._path = into / "fates.jsonl"
        self._retry = retry
        self._writer: IO[bytes] | None = None
        self._reader: IO[bytes] | None = None
        self._end = 0
        # An address for a row, as a short hash → where its newest line begins, times four, plus
        # its fate's place in ORDER.
        self._known: dict[int, int] = {}
        self._read_all()

    @property
    def is_empty(self) -> bool:
        """Whether no address has a fate yet."""
        return not self._known

    def must_ask(self, wanted: RequestedPicture, url: str) -> bool:
        """Whether this address is still to be asked for this row."""
        if self.is_empty:
            return True
        if self._has_file(wanted):
            return False
        known = self._known.get(_key(wanted.id, url))
        return known is None or self._retry or ORDER[known % 4] == "same"  # its file is gone

    def settle(self, wanted: RequestedPicture, url: str, result: Fetched | FetchFailed) -> None:
        """Record what an address gave; the picture is in place before its line is."""
        if isinstance(result, FetchFailed):
            if result.reason != "stopped":  # which was not asked to the end: no fate
                self._add(AddressFate(wanted.id, url, "failed", result.reason, result.status))
            return
        digest = hashlib.sha256(result.data).hexdigest()
        if digest != wanted.sha256:
            self._add(AddressFate(wanted.id, url, "changed", None, result.status, digest))
            return
        name = f"images/{wanted.label}/{wanted.id}.{result.extension}"
        write_file(self._into / name, result.data)
        self._add(AddressFate(wanted.id, url, "same", None, result.status, digest, name))

    def fate_of(self, wanted: RequestedPicture) -> AddressFate:
        """The fate that counts for a row: the best of its addresses'."""
        known = (self._known.get(_key(wanted.id, url)) for url in wanted.urls)
        found = [one for one in known if one is not None]
        if not found:
            without = "inline" if wanted.inline else "no-address"
            return AddressFate(wanted.id, None, "failed" if wanted.urls else without)
        best = min(found, key=lambda one: one % 4)
        if self._reader is None:
            self._reader = self._path.open("rb")
        self._reader.seek(best // 4)
        return AddressFate(**json.loads(self._reader.readline()))

    def close(self) -> None:
        """Give the files back; what was settled is on disk already."""
        for file in (self._writer, self._reader):
            if file is not None:
                file.close()
        self._writer = self._reader = None

    def _has_file(self, wanted: RequestedPicture) -> bool:
        fate = self.fate_of(wanted)
        return fate.file is not None and (self._into / fate.file).is_file()

    def _add(self, fate: AddressFate) -> None:
        if self._writer is None:
            self._writer = self._path.open("ab", buffering=0)  # a kill loses no line
        line = {name: getattr(fate, name) for name in AddressFate.__slots__}
        data = (json.dumps(line, ensure_ascii=False) + "\n").encode("utf-8", "backslashreplace")
        self._writer.write(data)
        self._remember(fate.id, fate.url, fate.fate, self._end)
        self._end += len(data)

    def _remember(self, row: str, url: str | None, fate: str, at: int) -> None:
        self._known[_key(row, url)] = at * 4 + ORDER.index(fate)

    def _read_all(self) -> None:
        """Read the fates on record; a line torn by a kill is cut off, so that the next is whole."""
        if not self._path.is_file():
            return
        data = self._path.read_bytes()
        whole = data[: data.rfind(b"\n") + 1]
        if len(whole) < len(data):
            _log.info("%s: the last line was torn and is asked again", self._path)
            write_file(self._path, whole)
        try:
            for line in whole.splitlines(keepends=True):
                fate = AddressFate(**json.loads(line))
                self._remember(fate.id, fate.url, fate.fate, self._end)
                self._end += len(line)
        except (ValueError, TypeError):
            raise UsageError(
                f"{self._path}: not the fates of a rebuild: choose another --into"
            ) from None


def _key(row: str, url: str | None) -> int:
    text = f"{row} {url}".encode("utf-8", "backslashreplace")
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "big")
