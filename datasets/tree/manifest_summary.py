"""What a manifest says as a whole: gathered row by row, so that no row need be kept."""

from __future__ import annotations

from collections import Counter
from itertools import groupby
from typing import TYPE_CHECKING, Any

from ..split import SPLITS
from .columns import COLUMNS, column_types, is_typed
from .manifest_row import stood_in_page
from .tables import columns_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


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
        # The names that each row has there, once for rows that have the same.
        self._numbers: dict[str, set[frozenset[str]]] = {
            n: set() for n, k in COLUMNS.items() if k == "numbers"
        }
        self._filled: set[str] | None = None
        self._is_typed = True

    def add(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Take in some rows."""
        for names, alike in groupby(rows, tuple):
            self._columns.add(names)
            self._add_alike(list(alike))

    def _add_alike(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Take in rows that have the same columns in the same order."""
        columns = columns_of(rows)
        nothing = (None,) * len(rows)
        self.counts.update(zip(columns["label"], columns["split"], strict=True))
        licences = [one or "unknown" for one in _texts(columns.get("license", nothing))]
        self.licences.update(licences)
        addresses = _texts(columns.get("license_url", nothing))
        self.licence_addresses.update(
            one or other for one, other in zip(addresses, licences, strict=True)
        )
        fetched = set(_texts(columns.get("fetched_at", nothing))) | {self.newest_fetch}
        self.newest_fetch = max(filter(None, fetched), default=None)
        if self.newest_fetch:
            self.in_page += sum(map(stood_in_page, rows))
        for name, found in self._numbers.items():
            # What is no such value is told where it is typed.
            found.update(map(frozenset, filter(_is_dict, columns.get(name, nothing))))
        before = columns.keys() if self._filled is None else self._filled
        self._filled = {name for name in before if _is_full(columns.get(name, nothing))}
        self._is_typed = self._is_typed and all(
            is_typed(values, COLUMNS.get(name, "text")) for name, values in columns.items()
        )

    @property
    def splits(self) -> tuple[str, ...]:
        """The splits that hold pictures, in the order train, val, test."""
        present = {split for _, split in self.counts}
        return tuple(split for split in SPLITS if split in present)

    @property
    def is_typed(self) -> bool:
        """Whether all rows have the same columns, and no value changes where it is typed."""
        numbers = [self._numbers[name] for name in self.columns() if name in self._numbers]
        alike = all(len(found) == 1 and any(found) for found in numbers)
        return self._is_typed and alike and len(self._columns) == 1

    def columns(self) -> dict[str, str]:
        """The columns of the rows, in the manifest's order, each with its type."""
        return column_types(map(dict.fromkeys, self._columns))

    def number_names(self, column: str) -> tuple[str, ...]:
        """The names that a `numbers` column uses anywhere, sorted."""
        return tuple(sorted(set().union(*self._numbers[column])))

    def is_filled(self, column: str) -> bool:
        """Whether every row has a value there, neither null nor an empty text."""
        return column in (self._filled or ())


def _texts(values: Sequence[Any]) -> list[str | None]:
    """Values as texts, None for what is missing, null or empty."""
    return [None if value is None or value == "" else str(value) for value in values]


def _is_dict(value: object) -> bool:
    return isinstance(value, dict)


def _is_full(values: Sequence[Any]) -> bool:
    return None not in values and "" not in values
