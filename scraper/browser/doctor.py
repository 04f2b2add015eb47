"""What this machine has and whether a browser starts: behind `pixset drivers` and `doctor`."""

from __future__ import annotations

import platform
import re
import shutil
import sys
import tempfile
from dataclasses import asdict, dataclass, replace
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from ..engines import ENGINES, shows_pages
from ..errors import BrowserLost, DriverError
from .installed import KINDS, BrowserChoice, BrowserKind, mismatch
from .launch import launch
from .process import profile_holder
from .resolve import Found, Heading, Resolution

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .selenium_browser import SeleniumBrowser

# A term at 1,800 originals is about this large.
_ROOM = 2 * 1024**3
_OLDEST_PYTHON = (3, 11)
_HELLO = "<title>pixset</title><p id=hello>hello"


@dataclass(frozen=True, slots=True)
class BrowserSurvey:
    """One kind of browser on this machine, its driver on PATH, and what to do about it."""

    name: str
    browser: str | None
    browser_version: str | None
    driver: str | None
    driver_version: str | None
    state: str  # match, mismatch, no driver, no browser
    advice: str


@dataclass(frozen=True, slots=True)
class MachineCheck:
    """One of the doctor's findings; `state` is ok, note or bad."""

    name: str
    state: str
    message: str


def survey(resolution: Resolution) -> list[BrowserSurvey]:
    """Look at every kind of browser, without downloading or starting anything."""
    return [_survey(resolution, kind) for kind in KINDS.values()]


def _survey(resolution: Resolution, kind: BrowserKind) -> BrowserSurvey:
    browser = resolution.machine.browser(kind)
    driver = resolution.machine.driver(kind, browser)
    misfit = mismatch(kind, browser, driver)
    if browser is None:
        state, advice = "no browser", "not installed"
    elif driver is None or driver.version is None:
        state = "no driver"
        advice = f'webdriver-manager is asked for one (drivers.md, "{Heading.NO_DRIVER}")'
    elif misfit:
        state = "mismatch"
        advice = f'{misfit}: webdriver-manager is asked (drivers.md, "{Heading.MISMATCH}")'
    else:
        state, advice = "match", "ready"
    return BrowserSurvey(
        kind.name,
        str(browser.path) if browser else None,
        browser.version if browser else None,
        str(driver.path) if driver else None,
        driver.version if driver else None,
        state,
        advice,
    )


def chosen(resolution: Resolution, choice: BrowserChoice) -> Found | DriverError:
    """Return what a run would use, or the error that it would end with."""
    try:
        return resolution.resolve(choice)
    except DriverError as error:
        return error


def describe(found: Found | DriverError) -> dict[str, object]:
    """Return a resolution as plain values for `--json`."""
    if isinstance(found, DriverError):
        return {"error": str(found), "heading": str(found.heading)}
    return {
        "name": found.kind.name,
        "browser": str(found.browser.path) if found.browser else None,
        "browser_version": found.browser.version if found.browser else None,
        "driver": str(found.driver.path),
        "driver_version": found.driver.version,
        "step": found.step,
    }


def examine_machine(resolution: Resolution, choice: BrowserChoice) -> Iterator[MachineCheck]:
    """Check what a run needs, one finding after the other; the last one starts a browser."""
    yield _python()
    yield from _packages()
    yield _disk(Path.cwd())
    yield _temporary()
    yield _display(resolution)
    yield _cache(resolution)
    if choice.profile is not None:
        yield _profile(choice.profile)
    yield start_browser(resolution, choice)


def _python() -> MachineCheck:
    version = platform.python_version()
    state = "ok" if sys.version_info[:2] >= _OLDEST_PYTHON else "bad"
    return MachineCheck("python", state, f"{version} at {sys.executable}")


def _packages() -> Iterator[MachineCheck]:
    there, missing = [], []
    for name in _needed():
        try:
            there.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            missing.append(name)
    yield MachineCheck("packages", "ok", ", ".join(there))
    if missing:
        yield MachineCheck("packages", "bad", f"missing {', '.join(missing)}: install pixset again")


def _needed() -> list[str]:
    """The distributions that pixset's own metadata ask for, without the extras'."""
    try:
        asked = metadata.requires("pixset") or []
    except metadata.PackageNotFoundError:  # run from a folder that is not installed
        return ["pixset"]
    return [re.split(r"[^\w.-]", one, maxsplit=1)[0] for one in asked if "extra ==" not in one]


def _disk(folder: Path) -> MachineCheck:
    free = shutil.disk_usage(folder).free
    message = f"{free / 1024**3:.1f} GB free at {folder}"
    if free < _ROOM:
        return MachineCheck("disk", "note", f"{message}: 1,800 originals need about 2 GB")
    return MachineCheck("disk", "ok", message)


def _temporary() -> MachineCheck:
    try:
        with tempfile.TemporaryDirectory(prefix="pixset-doctor-") as folder:
            return MachineCheck("temporary folder", "ok", str(Path(folder).parent))
    except OSError as error:
        return MachineCheck(
            "temporary folder", "bad", f"{error}: set TMPDIR to a folder to write in"
        )


def _profile(profile: Path) -> MachineCheck:
    holder = profile_holder(profile)
    if holder is not None:
        message = f'{profile} is in use by process {holder} (drivers.md, "{Heading.PROFILES}")'
        return MachineCheck("profile", "bad", message)
    there = "is there" if profile.is_dir() else "will be made"
    return MachineCheck("profile", "ok", f"{profile} {there}")


def _display(resolution: Resolution) -> MachineCheck:
    display = resolution.machine.display()
    names = ", ".join(
        name for name, one in ENGINES.items() if shows_pages(one) and not one.HEADLESS
    )
    if display:
        return MachineCheck("display", "ok", f"{display}: {names or 'no engine'} gets a window")
    if not names:
        return MachineCheck("display", "ok", "none, and no engine wants a window")
    return MachineCheck("display", "note", f"none: {names} without a window draws captchas")


def _cache(resolution: Resolution) -> MachineCheck:
    folder = resolution.downloads.cache_folder()
    drivers = sorted((folder / "drivers").glob("*/*/*")) if folder.is_dir() else []
    names = ", ".join(f"{path.parts[-3]} {path.name}" for path in drivers) or "empty"
    return MachineCheck("webdriver-manager cache", "ok", f"{folder}: {names}")


def start_browser(resolution: Resolution, choice: BrowserChoice) -> MachineCheck:
    """Start the browser a run would use, open a page of our own in it, and close it."""
    headless = True if choice.headless is None else choice.headless
    try:
        with launch(replace(choice, headless=headless), resolution=resolution) as browser:
            there = _shows_hello(browser)
    except (DriverError, BrowserLost) as error:
        return MachineCheck("browser", "bad", str(error))
    if not there:
        return MachineCheck("browser", "bad", "it starts, but shows nothing of a page")
    return MachineCheck("browser", "ok", f"{browser.name} opened a page and closed again")


def _shows_hello(browser: SeleniumBrowser) -> bool:
    if browser.devtools_there:
        browser.open(f"data:text/html,{_HELLO}")
        return browser.has("#hello")
    with tempfile.TemporaryDirectory(prefix="pixset-doctor-") as folder:
        page = Path(folder) / "hello.html"  # Firefox refuses to be sent to a data: address
        page.write_text(_HELLO)
        browser.open(page.as_uri())
        return browser.has("#hello")


def as_json(rows: list[BrowserSurvey] | list[MachineCheck]) -> list[dict[str, object]]:
    """Return rows as plain values for `--json`; a check's message has the key `said` there."""
    return [
        {"said" if name == "message" else name: value for name, value in asdict(row).items()}
        for row in rows
    ]
