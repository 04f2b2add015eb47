"""What a manifest says as a whole: gathered row by row, so that no row need be kept."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from ..split import SPLITS
from .columns import COLUMNS, column_types
from .manifest_row import stood_in_page, text_of

if TYPE_CHECKING:
    from collections.abc import Mapping


class ManifestSummary:
    """Counts and columns of the rows that were added.

    `counts` are (label, split) → pictures; `licences` are licences as recorded → pictures, and
    `licence_addresses` their addresses (names where there is none). `newest_fetch` is an ISO
    time, or None; `in_page` counts pictures whose bytes came with a result page.
    """

    def __init__(self) -> None:
        self.counts: Counter[tuple[str, str]] = Counter()
        self.licences: Counter[str] = Counter()
        self.licence_addresses: set[str] = set()
        self.newest_fetch: str | None = None
        self.in_page = 0
        self._columns: set[tuple[str, ...]] = set()
        self._numbers: dict[str, set[str]] = {
            n: set() for n, k in COLUMNS.items() if k == "numbers"
        }
        self._filled: set[str] | None = None

    def add(self, row: Mapping[str, Any]) -> None:
        """Take in one row."""
        self.counts[row["label"], row["split"]] += 1
        licence = text_of(row, "license") or "unknown"
        self.licences[licence] += 1
        self.licence_addresses.add(text_of(row, "license_url") or licence)
        fetched = text_of(row, "fetched_at")
        if fetched and (self.newest_fetch is None or fetched > self.newest_fetch):
            self.newest_fetch = fetched
        self.in_page += stood_in_page(row)
        self._columns.add(tuple(row))
        for name, found in self._numbers.items():
            found.update(row.get(name) or ())
        self._fill(row)

    def _fill(self, row: Mapping[str, Any]) -> None:
        if self._filled is not None:
            values = [row.get(name) for name in self._filled]
            if None not in values and "" not in values:
                return  # as nearly always
        before = row if self._filled is None else self._filled
        self._filled = {name for name in before if row.get(name) not in (None, "")}

    @property
    def splits(self) -> tuple[str, ...]:
        """The splits that hold pictures, in the order train, val, test."""
        present = {split for _, split in self.counts}
        return tuple(split for split in SPLITS if split in present)

    def columns(self) -> dict[str, str]:
        """The columns of the rows, in the manifest's order, each with its type."""
        return column_types(map(dict.fromkeys, self._columns))

    def number_names(self, column: str) -> tuple[str, ...]:
        """The names that a `numbers` column uses anywhere, sorted."""
        return tuple(sorted(self._numbers[column]))

    def is_filled(self, column: str) -> bool:
        """Whether every row has a value there, neither null nor an empty text."""
        return column in (self._filled or ())
