"""One writing process a place: a lock that the operating system drops when its holder dies."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

from ..errors import CannotBeWritten, UsageError
from ..files import plain_error

if TYPE_CHECKING:
    from pathlib import Path

    from filelock import BaseFileLock


class WriterLock:
    """The right to write one dataset, or a store, held until `release` or the process's end."""

    def __init__(self, lock: BaseFileLock, holder: Path) -> None:
        self._lock = lock
        self._holder = holder

    @classmethod
    def take(cls, file: Path, *, what: str = "dataset", option: str = "--into") -> WriterLock:
        """Take the lock beside `file`; raises UsageError where another writer holds it.

        `what` and `option` word the refusal: what is written, and how another is chosen.
        """
        from filelock import FileLock, Timeout  # 30 ms that those who only read do not pay

        path = file.resolve().with_suffix(".lock")
        # The lock's own file is emptied by whoever asks for it: the holder's number lies beside.
        holder = path.with_suffix(".writer")
        lock = FileLock(path, timeout=0, thread_local=False)
        try:
            lock.acquire()
        except Timeout:
            raise UsageError(_refusal(file.parent, holder, what, option)) from None
        except OSError as error:
            raise CannotBeWritten(str(plain_error(error, path))) from error
        with suppress(OSError):  # it only words a refusal
            holder.write_text(f"{os.getpid()}\n", encoding="ascii")
        return cls(lock, holder)

    def release(self) -> None:
        """Give the lock back; its empty file stays, since removing it would race a taker."""
        with suppress(OSError):
            self._holder.unlink(missing_ok=True)
        self._lock.release()


def _refusal(folder: Path, holder: Path, what: str, option: str) -> str:
    number = ""
    with suppress(OSError, ValueError):
        number = holder.read_text(encoding="ascii").strip()
    if number == str(os.getpid()):
        return f"{folder}: this process already writes this {what}"
    return (
        f"{folder}: another pixset (process {number or 'unknown'}) is writing this {what}; "
        f"wait for it, or choose another folder with {option}"
    )
