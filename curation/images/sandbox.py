"""Processes that decode and may be lost: a crash, a hang or a flood costs one picture.

A task is a function that can be imported and its arguments; it runs in a child process that has
a clock of CPU time and a cap on memory for each picture. What it does not survive becomes that
picture's Unreadable, and the next one gets a new child.

Why not a pool from a library: `multiprocessing` (and what stands on it) runs the caller's script
again in each child unless it is guarded, or forks a process that has threads; and its clocks are
of wall time, which condemn good pictures on a busy machine.
"""

from __future__ import annotations

import atexit
import logging
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import CancelledError
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeVar

from ..errors import CurationError, Unreadable
from .child import LENGTH, READY
from .limits import MAX_CPU_SECONDS, MAX_MEMORY

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self

    Result = TypeVar("Result")

LOG = logging.getLogger(__name__)

WALL_SECONDS: Final = 300.0  # the backstop for what uses no CPU: a stalled disk, a stopped child
_COMMAND: Final = (sys.executable, "-P", "-m", "pixset.curation.images.child")
# A BLAS of its own threads a child would fight with the other children, and take their memory.
_ENVIRONMENT: Final = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


@dataclass(eq=False)
class _Child:
    """A child process; `deadline` (monotonic seconds) is set while it works."""

    process: subprocess.Popen[bytes]
    deadline: float | None = None
    stalled: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)


class DecodeSandbox:
    """Children that run tasks, started when they are needed: as many as threads ask at once.

    A context manager: leaving it ends the children at work; a few idle ones wait for the next
    sandbox of the same kind, since starting one takes as long as fifty pictures, and end with this
    process. `seconds` is the wall clock for one picture, `cpu_seconds` the clock that counts,
    `memory` the bytes it may take beside what an idle child has.
    """

    def __init__(
        self,
        *,
        seconds: float = WALL_SECONDS,
        cpu_seconds: float = MAX_CPU_SECONDS,
        memory: int = MAX_MEMORY,
        command: tuple[str, ...] = _COMMAND,
    ) -> None:
        self._command = (*command, str(cpu_seconds), str(memory))
        self._cpu_seconds = cpu_seconds
        self._seconds = seconds
        self._lock = threading.Lock()
        self._idle: list[_Child] = []
        self._all: set[_Child] = set()
        self._closed = threading.Event()
        self._watcher: threading.Thread | None = None

    def run(self, task: Callable[..., Result], *arguments: Any) -> Result:
        """Return `task(*arguments)`, run in a child; any number of threads may ask.

        Raises the task's Unreadable, and Unreadable for whatever else ends it: `bomb` for too much
        memory or CPU time, `corrupt` for any other error and for a crash (twice, the second time in
        a new child). `stalled` says nothing of the picture: it used no CPU time, or somebody killed
        its child, twice. Raises CancelledError when the sandbox is closed meanwhile.
        """
        request = pickle.dumps((task, arguments), pickle.HIGHEST_PROTOCOL)
        fault = self._ask(request)
        if isinstance(fault, _Lost) and fault.again:
            fault = self._ask(request)
        if isinstance(fault, _Lost):
            raise Unreadable(fault.why, fault.detail)
        kind, *what = fault
        if kind == "unreadable":
            raise Unreadable(*what)
        result: Result = what[0]
        return result

    def _ask(self, request: bytes) -> tuple[Any, ...] | _Lost:
        child = self._taken()
        try:
            answer = _exchange(child.process, request)
        finally:
            with child.lock:
                child.deadline = None
        if answer is None:
            return self._loss(child)
        spent, what = answer
        with self._lock:
            done = spent or self._closed.is_set()
            if done:
                self._all.discard(child)
            else:
                self._idle.append(child)
        if done:
            _end(child.process)
        return what

    def _taken(self) -> _Child:
        with self._lock:
            child = self._idle.pop() if self._idle else None
        child = child or self._spare() or self._start()
        child.deadline = time.monotonic() + self._seconds
        return child

    def _spare(self) -> _Child | None:
        """A child that an earlier sandbox left and that still runs."""
        while (child := _SPARES.take(self._command)) is not None:
            if child.process.poll() is None:
                self._watched(child)
                return child
            _end(child.process)
        return None

    def _start(self) -> _Child:
        try:
            process = subprocess.Popen(  # noqa: S603 (our own module, no shell)
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,  # the C libraries' own lines, hundreds for one bad TIFF
                env={**os.environ, **_ENVIRONMENT},
            )
        except OSError as error:  # no memory, no process or no open file is left
            raise CurationError(
                f"the process that decodes cannot be started: {error.strerror}; end other programs "
                "and run again"
            ) from error
        child = _Child(process)
        self._watched(child)
        assert process.stdout is not None  # noqa: S101 (a pipe was asked for)
        if process.stdout.readline() != READY:
            _end(process)
            self._refuse_if_closed()
            raise CurationError(
                f"the process that decodes does not start: run {' '.join(self._command)!r} to see "
                "why"
            )
        return child

    def _watched(self, child: _Child) -> None:
        """Put a child under the wall clock."""
        with self._lock:
            self._all.add(child)
            if self._watcher is None:
                self._watcher = threading.Thread(
                    target=self._watch, name="sandbox clock", daemon=True
                )
                self._watcher.start()
        if self._closed.is_set():
            child.process.kill()

    def _watch(self) -> None:
        """Kill children that are past the wall clock; one thread for all of them."""
        while not self._closed.wait(min(1.0, self._seconds / 2)):
            with self._lock:
                children = tuple(self._all)
            for child in children:
                with child.lock:
                    if child.deadline is not None and time.monotonic() > child.deadline:
                        child.stalled = True
                        child.process.kill()

    def _loss(self, child: _Child) -> _Lost:
        """What became of a child that gave no answer."""
        with self._lock:
            self._all.discard(child)
        _end(child.process)
        self._refuse_if_closed()
        code = child.process.returncode
        if child.stalled:
            return _Lost(
                "stalled", f"no answer within {self._seconds:g} s of wall time", again=True
            )
        if code == -getattr(signal, "SIGPROF", 0):
            return _Lost("bomb", f"decoding takes more than {self._cpu_seconds:g} s of CPU time")
        if code in {-getattr(signal, "SIGKILL", 0), -signal.SIGTERM}:
            return _Lost("stalled", "the process that decoded it was killed", again=True)
        how = f"signal {-code}" if code < 0 else f"exit code {code}"
        return _Lost("corrupt", f"the decoder crashed on it ({how})", again=True)

    def _refuse_if_closed(self) -> None:
        if self._closed.is_set():
            raise CancelledError

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End all children; threads that wait for one get CancelledError."""
        self._closed.set()
        with self._lock:
            idle, busy = tuple(self._idle), self._all.difference(self._idle)
            self._idle.clear()
            self._all.clear()
        for child in busy:
            child.process.kill()  # the thread that asked sees it end, and closes it
        for child in idle:
            if not _SPARES.put(self._command, child):
                _end(child.process)


class _Spares:
    """Idle children by the command that started them, for the next sandbox of this process."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._children: list[tuple[tuple[str, ...], _Child]] = []

    def put(self, command: tuple[str, ...], child: _Child) -> bool:
        """Keep an idle child; False where there are enough."""
        with self._lock:
            if len(self._children) >= self._most:
                return False
            self._children.append((command, child))
            return True

    def take(self, command: tuple[str, ...]) -> _Child | None:
        """Hand out a child that this command started, if there is one."""
        with self._lock:
            for place, (started_by, child) in enumerate(self._children):
                if started_by == command:
                    del self._children[place]
                    return child
        return None

    def forget(self) -> None:
        """Leave the children to the process that started them: a fork has not."""
        self._lock = threading.Lock()
        self._children = []

    def end(self) -> None:
        """End them all."""
        for _, child in self._children:
            _end(child.process)
        self._children = []


_SPARES: Final = _Spares(min(8, os.cpu_count() or 1))
atexit.register(_SPARES.end)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_SPARES.forget)


@dataclass(frozen=True, slots=True)
class _Lost:
    """Why a child was lost, in the words of Unreadable; `again`: it may not be the picture."""

    why: str
    detail: str
    again: bool = False


def _exchange(
    process: subprocess.Popen[bytes], request: bytes
) -> tuple[bool, tuple[Any, ...]] | None:
    """Ask a child; None where it does not answer any more."""
    if process.stdin is None or process.stdout is None:
        return None
    try:
        process.stdin.write(LENGTH.pack(len(request)) + request)
        process.stdin.flush()
        head = process.stdout.read(LENGTH.size)
        if len(head) < LENGTH.size:
            return None
        body = process.stdout.read(LENGTH.unpack(head)[0])
        answer: tuple[bool, tuple[Any, ...]] = pickle.loads(body)  # noqa: S301 (our own child's)
    except (OSError, ValueError, EOFError, pickle.UnpicklingError) as error:
        LOG.debug("a decoding process was lost: %s", error)
        return None
    return answer


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            try:
                stream.close()
            except OSError as error:  # what it had not read yet
                LOG.debug("closing a lost process: %s", error)
    process.wait()
