"""What a search needs of a browser: a small protocol, with honest doubles in the tests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from ..pace import Pace


@dataclass(frozen=True, slots=True)
class Refusal:
    """An answer of a page's own server to the page's scripts: an error, or another address."""

    status: int
    address: str


class Browser(Protocol):
    """What a search needs of a browser; its faults surface as BrowserLost."""

    headed: bool  # a person can see it

    def open(self, url: str) -> None:
        """Load a page; PageUnreachable when no server answers."""
        ...

    def address(self) -> str:
        """Return where the browser ended up."""
        ...

    def status(self) -> int | None:
        """Return the page's HTTP status, None where the browser does not know."""
        ...

    def html(self) -> str:
        """Return the whole page; what it holds counts as read.

        What the page's own requests (XHR, fetch) were answered stands at its end, each answer in
        a script element; each is returned once, here or by `changes`.
        """
        ...

    def changes(self, tiles: str) -> str:
        """Return the HTML of the tiles and scripts that came or changed since the last reading.

        A tile that was given to another result in between is returned as each; a picture that no
        `src` names stands in the `src` of an `img` of its tile.
        """
        ...

    def has(self, css: str) -> bool:
        """Tell whether a visible element matches."""
        ...

    def click(self, css: str) -> bool:
        """Click the first visible element that matches; False where there is none."""
        ...

    def advance(self, pace: Pace) -> bool:
        """Scroll as a person does; False at the page's end, when it does not grow either."""
        ...

    def awaits(self) -> bool:
        """Tell whether a request of the page's scripts is on its way, False where unknown."""
        ...

    def refusals(self) -> tuple[Refusal, ...]:
        """Return what the page was refused and not given since; empty where unknown."""
        ...

    def settle(self, seconds: float) -> None:
        """Wait until the pictures in sight have arrived, that long at most."""
        ...

    def resource(self, url: str) -> bytes | None:
        """Return a picture's bytes that the browser already holds, None if it has not."""
        ...

    def close(self) -> None:
        """End the browser; leaves no process and no temporary folder behind."""
        ...
