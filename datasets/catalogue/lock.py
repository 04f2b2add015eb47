"""One writing process a dataset: a lock that the operating system drops when its holder dies."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from ..errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

# A POSIX record lock belongs to the whole process and is lost when any descriptor of the file
# is closed, so a second opening in the same process must be refused here, by name.
_held: set[Path] = set()


class WriterLock:
    """The right to write one catalogue, held until `release` or the process's end."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self._path = path
        self._descriptor = descriptor

    @classmethod
    def take(cls, catalogue: Path) -> WriterLock:
        """Take the lock beside `catalogue`; raises UsageError where another writer holds it."""
        path = catalogue.resolve().with_suffix(".lock")
        if path in _held:
            raise UsageError(f"{catalogue.parent}: this process already writes this dataset")
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            raise UsageError(f"{path}: cannot be written ({error.strerror})") from error
        if not _lock(descriptor):
            holder = os.read(descriptor, 32).decode("ascii", "replace").strip() or "unknown"
            os.close(descriptor)
            raise UsageError(
                f"{catalogue.parent}: another pixset (process {holder}) is writing this dataset; "
                "wait for it, or choose another folder with --into"
            )
        os.ftruncate(descriptor, 0)
        os.lseek(descriptor, 0, os.SEEK_SET)
        os.write(descriptor, f"{os.getpid()}\n".encode())
        _held.add(path)
        return cls(path, descriptor)

    def release(self) -> None:
        """Give the lock back; the empty file stays, since removing it would race a taker."""
        if self._path in _held:
            _held.discard(self._path)
            os.close(self._descriptor)


if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> bool:
        os.lseek(descriptor, 1 << 20, os.SEEK_SET)  # a locked byte cannot be read by others
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        finally:
            os.lseek(descriptor, 0, os.SEEK_SET)
        return True

else:
    import fcntl

    def _lock(descriptor: int) -> bool:
        # lockf, not flock: a forked worker does not inherit it, so none can outlive the writer.
        try:
            fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True
