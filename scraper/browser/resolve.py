"""Driver resolution: named, on PATH, webdriver-manager's cache or download, Selenium Manager.

The first step that gives a driver whose version fits the browser wins; the reasons of the
others are kept for the one line of the error, which names a heading of drivers.md.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import DriverError
from .downloads import (
    Downloads,
    ForeignErrors,
    StepRefused,
    ask_selenium_manager,
    driver_manager,
    first_line,
)
from .installed import KINDS, BrowserChoice, BrowserKind, Executable, Machine, examine, mismatch

if TYPE_CHECKING:
    from collections.abc import Iterator


class Heading(StrEnum):
    """The headings of drivers.md that errors name."""

    CHOICE = "Telling pixset which browser to use"
    NO_BROWSER = "No browser found"
    NO_DRIVER = "No driver found"
    MISMATCH = "Version mismatch"
    STARTING = "The browser does not start"
    CONTAINERS = "Root and containers"
    WINDOW = "Headless and headed"
    PROFILES = "Profiles"


@dataclass(frozen=True, slots=True)
class Found:
    """A browser and its driver, and by which step the driver was found."""

    kind: BrowserKind
    browser: Executable | None
    driver: Executable
    step: str


@dataclass(slots=True)
class Resolution:
    """One machine's browsers and the steps that look for their drivers."""

    machine: Machine = field(default_factory=Machine)
    downloads: Downloads = field(default_factory=Downloads.from_environment)

    def resolve(self, choice: BrowserChoice) -> Found:
        """Find a browser and a driver that fits it; DriverError names what is missing."""
        pairs = list(self._browsers(choice))
        if not pairs:
            return self._without_browser(choice)
        if choice.driver is not None:
            return self._named(choice.driver, *pairs[0])
        refusals: list[str] = []
        # A driver that is here fits one of the browsers more cheaply than a download.
        for steps in ([self.on_path], [self.webdriver_manager, self.selenium_manager]):
            for kind, browser in pairs:
                for step in steps:
                    try:
                        return step(kind, browser)
                    except StepRefused as refusal:
                        refusals.append(str(refusal))
        heading = Heading.MISMATCH if "version" in refusals[0] else Heading.NO_DRIVER
        raise DriverError("no driver for " + "; ".join(dict.fromkeys(refusals)), heading)

    def _browsers(self, choice: BrowserChoice) -> Iterator[tuple[BrowserKind, Executable]]:
        if choice.binary is not None:
            if not choice.binary.is_file():
                raise DriverError(f"no browser at {choice.binary}", Heading.CHOICE)
            yield KINDS[choice.name or "chrome"], examine(choice.binary)
            return
        for kind in [KINDS[choice.name]] if choice.name else KINDS.values():
            browser = self.machine.browser(kind)
            if browser is not None:
                yield kind, browser

    def _named(self, path: Path, kind: BrowserKind, browser: Executable) -> Found:
        driver = examine(path) if path.is_file() else None
        if driver is None or driver.version is None:
            what = "does not run" if driver else "is not there"
            raise DriverError(f"the driver {path} {what}", Heading.CHOICE)
        misfit = mismatch(kind, browser, driver)
        if misfit:
            raise DriverError(f"{misfit} ({path})", Heading.MISMATCH)
        return Found(kind, browser, driver, "told")

    def _without_browser(self, choice: BrowserChoice) -> Found:
        wanted = choice.name or "chrome"
        try:
            return self.selenium_manager(KINDS[wanted], None)
        except StepRefused as refusal:
            looked = choice.name or ", ".join(KINDS)
            raise DriverError(
                f"no browser on this machine (looked for {looked}); {refusal}",
                Heading.NO_BROWSER,
            ) from refusal

    def on_path(self, kind: BrowserKind, browser: Executable) -> Found:
        """Take the driver beside the browser or on PATH."""
        driver = self.machine.driver(kind, browser)
        if driver is None or driver.version is None:
            raise StepRefused(f"{kind.name}: no {kind.driver_commands[0]} on PATH")
        misfit = mismatch(kind, browser, driver)
        if misfit:
            raise StepRefused(f"{misfit} ({driver.path})")
        return Found(kind, browser, driver, "path")

    def webdriver_manager(self, kind: BrowserKind, browser: Executable) -> Found:
        """Take the driver from webdriver-manager's cache, else let it download one."""
        asked: list[str] = []
        with ForeignErrors("webdriver-manager"):
            path = driver_manager(kind, browser, self.downloads, asked).install()
        driver = examine(Path(path))
        if driver.version is None:
            raise StepRefused(
                f"webdriver-manager's {path} does not run: remove it to load it again"
            )
        misfit = mismatch(kind, browser, driver)
        if misfit:
            raise StepRefused(f"webdriver-manager: {misfit} ({path})")
        step = "webdriver-manager, downloaded" if asked else "webdriver-manager, cached"
        return Found(kind, browser, driver, step)

    def selenium_manager(self, kind: BrowserKind, browser: Executable | None) -> Found:
        """Let Selenium Manager find or download a driver, and a browser where there is none."""
        if kind.name == "chromium" and browser is None:
            raise StepRefused("Selenium Manager downloads no Chromium")
        arguments = ["--browser", "chrome" if kind.name == "chromium" else kind.name]
        if browser is not None:
            arguments += ["--browser-path", str(browser.path)]
        if not self.downloads.allowed:
            arguments.append("--offline")
        answer = ask_selenium_manager(arguments, self.machine.environ)
        at, driver_at = Path(answer["browser_path"]), Path(answer["driver_path"])
        if answer["code"] or not driver_at.is_file() or not at.is_file():
            reason = first_line(str(answer["message"] or "found none"))
            raise StepRefused(f"Selenium Manager: {reason}")
        browser, driver = browser or examine(at), examine(driver_at)
        misfit = mismatch(kind, browser, driver)
        if misfit or driver.version is None:
            raise StepRefused(f"Selenium Manager: {misfit or 'a driver that does not run'}")
        return Found(kind, browser, driver, "Selenium Manager")
