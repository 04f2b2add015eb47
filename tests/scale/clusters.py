"""A Ray cluster of two workers on loopback, an S3 server, and processes that are killed."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from machine import COMMAND

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from support.servers import Host

KEYS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1"}  # fmt: skip
_OBJECTS = 150_000_000  # bytes of shared memory


@dataclass
class Cluster:
    """Processes of `ray start`, and the environment of a driver that finds them."""

    process: subprocess.Popen[bytes]
    env: dict[str, str]

    def workers(self, task: str) -> list[int]:
        """The processes that do a task (a function's name) now."""
        return [pid for pid in descendants(self.process.pid) if title(pid) == f"ray::{task}"]

    def kill(self) -> None:
        """Kill all of it, as a power cut does."""
        kill_all([*descendants(self.process.pid), self.process.pid])
        self.process.wait()


@contextmanager
def cluster() -> Iterator[Cluster]:
    """Start Ray with two processors."""
    port = free_port()
    home = tempfile.mkdtemp(prefix="px", dir="/tmp")  # a short path: sockets lie in it
    # A token of its own: what other clusters of this machine have set up plays no part.
    own = {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(32)}
    env = {**os.environ, **own, "RAY_USAGE_STATS_ENABLED": "0"}
    ray = [sys.executable, "-P", "-m", "ray.scripts.scripts"]
    process = subprocess.Popen(
        [*ray, "start", "--head", "--block", "--num-cpus=2", f"--port={port}", "--temp-dir", home,
         "--include-dashboard=false", f"--object-store-memory={_OBJECTS}"],
        env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    running = Cluster(process, {**env, "RAY_ADDRESS": f"127.0.0.1:{port}"})
    try:
        wait_until(lambda: listens(port), "Ray does not listen")
        yield running
    finally:
        running.kill()
        shutil.rmtree(home, ignore_errors=True)


def start(*words: object, env: dict[str, str] | None = None) -> subprocess.Popen[bytes]:
    """Start pixset, to be killed."""
    return subprocess.Popen(
        [*COMMAND, *map(str, words)], env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


@contextmanager
def held(host: Host, path: str) -> Iterator[Held]:
    """Let the first request for a page wait until it is let go."""
    before = host.pages[path]
    here = Held()

    def wait(handler: Any) -> None:
        first = not here.asked.is_set()
        here.asked.set()
        if first:
            here.free.wait(240)
        before(handler)

    host.pages[path] = wait
    try:
        yield here
    finally:
        here.free.set()
        host.pages[path] = before


@contextmanager
def counted(host: Host) -> Iterator[list[int]]:
    """How many requests a host answers at a time, each time that it begins with one."""
    before, counts, lock = dict(host.pages), [], threading.Lock()
    busy = 0

    def counting(page: Callable[[Any], None]) -> Callable[[Any], None]:
        def give(handler: Any) -> None:
            nonlocal busy
            with lock:
                busy += 1
                counts.append(busy)
            try:
                page(handler)
            finally:
                with lock:
                    busy -= 1

        return give

    host.pages = {path: counting(page) for path, page in before.items()}
    try:
        yield counts
    finally:
        host.pages = before


class Held:
    """`asked` is set when the first request is there; setting `free` lets it go."""

    def __init__(self) -> None:
        self.asked = threading.Event()
        self.free = threading.Event()


def descendants(pid: int) -> list[int]:
    """All processes below one."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                stat = (entry / "stat").read_text()
            except OSError:
                continue
            parents.setdefault(int(stat.rpartition(")")[2].split()[1]), []).append(int(entry.name))
    found, waiting = [], [pid]
    while waiting:
        below = parents.get(waiting.pop(), [])
        found += below
        waiting += below
    return found


def title(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[0].decode().strip()
    except OSError:
        return ""


def kill_all(pids: list[int]) -> None:
    for pid in pids:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


def listens(port: int) -> bool:
    with socket.socket() as sock:
        return sock.connect_ex(("127.0.0.1", port)) == 0


def wait_until(true: Callable[[], object], why: str) -> None:
    """Ask again and again; a machine under load takes its time."""
    pause = threading.Event()
    for _ in range(2400):
        if true():
            return
        pause.wait(0.1)
    raise AssertionError(why)
