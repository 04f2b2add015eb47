"""Opening, migrating, locking and writing the one SQLite file behind a dataset folder.

One process writes a dataset at a time, and in it one thread: the lock beside the catalogue is
the operating system's, so a killed process leaves none behind. Readers (`pixset status` while
a scrape runs) need no lock: the journal is a write-ahead log.
"""

from __future__ import annotations

import sqlite3
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Self

from ..errors import DatasetError, UsageError
from .lock import WriterLock
from .schema import MIGRATIONS, Step

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path
    from types import TracebackType

Value = str | int | float | bytes | None
Row = sqlite3.Row

_NEEDS = (3, 37, 0)  # the first SQLite with STRICT tables
_BUSY_MS = 10_000


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


class Catalogue:
    """One dataset's catalogue, open in one thread. Use as a context manager.

    SQL stays in this package: `rows` and `execute` are for the modules beside this one.
    """

    def __init__(self, path: Path, connection: sqlite3.Connection, lock: WriterLock | None) -> None:
        self.path = path
        self._connection = connection
        self._lock = lock
        self._depth = 0

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        create: bool = False,
        write: bool = True,
        steps: Sequence[Step] = MIGRATIONS,
    ) -> Catalogue:
        """Open the catalogue at `path`, brought up to date.

        `create` makes the file (and folder) where there is none; `write=False` reads only,
        beside a running writer. Raises UsageError for: no such file, no catalogue of ours,
        a catalogue newer than this code, a dataset that another process is writing.
        """
        require_strict()
        if not create and not path.is_file():
            raise UsageError(f"{path}: no catalogue here; `pixset scrape --term …` makes one")
        if create:
            path.parent.mkdir(parents=True, exist_ok=True)
        with ExitStack() as undoing:  # what is open is closed again, unless all goes well
            lock = WriterLock.take(path) if write else None
            if lock is not None:
                undoing.callback(lock.release)
            connection = undoing.enter_context(closing(_connect(path, write=write)))
            _migrate(connection, path, steps, write=write)
            undoing.pop_all()
        return cls(path, connection, lock)

    @contextmanager
    def transaction(self) -> Iterator[Self]:
        """All or nothing; a transaction inside one joins it."""
        if self._depth:
            yield self
            return
        # The connection's own `with` commits, or rolls back what a full disk has not already.
        with _named(self.path), self._connection:
            self._connection.execute("BEGIN IMMEDIATE")
            self._depth = 1
            try:
                yield self
            finally:
                self._depth = 0

    def execute(self, sql: str, values: Sequence[Value] | dict[str, Value] = ()) -> int:
        """Run one statement; returns the number of rows it changed."""
        with _named(self.path):
            return self._connection.execute(sql, values).rowcount

    def execute_many(self, sql: str, values: Iterable[Sequence[Value]]) -> None:
        """Run one statement for each row of values."""
        with _named(self.path):
            self._connection.executemany(sql, values)

    def rows(self, sql: str, values: Sequence[Value] | dict[str, Value] = ()) -> list[Row]:
        """The rows a query gives; columns by name or position."""
        with _named(self.path):
            return self._connection.execute(sql, values).fetchall()

    def close(self) -> None:
        """Close the file, then let the next writer in."""
        self._connection.close()
        if self._lock is not None:
            self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _connect(path: Path, *, write: bool) -> sqlite3.Connection:
    # A reader opens read-write too: a WAL left by a killed writer must be recovered first.
    with _named(path):
        connection = sqlite3.connect(path, timeout=_BUSY_MS / 1000, isolation_level=None)
        connection.row_factory = sqlite3.Row
        try:
            connection.execute(f"PRAGMA busy_timeout = {_BUSY_MS}")
            if write:
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
        return connection


def _migrate(
    connection: sqlite3.Connection, path: Path, steps: Sequence[Step], *, write: bool
) -> None:
    with _named(path):
        done = int(connection.execute("PRAGMA user_version").fetchone()[0])
        if done > len(steps):
            raise UsageError(
                f"{path}: written by a newer pixset (catalogue version {done}, this one knows "
                f"{len(steps)}): upgrade pixset"
            )
        if done < len(steps) and not write:
            raise UsageError(
                f"{path}: an older catalogue (version {done} of {len(steps)}): run any writing "
                "command once, such as `pixset dedupe`, to bring it up to date"
            )
        if done == 0 and connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone():
            raise UsageError(f"{path}: an SQLite file, but no catalogue of pixset's")
        for number, step in enumerate(steps[done:], start=done + 1):
            _apply(connection, number, step)


def _apply(connection: sqlite3.Connection, number: int, step: Step) -> None:
    with connection:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute(
            "CREATE TABLE IF NOT EXISTS migration "
            "(number INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at TEXT NOT NULL) STRICT"
        )
        for statement in step.statements:
            connection.execute(statement)
        connection.execute("INSERT INTO migration VALUES (?, ?, ?)", (number, step.name, now()))
        connection.execute(f"PRAGMA user_version = {number:d}")


@contextmanager
def _named(path: Path) -> Iterator[None]:
    """SQLite's errors stop here: each becomes one line that says what to do."""
    try:
        yield
    except sqlite3.OperationalError as error:
        what = str(error)
        if "full" in what:
            raise DatasetError(
                f"{path}: the disk is full; what is done is kept, make room and run again"
            ) from error
        if "readonly" in what or "unable to open" in what:
            raise UsageError(
                f"{path}: cannot be written ({what}): check its permissions"
            ) from error
        raise DatasetError(f"{path}: SQLite says: {what}") from error
    except sqlite3.IntegrityError:
        raise  # a broken promise is a bug to be seen, not a line to be read
    except sqlite3.DatabaseError as error:
        raise UsageError(f"{path}: not a catalogue that can be read ({error})") from error
