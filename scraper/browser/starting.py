"""Starting a driver and, through it, a browser; and naming why one would not start."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..errors import DriverError
from .flags import chromium_arguments, firefox_arguments, is_root
from .process import profile_holder
from .resolve import Found, Heading, first_line

if TYPE_CHECKING:
    from pathlib import Path

    from selenium.webdriver.remote.webdriver import WebDriver

    from .process import Den


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds until a command is given up: a page's load, a script, and the driver itself."""

    page: float = 45.0
    script: float = 20.0
    command: float = 75.0  # longer than both: only a dead or frozen driver reaches it


def start(
    found: Found, *, headless: bool, profile: Path, den: Den, patience: Patience
) -> WebDriver:
    """Start the driver and, through it, the browser; DriverError names why it would not."""
    from selenium.common.exceptions import WebDriverException
    from selenium.webdriver.remote.webdriver import WebDriver
    from urllib3.exceptions import HTTPError

    options, service, connection = _parts(found, headless=headless, profile=profile, den=den)
    options.page_load_strategy = "eager"  # the pictures may still be loading
    options.unhandled_prompt_behavior = "dismiss"
    try:
        service.start()
        den.watch(service)
        driver = WebDriver(connection(service.service_url, patience), options=options)
        driver.set_page_load_timeout(patience.page)
        driver.set_script_timeout(patience.script)
    except (WebDriverException, HTTPError, OSError) as error:
        den.end()
        said = str(getattr(error, "msg", error))
        raise _would_not_start(found, profile, said, headless=headless) from error
    return driver


def _parts(found: Found, *, headless: bool, profile: Path, den: Den) -> tuple[Any, Any, Any]:
    """Return Selenium's options, its service and the maker of its connection."""
    path, kind = str(found.driver.path), found.kind
    process: dict[str, Any] = {"popen_kw": den.popen_options(), "env": den.environment()}
    options: Any
    service: Any
    if kind.chromium:
        from selenium.webdriver import chrome, edge

        room = edge if kind.name == "edge" else chrome
        options = room.options.Options()
        service = room.service.Service(path, **process)
        arguments = chromium_arguments(kind, found.browser, headless=headless, profile=profile)
        remote: Any = (
            edge.remote_connection.EdgeRemoteConnection
            if kind.name == "edge"
            else chrome.remote_connection.ChromeRemoteConnection
        )
    else:
        from selenium.webdriver import firefox

        options = firefox.options.Options()
        service = firefox.service.Service(path, **process)
        options.profile = None
        arguments = [*firefox_arguments(headless=headless), "-profile", str(profile)]
        remote = firefox.remote_connection.FirefoxRemoteConnection
    for argument in arguments:
        options.add_argument(argument)
    if found.browser is not None:
        options.binary_location = str(found.browser.path)

    def connection(address: str, patience: Patience) -> Any:
        from selenium.webdriver.common.proxy import Proxy, ProxyType
        from selenium.webdriver.remote.client_config import ClientConfig

        # The driver is on this machine: no proxy of the environment's, and no silent retries,
        # which would multiply the time until a frozen driver is noticed.
        pool = {"init_args_for_pool_manager": {"retries": False}}
        config = ClientConfig(
            address,
            proxy=Proxy({"proxyType": ProxyType.DIRECT}),
            init_args_for_pool_manager=pool,
            timeout=round(patience.command),
        )
        return remote(address, client_config=config)

    return options, service, connection


def _would_not_start(
    found: Found, profile: Path, said: str, *, headless: bool = True
) -> DriverError:
    """Name the reason why a browser did not start."""
    said = first_line(re.split(r"; For documentation|Examine ChromeDriver", said)[0]).strip()
    name = found.kind.name
    holder = profile_holder(profile)
    if "only supports" in said or "version of" in said:
        return DriverError(f"{name}'s driver refuses it: {said}", Heading.MISMATCH)
    if holder is not None or "already in use" in said:
        who = f"process {holder}" if holder else "a running browser"
        return DriverError(f"the profile {profile} is in use by {who}", Heading.PROFILES)
    exits = "crashed" in said or "exited" in said or "DevToolsActivePort" in said
    if exits and not headless:
        return DriverError(f"{name} opens no window on this display: {said}", Heading.WINDOW)
    if exits and is_root():
        return DriverError(f"{name} exits at its start: {said}", Heading.CONTAINERS)
    return DriverError(f"{name} does not start: {said}", Heading.STARTING)
