"""The engines: each a small file of facts and pure functions, `url`, `parse` and `next`.

A fourth engine is one file like `bing.py` and one word in `ENGINES`, which is the only place
that names engines: commands, recipes, help texts and checks all read it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from . import bing, google, yahoo
from .parsing.encoding import decode_page
from .parsing.merge import merge
from .scrub import scrub

if TYPE_CHECKING:
    from ..models import Page, Query

__all__ = [
    "ENGINES",
    "Engine",
    "decode_page",
    "engine_names",
    "hints",
    "merge",
    "next_page",
    "scrub",
]


class Engine(Protocol):
    """What is asked of an engine; a module with these names is one.

    `HEADLESS` tells whether a browser without a window is served; the CSS selectors find
    nodes that hold a result (`TILES`), buttons that show more (`MORE`) and the button that
    refuses consent (`REJECT`). An engine may also have `HINTS` (see `hints`),
    `USUAL` (extractors that its pages always feed, alternatives with `|` between them) and a
    function `next` (see `next_page`).
    """

    NAME: str
    ORIGIN: str
    HEADLESS: bool
    TILES: str
    MORE: str
    REJECT: str

    def url(self, query: Query, origin: str = ...) -> str:
        """The address to open for a query; UsageError for a filter's unknown value."""
        ...

    def unsupported(self, query: Query) -> tuple[str, ...]:
        """The names of the query's filters that the engine has no parameter for."""
        ...

    def parse(self, html: str, address: str = "") -> Page:
        """What a page claims; pure, never raises, linear in the page's size.

        `html` is a whole page or a fragment of new tiles and scripts (ranks then count within
        the fragment); `address` is where the browser ended up, and names block pages.
        """
        ...


ENGINES: dict[str, Engine] = {"google": google, "bing": bing, "yahoo": yahoo}


def engine_names() -> tuple[str, ...]:
    """The engines that can be asked, in the order in which they are."""
    return tuple(ENGINES)


def next_page(engine: Engine, html: str, address: str = "") -> str | None:
    """The address of the page that comes after this one, as the page names it.

    Empty where the page says that there is none, None where it (or its engine) says nothing.
    """
    names = getattr(engine, "next", None)
    return names(html, address) if names is not None else None


def hints(engine: Engine) -> tuple[str, ...]:
    """What stands in the text of this engine's pages and of no other's, its own host at least."""
    return getattr(engine, "HINTS", ()) or (engine.ORIGIN.partition("://")[2],)
