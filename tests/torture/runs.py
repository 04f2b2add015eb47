"""Start the installed command in a world of its own, kill it, and see what it leaves running."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING
from uuid import uuid4

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Sequence

COMMAND = [sys.executable, "-P", "-m", "pixset.datasets"]
PLANTED = Path(__file__).parent / "planted"
_MARK = "PIXSET_TORTURE"
_TICK = 0.005


@dataclass(frozen=True, slots=True)
class World:
    """A folder in which one stage lives: `work` is compared, `tmp` is its TMPDIR."""

    home: Path
    mark: str = field(default_factory=lambda: uuid4().hex)
    planted: bool = False

    @property
    def work(self) -> Path:
        """Where the command runs and writes."""
        return self.home / "work"

    @property
    def tmp(self) -> Path:
        """Its TMPDIR."""
        return self.home / "tmp"

    def make(self) -> World:
        """Make the folders."""
        self.work.mkdir(parents=True)
        self.tmp.mkdir()
        return self

    def environment(self) -> dict[str, str]:
        """What the command sees: marked, so that what it starts can be told."""
        own = dict(os.environ) | {_MARK: self.mark, "TMPDIR": str(self.tmp)}
        own.pop("PYTHONPATH", None)
        if self.planted:
            own["PYTHONPATH"] = str(PLANTED)
        return own

    def processes(self) -> list[int]:
        """The processes that the command or what it started has left running (Linux)."""
        mark = f"{_MARK}={self.mark}".encode()
        found = []
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                if mark in (entry / "environ").read_bytes().split(b"\0"):
                    found.append(int(entry.name))
            except OSError:  # it ended, or is another's
                continue
        return found

    def left_running(self, patience: float = 30.0) -> list[int]:
        """What still runs after a while; a killed command's helpers may take a moment to end."""
        end = time.monotonic() + patience
        while (left := self.processes()) and time.monotonic() < end:
            time.sleep(0.1)
        return left


@dataclass(frozen=True, slots=True)
class Ran:
    """How a command ended: its exit code (negative: by a signal), output, seconds."""

    code: int
    out: str
    err: str
    seconds: float
    killed: bool = False


class Moment:
    """When a command is killed: asked again and again until it says yes."""

    def __init__(self, what: str, has_come: Callable[[float], bool]) -> None:
        self.what = what
        self.has_come = has_come


def at(seconds: float) -> Moment:
    """So long after the start."""
    return Moment(f"at {seconds:.2f} s", lambda since: since >= seconds)


def after_files(folder: Path, count: int) -> Moment:
    """Once so many files lie somewhere below a folder."""

    def has_come(_: float) -> bool:
        return sum(len(names) for _, _, names in os.walk(folder)) >= count

    return Moment(f"after {count} files", has_come)


def run(
    world: World, words: Sequence[str], moment: Moment | None = None, *, patience: float = 600.0
) -> Ran:
    """Run the command to its end, or kill it (it alone, by SIGKILL) when the moment has come."""
    started = time.monotonic()
    # Elsewhere than in the world, whose disk may be full.
    with tempfile.TemporaryFile() as stdout, tempfile.TemporaryFile() as stderr:
        process = subprocess.Popen(
            [*COMMAND, *words],
            cwd=world.work,
            env=world.environment(),
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=stderr,
        )
        killed = False
        try:
            while process.poll() is None:
                since = time.monotonic() - started
                if moment is not None and moment.has_come(since):
                    process.send_signal(signal.SIGKILL)
                    killed = True
                    break
                if since > patience:
                    process.send_signal(signal.SIGKILL)
                    raise TimeoutError(f"{words}: not over in {patience:g} s")
                time.sleep(_TICK)
        finally:
            code = process.wait()
        text = [_read(stdout), _read(stderr)]
    return Ran(code, *text, time.monotonic() - started, killed=killed and code == -signal.SIGKILL)


def _read(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode("utf-8", "replace")


def random_moment(chance: random.Random, took: float, begins: float, work: Path) -> Moment:
    """A moment between a command's first own step and its end, by the clock or by its progress."""
    if chance.random() < 0.3:
        before = sum(len(names) for _, _, names in os.walk(work))
        return after_files(work, before + chance.randint(1, 40))
    return at(chance.uniform(begins, max(took, begins + 0.1)))
