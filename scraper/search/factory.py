"""An engine's searcher as a command wants it: which browser, which pace, the web or a replica."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..pace import pace as pace_of
from .searcher import Searcher

if TYPE_CHECKING:
    from ..browser.installed import BrowserChoice
    from ..engines import Engine


def make_searcher(
    engine: Engine,
    browser: BrowserChoice,
    *,
    replica: str | None = None,
    pace: str | None = None,
    seed: int = 0,
    proxy: str | None = None,
    **options: Any,
) -> Searcher:
    """An engine's searcher, on the real engine or on a local replica at that address.

    `pace` None is human towards the engines and none towards a replica; `options` are the
    searcher's. The browser starts at the first search; it reaches public addresses and the
    replica only, through `proxy` or the environment's where they name one. UsageError for a
    proxy that is none.
    """
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
        pace_of(pace or ("none" if replica else "human"), seed),
        origin=f"{replica.rstrip('/')}/{engine.NAME}" if replica else None,
        **options,
    )
