"""What the parsers see in a saved page: the work behind `pixset inspect`."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ..errors import UsageError
from ..models import Page, PageOutcome
from . import ENGINES, Engine, asks_api, decode_page, hints, next_page
from .api import read_json
from .parsing.block_pages import saved_address
from .parsing.dom import attribute
from .parsing.values import parameters, words
from .repairs import repaired_engines
from .topic import is_scant, on_topic, suspicion

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from ..models import Candidate

# What each outcome of a page means and what to do about it, in one line.
ADVICE = {
    PageOutcome.RESULTS: "the parsers read this page",
    PageOutcome.EMPTY: "the engine's own page, without results: try other words or filters",
    PageOutcome.SUSPECT: "results that do not speak of the query (a decoy): a run loads it again,"
    " takes nothing, and asks again the next time; --believe TERM takes them",
    PageOutcome.FOREIGN: "no page of this engine's",
    PageOutcome.CONSENT: "a consent dialog: a run answers it with reject",
    PageOutcome.CAPTCHA: "a captcha: run with a window and solve it once, or wait some hours",
    PageOutcome.BLOCKED: "no page of results: a script challenge, an error or a redirect;"
    " run with an ordinary browser window",
    PageOutcome.LAYOUT_CHANGED: "signs of results, but no image result could be read: a new"
    " layout, or another tab than the image tab",
}
# Larger than any page that a browser shows; what is larger is no saved page.
_LARGEST = 64 * 1024 * 1024
_ROWS = 10  # results that are shown to a person
_TAG = re.compile(r"<[A-Za-z!/]")
# What an engine's parser calls these may be another engine's page, or none at all.
_DOUBTFUL = {PageOutcome.EMPTY, PageOutcome.BLOCKED, PageOutcome.LAYOUT_CHANGED}


@dataclass(frozen=True, slots=True)
class Inspection:
    """One saved page as an engine's parser reads it; `guessed` when the engine is not given.

    `owner` is the engine whose page it is, None where it is no engine's. `query` is what was
    searched for, as far as the page says it, `on_topic` the share (0 to 1) of results that
    speak of it, `next` the next page's address (empty: there is none); each None where unknown.
    `unrepaired` is the same page without the repairs of an engines.toml.
    """

    engine: str
    page: Page
    guessed: bool = False
    owner: str | None = None
    query: str | None = None
    on_topic: float | None = None
    next: str | None = None
    unrepaired: Page | None = None

    @property
    def advice(self) -> str:
        """What the page's outcome means and what to do about it, in one line."""
        if self.page.outcome is not PageOutcome.FOREIGN:
            return ADVICE[self.page.outcome]
        if self.owner is None:
            return f"no page of {self.engine}'s, nor of another engine: nothing in it says so"
        return f"this is {self.owner.title()}'s page: read it with --engine {self.owner}"


def inspect_page(
    path: Path, engine: str | None = None, *, term: str | None = None, repairs: Sequence[Path] = ()
) -> Inspection:
    """Read a saved page; without an engine's name and a term the page itself tells them.

    Raises UsageError for a file that cannot be read and for an unknown engine.
    """
    if engine is not None and engine not in ENGINES:
        raise UsageError(f"unknown engine {engine!r}: expected one of {', '.join(ENGINES)}")
    engines = repaired_engines(repairs)
    html = decode_page(_read(path))
    # An API's answer is JSON, and a page is not: neither parser is asked about the other.
    is_answer = read_json(html) is not None
    pages = {name: one.parse(html) for name, one in engines.items() if asks_api(one) == is_answer}
    if engine is not None and engine not in pages:
        pages[engine] = engines[engine].parse(html)
    owner = _owner(html, pages)
    name = engine or owner or next(iter(pages))
    page, query, share, named = _judged(engines[name], pages[name], html, term)
    if not _is_owned(name, pages, owner):
        page = Page(PageOutcome.FOREIGN)
    is_repaired = engines[name] is not ENGINES[name]
    return Inspection(
        name,
        page,
        guessed=engine is None,
        owner=owner,
        query=query,
        on_topic=share,
        next=named,
        unrepaired=ENGINES[name].parse(html) if is_repaired else None,
    )


def _judged(
    engine: Engine, page: Page, html: str, term: str | None
) -> tuple[Page, str | None, float | None, str | None]:
    """The page, suspect where its results are no answer; the query, its share, the next page."""
    if not page.candidates:
        return page, term, None, None
    query, named = term or _query(engine, html), next_page(engine, html)
    share = on_topic(query, page.candidates) if query else None
    if asks_api(engine):  # it finds words that it does not show, and serves no decoys
        return page, query, share, named
    decoy = query and (
        suspicion(query, page.candidates, share)
        or (is_scant(page.candidates, named) and share is None)
    )
    return replace(page, outcome=PageOutcome.SUSPECT) if decoy else page, query, share, named


def _query(engine: Engine, html: str) -> str | None:
    """What was searched for: the address that was saved with the page says it, or its box."""
    from selectolax.lexbor import LexborHTMLParser

    if asks_api(engine):  # its answers do not repeat what they were asked
        return None
    facts = getattr(engine, "FACTS", None)
    name = facts.parameters["term"] if facts else "q"
    in_address = parameters(saved_address(html)).get(name)
    boxes = LexborHTMLParser(html).css(f'input[name="{name}"], textarea[name="{name}"]')
    texts = (words(attribute(box, "value") or box.text()) for box in boxes)
    return words(in_address) or next((text for text in texts if text), None)


def _is_owned(name: str, pages: Mapping[str, Page], owner: str | None) -> bool:
    """Whether a page is that engine's: it reads results in it, or no other has a better claim."""
    page = pages[name]
    if page.candidates or owner == name:
        return True
    read_elsewhere = owner is not None and bool(pages[owner].candidates)
    # JSON says little of whose it is: who named the engine knows.
    doubtful = {PageOutcome.BLOCKED} if asks_api(ENGINES[name]) else _DOUBTFUL
    return page.outcome not in doubtful and not read_elsewhere


def _read(path: Path) -> bytes:
    """The file's bytes; a pipe or a device is no saved page, and might never end."""
    try:
        if path.exists() and not path.is_dir() and not path.is_file():
            raise UsageError(f"{path}: no ordinary file; save the page from the browser first")
        with path.open("rb") as file:
            data = file.read(_LARGEST + 1)
    except FileNotFoundError:
        raise UsageError(f"{path}: no such file; save the page from the browser first") from None
    except IsADirectoryError:
        raise UsageError(f"{path}: a folder; name the saved page in it") from None
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from None
    if len(data) > _LARGEST:
        raise UsageError(f"{path}: larger than 64 MB, which no result page is")
    return data


def _owner(html: str, pages: Mapping[str, Page]) -> str | None:
    """The engine that reads most in a page; of a page without results, the one it hints at most.

    Text without markup is no page, whatever it speaks of.
    """
    if not _TAG.search(html) and read_json(html) is None:
        return None
    scores = {
        name: (len(page.candidates), sum(html.count(hint) for hint in hints(ENGINES[name])))
        for name, page in pages.items()
    }
    best = max(scores, key=lambda name: scores[name])
    return best if any(scores[best]) or pages[best].outcome not in _DOUBTFUL else None


def as_json(inspection: Inspection) -> dict[str, Any]:
    """The inspection as one JSON object; sizes in pixels, null for what the page does not say."""
    unrepaired = inspection.unrepaired
    return {
        "engine": inspection.engine,
        "outcome": inspection.page.outcome.value,
        "query": inspection.query,
        "on_topic": None if inspection.on_topic is None else round(inspection.on_topic, 3),
        "next": inspection.next,
        "carriers": dict(inspection.page.extractors),
        "candidates": [_candidate(candidate) for candidate in inspection.page.candidates],
        **({"unrepaired": _counts(unrepaired)} if unrepaired is not None else {}),
    }


def _counts(page: Page) -> dict[str, Any]:
    return {"outcome": page.outcome.value, "results": len(page.candidates)}


# What only openly licensed sources state.
_STATED = ("licence", "licence_url", "creator", "creator_url")


def _candidate(candidate: Candidate) -> dict[str, Any]:
    width, height = candidate.claimed_size or (None, None)
    return {
        "rank": candidate.rank,
        "image_url": candidate.image_url,
        "preview": candidate.preview,
        "page_url": candidate.page_url,
        "title": candidate.title,
        "claimed_width": width,
        "claimed_height": height,
        **{name: value for name in _STATED if (value := getattr(candidate, name)) is not None},
    }


def as_text(inspection: Inspection) -> list[str]:
    """The inspection as lines for a person: outcome, carriers, counts and the first results."""
    page = inspection.page
    found = page.candidates
    guess = " (guessed from the page; --engine names it)" if inspection.guessed else ""
    text = [
        f"engine    {inspection.engine}{guess}",
        f"outcome   {page.outcome.value}: {inspection.advice}",
    ]
    if inspection.unrepaired is not None:
        before, now = inspection.unrepaired, page
        text.append(
            f"repaired  {before.outcome.value} ({len(before.candidates)} found) ->"
            f" {now.outcome.value} ({len(now.candidates)} found)"
        )
    if not found:
        return text
    if inspection.query:
        share = inspection.on_topic
        speak = "cannot be told" if share is None else f"{share:.0%} of the results speak of it"
        text.append(f"query     {_harmless(inspection.query)}: {speak}")
    if inspection.next is not None:
        text.append(f"next      {inspection.next[:100] or 'none, as the page says'}")
    inside = sum((candidate.preview or "").startswith("data:") for candidate in found)
    counts = (
        f"{_count(found, 'image_url')} with the original's URL,"
        f" {_count(found, 'preview')} with a preview ({inside} inside the page),"
        f" {_count(found, 'page_url')} with their page, {_count(found, 'title')} with a title,"
        f" {_count(found, 'claimed_size')} with a size"
    )
    if licensed := _count(found, "licence"):
        counts += f", {licensed} with a licence, {_count(found, 'creator')} with a creator"
    text.append("carriers  " + ", ".join(f"{name} {n}" for name, n in page.extractors.items()))
    text.append(f"results   {len(found)}: {counts}")
    text += [_row(candidate) for candidate in found[:_ROWS]]
    if len(found) > _ROWS:
        text.append(f"          … and {len(found) - _ROWS} more (--json shows all)")
    return text


def _count(found: tuple[Candidate, ...], field: str) -> int:
    return sum(getattr(candidate, field) is not None for candidate in found)


def _row(candidate: Candidate) -> str:
    size = "x".join(map(str, candidate.claimed_size)) if candidate.claimed_size else "?"
    shown = candidate.image_url or candidate.preview or candidate.page_url or ""
    row = f"{candidate.rank:8}  {size:>11}  {(candidate.title or '?')[:40]:40}  {shown[:90]}"
    return _harmless(row)


def _harmless(text: str) -> str:
    """A page's words for a terminal: what would act on it becomes a mark."""
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in text)
