"""Processes that decode and may be lost: a crash, a hang or a flood costs one picture.

A task is a function that can be imported and its arguments; it runs in a child process that has
a clock of CPU time and a cap on memory for each picture. What it does not survive becomes that
picture's Unreadable, and the next one gets a new child.

Why not a pool from a library: `multiprocessing` (and what stands on it) runs the caller's script
again in each child unless it is guarded, or forks a process that has threads; and its clocks are
of wall time, which condemn good pictures on a busy machine.
"""

from __future__ import annotations

import logging
import os
import pickle
import signal
import struct
import subprocess
import sys
import threading
import time
from concurrent.futures import CancelledError
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Any, Final, TypeVar

from ..errors import CurationError, Unreadable
from .limits import MAX_CPU_SECONDS, MAX_MEMORY

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import Self

    Result = TypeVar("Result")

LOG = logging.getLogger(__name__)

WALL_SECONDS: Final = 300.0  # the backstop for what uses no CPU: a stalled disk, a stopped child
_COMMAND: Final = (sys.executable, "-P", "-m", "pixset.curation.images.sandbox")
_LENGTH: Final = struct.Struct(">Q")
_READY: Final = b"pixset sandbox\n"
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

    A context manager: leaving it ends the children, also those at work. `seconds` is the wall clock
    for one picture, `cpu_seconds` the clock that counts, `memory` the bytes it may take beside what
    an idle child has.
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
        with self._lock:
            self._idle.append(child)
        return answer

    def _taken(self) -> _Child:
        with self._lock:
            child = self._idle.pop() if self._idle else None
        child = child or self._start()
        child.deadline = time.monotonic() + self._seconds
        return child

    def _start(self) -> _Child:
        process = subprocess.Popen(  # noqa: S603 (our own module, no shell)
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # the C libraries' own lines, hundreds for one bad TIFF
            env={**os.environ, **_ENVIRONMENT},
        )
        child = _Child(process)
        with self._lock:
            self._all.add(child)
            if self._watcher is None:
                self._watcher = threading.Thread(
                    target=self._watch, name="sandbox clock", daemon=True
                )
                self._watcher.start()
        if self._closed.is_set():
            process.kill()
        assert process.stdout is not None  # noqa: S101 (a pipe was asked for)
        if process.stdout.readline() != _READY:
            _end(process)
            self._refuse_if_closed()
            raise CurationError(
                f"the process that decodes does not start: run {' '.join(self._command)!r} to see "
                "why"
            )
        return child

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

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
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
            _end(child.process)


@dataclass(frozen=True, slots=True)
class _Lost:
    """Why a child was lost, in the words of Unreadable; `again`: it may not be the picture."""

    why: str
    detail: str
    again: bool = False


def _exchange(process: subprocess.Popen[bytes], request: bytes) -> tuple[Any, ...] | None:
    """Ask a child; None where it does not answer any more."""
    if process.stdin is None or process.stdout is None:
        return None
    try:
        process.stdin.write(_LENGTH.pack(len(request)) + request)
        process.stdin.flush()
        head = process.stdout.read(_LENGTH.size)
        if len(head) < _LENGTH.size:
            return None
        body = process.stdout.read(_LENGTH.unpack(head)[0])
        answer: tuple[Any, ...] = pickle.loads(body)  # noqa: S301 (our own child's)
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


def serve(asked: IO[bytes], answers: IO[bytes], *, cpu_seconds: float, memory: int) -> None:
    """Run the tasks that are asked for, one after another, until there are no more."""
    answers.write(_READY)
    answers.flush()
    capped = False
    while len(head := asked.read(_LENGTH.size)) == _LENGTH.size:
        task, arguments = pickle.loads(asked.read(_LENGTH.unpack(head)[0]))  # noqa: S301
        if not capped:  # after the first task's modules are there
            _cap_memory(memory)
            capped = True
        _clock(cpu_seconds)
        answer = _answer(task, arguments)
        _clock(0)
        answers.write(_LENGTH.pack(len(answer)) + answer)
        answers.flush()


def _answer(task: Callable[..., object], arguments: tuple[Any, ...]) -> bytes:
    answer: tuple[Any, ...]
    try:
        answer = ("done", task(*arguments))
    except Unreadable as error:
        answer = ("unreadable", error.why, error.detail)
    except MemoryError:
        answer = ("unreadable", "bomb", "it takes more memory than one picture may")
    except Exception as error:  # noqa: BLE001 (the outermost edge of this process: one picture)
        answer = ("unreadable", "corrupt", f"{type(error).__name__}: {error}"[:200])
    return pickle.dumps(answer, pickle.HIGHEST_PROTOCOL)


def _clock(seconds: float) -> None:
    """End this process after so much CPU time, inside any C library; 0 stops the clock."""
    if hasattr(signal, "setitimer"):  # Windows has the wall clock alone
        signal.setitimer(signal.ITIMER_PROF, seconds)


def _cap_memory(memory: int) -> None:
    """Let this process have so many bytes more than it has now."""
    try:
        import resource

        with open("/proc/self/statm", encoding="ascii") as stream:  # noqa: PTH123
            pages = int(stream.read().split()[0])
    except (ImportError, OSError):
        return  # Windows has no such cap, macOS does not keep it
    cap = pages * resource.getpagesize() + memory
    resource.setrlimit(resource.RLIMIT_AS, (cap, resource.getrlimit(resource.RLIMIT_AS)[1]))


def _main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to answer
    # What a library prints must not stand between the answers.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    serve(sys.stdin.buffer, answers, cpu_seconds=float(sys.argv[1]), memory=int(sys.argv[2]))


if __name__ == "__main__":
    _main()
