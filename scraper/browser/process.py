"""A driver's processes: ended with the browser, even when this process is killed.

The driver leads a process group of its own, in which its browser stays: Ctrl-C in a terminal
then reaches pixset only, which closes the browser in order. What a `kill -9` of pixset would
leave behind, a guard removes: a shell that waits on a pipe from us and, when the pipe closes,
ends the group and removes the browser's folder.
"""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import Protocol

log = logging.getLogger(__name__)

_POSIX = sys.platform != "win32"
_GUARD = """
trap '' INT TERM HUP
read -r group || exit 0
cat >/dev/null
kill -KILL "-$group" 2>/dev/null
for _ in 1 2 3 4 5; do rm -rf -- "$1" 2>/dev/null && exit 0; sleep 1; done
"""


class DriverService(Protocol):
    """Selenium's service, as far as it is needed here."""

    process: subprocess.Popen[bytes]


class BrowserProcess:
    """A browser's own folder and processes; `end()` leaves neither behind, and never hangs."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="pixset-browser-"))
        self._guard: subprocess.Popen[bytes] | None = None
        self._driver: subprocess.Popen[bytes] | None = None
        self._service: DriverService | None = None
        if _POSIX:
            self._guard = subprocess.Popen(  # noqa: S603 (our own script and folder)
                ["/bin/sh", "-c", _GUARD, "pixset-guard", str(self.folder)],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )

    def popen_options(self) -> dict[str, object]:
        """Return the Popen options that make the driver lead its own process group."""
        return {"start_new_session": True} if _POSIX else {}

    def environment(self) -> dict[str, str]:
        """Return the environment that keeps the driver's temporary files in our folder."""
        temporary = self.folder / "tmp"
        temporary.mkdir(exist_ok=True)
        return {**os.environ, "TMPDIR": str(temporary)}

    def watch(self, service: DriverService) -> None:
        """Tell the guard whose process group to end should this process vanish.

        The service is held: Selenium's ends its driver when it is garbage-collected.
        """
        self._service = service
        self._driver = driver = service.process
        if self._guard and self._guard.stdin:
            with contextlib.suppress(OSError):  # a guard that was killed guards nothing
                self._guard.stdin.write(f"{driver.pid}\n".encode())
                self._guard.stdin.flush()

    def driver_alive(self) -> bool:
        """Tell whether the driver's process still runs."""
        return self._driver is not None and self._driver.poll() is None

    def end(self) -> None:
        """End every process of the group and remove the folder; may be called twice."""
        if self._driver is not None:
            _end_group(self._driver)
        if self._guard is not None:
            self._guard.kill()
            self._guard.wait()
            if self._guard.stdin:
                with contextlib.suppress(OSError):  # unflushed words to a dead guard
                    self._guard.stdin.close()
            self._guard = None
        _remove(self.folder)


def profile_holder(profile: Path) -> int | None:
    """Return the process that uses a Chromium profile, None where none does (or cannot tell)."""
    try:
        held = (profile / "SingletonLock").readlink()  # host-pid
        holder = int(held.name.rpartition("-")[2])
        os.kill(holder, 0)
    except PermissionError:
        return holder  # another user's, and alive
    except (OSError, ValueError):
        return None
    return holder


def _end_group(driver: subprocess.Popen[bytes]) -> None:
    """Kill the driver and what it started, and take the driver's exit status."""
    if _POSIX:
        with contextlib.suppress(ProcessLookupError, PermissionError):  # already gone
            os.killpg(driver.pid, signal.SIGKILL)
    else:
        driver.kill()
    try:
        driver.wait(timeout=10)
    except subprocess.TimeoutExpired:
        log.warning("the driver's process %d does not end", driver.pid)


def _remove(folder: Path) -> None:
    """Remove a folder in which a dying browser may still be writing."""
    pause = threading.Event()
    for _ in range(20):
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return
        pause.wait(0.05)
    log.warning("could not remove the browser's folder %s", folder)
