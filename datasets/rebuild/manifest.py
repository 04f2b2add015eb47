"""A manifest as a list of what to fetch: checked row by row, read again rather than kept."""

from __future__ import annotations

import hashlib
import re
from array import array
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from ..errors import UsageError
from ..names import fault
from ..split import SPLITS
from ..tree.json_rows import read_jsonl
from ..tree.manifest_row import addresses, stood_in_page

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

_LISTS = frozenset({".csv", ".tsv", ".txt", ".parquet"})


@dataclass(frozen=True, slots=True)
class RequestedRow:
    """What is kept of a row: its label, and for each of its addresses a short hash.

    `inline` is as in RequestedPicture.
    """

    label: str
    keys: Sequence[int]
    inline: bool


@dataclass(frozen=True, slots=True)
class RequestedPicture:
    """A row of the manifest that was checked: its names may safely be used for files.

    `inline` says that its bytes stood in the result page itself and have no address. A row of
    another list than a manifest may lack a `sha256`.
    """

    id: str
    label: str
    split: str
    sha256: str | None
    urls: tuple[str, ...]
    row: Mapping[str, Any] = field(repr=False)
    inline: bool = False

    @property
    def keys(self) -> tuple[int, ...]:
        """A short hash of each address for this row: 64 bits, the same in every run."""
        return tuple(address_key(self.id, url) for url in self.urls)


class RequestedSet:
    """All that a manifest lists, as often as it is asked for; some ten bytes a row are kept.

    `most` is the largest number of addresses that a row has, `sides` the pairs of (label, split)
    that have a row. Raises UsageError for a damaged manifest, and one without rows.
    """

    def __init__(self, path: Path) -> None:
        if path.suffix.lower() in _LISTS:
            raise UsageError(
                f"{path}: expected a manifest.jsonl of pixset's; a list of addresses is fetched by "
                f"`pixset scale run {path} --store DIR`"
            )
        self._path = path
        self._labels: dict[str, int] = {}
        self._label = array("L")
        self._number = bytearray()  # of addresses
        self._inline = bytearray()
        self._keys = array("Q")
        self.sides: set[tuple[str, str]] = set()
        for wanted in self:
            self._label.append(self._labels.setdefault(wanted.label, len(self._labels)))
            self._number.append(len(wanted.urls))
            self._inline.append(wanted.inline)
            self._keys.extend(wanted.keys)
            self.sides.add((wanted.label, wanted.split))
        if not self._number:
            raise UsageError(f"{path}: lists no picture; expected a manifest.jsonl of pixset's")
        self.most = max(self._number)

    def __iter__(self) -> Iterator[RequestedPicture]:
        return (_requested(self._path, row) for row in read_jsonl(self._path))

    @property
    def keys(self) -> Sequence[int]:
        """A short hash of every address for its row, as `RequestedPicture.keys`."""
        return self._keys

    def rows(self) -> Iterator[RequestedRow]:
        """What is kept of each row, in the manifest's order, which is not read for it."""
        labels, at = list(self._labels), 0
        for label, number, inline in zip(self._label, self._number, self._inline, strict=True):
            yield RequestedRow(labels[label], self._keys[at : at + number], bool(inline))
            at += number


def address_key(row: str, url: str) -> int:
    """A short hash of an address for a row (its id)."""
    text = f"{row} {url}".encode("utf-8", "backslashreplace")
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "big")


_fault = lru_cache(maxsize=1_024)(fault)  # a manifest repeats a handful of labels
_DIGEST = re.compile(r"[0-9a-f]{64}")


def _requested(manifest: Path, row: dict[str, Any]) -> RequestedPicture:
    digest, label, split = (row.get(key) for key in ("source_sha256", "label", "split"))
    if not isinstance(digest, str) or not _DIGEST.fullmatch(digest):
        raise UsageError(f"{manifest}: source_sha256 {digest!r}: expected 64 hex digits")
    if not isinstance(label, str) or _fault(label):
        raise UsageError(f"{manifest}: label {label!r} cannot be a folder: {fault(str(label))}")
    if split not in SPLITS:
        raise UsageError(f"{manifest}: split {split!r}: expected train, val or test")
    inline = stood_in_page(row)
    urls = () if inline else addresses(row)
    return RequestedPicture(digest[:16], label, split, digest, urls, row, inline)
