"""One TOML table being read: each key asked for by type, and the rest reported by name."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from ..errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


class Table:
    """A table of `file` under the dotted key `path`; `done` refuses keys nobody asked for."""

    def __init__(self, file: str, path: str, data: Mapping[str, object]) -> None:
        self._file = file
        self._path = path
        self._data = data
        self._asked: set[str] = set()

    def wrong(self, key: str, expected: str) -> UsageError:
        """The error for `key`: one line with file, key and what was expected."""
        where = ".".join(part for part in (self._path, key) if part)
        return UsageError(f"{self._file}: {where}: expected {expected.removeprefix('expected ')}")

    def names(self) -> tuple[str, ...]:
        """The keys that stand here."""
        return tuple(self._data)

    def done(self) -> None:
        """Refuse the first key that nobody asked for, with the nearest known one."""
        for key in self._data:
            if key not in self._asked:
                near = difflib.get_close_matches(key, self._asked, n=1)
                known = f"did you mean {near[0]!r}?" if near else f"known: {_listed(self._asked)}"
                raise self.wrong(key, f"no such key; {known}")

    def text(self, key: str) -> str | None:
        """A text that is not empty."""
        value = self._get(key)
        if value is None:
            return None
        if not isinstance(value, str) or not value.strip():
            raise self.wrong(key, 'a text in quotes, as in "pizza"')
        return value.strip()

    def texts(self, key: str, otherwise: tuple[str, ...] = ()) -> tuple[str, ...]:
        """A list of texts."""
        value = self._get(key)
        if value is None:
            return otherwise
        if not isinstance(value, list) or not all(isinstance(v, str) and v.strip() for v in value):
            raise self.wrong(key, 'a list of texts, as in ["logo", "clipart"]')
        return tuple(v.strip() for v in value)

    def choice(self, key: str, known: Sequence[str]) -> str | None:
        """One of `known`."""
        value = self._get(key)
        if value is None:
            return None
        if value not in known:
            raise self.wrong(key, _one_of(value, known))
        return str(value)

    def choices(
        self, key: str, known: Sequence[str], otherwise: tuple[str, ...] = ()
    ) -> tuple[str, ...]:
        """A list of some of `known`."""
        chosen = self.texts(key, otherwise)
        for value in chosen:
            if value not in known:
                raise self.wrong(key, _one_of(value, known))
        return tuple(dict.fromkeys(chosen))

    def count(self, key: str, least: int = 1) -> int | None:
        """A whole number, `least` or more."""
        value = self._get(key)
        if value is None:
            return None
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            raise self.wrong(key, f"a whole number, {least} or more")
        return value

    def counts(self, key: str) -> list[int]:
        """A list of whole numbers, 1 or more."""
        value = self._get(key)
        if value is None:
            return []
        if not isinstance(value, list) or not all(type(v) is int and v >= 1 for v in value):
            raise self.wrong(key, "a list of whole numbers, as in [400, 800]")
        return value

    def number(self, key: str, least: float, most: float) -> float | None:
        """A number from `least` to `most`."""
        value = self._get(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.wrong(key, f"a number from {least:g} to {most:g}")
        if not least <= value <= most:
            raise self.wrong(key, f"a number from {least:g} to {most:g}")
        return float(value)

    def flag(self, key: str) -> bool | None:
        """true or false."""
        value = self._get(key)
        if value is None or isinstance(value, bool):
            return value
        raise self.wrong(key, "true or false")

    def switch_or_number(self, key: str) -> float | bool | None:
        """A threshold, or true / false for on (as it comes) and off."""
        value = self._get(key)
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, int | float):
            return float(value)
        raise self.wrong(key, "a threshold (number), or false to switch the check off")

    def pairs(self, key: str) -> tuple[tuple[str, str], ...]:
        """A list of pairs of texts."""
        value = self._get(key)
        if value is None:
            return ()
        expected = 'a list of pairs, as in [["beach", "coast"]]'
        if not isinstance(value, list):
            raise self.wrong(key, expected)
        pairs: list[tuple[str, str]] = []
        for pair in value:
            if (
                not isinstance(pair, list)
                or len(pair) != 2
                or not all(isinstance(v, str) for v in pair)
                or pair[0] == pair[1]
            ):
                raise self.wrong(key, expected)
            pairs.append((pair[0], pair[1]))
        return tuple(pairs)

    def table(self, key: str) -> Table:
        """The table under `key`, an empty one where there is none."""
        value = self._get(key)
        if value is None:
            value = {}
        if not isinstance(value, dict):
            raise self.wrong(key, f"a table, as in [{key}]")
        return self._under(key, value)

    def tables(self) -> Iterator[tuple[str, Table]]:
        """Every entry here as a table of its own."""
        for key in self._data:
            yield key, self.table(key)

    def entries(self, key: str) -> Iterator[str | Table]:
        """A list whose entries are texts or tables."""
        value = self._get(key)
        expected = 'a list of terms or tables, as in ["pizza", { term = "pizza", lang = "it" }]'
        if value is None:
            return
        if not isinstance(value, list):
            raise self.wrong(key, expected)
        for number, entry in enumerate(value, start=1):
            if isinstance(entry, str) and entry.strip():
                yield entry.strip()
            elif isinstance(entry, dict):
                yield self._under(f"{key}[{number}]", entry)
            else:
                raise self.wrong(f"{key}[{number}]", expected)

    def _get(self, key: str) -> object:
        self._asked.add(key)
        return self._data.get(key)

    def _under(self, key: str, data: Mapping[str, object]) -> Table:
        return Table(self._file, ".".join(p for p in (self._path, key) if p), data)


def _listed(names: set[str]) -> str:
    return ", ".join(sorted(names)) or "none"


def _one_of(value: object, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(str(value), known, n=1)
    hint = f" (did you mean {near[0]!r}?)" if near else ""
    return f"one of {', '.join(known)}, not {value!r}{hint}"
