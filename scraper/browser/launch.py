"""From a choice to a browser that runs: found with its driver, given a window or not, started."""

from __future__ import annotations

import logging
import re
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import DriverError
from .arguments import (
    chromium_arguments,
    download_preferences,
    firefox_arguments,
    is_root,
    relay_arguments,
    relay_preferences,
    wants_window,
)
from .borrowed_preferences import BorrowedPreferences
from .downloads import first_line
from .installed import is_snap
from .process import BrowserProcess, profile_holder
from .relay import NetworkAccess, Relay
from .resolve import Found, Heading, Resolution
from .resources import NetworkLog
from .selenium_browser import SeleniumBrowser

if TYPE_CHECKING:
    from selenium.webdriver.remote.webdriver import WebDriver

    from ..engines import PageEngine
    from .installed import BrowserChoice

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds until a command is given up: a page's load, a script, the driver, and its start.

    A page that is slow to load is read as far as it came. `command` is longer than both: what
    reaches it is a dead or frozen driver, or a page whose scripts never end. On a busy machine a
    good page takes many seconds, and what is given up is not tried again.
    """

    page: float = 30.0
    script: float = 20.0
    command: float = 40.0
    start: float = 75.0


def launch(
    choice: BrowserChoice,
    *,
    engine: PageEngine | None = None,
    resolution: Resolution | None = None,
    timeouts: Timeouts | None = None,
    access: NetworkAccess | None = None,
) -> SeleniumBrowser:
    """Find a browser and its driver, start both and return the browser.

    It has a window where the choice says so, or where the engine needs one and a display is
    there. `access` says where it may go; None leaves it on its own, which is for pages that
    are trusted. DriverError, one line that names a heading of drivers.md, when none can be started.
    """
    resolution = resolution or Resolution()
    found = resolution.resolve(choice)
    headless = not wants_window(choice, engine, resolution.machine)
    starting = _Start(found, choice, timeouts or Timeouts(), engine.TILES if engine else "", access)
    try:
        return starting.run(headless=headless)
    except DriverError as error:
        # The window was not asked for: a display that is named but dead ends nothing.
        if error.heading != Heading.WINDOW or choice.headless is not None:
            raise
        log.warning("%s; going on without a window", error)
        return starting.run(headless=True)


def load_packages() -> None:
    """Load Selenium ahead: it takes half a second or more, and three browsers wait for it."""
    from selenium.webdriver import chrome
    from selenium.webdriver.remote import webdriver

    log.debug("loaded %s, %s", chrome.__name__, webdriver.__name__)


@dataclass(frozen=True, slots=True)
class _Start:
    """One browser to be started."""

    found: Found
    choice: BrowserChoice
    timeouts: Timeouts
    tiles: str
    access: NetworkAccess | None

    def run(self, *, headless: bool) -> SeleniumBrowser:
        """Start driver and browser; nothing of either stays behind when that fails."""
        found = self.found
        name = f"{found.kind.name} {found.browser.version if found.browser else ''}".strip()
        log.debug("%s with %s, by %s", name, found.driver.path, found.step)
        process = BrowserProcess(_base(found))
        with ExitStack() as undoing:  # Ctrl-C too
            undoing.callback(process.end)
            relay = Relay(self.access) if self.access is not None else None
            if relay is not None:
                undoing.callback(relay.close)
            profile = self.choice.profile or process.folder / "profile"
            try:
                profile.mkdir(parents=True, exist_ok=True)
                preferences = self._preferences(profile, relay)
                if preferences and self.choice.profile is not None:
                    process.afterwards(BorrowedPreferences(profile, preferences.keys()).restore)
            except OSError as error:
                why = f"the profile {profile} cannot be written in: {error.strerror}"
                raise DriverError(why, Heading.PROFILES) from error
            driver = self._driver(process, profile, relay, preferences, headless=headless)
            browser = SeleniumBrowser(
                driver,
                process,
                name=name,
                headed=not headless,
                devtools=found.kind.chromium,
                tiles=self.tiles,
                relay=relay,
                keeps_profile=self.choice.profile is not None,
            )
            undoing.pop_all()
        return browser

    def _preferences(self, profile: Path, relay: Relay | None) -> dict[str, str | int | bool]:
        """Return what Firefox is told by preferences; Chromium is told by arguments."""
        if self.found.kind.name != "firefox":
            return {}
        preferences = download_preferences(profile)
        Path(str(preferences["browser.download.dir"])).mkdir(exist_ok=True)
        return preferences | (relay_preferences(relay) if relay is not None else {})

    def _driver(
        self,
        process: BrowserProcess,
        profile: Path,
        relay: Relay | None,
        preferences: dict[str, str | int | bool],
        *,
        headless: bool,
    ) -> WebDriver:
        """Start the driver and, through it, the browser; DriverError names why it would not."""
        from selenium.common.exceptions import WebDriverException
        from urllib3.exceptions import HTTPError

        from .driver import DialogProofDriver

        options, service, connection = _selenium_parts(self.found, process)
        found = self.found
        if found.kind.chromium:
            arguments = chromium_arguments(
                found.kind, found.browser, headless=headless, profile=profile
            )
            arguments += relay_arguments(relay) if relay is not None else []
            capability = NetworkLog.CAPABILITIES[found.kind.name == "edge"]
            options.set_capability(capability, dict(NetworkLog.PREFERENCES))
            options.add_experimental_option(*NetworkLog.OPTION)
        else:
            arguments = [*firefox_arguments(headless=headless), "-profile", str(profile)]
        for name, value in preferences.items():
            options.set_preference(name, value)
        for argument in arguments:
            options.add_argument(argument)
        process.check_wanted()
        try:
            service.start()
            process.watch(service)
            config = _client_config(service.service_url, self.timeouts)
            driver = DialogProofDriver(connection(config), options=options)
            driver.set_page_load_timeout(self.timeouts.page)
            driver.set_script_timeout(self.timeouts.script)
            config.timeout = round(self.timeouts.command)
        except (WebDriverException, HTTPError, OSError) as error:
            process.end()
            message = str(getattr(error, "msg", error))
            raise would_not_start(found, profile, message, headless=headless) from error
        return driver


def _base(found: Found) -> Path | None:
    """Return where the browser's folder is to lie: a snap sees only what is in the home."""
    if found.browser is None or not is_snap(found.browser.path):
        return None
    common = Path.home() / "snap" / found.kind.name / "common"
    return common if common.is_dir() else Path.home()


def _selenium_parts(found: Found, process: BrowserProcess) -> tuple[Any, Any, Any]:
    """Return Selenium's options, its service and the maker of its connection."""
    started: dict[str, Any] = {"popen_kw": process.popen_options(), "env": process.environment()}
    path = str(found.driver.path)
    options: Any
    service: Any
    remote: Any
    if found.kind.name == "edge":
        from selenium.webdriver import edge

        options, service = edge.options.Options(), edge.service.Service(path, **started)
        remote = edge.remote_connection.EdgeRemoteConnection
    elif found.kind.chromium:
        from selenium.webdriver import chrome

        options, service = chrome.options.Options(), chrome.service.Service(path, **started)
        remote = chrome.remote_connection.ChromeRemoteConnection
    else:
        from selenium.webdriver import firefox

        options, service = firefox.options.Options(), firefox.service.Service(path, **started)
        options.profile = None
        remote = firefox.remote_connection.FirefoxRemoteConnection
    options.page_load_strategy = "eager"  # the pictures may still be loading
    options.unhandled_prompt_behavior = "dismiss"
    if found.browser is not None:
        options.binary_location = str(found.browser.path)

    def connection(config: Any) -> Any:
        return remote(config.remote_server_addr, client_config=config)

    return options, service, connection


def _client_config(address: str, timeouts: Timeouts) -> Any:
    """Return how Selenium's HTTP client talks to the driver.

    The driver is on this machine: no proxy of the environment's, and no silent retries, which
    would multiply the time until a frozen driver is noticed.
    """
    from selenium.webdriver.common.proxy import Proxy, ProxyType
    from selenium.webdriver.remote.client_config import ClientConfig

    return ClientConfig(
        address,
        proxy=Proxy({"proxyType": ProxyType.DIRECT}),
        init_args_for_pool_manager={"init_args_for_pool_manager": {"retries": False}},
        timeout=round(timeouts.start),
    )


def would_not_start(
    found: Found, profile: Path, message: str, *, headless: bool = True
) -> DriverError:
    """Name the reason why a browser did not start, from what its driver says."""
    message = first_line(re.split(r"; For documentation|Examine ChromeDriver", message)[0]).strip()
    name = found.kind.name
    holder = profile_holder(profile)
    if "only supports" in message or "version of" in message:
        return DriverError(f"{name}'s driver refuses it: {message}", Heading.MISMATCH)
    if holder is not None or "already in use" in message:
        who = f"process {holder}" if holder else "a running browser"
        return DriverError(f"the profile {profile} is in use by {who}", Heading.PROFILES)
    exits = "crashed" in message or "exited" in message or "DevToolsActivePort" in message
    if exits and not headless:
        return DriverError(f"{name} opens no window on this display: {message}", Heading.WINDOW)
    if exits and is_root():
        return DriverError(f"{name} exits at its start: {message}", Heading.CONTAINERS)
    return DriverError(f"{name} does not start: {message}", Heading.STARTING)
