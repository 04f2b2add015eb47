"""The other end of `sandbox.py`: a process that runs one task after another, and may be lost.

A task comes as eight bytes of length and a pickle of a function and its arguments; the answer goes
back the same way. Started with the CPU seconds and the bytes of memory that a task may take.
"""

from __future__ import annotations

import os
import pickle
import signal
import struct
import sys
from typing import IO, TYPE_CHECKING, Any, Final

from ..errors import Unreadable

if TYPE_CHECKING:
    from collections.abc import Callable

LENGTH: Final = struct.Struct(">Q")
READY: Final = b"pixset sandbox\n"  # the first line of an answer: this process has started


def serve(asked: IO[bytes], answers: IO[bytes], *, cpu_seconds: float, memory: int) -> None:
    """Run the tasks that are asked for, one after another, until there are no more."""
    answers.write(READY)
    answers.flush()
    capped = False
    while len(head := asked.read(LENGTH.size)) == LENGTH.size:
        task, arguments = pickle.loads(asked.read(LENGTH.unpack(head)[0]))  # noqa: S301
        if not capped:  # after the first task's modules are there
            _cap_memory(memory)
            capped = True
        _clock(cpu_seconds)
        answer = _answer(task, arguments)
        _clock(0)
        answers.write(LENGTH.pack(len(answer)) + answer)
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
