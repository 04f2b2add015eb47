"""What a browser is started with: the arguments, and whether it gets a window."""

from __future__ import annotations

import logging
import os
import platform
import sys
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..engines import PageEngine
    from .installed import BrowserChoice, BrowserKind, Executable, Machine
    from .relay import Relay

log = logging.getLogger(__name__)

# No traffic but the pages': no component updates, no sync, no field trials. Without a GPU
# (servers, containers) Chromium would try for one first; no first-run page, no bubbles.
QUIET = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-features=Translate,OptimizationHints,MediaRouter",
    "--disable-gpu",
    "--disable-quic",
    "--disable-search-engine-choice-screen",
    "--disable-sync",
    "--mute-audio",
    "--no-default-browser-check",
    "--no-first-run",
    "--password-store=basic",
)
# A tab in the background or behind another window is slowed down or not drawn at all, and
# then loads nothing when it is scrolled.
AWAKE = (
    "--disable-backgrounding-occluded-windows",
    "--disable-background-timer-throttling",
    "--disable-renderer-backgrounding",
)
WINDOW = (1366, 1000)
# A page that is an attachment, or a script of it, would fill the person's folder of downloads. By
# DevTools and not as a preference, which a profile that is kept would remember. Firefox can only
# be told another folder: see download_preferences.
NO_DOWNLOADS = MappingProxyType({"behavior": "deny"})
# Docker gives /dev/shm 64 MB, and a renderer that fills it dies.
_SMALL_SHM = 512 * 1024 * 1024


def chromium_arguments(
    kind: BrowserKind, browser: Executable | None, *, headless: bool, profile: Path
) -> list[str]:
    """List the arguments for Chrome, Chromium or Edge."""
    arguments = [*QUIET, *AWAKE, f"--window-size={WINDOW[0]},{WINDOW[1]}"]
    arguments.append(f"--user-data-dir={profile}")
    if headless:
        arguments.append("--headless=new")
        agent = ordinary_user_agent(kind, browser)
        if agent:
            arguments.append(f"--user-agent={agent}")
    if is_root():
        arguments.append("--no-sandbox")  # Chromium refuses to run as root with its sandbox
    if _shared_memory_is_small():
        arguments.append("--disable-dev-shm-usage")
    return arguments


def relay_arguments(relay: Relay) -> list[str]:
    """List the arguments that make Chrome, Chromium or Edge go through the relay, always.

    `<-loopback>` takes this machine's own addresses off the list of what is reached directly;
    WebRTC would go around a proxy.
    """
    direct = ";".join(["<-loopback>", *relay.access.bypassed()])
    return [
        f"--proxy-server=http://127.0.0.1:{relay.port}",
        f"--proxy-bypass-list={direct}",
        "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    ]


def relay_preferences(relay: Relay) -> dict[str, str | int | bool]:
    """Return the preferences that make Firefox go through the relay, always."""
    return {
        "network.proxy.type": 1,
        "network.proxy.http": "127.0.0.1",
        "network.proxy.http_port": relay.port,
        "network.proxy.ssl": "127.0.0.1",
        "network.proxy.ssl_port": relay.port,
        "network.proxy.no_proxies_on": ", ".join(relay.access.bypassed()),
        "network.proxy.allow_hijacking_localhost": True,
        "media.peerconnection.enabled": False,
    }


def download_preferences(profile: Path) -> dict[str, str | int | bool]:
    """Return the preferences that make Firefox put what a page has it download into `profile`.

    It goes to the profile's folder `downloads`: a file of any name must not become one of the
    profile's own.
    """
    return {
        "browser.download.folderList": 2,
        "browser.download.dir": str(profile.absolute() / "downloads"),
        "browser.download.useDownloadDir": True,
    }


def firefox_arguments(*, headless: bool) -> list[str]:
    """List the arguments for Firefox."""
    size = [f"--width={WINDOW[0]}", f"--height={WINDOW[1]}"]
    return ["-headless", *size] if headless else size


def ordinary_user_agent(kind: BrowserKind, browser: Executable | None) -> str | None:
    """Return what the same browser sends when it has a window; None where its version is unknown.

    Headless Chromium says `HeadlessChrome`, to which Yahoo answers 500. Chromium sends the
    major version only, and one fixed platform for each system (user-agent reduction).
    """
    if browser is None or browser.major is None:
        return None
    system = {
        "Darwin": "Macintosh; Intel Mac OS X 10_15_7",
        "Windows": "Windows NT 10.0; Win64; x64",
    }.get(platform.system(), "X11; Linux x86_64")
    version = f"{browser.major}.0.0.0"
    suffix = f" Edg/{version}" if kind.name == "edge" else ""
    return (
        f"Mozilla/5.0 ({system}) AppleWebKit/537.36 (KHTML, like Gecko) "
        f"Chrome/{version} Safari/537.36{suffix}"
    )


def is_root() -> bool:
    """Tell whether this process has root's rights."""
    return sys.platform != "win32" and os.geteuid() == 0


def _shared_memory_is_small() -> bool:
    shm = Path("/dev/shm")  # noqa: S108 (asked for its size only)
    if sys.platform != "linux" or not shm.is_dir():
        return False
    room = os.statvfs(shm)
    return room.f_bavail * room.f_frsize < _SMALL_SHM


def wants_window(choice: BrowserChoice, engine: PageEngine | None, machine: Machine) -> bool:
    """Decide whether the browser gets a window, and say so where that is a surprise."""
    if choice.headless is not None:
        return not choice.headless
    if engine is None or engine.HEADLESS:
        return False
    if machine.display() is None:
        log.warning("%s draws captchas without a window, and there is no display", engine.NAME)
        return False
    log.warning("%s gets a window: without one it draws captchas", engine.NAME)
    return True
