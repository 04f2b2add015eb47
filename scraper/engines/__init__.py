"""The engines: each a small file of facts and pure functions, `url`, `parse` and `next`.

Another engine is one file like `bing.py`, or like `openverse.py` where it has an API, and one
word in `ENGINES`, which is the only place that names engines: commands, recipes, help texts and
checks all read it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeGuard

from .parsing.encoding import decode_page
from .parsing.merge import merge
from .registry import EngineRegistry
from .scrub import scrub

if TYPE_CHECKING:
    from ..models import Page, Query
    from .api import ApiFault, ApiManners

__all__ = [
    "ENGINES",
    "ApiEngine",
    "Engine",
    "PageEngine",
    "asks_api",
    "decode_page",
    "default_engines",
    "engine_names",
    "hints",
    "merge",
    "next_page",
    "scrub",
    "shows_pages",
]


class Engine(Protocol):
    """What is asked of an engine; a module with these names is one.

    It is a PageEngine or an ApiEngine. It may also have `HINTS` (see `hints`), `USUAL`
    (extractors that its pages always feed, and with originals; alternatives with `|` between
    them), a function `next` (see `next_page`) and `OPT_IN` (see `default_engines`).
    """

    NAME: str
    ORIGIN: str

    def url(self, query: Query, origin: str = ...) -> str:
        """The address to open for a query; UsageError for a filter's unknown value."""
        ...

    def unsupported(self, query: Query) -> tuple[str, ...]:
        """The names of the query's filters that the engine has no parameter for."""
        ...

    def parse(self, html: str, address: str = "", /) -> Page:
        """What a page claims; pure, never raises, linear in the page's size.

        It is a whole page, a fragment of new tiles and scripts (ranks then count within the
        fragment), or an API's answer; `address` is where the browser ended up, and names block
        pages.
        """
        ...


class PageEngine(Engine, Protocol):
    """An engine whose pages a browser opens and scrolls.

    `HEADLESS` tells whether a browser without a window is served; the CSS selectors find
    nodes that hold a result (`TILES`), buttons that show more (`MORE`) and the button that
    refuses consent (`REJECT`).
    """

    HEADLESS: bool
    TILES: str
    MORE: str
    REJECT: str


class ApiEngine(Engine, Protocol):
    """An engine with an API: its answers are JSON, asked for over HTTP in its own manners."""

    MANNERS: ApiManners

    def fault(self, text: str) -> ApiFault | None:
        """The error that an answer tells of, whatever its status."""
        ...


ENGINES = EngineRegistry(
    ("google", "bing", "yahoo", "commons", "openverse"), opt_in=("commons", "openverse")
)


def engine_names() -> tuple[str, ...]:
    """The engines that can be asked, in the order in which they are."""
    return tuple(ENGINES)


def default_engines() -> tuple[str, ...]:
    """The engines that are asked where none is named: those that are not `OPT_IN`."""
    return tuple(name for name in ENGINES if not ENGINES.is_opt_in(name))


def asks_api(engine: Engine) -> TypeGuard[ApiEngine]:
    """Whether an engine is asked over HTTP."""
    return hasattr(engine, "MANNERS")


def shows_pages(engine: Engine) -> TypeGuard[PageEngine]:
    """Whether an engine is asked through a browser."""
    return hasattr(engine, "HEADLESS")


def next_page(engine: Engine, html: str, address: str = "") -> str | None:
    """The address of the page that comes after this one, as the page names it.

    Empty where the page says that there is none, None where it (or its engine) says nothing.
    """
    names = getattr(engine, "next", None)
    return names(html, address) if names is not None else None


def hints(engine: Engine) -> tuple[str, ...]:
    """What stands in the text of this engine's pages and of no other's, its own host at least."""
    return getattr(engine, "HINTS", ()) or (engine.ORIGIN.partition("://")[2],)
