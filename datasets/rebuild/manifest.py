"""A manifest as a list of what to fetch: checked row by row, read again rather than kept."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..errors import UsageError
from ..exporters.urls import addresses, stood_in_page
from ..names import fault
from ..split import SPLITS
from ..tree.tables import read_jsonl

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class RequestedPicture:
    """A row of the manifest that was checked: its names may safely be used for files."""

    id: str
    label: str
    split: str
    sha256: str
    urls: tuple[str, ...]
    row: Mapping[str, Any] = field(repr=False)
    inline: bool = False


class RequestedSet:
    """All that a manifest lists, as often as it is asked for; a few bytes a row are kept.

    `urls` are the rows' numbers of addresses, `sides` the pairs of (label, split) that have a
    row. Raises UsageError for a damaged manifest, and one without rows.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.urls = bytearray()
        self.sides: set[tuple[str, str]] = set()
        for wanted in self:
            self.urls.append(len(wanted.urls))
            self.sides.add((wanted.label, wanted.split))
        if not self.urls:
            raise UsageError(f"{path}: lists no picture; expected a manifest.jsonl of pixset's")

    def __len__(self) -> int:
        return len(self.urls)

    def __iter__(self) -> Iterator[RequestedPicture]:
        return (_requested(self._path, row) for row in read_jsonl(self._path))


def _requested(manifest: Path, row: dict[str, Any]) -> RequestedPicture:
    digest, label, split = (row.get(key) for key in ("source_sha256", "label", "split"))
    if not isinstance(digest, str) or not re.fullmatch(r"[0-9a-f]{64}", digest):
        raise UsageError(f"{manifest}: source_sha256 {digest!r}: expected 64 hex digits")
    if not isinstance(label, str) or fault(label):
        raise UsageError(f"{manifest}: label {label!r} cannot be a folder: {fault(str(label))}")
    if split not in SPLITS:
        raise UsageError(f"{manifest}: split {split!r}: expected train, val or test")
    inline = stood_in_page(row)
    urls = () if inline else addresses(row)
    return RequestedPicture(digest[:16], label, split, digest, urls, row, inline)
