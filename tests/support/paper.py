"""A paper engine and a paper browser: honest doubles for the search loop's logic.

A page is lines: `key original preview title` for a result, `!name` for what the page is, `>`
and an address for the next page (alone: there is none). The paper
browser shows a list of rounds, one more with every scroll, as a lazy page would.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pixset.scraper.errors import BrowserLost, PageUnreachable
from pixset.scraper.models import Candidate, Page, PageOutcome, Query

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pixset.scraper.browser.protocol import Refusal
    from pixset.scraper.pace import Pace


class PaperEngine:
    NAME = "paper"
    ORIGIN = "https://paper.example"
    HEADLESS = True
    TILES = "tile"
    MORE = "more"
    REJECT = "reject"

    def url(self, query: Query, origin: str = ORIGIN) -> str:
        return f"{origin}/?q={query.term}"

    def unsupported(self, query: Query) -> tuple[str, ...]:
        return ()

    def parse(self, html: str, address: str = "") -> Page:
        lines = html.split("\n")
        if "captcha" in address:
            return Page(PageOutcome.CAPTCHA)
        named = [PageOutcome(line[1:]) for line in lines if line.startswith("!")]
        rows = [line.split(maxsplit=3) for line in lines if line and line[0] not in "!<>"]
        found = tuple(
            Candidate(
                "paper",
                row[0],
                rank,
                None if row[1] == "-" else row[1],
                None if row[2] == "-" else row[2],
                title=row[3] if len(row) > 3 else None,
            )
            for rank, row in enumerate(rows, 1)
        )
        if found:
            return Page(PageOutcome.RESULTS, found)
        return Page(named[0] if named else PageOutcome.EMPTY)

    def next(self, html: str, address: str = "") -> str | None:
        named = [line[1:] for line in html.split("\n") if line.startswith(">")]
        return named[-1] if named else None


def rows(first: int, last: int, preview: str = "-") -> str:
    """A piece of a page: the results numbered first to last."""
    return "\n".join(f"k{n} https://o.example/{n}.jpg {preview}" for n in range(first, last + 1))


class PaperBrowser:
    """Shows `rounds`, the first at once and one more with each scroll; notes what was done."""

    headed = False

    def __init__(self, rounds: Sequence[str], more: Sequence[str] = ()) -> None:
        self.rounds = list(rounds)
        self.behind_more = list(more)
        self.shown = 0
        self.unread: list[str] = []
        self.opened: list[str] = []
        self.clicked: list[str] = []
        self.asked: list[str] = []
        self.held: dict[str, bytes] = {}
        self.late: dict[str, bytes] = {}  # held once they were waited for
        self.buttons: set[str] = {"more"} if more else set()
        self.code: int | None = 200
        self.where: str | None = None
        self.refused: tuple[Refusal, ...] = ()
        self.closed = False
        self.read_whole = 0

    def open(self, url: str) -> None:
        self.opened.append(url)
        self.shown = 1
        self.unread = []

    def address(self) -> str:
        return self.where or self.opened[-1]

    def status(self) -> int | None:
        return self.code

    def html(self) -> str:
        self.read_whole += 1
        self.unread = []
        return "\n".join(self.rounds[: self.shown])

    def changes(self, tiles: str) -> str:
        news, self.unread = "\n".join(self.unread), []
        return news

    def has(self, css: str) -> bool:
        return css in self.buttons

    def click(self, css: str) -> bool:
        if css not in self.buttons:
            return False
        self.clicked.append(css)
        if css == "more" and self.behind_more:
            self.rounds.append(self.behind_more.pop(0))
        return True

    def advance(self, pace: Pace) -> bool:
        if self.shown >= len(self.rounds):
            return False
        self.unread.append(self.rounds[self.shown])
        self.shown += 1
        return True

    def awaits(self) -> bool:
        return False

    def refusals(self) -> tuple[Refusal, ...]:
        return self.refused

    def settle(self, seconds: float) -> None:
        self.held |= self.late

    def resource(self, url: str) -> bytes | None:
        self.asked.append(url)
        return self.held.get(url)

    def close(self) -> None:
        self.closed = True


class DyingBrowser(PaperBrowser):
    """Dies at its nth scroll."""

    def __init__(
        self, rounds: Sequence[str], dies_at: int, kind: type[BrowserLost] = BrowserLost
    ) -> None:
        super().__init__(rounds)
        self.scrolls_left = dies_at
        self.kind = kind

    def advance(self, pace: Pace) -> bool:
        self.scrolls_left -= 1
        if self.scrolls_left < 0:
            raise self.kind("the browser died: killed by the test")
        return super().advance(pace)


class EndlessBrowser(PaperBrowser):
    """A page that scrolls for ever and repeats its last piece."""

    def advance(self, pace: Pace) -> bool:
        if not super().advance(pace):
            self.unread.append(self.rounds[-1])
        return True


class FickleBrowser(PaperBrowser):
    """Shows another page at every load, the last one from then on."""

    def __init__(self, loads: Sequence[Sequence[str]]) -> None:
        super().__init__(loads[0])
        self.loads = [list(load) for load in loads]

    def open(self, url: str) -> None:
        super().open(url)
        self.rounds = list(self.loads[min(len(self.opened), len(self.loads)) - 1])


class UnreachableBrowser(PaperBrowser):
    """Never gets an answer."""

    def open(self, url: str) -> None:
        super().open(url)
        raise PageUnreachable(f"{url}: ERR_CONNECTION_REFUSED")


class BookBrowser(PaperBrowser):
    """Shows a page of its own at each address opened, in the order of the addresses."""

    def __init__(self, pages: Sequence[str]) -> None:
        super().__init__([pages[0]])
        self.pages = list(pages)
        self.places: list[str] = []

    def open(self, url: str) -> None:
        super().open(url)
        if url not in self.places:
            self.places.append(url)
        self.rounds = [self.pages[self.places.index(url)]]
