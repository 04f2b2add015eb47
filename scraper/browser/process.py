"""A driver's processes: ended with the browser, even when this process is killed.

The driver starts in a process group that is there before it, in which its browser stays: Ctrl-C
in a terminal then reaches pixset only, which closes the browser in order. What a `kill -9` of
pixset would leave behind, at any moment, a guard removes: a shell that makes the browser's
folders itself, waits on a pipe from us and, when the pipe closes, ends the group and removes
the folders. The guard knows the group and the folders before anything runs from them.
"""

from __future__ import annotations

import contextlib
import logging
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from ..errors import DriverError
from .resolve import Heading

if TYPE_CHECKING:
    from collections.abc import Callable

log = logging.getLogger(__name__)

_POSIX = sys.platform != "win32"
# The group's leader does nothing but keep the group's number taken until it is ended.
_LEADER = ["/bin/sh", "-c", "trap '' INT TERM HUP; cat >/dev/null"]
# A driver that was forked a moment before pixset died joins its group a moment after: the group
# is ended again and again while its folders are removed. Nor may the guard die of telling a pixset
# that has just died that the folders are made (PIPE).
_GUARD = """
trap '' INT TERM HUP PIPE
group=$1; shift
mkdir -m 700 -- "$@" || exit 1
echo ready
cat >/dev/null
for pause in 0 0.2 0.5 1 1 1 1; do
    sleep $pause
    kill -KILL "-$group" 2>/dev/null
    rm -rf -- "$@" 2>/dev/null
done
"""
# A socket's path holds 107 bytes, and Chromium puts one below the temporary folder it is given:
# /org.chromium.Chromium.XXXXXX/SingletonSocket
_LONGEST_TEMPORARY = 107 - 45


_alive: set[BrowserProcess] = set()
_alive_lock = threading.Lock()


def end_all_browsers() -> None:
    """End every browser that this process started or is just starting, from any thread.

    Whoever waits for one gets BrowserLost or DriverError at once, and removes what it left.
    """
    with _alive_lock:
        alive = list(_alive)
    for process in alive:
        process.kill()


class DriverService(Protocol):
    """Selenium's service, as far as it is needed here."""

    process: subprocess.Popen[bytes]


class BrowserProcess:
    """A browser's own folders and processes; `end()` leaves none behind, and never hangs.

    `folder` lies in `base` (the system's temporary folder by default). DriverError when no
    folder can be made, or none with a path that is short enough for a browser's sockets.
    """

    def __init__(self, base: Path | None = None) -> None:
        base = base or Path(tempfile.gettempdir())
        name = f"pixset-browser-{secrets.token_hex(4)}"
        self.folder = base / name
        self._temporary = _short_enough(base, name)
        self._folders = list(dict.fromkeys([self.folder, self._temporary]))
        self._leader: subprocess.Popen[bytes] | None = None
        self._guard: subprocess.Popen[bytes] | None = None
        self._driver: subprocess.Popen[bytes] | None = None
        self._service: DriverService | None = None
        self._killed = False
        self._afterwards: list[Callable[[], None]] = []
        with _alive_lock:
            _alive.add(self)
        try:
            if _POSIX:
                self._stand_guard()
            else:
                for folder in self._folders:
                    folder.mkdir()
        except BaseException:
            self.end()
            raise

    def _stand_guard(self) -> None:
        """Start the group's leader and the guard, and wait until the folders are made."""
        self._leader = _piped(_LEADER, process_group=0)
        command = ["/bin/sh", "-c", _GUARD, "pixset-guard", str(self._leader.pid)]
        self._guard = guard = _piped([*command, *map(str, self._folders)], start_new_session=True)
        if guard.stdout is None or guard.stdout.readline() != b"ready\n":
            raise DriverError(
                f"cannot make a folder in {self.folder.parent}: set TMPDIR to one to write in",
                Heading.STARTING,
            )

    def popen_options(self) -> dict[str, object]:
        """Return the Popen options that put the driver into the guarded process group."""
        return {"process_group": self._leader.pid} if self._leader else {}

    def environment(self) -> dict[str, str]:
        """Return the environment that keeps the driver's temporary files in our folders."""
        return {**os.environ, "TMPDIR": str(self._temporary)}

    def afterwards(self, action: Callable[[], None]) -> None:
        """Have `end` do this once the processes are gone, each time that it is called."""
        self._afterwards.append(action)

    def check_wanted(self) -> None:
        """Raise DriverError where this browser was ended before its driver is started."""
        if self._killed:
            raise DriverError("ended before its driver started", Heading.STARTING)

    def watch(self, service: DriverService) -> None:
        """Hold the service: Selenium's ends its driver when it is garbage-collected."""
        self._service = service
        self._driver = service.process
        if self._killed:  # while the driver was starting
            self.kill()

    def driver_alive(self) -> bool:
        """Tell whether the driver's process still runs."""
        return self._driver is not None and self._driver.poll() is None

    def kill(self) -> None:
        """Kill every process of the group, from any thread; what is left is `end`'s to remove."""
        self._killed = True
        leader, driver = self._leader, self._driver
        if leader is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):  # already gone
                os.killpg(leader.pid, signal.SIGKILL)
        elif driver is not None:
            driver.kill()

    def end(self) -> None:
        """End every process of the group and remove the folders; may be called twice."""
        self.kill()
        with _alive_lock:
            _alive.discard(self)
        if self._driver is not None:
            _reap(self._driver)
        for action in self._afterwards:
            action()
        for folder in self._folders:
            _remove(folder)
        for ours in (self._guard, self._leader):
            if ours is not None:
                ours.kill()
                _reap(ours)
        self._guard = self._leader = None


def _short_enough(base: Path, name: str) -> Path:
    """Return a folder whose path leaves room for a socket's: in `base`, or in a shorter place."""
    places = [base, Path("/tmp"), Path("/var/tmp"), os.environ.get("XDG_RUNTIME_DIR")]  # noqa: S108 (the folder in it is new and ours alone)
    for place in places if _POSIX else [base]:
        if not place:
            continue
        folder = Path(place) / name
        if len(os.fsencode(folder)) <= _LONGEST_TEMPORARY and os.access(place, os.W_OK):
            return folder
    if os.access(base, os.W_OK) or not _POSIX:
        raise DriverError(
            f"the temporary folder's path is too long for a browser's sockets: {base}; "
            "set TMPDIR to a shorter one",
            Heading.STARTING,
        )
    raise DriverError(
        f"cannot write in the temporary folder {base}: set TMPDIR to one to write in",
        Heading.STARTING,
    )


def _piped(
    command: list[str], *, process_group: int | None = None, start_new_session: bool = False
) -> subprocess.Popen[bytes]:
    """Start one of our own shells, which ends when the pipe to it closes."""
    return subprocess.Popen(  # noqa: S603 (our own scripts and folders)
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        process_group=process_group,
        start_new_session=start_new_session,
    )


def profile_holder(profile: Path) -> int | None:
    """Return the process that uses a profile, None where none does (or cannot tell)."""
    lock = profile / "SingletonLock"  # Chromium's: host-pid; Firefox's: address:+pid
    try:
        held = (lock if lock.is_symlink() else profile / "lock").readlink()
        holder = int(held.name.replace("+", "-").rpartition("-")[2])
        os.kill(holder, 0)
    except PermissionError:
        return holder  # another user's, and alive
    except (OSError, ValueError, OverflowError):
        return None
    return holder


def _reap(process: subprocess.Popen[bytes]) -> None:
    """Take an ended process's exit status, and close our pipes to it."""
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        log.warning("the process %d does not end", process.pid)
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with contextlib.suppress(OSError):  # unflushed words to a dead reader
                pipe.close()


def _remove(folder: Path) -> None:
    """Remove a folder in which a dying browser may still be writing."""
    pause = threading.Event()
    for _ in range(20):
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return
        pause.wait(0.05)
    log.warning("could not remove the browser's folder %s", folder)
