"""The page in a browser's window: installed observer, reading, scrolling, waiting.

Runs the scripts of `page.js` and `scripts.py`; the exceptions of Selenium pass through to
`SeleniumBrowser`, whose border translates them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import scripts
from .resources import LoadedPictures
from .world import PageLeft

if TYPE_CHECKING:
    from ..pace import Pace
    from .protocol import Refusal
    from .resources import NetworkLog
    from .world import ScriptWorld


_BACK_AND_FORTH = (-3.0, 1.5, 2.0)  # viewport heights: pages look ahead by one or two


class PageReader:
    """Reads and scrolls what a browser's window shows; notes which pictures have arrived.

    `network` gives the answers to the page's own requests (XHR, fetch): what they carried is
    read with the page, as script elements at its end.
    """

    def __init__(self, world: ScriptWorld, tiles: str, network: NetworkLog | None) -> None:
        self.pictures = LoadedPictures()
        self.tiles = tiles
        self._world = world
        self._network = network
        self._left = 0  # the height of the page whose end was last left and come back to
        world.every_document(scripts.observer(tiles))

    def begin(self) -> None:
        """Forget the document that was read: another one is opened."""
        self.pictures.forget_all()
        self._left = 0
        if self._network is not None:
            self._network.forget_all()

    def install(self) -> None:
        """Put the observer into the document, if it is not there yet."""
        self._world.run(f"() => {scripts.observer(self.tiles)}")
        self.pictures.known = True

    def whole(self) -> str:
        """Return the whole page; what it holds counts as read."""
        return self._read(scripts.WHOLE)

    def changes(self, tiles: str) -> str:
        """Return the tiles and scripts that came or changed since the last reading."""
        if tiles != self.tiles:
            self.tiles = tiles
            self._world.every_document(scripts.observer(tiles))
        return self._read(scripts.CHANGES, tiles)

    def advance(self, pace: Pace) -> bool:
        """Scroll a few uneven steps; at the end, watch for growth as long as the pace says."""
        ended, height = False, 0
        for step in pace.steps():
            answer = self._ask(scripts.SCROLL, step, pace.hurries)
            if answer is None:
                return True
            ended, height = answer
            if ended:
                break
            pace.pause("step")
        if not ended:
            return True
        if self._grows(height, pace):
            return True
        if height == self._left or self.awaits():
            return False
        # A page that missed its cue (a batch failed) takes the next one: its end in sight again.
        self._left = height
        for step in _BACK_AND_FORTH:
            pace.pause("step")
            self._ask(scripts.SCROLL, step, True)
        return self._grows(height, pace)

    def _grows(self, height: int, pace: Pace) -> bool:
        """Watch for growth as long as the pace says; a page that goes elsewhere counts as such."""
        grown = self._ask(scripts.GROWS, self.tiles, height, round(pace.grace * 1000))
        return grown is None or bool(grown)

    def settle(self, seconds: float) -> None:
        """Wait until the pictures in sight have arrived, that long at most."""
        self.pictures.add(self._ask(scripts.SETTLE, round(seconds * 1000)) or ())

    def awaits(self) -> bool:
        """Tell whether what a script of the page asked for is on its way; False if unknown."""
        return self._network is not None and self._network.awaits()

    def refusals(self) -> tuple[Refusal, ...]:
        """Return what the page was refused and not given since; empty if unknown."""
        return self._network.refusals() if self._network is not None else ()

    def _ask(self, script: str, *arguments: object) -> Any:
        """Return what a script answers; None where the page went elsewhere meanwhile."""
        try:
            return self._world.run(script, *arguments)
        except PageLeft:
            return None

    def _read(self, script: str, *arguments: str) -> str:
        answer = self._ask(script, *arguments)
        if answer is None:
            self.install()
            answer = self._world.run(scripts.WHOLE)
        if answer is None:  # no window to install in: read it plainly
            self.pictures.known = False
            return str(self._world.run(scripts.PLAIN))
        html, arrived, requests = answer
        self.pictures.add(arrived)
        if self._network is None:
            return str(html)
        return "\n".join(filter(None, (html, *self._network.scripts(requests))))
