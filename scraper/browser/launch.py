"""From a choice to a browser that runs: found with its driver, given a window or not, started."""

from __future__ import annotations

import logging
from contextlib import ExitStack
from typing import TYPE_CHECKING

from ..errors import DriverError
from .flags import wants_window
from .process import Den
from .resolve import Found, Heading, Resolution
from .selenium_browser import DrivenBrowser
from .starting import Patience, start

if TYPE_CHECKING:
    from ..engines import Engine
    from .installed import BrowserChoice

log = logging.getLogger(__name__)


def launch(
    choice: BrowserChoice,
    *,
    engine: Engine | None = None,
    resolution: Resolution | None = None,
    patience: Patience | None = None,
) -> DrivenBrowser:
    """Find a browser and its driver, start both and return the browser.

    It has a window where the choice says so, or where the engine needs one and a display is
    there. DriverError, one line that names a heading of drivers.md, when none can be started.
    """
    resolution = resolution or Resolution()
    found = resolution.resolve(choice)
    headless = not wants_window(choice, engine, resolution.machine)
    patience = patience or Patience()
    try:
        return _launch(found, choice, headless=headless, patience=patience)
    except DriverError as error:
        # Nobody asked for the window: a display that is named but dead ends nothing.
        if error.heading != Heading.WINDOW or choice.headless is not None:
            raise
        log.warning("%s; going on without a window", error)
        return _launch(found, choice, headless=True, patience=patience)


def _launch(
    found: Found, choice: BrowserChoice, *, headless: bool, patience: Patience
) -> DrivenBrowser:
    name = f"{found.kind.name} {found.browser.version if found.browser else ''}".strip()
    log.debug("%s with %s, by %s", name, found.driver.path, found.step)
    den = Den()
    with ExitStack() as undoing:  # Ctrl-C too: nothing stays behind
        undoing.callback(den.end)
        profile = choice.profile or den.folder / "profile"
        profile.mkdir(parents=True, exist_ok=True)
        driver = start(found, headless=headless, profile=profile, den=den, patience=patience)
        browser = DrivenBrowser(
            driver, den, name=name, headed=not headless, devtools=found.kind.chromium
        )
        undoing.pop_all()
    return browser
