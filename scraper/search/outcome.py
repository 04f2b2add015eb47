"""How a search ended, in one line each: what happened and what to do next."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from ..models import Outcome, PageOutcome
from .counts import Counts

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class SearchStatus:
    """A search's outcome, one line for a person, and the scrubbed page of a changed layout.

    `counts` are those of the results that were read.
    """

    outcome: Outcome
    detail: str
    page: str | None = None
    counts: Counts = field(default_factory=Counts)


_SAY: Mapping[Outcome, str] = MappingProxyType(
    {
        Outcome.LIMIT: "stopped at {found}, as many as were asked for",
        Outcome.EXHAUSTED: (
            "{engine} showed {found} and no more{why}: "
            "other terms or filters (--term, --expand) bring others"
        ),
        Outcome.EMPTY: (
            "{engine} showed nothing{why}, asked {tries}: check the term's spelling, or filter less"
        ),
        Outcome.CONSENT: (
            "{engine} insists on a consent dialog that could not be refused: "
            "answer it once in a window with a profile that remembers (--profile DIR --headed)"
        ),
        Outcome.CAPTCHA: (
            "{engine} asks for a captcha: solve it in a window with a profile that remembers "
            "(--profile DIR --headed), or leave {engine} alone for some hours"
        ),
        Outcome.RATE_LIMITED: (
            "{engine} answers that it was asked too often (HTTP 429): "
            "wait some hours, and go slower (--pace human)"
        ),
        Outcome.BLOCKED: (
            "{engine} does not serve this browser{why}: try another one (--browser), "
            "a window (--headed), or leave {engine} out (--engine)"
        ),
        Outcome.UNREACHABLE: (
            "{engine} cannot be reached{why}, tried {tries}: check network and proxy; "
            "the next run asks again"
        ),
        Outcome.SUSPECT: (
            "{engine} shows other things than were asked for{why}, asked {tries}, and "
            "nothing was taken: the next run asks again, and --believe TERM takes them as they are"
        ),
        Outcome.STUCK: (
            "{engine} showed {found} and names a next page that does not come{why}: "
            "the next run asks again"
        ),
        Outcome.LAYOUT_CHANGED: (
            "{engine}'s page has signs of results that cannot be read: "
            "look at the saved page with `pixset inspect PAGE --engine {engine}`, and report it"
        ),
        Outcome.BROWSER_LOST: (
            "the browser was lost{why}: run the same command again to go on, or see `pixset doctor`"
        ),
    }
)


# What to do differs where no browser is.
_SAY_OF_API: Mapping[Outcome, str] = MappingProxyType(
    {
        Outcome.EMPTY: (
            "{engine} has nothing for it{why}: check the term's spelling, or filter less"
        ),
        Outcome.RATE_LIMITED: (
            "{engine} asks to be left alone for now{why}, asked {tries}: the next run asks again"
        ),
        Outcome.BLOCKED: (
            "{engine} refuses{why}: check --contact, its token and the proxy, "
            "or leave {engine} out (--engine)"
        ),
        Outcome.LAYOUT_CHANGED: (
            "{engine}'s answer holds results that cannot be read: look at it with "
            "`pixset inspect PAGE --engine {engine}`, and report it"
        ),
    }
)


def search_status(
    outcome: Outcome,
    engine: str,
    *,
    found: int = 0,
    tries: int = 1,
    why: str = "",
    page: str | None = None,
    by_api: bool = False,
) -> SearchStatus:
    """Say how a search ended; `why` is what was seen, in a few words."""
    template = _SAY_OF_API.get(outcome, _SAY[outcome]) if by_api else _SAY[outcome]
    line = template.format(
        engine=engine,
        found="1 result" if found == 1 else f"{found} results",
        tries="once" if tries == 1 else f"{tries} times",
        why=f" ({why})" if why else "",
    )
    return SearchStatus(outcome, line, page)


# What a page without results makes of the search, once its retries are used up.
OUTCOMES: Mapping[PageOutcome, Outcome] = MappingProxyType(
    {
        PageOutcome.EMPTY: Outcome.EMPTY,
        PageOutcome.FOREIGN: Outcome.BLOCKED,
        PageOutcome.SUSPECT: Outcome.SUSPECT,
        PageOutcome.CONSENT: Outcome.CONSENT,
        PageOutcome.CAPTCHA: Outcome.CAPTCHA,
        PageOutcome.BLOCKED: Outcome.BLOCKED,
        PageOutcome.LAYOUT_CHANGED: Outcome.LAYOUT_CHANGED,
        PageOutcome.RESULTS: Outcome.EXHAUSTED,
    }
)
