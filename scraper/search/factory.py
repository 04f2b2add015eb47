"""An engine's searcher as a command wants it: which browser, which pace, the web or a replica."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..engines import asks_api, shows_pages
from ..errors import UsageError
from ..pace import pace as pace_of
from .searcher import Searcher

if TYPE_CHECKING:
    from ..browser.installed import BrowserChoice
    from ..engines import Engine
    from .api_searcher import ApiSearcher

# The searcher's settings that mean something without a browser.
_BY_API = ("believe", "outages", "environ")


def make_searcher(
    engine: Engine,
    browser: BrowserChoice,
    *,
    replica: str | None = None,
    pace: str | None = None,
    seed: int = 0,
    proxy: str | None = None,
    contact: str | None = None,
    **options: Any,
) -> Searcher | ApiSearcher:
    """An engine's searcher, on the real engine or on a local replica at that address.

    `pace` None is human towards the engines and none towards a replica; `options` are the
    searcher's. The browser starts at the first search; it reaches public addresses and the
    replica only, through `proxy` or the environment's where they name one. An engine with an
    API has no browser; `contact` is whom it may write to. Raises UsageError for a proxy that is
    none, and for an API that wants a contact without one.
    """
    speed = pace_of(pace or ("none" if replica else "human"), seed)
    origin = f"{replica.rstrip('/')}/{engine.NAME}" if replica else None
    if asks_api(engine):
        # Connections, only where they are meant.
        from ..fetch import FetchLimits
        from .api_client import check_contact
        from .api_searcher import ApiSearcher

        check_contact(engine, contact, replica)
        limits = FetchLimits(allow_private=replica is not None, proxy=proxy, contact=contact)
        given = {name: value for name, value in options.items() if name in _BY_API}
        return ApiSearcher(engine, limits, speed, origin=origin, **given)
    if not shows_pages(engine):
        raise UsageError(f"{engine.NAME}: neither pages nor an API: see scraper/engines")
    # The driver's packages, only where a browser is meant.
    from ..browser.launch import launch
    from ..browser.relay import NetworkAccess

    if browser.profile is not None:
        # Two browsers cannot share one profile, and the engines run side by side.
        browser = replace(browser, profile=browser.profile / engine.NAME)
    if replica is not None and browser.headless is None:
        browser = replace(browser, headless=True)  # a replica draws no captcha for it
    access = NetworkAccess((replica,) if replica else (), proxy)
    return Searcher(
        engine,
        lambda: launch(browser, engine=engine, access=access),
        speed,
        origin=origin,
        **options,
    )
