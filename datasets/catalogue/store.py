"""Opening, migrating, locking and writing the one SQLite file behind a dataset folder.

One process writes a dataset at a time, and in it one thread: the lock beside the catalogue is
the operating system's, so a killed process leaves none behind. Readers (`pixset status` while
a scrape runs) need no lock: the journal is a write-ahead log.

A reader leaves a dataset that cannot be written (a read-only or full disk, somebody else's folder)
as it is: it reads a copy of the catalogue in the temporary folder.
"""

from __future__ import annotations

import logging
import shutil
import sqlite3
import tempfile
import time
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from ..errors import CannotBeWritten, DatasetError, DiskFull, UsageError
from ..files import make_folder
from .border import in_one_line
from .lock import WriterLock
from .schema import MIGRATIONS, PAGE_SIZE, Migration

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

Value = str | int | float | bytes | None
Row = sqlite3.Row
_log = logging.getLogger(__name__)

_NEEDS = (3, 37, 0)  # the first SQLite with STRICT tables
_BUSY_MS = 10_000
_AT_ONCE = 1_000  # rows fetched at once
# What a migration finds in tables and rows that no pixset wrote so.
_OTHERS_WORK = (sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CONSTRAINT)


def now() -> str:
    """This moment as UTC ISO-8601 with seconds, the catalogue's spelling of time."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def require_strict(version: tuple[int, ...] = sqlite3.sqlite_version_info) -> None:
    """Raise UsageError where this Python's SQLite has no STRICT tables."""
    if version < _NEEDS:
        have, need = (".".join(map(str, v)) for v in (version, _NEEDS))
        raise UsageError(
            f"this Python's SQLite is {have}, pixset needs {need} or newer: "
            "use a newer Python (python.org, conda, uv)"
        )


def seconds() -> int:
    """This moment as whole seconds since 1970, as most rows hold it."""
    return int(time.time())


class Catalogue:
    """One dataset's catalogue, open in one thread. Use as a context manager.

    SQL stays in this package: `rows` and `execute` are for the modules beside this one.
    """

    def __init__(
        self,
        path: Path,
        connection: sqlite3.Connection,
        closing_too: ExitStack,
        when_closed: ExitStack,
    ) -> None:
        self.path = path
        self._connection = connection
        self._closing_too = closing_too
        self._when_closed = when_closed
        self._depth = 0

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        create: bool = False,
        write: bool = True,
        steps: Sequence[Migration] = MIGRATIONS,
    ) -> Catalogue:
        """Open the catalogue at `path`, brought up to date.

        `create` makes the file (and folder) where there is none; `write=False` reads only,
        beside a running writer. Raises UsageError for: no such file, no catalogue of ours,
        a catalogue that is damaged or newer than this code, a dataset that another process is
        writing.
        """
        require_strict()
        if not create and not path.is_file():
            if path.exists():
                raise UsageError(f"{path}: not a catalogue, but a folder or a device")
            raise UsageError(f"{path}: no catalogue here; `pixset scrape --term …` makes one")
        if create:
            make_folder(path.parent)
        with ExitStack() as undoing:  # what is open is closed again, unless all goes well
            if write:
                undoing.callback(WriterLock.take(path).release)
            when_closed = undoing.enter_context(ExitStack())
            if write:
                connection = undoing.enter_context(closing(_connect(path, write=True)))
                _migrate(connection, path, steps)
            else:
                connection = undoing.enter_context(closing(_reading(path, steps, undoing)))
            return cls(path, connection, undoing.pop_all(), when_closed)

    @contextmanager
    def transaction(self) -> Iterator[Self]:
        """All or nothing; a transaction inside one joins it."""
        if self._depth:
            yield self
            return
        # The connection's own `with` commits, or rolls back what a full disk has not already.
        with in_one_line(self.path), self._connection:
            self._connection.execute("BEGIN IMMEDIATE")
            self._depth = 1
            try:
                yield self
            finally:
                self._depth = 0

    @contextmanager
    def snapshot(self) -> Iterator[Self]:
        """Read one state of the catalogue, whatever is written meanwhile."""
        with in_one_line(self.path):
            self._connection.execute("BEGIN")
            try:
                yield self
            finally:
                self._connection.execute("COMMIT")

    def execute(self, sql: str, values: Sequence[Value] | Mapping[str, Value] = ()) -> int:
        """Run one statement; returns the number of rows it changed."""
        with in_one_line(self.path):
            return self._connection.execute(sql, values).rowcount

    def insert(self, sql: str, values: Sequence[Value] | Mapping[str, Value] = ()) -> int:
        """Run one INSERT; returns the new row's number."""
        with in_one_line(self.path):
            return self._connection.execute(sql, values).lastrowid or 0

    def execute_many(
        self, sql: str, values: Iterable[Sequence[Value] | Mapping[str, Value]]
    ) -> None:
        """Run one statement for each row of values."""
        with in_one_line(self.path):
            self._connection.executemany(sql, values)

    def rows(self, sql: str, values: Sequence[Value] | Mapping[str, Value] = ()) -> list[Row]:
        """The rows a query gives; columns by name or position."""
        with in_one_line(self.path):
            return self._connection.execute(sql, values).fetchall()

    def each(
        self, sql: str, values: Sequence[Value] | Mapping[str, Value] = ()
    ) -> Iterator[tuple[Any, ...]]:
        """The rows a query gives, for many of them: a few at a time, columns by position."""
        with in_one_line(self.path), closing(self._connection.cursor()) as cursor:
            cursor.row_factory = None
            cursor.execute(sql, values)
            while some := cursor.fetchmany(_AT_ONCE):
                yield from some

    def value(self, sql: str, values: Sequence[Value] | Mapping[str, Value] = ()) -> Value:
        """The first column of the first row, None where there is none."""
        rows = self.rows(sql, values)
        found: Value = rows[0][0] if rows else None
        return found

    def shrink(self) -> None:
        """Write the file anew without what was deleted, so that nothing of it is left on disk."""
        with in_one_line(self.path):
            _write_anew(self._connection)

    def when_closed(self, call: Callable[[], None]) -> None:
        """Call once the file is closed, before the next writer is let in."""
        self._when_closed.callback(call)

    def close(self) -> None:
        """Close the file, then let the next writer in."""
        self._closing_too.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _connect(path: Path, *, write: bool) -> sqlite3.Connection:
    # A reader opens read-write too: a WAL left by a killed writer must be recovered first.
    with in_one_line(path):
        connection = sqlite3.connect(path, timeout=_BUSY_MS / 1000, isolation_level=None)
        connection.row_factory = sqlite3.Row
        try:
            connection.execute(f"PRAGMA busy_timeout = {_BUSY_MS}")
            if write:
                connection.execute(f"PRAGMA page_size = {PAGE_SIZE}")  # of a file that is new
                connection.execute("PRAGMA journal_mode = WAL")
            # NORMAL in WAL mode survives a killed process; a power cut loses at most the last
            # transactions, whose pictures are then found on disk and recorded again.
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute("PRAGMA foreign_keys = ON")
            if not write:
                connection.execute("PRAGMA query_only = ON")
        except sqlite3.Error:
            connection.close()
            raise
        except UnicodeDecodeError as error:  # of what SQLite says, which quotes the damage
            connection.close()
            raise sqlite3.DatabaseError("its schema is damaged") from error
        return connection


def _reading(path: Path, steps: Sequence[Migration], stack: ExitStack) -> sqlite3.Connection:
    """A connection that reads an up-to-date catalogue: this one, or where it cannot be, a copy."""
    try:
        with in_one_line(path):
            connection = _connect(path, write=False)
            try:
                if _version(connection, path, steps) == len(steps):
                    # The first read of a write-ahead log needs to write beside it, too.
                    connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone()
                    return connection
            except BaseException:
                connection.close()
                raise
            connection.close()
        Catalogue.open(path, steps=steps).close()  # an older one is brought up to date first
        return _connect(path, write=False)
    except (CannotBeWritten, DiskFull):
        copy = _copied(path, stack)
    Catalogue.open(copy, steps=steps).close()
    return _connect(copy, write=False)


def _copied(path: Path, stack: ExitStack) -> Path:
    """The catalogue and its write-ahead log, copied to where they can be written."""
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="pixset-catalogue-")))
    for file in (path, path.with_name(f"{path.name}-wal")):
        if file.is_file():
            shutil.copyfile(file, folder / file.name)
    return folder / path.name


def _version(connection: sqlite3.Connection, path: Path, steps: Sequence[Migration]) -> int:
    """How many migrations a catalogue has; raises UsageError for one that is not ours."""
    done = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if done > len(steps):
        raise UsageError(
            f"{path}: written by a newer pixset (catalogue version {done}, this one knows "
            f"{len(steps)}): upgrade pixset"
        )
    if done == 0 and connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone():
        raise UsageError(f"{path}: an SQLite file, but no catalogue of pixset's")
    return done


def _migrate(connection: sqlite3.Connection, path: Path, steps: Sequence[Migration]) -> None:
    with in_one_line(path):
        done = _version(connection, path, steps)
        for number, step in enumerate(steps[done:], start=done + 1):
            try:
                _apply(connection, number, step)
            except sqlite3.Error as error:
                if error.sqlite_errorcode & 0xFF not in _OTHERS_WORK:
                    raise
                raise sqlite3.DatabaseError(f"{step.name}: {error}") from error
    if done and any(step.rewrites for step in steps[done:]):
        try:
            with in_one_line(path):
                _write_anew(connection)
        except DatasetError as error:  # a full disk: larger than need be is as good
            _log.warning("the catalogue keeps its size: %s", error)


def _apply(connection: sqlite3.Connection, number: int, step: Migration) -> None:
    with connection:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute(
            "CREATE TABLE IF NOT EXISTS migration "
            "(number INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at TEXT NOT NULL) STRICT"
        )
        for statement in step.statements:
            connection.execute(statement)
        if step.carry is not None:
            step.carry(connection)
        connection.execute("INSERT INTO migration VALUES (?, ?, ?)", (number, step.name, now()))
        connection.execute(f"PRAGMA user_version = {number:d}")


def _write_anew(connection: sqlite3.Connection) -> None:
    # A write-ahead log fixes the page size, and would keep what was deleted.
    connection.execute("PRAGMA journal_mode = DELETE")
    try:
        connection.execute(f"PRAGMA page_size = {PAGE_SIZE}")
        connection.execute("VACUUM")
    finally:
        connection.execute("PRAGMA journal_mode = WAL")
