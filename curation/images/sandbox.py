"""Look at pictures of unusual formats in a process that may be lost.

JPEG, PNG, GIF, WebP, AVIF, and BMP decoders are fed hostile files all over the world, daily. The
rest (TIFF first of all) are not: a file made to break them may end the process, or spill hundreds
of the C library's own lines over the terminal. Such files are looked at in a child without a
terminal, with a cap on memory and a time limit. If the child dies, that file is unreadable, and the
next one gets a new child.
"""

from __future__ import annotations

import json
import logging
import struct
import subprocess
import sys
import threading
from queue import Empty, SimpleQueue
from typing import IO, TYPE_CHECKING, Any, Final

from ..errors import Unreadable
from .facts import Facts, look
from .records import from_record, to_record

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

LOG = logging.getLogger(__name__)

SECONDS: Final = 60.0  # for one picture; a 100-megapixel TIFF takes three
MEMORY: Final = 4_000_000_000  # bytes of address space for one child
_LENGTH: Final = struct.Struct(">Q")
# TIFF (and BigTIFF), JPEG 2000, Photoshop, DDS, icons, PNM.
_UNUSUAL: Final = (
    *(b"II*\0", b"MM\0*", b"II+\0", b"MM\0+", b"\0\0\0\x0cjP  ", b"\xff\x4f\xff\x51"),
    *(b"8BPS", b"DDS ", b"\0\0\1\0", b"P1", b"P2", b"P3", b"P4", b"P5", b"P6", b"Pf", b"PF"),
)
_COMMAND: Final = (sys.executable, "-P", "-m", "pixset.curation.images.sandbox")


def is_unusual(data: bytes) -> bool:
    """Say whether a file begins as a format that Pillow decodes and browsers do not."""
    return data.startswith(_UNUSUAL)


class Aside:
    """Children that look, started when they are needed; as many as threads ask at once.

    A context manager: leaving it ends the children. `command` starts a child (a test's may die).
    """

    def __init__(self, command: tuple[str, ...] = _COMMAND, *, seconds: float = SECONDS) -> None:
        self._command = command
        self._seconds = seconds
        self._idle: SimpleQueue[subprocess.Popen[bytes]] = SimpleQueue()

    def look(self, data: bytes) -> Facts:
        """Do what `facts.look` does, elsewhere; raises Unreadable as it does."""
        try:
            child = self._idle.get_nowait()
        except Empty:
            child = self._start()
        # kill() makes the read below end; it is safe to call on a child that has ended.
        timer = threading.Timer(self._seconds, child.kill)
        timer.start()
        try:
            answer = _ask(child, data)
        finally:
            timer.cancel()
        if answer is None:
            _end(child)
            raise Unreadable("corrupt", "the decoder crashed on it, or took too long")
        self._idle.put(child)
        if "why" in answer:
            raise Unreadable(answer["why"], answer["detail"])
        return from_record(answer)

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S603 (our own module, no shell)
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )

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
        """End the children."""
        while not self._idle.empty():
            _end(self._idle.get())


def _ask(child: subprocess.Popen[bytes], data: bytes) -> dict[str, Any] | None:
    if child.stdin is None or child.stdout is None:
        return None
    try:
        child.stdin.write(_LENGTH.pack(len(data)))
        child.stdin.write(data)
        child.stdin.flush()
        answer = json.loads(child.stdout.readline())
    except (OSError, ValueError) as error:
        LOG.debug("a looking process was lost: %s", error)
        return None
    return answer if isinstance(answer, dict) else None


def _end(child: subprocess.Popen[bytes]) -> None:
    child.kill()
    for stream in (child.stdin, child.stdout):
        if stream is not None:
            try:
                stream.close()
            except OSError as error:  # what it had not read yet
                LOG.debug("closing a lost process: %s", error)
    child.wait()


def serve(asked: IO[bytes], answers: IO[bytes]) -> None:
    """Answer pictures (eight bytes of length, then the bytes) with one JSON line each."""
    while len(head := asked.read(_LENGTH.size)) == _LENGTH.size:
        data = asked.read(_LENGTH.unpack(head)[0])
        try:
            answer = to_record(look(data))
        except Unreadable as error:
            answer = {"why": error.why, "detail": error.detail}
        answers.write(json.dumps(answer).encode("ascii") + b"\n")
        answers.flush()


def _cap_memory() -> None:
    try:
        import resource
    except ImportError:  # Windows has none
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


if __name__ == "__main__":
    _cap_memory()
    serve(sys.stdin.buffer, sys.stdout.buffer)
