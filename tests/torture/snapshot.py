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
_TEXT = (".jsonl", ".json", ".csv", ".md", ".txt", ".toml", ".html")
_TEXT_BYTES = tuple(suffix.encode() for suffix in _TEXT)
_DATABASE = ".sqlite"
_UNCOUNTED = re.compile(r".*(_at|_id|^id|^seq|^n|seconds)$")  # times, and numbers given in order


def snapshot(folder: Path) -> dict[str, str]:
    """Everything below a folder: files by their digest, catalogues by their tables' rows."""
    seen: dict[str, str] = {}
    for path in _entries(folder):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            seen[name] = f"link to {path.readlink()}"
        elif path.name.endswith((f"{_DATABASE}-wal", f"{_DATABASE}-shm", ".lock")):
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
        names = [
            name
            for (name,) in db.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
            )
        ]
        for name in sorted(names):
            columns = [row[1] for row in db.execute(f'PRAGMA table_info("{name}")')]
            kept = [f'"{column}"' for column in columns if not _UNCOUNTED.fullmatch(column)]
            rows = db.execute(f'SELECT {", ".join(kept)} FROM "{name}"').fetchall() if kept else []
            text = "\n".join(sorted(map(repr, rows)))
            text = _TIME.sub(b"TIME", text.encode("utf-8", "replace")).decode("utf-8", "replace")
            held[name] = f"{len(rows)} rows, {hashlib.sha256(text.encode()).hexdigest()}"
    return held
