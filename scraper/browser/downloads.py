"""Drivers that are not on this machine: webdriver-manager's, and what Selenium Manager brings."""

from __future__ import annotations

import json
import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

    from .installed import BrowserKind, Executable


_TIMEOUT = (10.0, 60.0)  # seconds to connect, and between two reads


class StepRefused(Exception):
    """One step's reason for giving no driver; the next step is tried."""


@dataclass(frozen=True, slots=True)
class Downloads:
    """How drivers are downloaded.

    `mirror` is a URL that answers for every download host: `https://host/path` is asked for
    as `mirror/host/path` (PIXSET_DRIVER_MIRROR). `cache` is webdriver-manager's folder, its
    own default where None. `allowed` False keeps to what is cached (PIXSET_DRIVER_DOWNLOAD=0).
    Proxies are read from the environment (HTTPS_PROXY, NO_PROXY), as requests does.
    """

    mirror: str | None = None
    cache: Path | None = None
    allowed: bool = True

    @classmethod
    def from_environment(cls) -> Downloads:
        """Read the environment's settings."""
        mirror = os.environ.get("PIXSET_DRIVER_MIRROR") or None
        return cls(mirror, allowed=os.environ.get("PIXSET_DRIVER_DOWNLOAD") != "0")

    def address(self, url: str) -> str:
        """Return where that URL is asked for."""
        if self.mirror is None:
            return url
        parts = urlsplit(url)
        query = f"?{parts.query}" if parts.query else ""
        return f"{self.mirror.rstrip('/')}/{parts.netloc}{parts.path}{query}"

    def cache_folder(self) -> Path:
        """Return the folder in which webdriver-manager keeps its drivers."""
        return (self.cache or Path.home()) / ".wdm"


def driver_manager(
    kind: BrowserKind, browser: Executable, downloads: Downloads, asked: list[str]
) -> Any:
    """Make webdriver-manager's own object for this browser, with our HTTP client and cache.

    `asked` collects the addresses that are asked for.
    """
    from webdriver_manager.chrome import ChromeDriverManager
    from webdriver_manager.core.download_manager import WDMDownloadManager
    from webdriver_manager.core.driver_cache import DriverCacheManager
    from webdriver_manager.core.os_manager import ChromeType
    from webdriver_manager.firefox import GeckoDriverManager
    from webdriver_manager.microsoft import EdgeChromiumDriverManager

    # webdriver-manager's functions carry no types: its classes are called as Any.
    make: dict[str, Any] = {"cache": DriverCacheManager, "download": WDMDownloadManager}
    system = _system(browser)
    # A cached driver always fits its browser's version: it is not asked for again each day.
    cache = make["cache"](
        root_dir=str(downloads.cache) if downloads.cache else None,
        valid_range=3650,
        os_system_manager=system,
    )
    tools: dict[str, Any] = {
        "download_manager": make["download"](_client(downloads, asked)),
        "cache_manager": cache,
        "os_system_manager": system,
    }
    if kind.name == "firefox":
        return GeckoDriverManager(**tools)
    if kind.name == "edge":
        return EdgeChromiumDriverManager(**tools)
    chrome = ChromeType.CHROMIUM if kind.name == "chromium" else ChromeType.GOOGLE
    return ChromeDriverManager(chrome_type=chrome, **tools)


def _system(browser: Executable) -> Any:
    from webdriver_manager.core.os_manager import OperationSystemManager

    class KnownBrowser(OperationSystemManager):
        """Answers with the version of the browser that will be driven, not of another one."""

        def get_browser_version_from_os(self, browser_type: str | None = None) -> str | None:  # noqa: ARG002 (the base's signature)
            return ".".join(browser.version.split(".")[:3]) if browser.version else None

    make: Any = KnownBrowser
    return make()


def _client(downloads: Downloads, asked: list[str]) -> Any:
    import requests
    from webdriver_manager.core.http import HttpClient

    class Client(HttpClient):
        """Downloads through the mirror, within the timeouts, and only where it is allowed."""

        def get(self, url: str, params: Any = None, **options: Any) -> Any:
            if not downloads.allowed:
                raise ValueError("not in its cache, and downloads are switched off")
            asked.append(url)
            address = downloads.address(url)
            try:
                answer = requests.get(address, params, timeout=_TIMEOUT, **options)
            except requests.RequestException as error:
                raise ValueError(f"{urlsplit(address).netloc} cannot be reached") from error
            if answer.status_code != 200:
                raise ValueError(f"HTTP {answer.status_code} from {address}")
            return answer

    return Client()


def ask_selenium_manager(arguments: list[str], environ: Mapping[str, str]) -> dict[str, Any]:
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
        output = subprocess.run(  # noqa: S603 (Selenium's own program)
            [str(program), *arguments, *options],
            env={**os.environ, **environ},
            capture_output=True,
            timeout=300,
            check=False,
        ).stdout
        return {**nothing, **json.loads(output)["result"]}
    except (WebDriverException, OSError, subprocess.TimeoutExpired, ValueError, KeyError) as error:
        return {**nothing, "message": first_line(str(getattr(error, "msg", error)))}


class ForeignErrors:
    """Turns a step's exceptions into a StepRefused.

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
        if kind is None or isinstance(error, StepRefused):
            return
        from tarfile import TarError
        from zipfile import BadZipFile

        # requests' exceptions are OSErrors; a surprising answer is a Value- or LookupError.
        if kind is Exception or issubclass(
            kind, OSError | ValueError | LookupError | BadZipFile | TarError
        ):
            raise StepRefused(f"{self._step}: {first_line(str(error))}") from error


def first_line(text: str) -> str:
    """Return what an error says, short enough for one line of several."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return re.sub(r"\s+", " ", lines[0])[:200] if lines else "no message"
