"""Which browsers and drivers this machine has, and whether their versions fit: no downloads."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from ..errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class BrowserKind:
    """One kind of browser: its names on PATH, where else it lies, and its driver's names."""

    name: str
    commands: tuple[str, ...]
    driver_commands: tuple[str, ...]
    elsewhere: tuple[str, ...] = ()
    chromium: bool = True  # speaks DevTools, and its driver's major version must equal its own


_MAC = "/Applications"
_WINDOWS = ("%ProgramFiles%", "%ProgramFiles(x86)%", "%LocalAppData%")
KINDS: Mapping[str, BrowserKind] = MappingProxyType(
    {
        kind.name: kind
        for kind in (
            BrowserKind(
                "chrome",
                ("google-chrome", "google-chrome-stable", "chrome"),
                ("chromedriver",),
                (
                    f"{_MAC}/Google Chrome.app/Contents/MacOS/Google Chrome",
                    *(rf"{root}\Google\Chrome\Application\chrome.exe" for root in _WINDOWS),
                ),
            ),
            BrowserKind(
                "chromium",
                ("chromium", "chromium-browser"),
                ("chromedriver", "chromium.chromedriver"),
                (f"{_MAC}/Chromium.app/Contents/MacOS/Chromium",),
            ),
            BrowserKind(
                "edge",
                ("microsoft-edge", "microsoft-edge-stable", "msedge"),
                ("msedgedriver",),
                (
                    f"{_MAC}/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
                    *(rf"{root}\Microsoft\Edge\Application\msedge.exe" for root in _WINDOWS),
                ),
            ),
            BrowserKind(
                "firefox",
                ("firefox", "firefox-esr"),
                ("geckodriver",),
                (
                    f"{_MAC}/Firefox.app/Contents/MacOS/firefox",
                    *(rf"{root}\Mozilla Firefox\firefox.exe" for root in _WINDOWS),
                ),
                chromium=False,
            ),
        )
    }
)


@dataclass(frozen=True, slots=True)
class BrowserChoice:
    """Which browser the caller wants; None leaves it to what the machine has.

    `name` is chrome, chromium, edge or firefox; `binary` and `driver` are executables;
    `headless` None means: a window only for an engine that needs one and where a display is;
    `profile` is a folder that keeps cookies between runs (else a new one, removed at the end).
    """

    name: str | None = None
    binary: Path | None = None
    driver: Path | None = None
    headless: bool | None = None
    profile: Path | None = None


@dataclass(frozen=True, slots=True)
class Executable:
    """A browser or a driver on this machine; `version` is None where it would not say."""

    path: Path
    version: str | None = None

    @property
    def major(self) -> int | None:
        """The version's first number."""
        return int(self.version.split(".", 1)[0]) if self.version else None


@dataclass(frozen=True, slots=True)
class Machine:
    """Where to look: the environment is a value, so that a test can give its own."""

    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)
    elsewhere: bool = True  # also look in the system's usual folders, not on PATH only

    def browser(self, kind: BrowserKind) -> Executable | None:
        """Find this kind of browser on PATH or in its usual places."""
        for command in kind.commands:
            found = self._which(command)
            if found:
                return examine(found)
        for place in kind.elsewhere if self.elsewhere else ():
            path = Path(os.path.expandvars(place))
            if path.is_file():
                return examine(path)
        return None

    def driver(self, kind: BrowserKind, browser: Executable | None) -> Executable | None:
        """Find the kind's driver beside the browser, else on PATH."""
        beside = () if browser is None else (browser.path.parent, browser.path.resolve().parent)
        for command in kind.driver_commands:
            for folder in beside:
                found = shutil.which(command, path=str(folder))
                if found:
                    return examine(Path(found))
            on_path = self._which(command)
            if on_path:
                return examine(on_path)
        return None

    def display(self) -> str | None:
        """Return what windows can be opened on, or None where there is no screen."""
        if sys.platform in {"darwin", "win32"}:
            return sys.platform
        return self.environ.get("WAYLAND_DISPLAY") or self.environ.get("DISPLAY") or None

    def _which(self, command: str) -> Path | None:
        found = shutil.which(command, path=self.environ.get("PATH", ""))
        return Path(found) if found else None


def examine(path: Path) -> Executable:
    """Ask an executable for its version (`--version`); None where it does not answer.

    It is asked once, and again only when the file has changed.
    """
    try:
        return _examine(path, path.stat().st_mtime_ns)
    except OSError:
        return Executable(path)


@lru_cache(maxsize=64)
def _examine(path: Path, changed: int) -> Executable:  # noqa: ARG001 (part of the cache's key)
    if sys.platform == "win32" and path.name not in {"chromedriver.exe", "geckodriver.exe"}:
        return Executable(path)  # a browser on Windows opens a window instead of answering
    try:
        output = subprocess.run(  # noqa: S603 (the caller's own browser or driver)
            [str(path), "--version"], capture_output=True, text=True, timeout=20, check=False
        ).stdout
    except (OSError, subprocess.TimeoutExpired, UnicodeDecodeError):
        return Executable(path)
    number = re.search(r"\d+(?:\.\d+)+", output)
    return Executable(path, number.group() if number else None)


def is_snap(executable: Path) -> bool:
    """Tell whether an executable runs in a snap, which has a /tmp of its own.

    Ubuntu's /usr/bin/chromium-browser is a script that starts one.
    """
    whole = executable.resolve()
    if whole.name == "snap" or "snap" in whole.parts:
        return True
    try:
        with whole.open("rb") as file:
            head = file.read(4096)
    except OSError:
        return False
    return head.startswith(b"#!") and b"/snap/bin/" in head


def mismatch(
    kind: BrowserKind, browser: Executable | None, driver: Executable | None
) -> str | None:
    """Say in a few words how browser and driver do not fit; None where they do or cannot tell."""
    if not kind.chromium or browser is None or driver is None:
        return None  # a geckodriver drives many Firefox versions
    if browser.major is None or driver.major is None or browser.major == driver.major:
        return None
    return f"{kind.name} is version {browser.major}, its driver {driver.major}"


def kind_of(binary: Path) -> BrowserKind:
    """Tell a browser's kind from its file name, `chrome` where the name says nothing."""
    name = binary.name.lower()
    for kind, words in (
        ("firefox", ("firefox", "librewolf")),
        ("edge", ("edge",)),
        ("chromium", ("chromium",)),
    ):
        if any(word in name for word in words):
            return KINDS[kind]
    return KINDS["chrome"]


def choose(
    browser: str | None = None,
    driver: str | Path | None = None,
    *,
    headless: bool | None = None,
    profile: Path | None = None,
    environ: Mapping[str, str] | None = None,
) -> BrowserChoice:
    """Make a choice from an option's text: a browser's name or the path of its executable.

    Where an argument is None, the environment's PIXSET_BROWSER and PIXSET_DRIVER are read.
    UsageError for a name that is no browser and no file.
    """
    environ = os.environ if environ is None else environ
    browser = browser or environ.get("PIXSET_BROWSER") or None
    driver = driver or environ.get("PIXSET_DRIVER") or None
    driver_path = Path(driver) if driver else None
    if browser is None or browser.lower() in KINDS:
        name = browser.lower() if browser else None
        return BrowserChoice(name, None, driver_path, headless, profile)
    binary = Path(shutil.which(browser) or browser)
    if not binary.is_file():
        raise UsageError(
            f"browser {browser!r}: expected one of {', '.join(KINDS)}, or an executable's path"
        )
    return BrowserChoice(kind_of(binary).name, binary, driver_path, headless, profile)
