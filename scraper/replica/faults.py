"""What a replica does wrong on request: block pages and page shapes per engine, bad pictures."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

from ..engines.parsing.values import whole_number
from ..errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

BLOCKS: Mapping[str, str] = {
    "consent": "asks for consent first; refused or agreed, a cookie lets the visitor in",
    "consent-dialog": "the same as a dialog over the results (Google's other shape)",
    "captcha": "shows a captcha; its button, pressed by a person, lets the visitor in",
    "rate-limited": "answers 429 with Retry-After",
    "empty": "finds nothing",
    "hollow": "answers with a document that holds nothing at all",
    "layout-changed": "shows results whose markup no parser knows",
    "challenge": "answers with a page that wants its JavaScript run, as to a plain HTTP client",
    "broken": "answers 500",
    "maxlag": "answers with Commons' error for a server that lags behind, and Retry-After",
}
"""What stands before an engine's page, or in its place."""
SHAPES: Mapping[str, str] = {
    "decoy": "shows foreign pictures in flawless markup, as Bing does to one search in some ten",
    "one-tile": "shows one foreign picture and names no next page",
    "recycled": "keeps some sixty nodes and gives them to the results that come",
    "shadow": "puts each tile into a shadow root",
    "srcset": "names previews in srcset only",
    "lazy-srcset": "names previews in data-srcset until they are in sight",
    "picture": "names previews in a <picture>'s source only",
    "background": "shows previews as CSS backgrounds",
    "blurred": "shows a blur of some pixels until a preview is in sight",
    "blob": "shows previews as blobs that are revoked when they have loaded",
    "viewer": "has a result opened, its related pictures beside it",
    "no-growth": "does not grow by scrolling; the next address that it names works",
    "stuck": "does not grow, and the next address that it names is broken",
    "panel": "scrolls in a panel of its own, not as a whole",
    "dozing": "misses that its end is in sight, every other time",
    "throttled": "answers 429 to the later batches",
    "interrupted": "sends the later batches to a captcha",
    "nagging": "opens dialogs, and asks before it is left",
    "patched": "replaces what JavaScript has built in",
    "no-metadata": "an API that states neither licences nor creators",
    "odd-licences": "an API whose licences are numbers, lists and scripts",
    "no-filter": "an API that passes the licence over which was asked for",
}
"""How a page of results looks, or grows, differently."""
SHARES = ("dead", "html", "slow", "truncated", "referer", "opted_out", "odd")


@dataclass(frozen=True)
class Faults:
    """What goes wrong.

    An engine's faults are names from BLOCKS and SHAPES, with commas between them; a number
    after a colon means only so many times (`empty:2,captcha`). `dead` (404), `html` (named
    .jpg), `slow`, `truncated`, `referer` (403 without the right one), `opted_out` (by
    X-Robots-Tag) and `odd` (in one of the ways of `image_hosts.ODD`) are shares
    (0 to 1) of the originals, `slow_previews` of the previews;
    `slow_xhr` and `failing_xhr` (503) of the later batches, each at its first time. After
    `restart` requests the replica is away for `restart_seconds` (0: never).
    """

    google: str = ""
    bing: str = ""
    yahoo: str = ""
    commons: str = ""
    openverse: str = ""
    dead: float = 0.0
    html: float = 0.0
    slow: float = 0.0
    truncated: float = 0.0
    referer: float = 0.1
    opted_out: float = 0.0
    odd: float = 0.0
    slow_previews: float = 0.0
    slow_xhr: float = 0.0
    failing_xhr: float = 0.0
    slow_seconds: float = 2.0
    retry_after: int = 1
    restart: int = 0
    restart_seconds: float = 2.0

    def __post_init__(self) -> None:
        for engine in ("google", "bing", "yahoo", "commons", "openverse"):
            parse_faults(getattr(self, engine))
        for name in (*SHARES, "slow_previews", "slow_xhr", "failing_xhr"):
            if not 0 <= getattr(self, name) <= 1:
                raise UsageError(f"{name}={getattr(self, name)}: expected a share from 0 to 1")

    def with_changes(self, changes: Mapping[str, object]) -> Faults:
        """These faults with some fields changed; raises UsageError for what is no fault."""
        kinds: dict[str, type[str | float | int]] = {
            field.name: type(getattr(self, field.name)) for field in fields(self)
        }
        checked: dict[str, object] = {}
        for given, value in changes.items():
            name = given.replace("-", "_")
            if name not in kinds:
                raise UsageError(f"fault {name!r}: expected one of {', '.join(kinds)}")
            try:
                checked[name] = kinds[name](str(value))
            except (TypeError, ValueError):
                raise UsageError(f"fault {name}={value!r}: expected a number") from None
        return replace(self, **checked)  # type: ignore[arg-type]  # checked above

    @classmethod
    def parse(cls, options: list[str]) -> Faults:
        """Faults from command-line words such as `google=captcha` and `dead=0.1`."""
        return cls().with_changes(dict(_pair(option) for option in options))


def _pair(option: str) -> tuple[str, str]:
    name, equals, value = option.partition("=")
    if not equals:
        raise UsageError(f"fault {option!r}: expected name=value, such as google=captcha")
    return name.strip(), value.strip()


def parse_faults(text: str) -> dict[str, int | None]:
    """An engine's faults: name → how often, None for always; raises UsageError."""
    faults: dict[str, int | None] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, colon, times = part.partition(":")
        if name not in {**BLOCKS, **SHAPES} or (colon and whole_number(times, -1) < 0):
            raise UsageError(
                f"fault {part!r}: expected {', '.join([*BLOCKS, *SHAPES])}, or such as empty:2"
            )
        faults[name] = int(times) if colon else None
    return faults
