"""Rows as values: a table's columns are spelled once, by the fields of what they hold."""

from __future__ import annotations

import json
from dataclasses import fields
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence

    from .store import Catalogue, Value

T = TypeVar("T")
# A picture's small number by its digest, as named parameters `:sha256` have it.
IMAGE = "(SELECT id FROM image_row WHERE sha256 = :sha256)"
SHA256 = "lower(hex({}.sha256))"
MOMENT = "strftime('%Y-%m-%dT%H:%M:%S+00:00', {}, 'unixepoch')"


def names(kind: Any) -> tuple[str, ...]:
    """The fields of a dataclass, in their order."""
    return _names(kind)


@cache
def _names(kind: Hashable) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))  # type: ignore[arg-type]  # a dataclass


def read(
    cat: Catalogue, kind: type[T], source: str, values: Sequence[Value] = (), **spelled: str
) -> list[T]:
    """The rows that `FROM …` gives, as values of the dataclass `kind`.

    Each field is read from the column of its name, or from the expression `spelled` gives it.
    """
    columns = ", ".join(spelled.get(name, name) for name in names(kind))
    return [kind(*row) for row in cat.rows(f"SELECT {columns} {source}", values)]


def columns(
    cat: Catalogue, names: Sequence[str], source: str, values: Mapping[str, Value]
) -> list[list[int]]:
    """The columns of numbers that `FROM …` gives, each whole: half of what rows cost."""
    arrays = ", ".join(f"json_group_array({name})" for name in names)
    (row,) = cat.rows(f"SELECT {arrays} {source}", values)
    return [json.loads(column) for column in row]


def insert(table: str, columns: Iterable[str], then: str = "", **spelled: str) -> str:
    """INSERT into `columns` from parameters of their names, or from what `spelled` gives."""
    columns = tuple(columns)
    values = ", ".join(spelled.get(name, f":{name}") for name in columns)
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({values}) {then}"


def among(column: str, only: Collection[int] | None) -> tuple[str, dict[str, Value]]:
    """A condition that `column` is one of these numbers, and its parameter; of None: a true one."""
    if only is None:
        return "1", {}
    return f"{column} IN (SELECT value FROM json_each(:only))", {"only": json.dumps(list(only))}


def values(one: object, **more: Value) -> Mapping[str, Value]:
    """A dataclass's fields as named parameters, with `more` beside or in their place."""
    return {name: getattr(one, name) for name in names(type(one))} | more
