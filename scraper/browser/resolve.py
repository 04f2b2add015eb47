"""Driver resolution: told, on PATH, webdriver-manager's cache or download, Selenium Manager.

The first step that gives a driver whose version fits the browser wins; what the others said
is kept for the one line of the error, which names a heading of drivers.md.
"""

from __future__ import annotations

import json
import logging
import os
import re
import subprocess
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ..errors import DriverError
from .downloads import Downloads
from .installed import KINDS, BrowserChoice, Executable, Kind, Machine, examine, mismatch

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from types import TracebackType


log = logging.getLogger(__name__)


class Heading(StrEnum):
    """The headings of drivers.md that errors name."""

    TOLD = "Telling pixset which browser to use"
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

    kind: Kind
    browser: Executable | None
    driver: Executable
    step: str


class RefusedError(Exception):
    """One step's reason for giving no driver; the next step is tried."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(slots=True)
class Resolution:
    """One machine's browsers and the steps that look for their drivers."""

    machine: Machine = field(default_factory=Machine)
    downloads: Downloads = field(default_factory=Downloads.told)

    def resolve(self, choice: BrowserChoice) -> Found:
        """Find a browser and a driver that fits it; DriverError names what is missing."""
        pairs = list(self._browsers(choice))
        if not pairs:
            return self._without_browser(choice)
        if choice.driver is not None:
            return self._told(choice.driver, *pairs[0])
        said: list[str] = []
        # A driver that is here fits one of the browsers more cheaply than a download.
        for steps in ([self.on_path], [self.webdriver_manager, self.selenium_manager]):
            for kind, browser in pairs:
                for step in steps:
                    try:
                        return step(kind, browser)
                    except RefusedError as refusal:
                        said.append(refusal.reason)
        heading = Heading.MISMATCH if "version" in said[0] else Heading.NO_DRIVER
        raise DriverError("no driver for " + "; ".join(dict.fromkeys(said)), heading)

    def _browsers(self, choice: BrowserChoice) -> Iterator[tuple[Kind, Executable]]:
        if choice.binary is not None:
            if not choice.binary.is_file():
                raise DriverError(f"no browser at {choice.binary}", Heading.TOLD)
            yield KINDS[choice.name or "chrome"], examine(choice.binary)
            return
        for kind in [KINDS[choice.name]] if choice.name else KINDS.values():
            browser = self.machine.browser(kind)
            if browser is not None:
                yield kind, browser

    def _told(self, path: Path, kind: Kind, browser: Executable) -> Found:
        driver = examine(path) if path.is_file() else None
        if driver is None or driver.version is None:
            what = "does not run" if driver else "is not there"
            raise DriverError(f"the driver {path} {what}", Heading.TOLD)
        misfit = mismatch(kind, browser, driver)
        if misfit:
            raise DriverError(f"{misfit} ({path})", Heading.MISMATCH)
        return Found(kind, browser, driver, "told")

    def _without_browser(self, choice: BrowserChoice) -> Found:
        wanted = choice.name or "chrome"
        try:
            return self.selenium_manager(KINDS[wanted], None)
        except RefusedError as refusal:
            looked = choice.name or ", ".join(KINDS)
            raise DriverError(
                f"no browser on this machine (looked for {looked}); {refusal.reason}",
                Heading.NO_BROWSER,
            ) from refusal

    def on_path(self, kind: Kind, browser: Executable) -> Found:
        """Take the driver beside the browser or on PATH."""
        driver = self.machine.driver(kind, browser)
        if driver is None or driver.version is None:
            raise RefusedError(f"{kind.name}: no {kind.driver_commands[0]} on PATH")
        misfit = mismatch(kind, browser, driver)
        if misfit:
            raise RefusedError(f"{misfit} ({driver.path})")
        return Found(kind, browser, driver, "path")

    def webdriver_manager(self, kind: Kind, browser: Executable) -> Found:
        """Take the driver from webdriver-manager's cache, else let it download one."""
        asked: list[str] = []
        with _Foreign("webdriver-manager"):
            path = _manager(kind, browser, self.downloads, asked).install()
        driver = examine(Path(path))
        if driver.version is None:
            raise RefusedError(
                f"webdriver-manager's {path} does not run: remove it to load it again"
            )
        misfit = mismatch(kind, browser, driver)
        if misfit:
            raise RefusedError(f"webdriver-manager: {misfit} ({path})")
        step = "webdriver-manager, downloaded" if asked else "webdriver-manager, cached"
        return Found(kind, browser, driver, step)

    def selenium_manager(self, kind: Kind, browser: Executable | None) -> Found:
        """Let Selenium Manager find or download a driver, and a browser where there is none."""
        if kind.name == "chromium" and browser is None:
            raise RefusedError("Selenium Manager downloads no Chromium")
        arguments = ["--browser", "chrome" if kind.name == "chromium" else kind.name]
        if browser is not None:
            arguments += ["--browser-path", str(browser.path)]
        if not self.downloads.allowed:
            arguments.append("--offline")
        answer = _ask_selenium_manager(arguments, self.machine.environ)
        at, driver_at = Path(answer["browser_path"]), Path(answer["driver_path"])
        if answer["code"] or not driver_at.is_file() or not at.is_file():
            said = first_line(str(answer["message"] or "found none"))
            raise RefusedError(f"Selenium Manager: {said}")
        browser, driver = browser or examine(at), examine(driver_at)
        misfit = mismatch(kind, browser, driver)
        if misfit or driver.version is None:
            raise RefusedError(f"Selenium Manager: {misfit or 'a driver that does not run'}")
        return Found(kind, browser, driver, "Selenium Manager")


def _ask_selenium_manager(arguments: list[str], environ: Mapping[str, str]) -> dict[str, Any]:
    """Run Selenium Manager's program; its answer has code, message, driver_path, browser_path.

    Selenium's own way to run it has no time limit, sends statistics, and looks in the
    environment of this process.
    """
    from selenium.common.exceptions import WebDriverException
    from selenium.webdriver.common.selenium_manager import SeleniumManager

    options = [
        "--avoid-stats",
        "--output",
        "json",
        "--timeout",
        "60",
        "--language-binding",
        "python",
    ]
    nothing = {"code": 1, "message": "", "driver_path": "", "browser_path": ""}
    try:
        program = SeleniumManager._get_binary()  # noqa: SLF001 (there is no public name)
        said = subprocess.run(  # noqa: S603 (Selenium's own program)
            [str(program), *arguments, *options],
            env={**os.environ, **environ},
            capture_output=True,
            timeout=300,
            check=False,
        ).stdout
        return {**nothing, **json.loads(said)["result"]}
    except (WebDriverException, OSError, subprocess.TimeoutExpired, ValueError, KeyError) as error:
        return {**nothing, "message": first_line(str(getattr(error, "msg", error)))}


class _Foreign:
    """Turns a step's exceptions into a RefusedError.

    webdriver-manager raises bare `Exception` for a version that has no driver, so a bare one
    is taken too, and no other: a subclass that is not listed is a fault of ours and passes.
    """

    def __init__(self, step: str) -> None:
        self._step = step

    def __enter__(self) -> None:
        return None

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if kind is None or isinstance(error, RefusedError):
            return
        from tarfile import TarError
        from zipfile import BadZipFile

        # requests' exceptions are OSErrors; a surprising answer is a Value- or LookupError.
        if kind is Exception or issubclass(
            kind, OSError | ValueError | LookupError | BadZipFile | TarError
        ):
            raise RefusedError(f"{self._step}: {first_line(str(error))}") from error


def first_line(text: str) -> str:
    """Return what an error says, short enough for one line of several."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return re.sub(r"\s+", " ", lines[0])[:200] if lines else "said nothing"


def _manager(kind: Kind, browser: Executable, downloads: Downloads, asked: list[str]) -> Any:
    """Make webdriver-manager's own object for this browser, with our HTTP client and cache."""
    from webdriver_manager.chrome import ChromeDriverManager
    from webdriver_manager.core.download_manager import WDMDownloadManager
    from webdriver_manager.core.driver_cache import DriverCacheManager
    from webdriver_manager.core.http import HttpClient
    from webdriver_manager.core.os_manager import ChromeType, OperationSystemManager
    from webdriver_manager.firefox import GeckoDriverManager
    from webdriver_manager.microsoft import EdgeChromiumDriverManager

    class KnownBrowser(OperationSystemManager):
        """Answers with the version of the browser that will be driven, not of another one."""

        def get_browser_version_from_os(self, browser_type: str | None = None) -> str | None:  # noqa: ARG002 (the base's signature)
            return ".".join(browser.version.split(".")[:3]) if browser.version else None

    class Client(HttpClient):
        """Downloads through the mirror, within the timeouts, and only where it is allowed."""

        def get(self, url: str, params: Any = None, **options: Any) -> Any:
            import requests

            if not downloads.allowed:
                raise ValueError("not in its cache, and downloads are switched off")
            asked.append(url)
            address = downloads.address(url)
            try:
                answer = requests.get(address, params, timeout=downloads.timeout, **options)
            except requests.RequestException as error:
                raise ValueError(f"{urlsplit(address).netloc} cannot be reached") from error
            if answer.status_code != 200:
                raise ValueError(f"HTTP {answer.status_code} from {address}")
            return answer

    # webdriver-manager's functions carry no types: its classes are called as Any.
    make: dict[str, Any] = {
        "system": KnownBrowser,
        "cache": DriverCacheManager,
        "download": WDMDownloadManager,
    }
    system = make["system"]()
    # A cached driver fits its browser's version for ever: it is not asked for again each day.
    cache = make["cache"](
        root_dir=str(downloads.cache) if downloads.cache else None,
        valid_range=3650,
        os_system_manager=system,
    )
    tools: dict[str, Any] = {
        "download_manager": make["download"](Client()),
        "cache_manager": cache,
        "os_system_manager": system,
    }
    if kind.name == "firefox":
        return GeckoDriverManager(**tools)
    if kind.name == "edge":
        return EdgeChromiumDriverManager(**tools)
    chrome = ChromeType.CHROMIUM if kind.name == "chromium" else ChromeType.GOOGLE
    return ChromeDriverManager(chrome_type=chrome, **tools)
