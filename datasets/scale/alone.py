"""One run at a time into a store: two would ask hosts twice and write into one another's parts.

A folder is held by the operating system's lock. An object store has none: a run writes one object
there again and again, and whoever finds it looks whether it changes. No clock is compared.
"""

from __future__ import annotations

import json
import os
import socket
import threading
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING
from uuid import uuid4

from ..catalogue.lock import WriterLock
from ..errors import DatasetError, UsageError
from ..files import make_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .store import Store

_BESIDE = "run"  # of the lock in a folder
_NAME = "plan/run.json"
_BEAT = 5.0  # seconds between two writes
_SILENT = 3  # beats without which a run is taken for killed
_SETTLE = 0.4  # of a beat: longer than lies between a look at the store and the write after it


@contextmanager
def alone(store: Store, *, beat: float = _BEAT) -> Iterator[None]:
    """Hold a store against other runs for the length of a block.

    Raises UsageError where another run holds it. In an object store that takes two seconds, and
    fifteen where a run was killed; `beat` are seconds.
    """
    if store.folder is not None:
        make_folder(store.folder)
        lock = WriterLock.take(store.folder / _BESIDE, what="store", option="--store")
        try:
            yield
        finally:
            lock.release()
        return
    lease = _Lease(store, beat)
    lease.take()
    try:
        yield
    finally:
        lease.release()


class _Lease:
    def __init__(self, store: Store, beat: float) -> None:
        self._store = store
        self._beat = beat
        self._number = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._go_on, name="run.json", daemon=True)
        self._me = {"run": uuid4().hex, "machine": socket.gethostname(), "process": os.getpid()}

    def take(self) -> None:
        found = self._found()
        if found is not None:
            time.sleep(_SILENT * self._beat)
            if self._found() not in (found, None):
                raise self._refusal(found)
        self._write()
        time.sleep(_SETTLE * self._beat)  # of two that came at once, the later stays
        now = self._found()
        if now is None or json.loads(now).get("run") != self._me["run"]:
            raise self._refusal(now)
        self._thread.start()

    def release(self) -> None:
        self._over.set()
        self._thread.join()
        with suppress(DatasetError):
            self._store.remove([_NAME])

    def _go_on(self) -> None:
        while not self._over.wait(self._beat):
            with suppress(DatasetError):  # the run itself says what ails the store
                self._write()

    def _write(self) -> None:
        self._number += 1
        self._store.write(_NAME, json.dumps({**self._me, "beat": self._number}).encode())

    def _found(self) -> bytes | None:
        return self._store.read_all([_NAME]).get(_NAME)

    def _refusal(self, found: bytes | None) -> UsageError:
        who = "another pixset"
        with suppress(ValueError, KeyError, TypeError):
            record = json.loads(found or b"")
            who += f" (process {record['process']} on {record['machine']})"
        return UsageError(
            f"{self._store.url}: {who} is writing this store; wait for it, or choose another with "
            "--store"
        )
