"""The other end of `sandbox.py`: a process that runs one task after another, and may be lost.

A task comes as eight bytes of length and a pickle of a function and its arguments; the answer goes
back the same way, with whether this process still holds much of what its tasks took: such a one is
no place for another picture. Started with the CPU seconds and the bytes that a task may take.
"""

from __future__ import annotations

import os
import pickle
import signal
import struct
import sys
from typing import IO, TYPE_CHECKING, Any, Final

from ..errors import Unreadable

try:
    import resource
except ImportError:  # Windows
    resource = None  # type: ignore[assignment]

if TYPE_CHECKING:
    from collections.abc import Callable

LENGTH: Final = struct.Struct(">Q")
READY: Final = b"pixset sandbox\n"  # the first line of an answer: this process has started


def serve(asked: IO[bytes], answers: IO[bytes], *, cpu_seconds: float, memory: int) -> None:
    """Run the tasks that are asked for, one after another, until there are no more."""
    answers.write(READY)
    answers.flush()
    idle = 0
    while len(head := asked.read(LENGTH.size)) == LENGTH.size:
        task, arguments = pickle.loads(asked.read(LENGTH.unpack(head)[0]))  # noqa: S301
        idle = idle or address_space()  # after the first task's modules are there
        _cap_memory(memory)
        _clock(cpu_seconds)
        answer = _answer(task, arguments)
        _clock(0)
        _cap_memory(None)
        spent = address_space() - idle > memory // 4
        made = pickle.dumps((spent, answer), pickle.HIGHEST_PROTOCOL)
        answers.write(LENGTH.pack(len(made)) + made)
        answers.flush()


def _answer(task: Callable[..., object], arguments: tuple[Any, ...]) -> tuple[Any, ...]:
    try:
        return "done", task(*arguments)
    except Unreadable as error:
        return "unreadable", error.why, error.detail
    except MemoryError:
        return "unreadable", "bomb", "it takes more memory than one picture may"
    except Exception as error:  # noqa: BLE001 (the outermost edge of this process: one picture)
        return "unreadable", "corrupt", f"{type(error).__name__}: {error}"[:200]


def _clock(seconds: float) -> None:
    """End this process after so much CPU time, inside any C library; 0 stops the clock."""
    if hasattr(signal, "setitimer"):  # Windows has the wall clock alone
        signal.setitimer(signal.ITIMER_PROF, seconds)


def address_space() -> int:
    """The bytes that this process has reserved; 0 where no system file tells."""
    try:
        with open("/proc/self/statm", encoding="ascii") as stream:  # noqa: PTH123
            return int(stream.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0


def _cap_memory(memory: int | None) -> None:
    """Let this process have so many bytes more than it has now; None: any."""
    now = address_space()
    if resource is None or not now:
        return  # Windows has no such cap, macOS does not keep it
    most = resource.getrlimit(resource.RLIMIT_AS)[1]
    cap = most if memory is None else now + memory
    if most != resource.RLIM_INFINITY:
        cap = min(cap, most)
    resource.setrlimit(resource.RLIMIT_AS, (cap, most))


def _main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to answer
    # What a library prints must not stand between the answers.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    serve(sys.stdin.buffer, answers, cpu_seconds=float(sys.argv[1]), memory=int(sys.argv[2]))


if __name__ == "__main__":
    _main()
