"""What the parsers see in a saved page: the work behind `pixset inspect`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..errors import UsageError
from ..models import Page, PageOutcome
from . import ENGINES, decode_page, hints

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from ..models import Candidate

# What each outcome of a page means and what to do about it, in one line.
ADVICE = {
    PageOutcome.RESULTS: "the parsers read this page",
    PageOutcome.EMPTY: "the engine's own page, without results: try other words or filters",
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
_TAG = re.compile(r"<[A-Za-z!/]")
# What an engine's parser calls these may be another engine's page, or none at all.
_DOUBTFUL = {PageOutcome.EMPTY, PageOutcome.BLOCKED, PageOutcome.LAYOUT_CHANGED}


@dataclass(frozen=True, slots=True)
class Inspection:
    """One saved page as an engine's parser reads it; `guessed` when nobody named the engine.

    `owner` is the engine whose page it is, None where it is no engine's.
    """

    engine: str
    page: Page
    guessed: bool = False
    owner: str | None = None

    @property
    def advice(self) -> str:
        """What the page's outcome means and what to do about it, in one line."""
        if self.page.outcome is not PageOutcome.FOREIGN:
            return ADVICE[self.page.outcome]
        if self.owner is None:
            return f"no page of {self.engine}'s, nor of another engine: nothing in it says so"
        return f"this is {self.owner.title()}'s page: read it with --engine {self.owner}"


def inspect_page(path: Path, engine: str | None = None) -> Inspection:
    """Read a saved page; without an engine's name the page itself tells it.

    Raises UsageError for a file that cannot be read and for an unknown engine.
    """
    if engine is not None and engine not in ENGINES:
        raise UsageError(f"unknown engine {engine!r}: expected one of {', '.join(ENGINES)}")
    html = decode_page(_read(path))
    pages = {name: one.parse(html) for name, one in ENGINES.items()}
    owner = _owner(html, pages)
    if engine is None:
        name = owner or next(iter(pages))
        return Inspection(name, _owned(pages[name], owned=owner is not None), True, owner)
    page = pages[engine]
    doubtful = not page.candidates and (
        page.outcome in _DOUBTFUL or (owner is not None and pages[owner].candidates != ())
    )
    return Inspection(engine, _owned(page, owned=owner == engine or not doubtful), False, owner)


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
    if not _TAG.search(html):
        return None
    scores = {
        name: (len(page.candidates), sum(html.count(hint) for hint in hints(ENGINES[name])))
        for name, page in pages.items()
    }
    best = max(scores, key=lambda name: scores[name])
    return best if any(scores[best]) or pages[best].outcome not in _DOUBTFUL else None


def _owned(page: Page, *, owned: bool) -> Page:
    return page if owned else Page(PageOutcome.FOREIGN)


def as_json(inspection: Inspection) -> dict[str, Any]:
    """The inspection as one JSON object; sizes in pixels, null for what the page does not say."""
    return {
        "engine": inspection.engine,
        "outcome": inspection.page.outcome.value,
        "carriers": dict(inspection.page.extractors),
        "candidates": [_candidate(candidate) for candidate in inspection.page.candidates],
    }


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
    }


def as_text(inspection: Inspection, *, rows: int = 10) -> list[str]:
    """The inspection as lines for a person: outcome, carriers, counts and the first results."""
    page = inspection.page
    found = page.candidates
    guess = " (guessed from the page; --engine names it)" if inspection.guessed else ""
    text = [
        f"engine    {inspection.engine}{guess}",
        f"outcome   {page.outcome.value}: {inspection.advice}",
    ]
    if not found:
        return text
    inside = sum((candidate.preview or "").startswith("data:") for candidate in found)
    counts = (
        f"{_count(found, 'image_url')} with the original's URL,"
        f" {_count(found, 'preview')} with a preview ({inside} inside the page),"
        f" {_count(found, 'page_url')} with their page, {_count(found, 'title')} with a title,"
        f" {_count(found, 'claimed_size')} with a size"
    )
    text.append("carriers  " + ", ".join(f"{name} {n}" for name, n in page.extractors.items()))
    text.append(f"results   {len(found)}: {counts}")
    text += [_row(candidate) for candidate in found[:rows]]
    if len(found) > rows:
        text.append(f"          … and {len(found) - rows} more (--json shows all)")
    return text


def _count(found: tuple[Candidate, ...], field: str) -> int:
    return sum(getattr(candidate, field) is not None for candidate in found)


def _row(candidate: Candidate) -> str:
    size = "x".join(map(str, candidate.claimed_size)) if candidate.claimed_size else "?"
    shown = candidate.image_url or candidate.preview or candidate.page_url or ""
    return f"{candidate.rank:8}  {size:>11}  {(candidate.title or '?')[:40]:40}  {shown[:90]}"
