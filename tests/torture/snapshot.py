"""What a run leaves, in a form that two runs can be compared by: without times, in order."""

from __future__ import annotations

import hashlib
import os
import re
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_TIME = re.compile(rb"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)?)?")
_STATE = re.compile(  # digests of sizes, times and inodes
    rb'("(?:state|sources|tree|catalogue)": )"[0-9a-f]+"'
)
_TEXT = (".jsonl", ".json", ".csv", ".md", ".txt", ".toml", ".html")
_TEXT_BYTES = tuple(suffix.encode() for suffix in _TEXT)
_DATABASE = ".sqlite"
# Locks, what SQLite keeps beside a catalogue, and which pairs a folder remembers: a run that was
# killed has compared them in other company, and deciding again from there is what is compared.
_UNTOLD = (f"{_DATABASE}-wal", f"{_DATABASE}-shm", ".lock", ".pairs.pixset-cache.jsonl")
_UNCOUNTED = re.compile(r".*(_at|_id|^id|^seq|^n|seconds)$")  # times, and numbers given in order


def snapshot(folder: Path) -> dict[str, str]:
    """Everything below a folder: files by their digest, catalogues by their tables' rows."""
    seen: dict[str, str] = {}
    for path in _entries(folder):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            seen[name] = f"link to {path.readlink()}"
        elif path.name.endswith(_UNTOLD):
            continue
        elif path.suffix == _DATABASE:
            seen |= {f"{name}: {table}": rows for table, rows in _tables(path).items()}
        else:
            seen[name] = _digest(path, os.fsencode(folder))
    return seen


def differences(one: dict[str, str], two: dict[str, str]) -> list[str]:
    """What differs, a line each: missing from `two`, added there, or not the same."""
    lines = [f"missing: {name}" for name in one if name not in two]
    lines += [f"added: {name}" for name in two if name not in one]
    lines += [f"differs: {name}" for name in one if name in two and one[name] != two[name]]
    return sorted(lines)


def _entries(folder: Path) -> Iterator[Path]:
    for parent, folders, names in os.walk(folder):
        folders.sort()
        here = folder / os.path.relpath(parent, folder)
        yield from (here / name for name in sorted(names))
        yield from (here / name for name in folders if (here / name).is_symlink())


def _digest(path: Path, home: bytes) -> str:
    data = path.read_bytes()
    if path.name == "fates.jsonl":  # in order of arrival
        data = b"\n".join(sorted(data.splitlines()))
    if path.name.endswith((".ready.json", ".curated.json")):
        data = _STATE.sub(rb"\1STATE", data)
    if path.name == "SHA256SUMS":  # the sums of files that hold times differ with them
        kept = [line for line in data.splitlines() if not line.endswith(_TEXT_BYTES)]
        data = b"\n".join(kept)
    if path.suffix in _TEXT:
        data = _TIME.sub(b"TIME", data).replace(home, b"HOME")
    return f"{len(data)} bytes, {hashlib.sha256(data).hexdigest()}"


def _tables(path: Path) -> dict[str, str]:
    held: dict[str, str] = {}
    with closing(sqlite3.connect(path)) as db:
        health = db.execute("PRAGMA integrity_check").fetchone()[0]
        broken = db.execute("PRAGMA foreign_key_check").fetchall()
        held["health"] = f"{health}, {len(broken)} broken references"
        held |= {name: _told(rows) for name, rows in contents(db).items()}
    return held


def contents(db: sqlite3.Connection) -> dict[str, list[str]]:
    """Table → its rows in order, without times and numbers; a reference is the row it names.

    Ids are given in order of arrival, which threads, hosts and kills decide: two catalogues
    with the same content may number it otherwise.
    """
    names = [
        name
        for (name,) in db.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        )
    ]
    reader = _Reader(db)
    return {name: sorted(map(repr, reader.rows(name).values())) for name in sorted(names)}


class _Reader:
    """One catalogue's rows, by table and key, each read once."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._read: dict[str, dict[object, tuple[object, ...]]] = {}

    def rows(self, table: str) -> dict[object, tuple[object, ...]]:
        """Key (the single column that is the primary key, else a number) → row, told in full."""
        if table in self._read:
            return self._read[table]
        info = self._db.execute(f'PRAGMA table_info("{table}")').fetchall()
        keys = [row[1] for row in info if row[5]]
        columns = [row[1] for row in info]
        names = {row[3]: row[2] for row in self._db.execute(f'PRAGMA foreign_key_list("{table}")')}
        told: dict[object, tuple[object, ...]] = {}
        self._read[table] = told  # a step refers to an earlier one
        order = f" ORDER BY {keys[0]}" if len(keys) == 1 else ""
        for number, row in enumerate(self._db.execute(f'SELECT * FROM "{table}"{order}')):
            given = dict(zip(columns, row, strict=True))
            key = given[keys[0]] if len(keys) == 1 else number
            values = {
                column: self._value(names.get(column), value)
                for column, value in given.items()
                if column in names or not _UNCOUNTED.fullmatch(column)
            }
            if {"a", "b"} <= names.keys():  # a pair, in order of its ids
                values["a"], values["b"] = sorted((values["a"], values["b"]), key=repr)
            told[key] = tuple(values.values())
        return told

    def _value(self, table: str | None, value: object) -> object:
        if table is None or value is None:
            return value
        return (table, self.rows(table).get(value, "of no row"))


def _told(rows: list[str]) -> str:
    text = _TIME.sub(b"TIME", "\n".join(rows).encode("utf-8", "replace"))
    return f"{len(rows)} rows, {hashlib.sha256(text).hexdigest()}"
