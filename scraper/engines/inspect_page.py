"""What the parsers see in a saved page: the work behind `pixset inspect`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..errors import UsageError
from ..models import PageOutcome
from . import ENGINES, decode_page

if TYPE_CHECKING:
    from pathlib import Path

    from ..models import Candidate, Page

# What each outcome of a page means and what to do about it, in one line.
ADVICE = {
    PageOutcome.RESULTS: "the parsers read this page",
    PageOutcome.EMPTY: "the engine's own page, without results: try other words or filters",
    PageOutcome.CONSENT: "a consent wall: a run answers it with reject",
    PageOutcome.CAPTCHA: "a captcha: run with a window and solve it once, or wait some hours",
    PageOutcome.BLOCKED: "no page of results: a script challenge, an error or a redirect;"
    " run with an ordinary browser window",
    PageOutcome.LAYOUT_CHANGED: "signs of results, but no image result could be read: a new"
    " layout, or another tab than the image tab",
}
# A page without results of its own is guessed by what only that engine writes.
_MARKS = {
    "google": ("gstatic.com", "google.com/", "/httpservice/", "window.google"),
    "bing": ("bing.com", "bing.net", "/images/async", "b_captcha"),
    "yahoo": ("yimg.com", "yahoo.com"),
}


@dataclass(frozen=True, slots=True)
class Inspection:
    """One saved page as an engine's parser reads it; `guessed` when nobody named the engine."""

    engine: str
    page: Page
    guessed: bool = False


def inspect_page(path: Path, engine: str | None = None) -> Inspection:
    """Read a saved page; without an engine's name the page itself tells it.

    Raises UsageError for a file that cannot be read and for an unknown engine.
    """
    if engine is not None and engine not in ENGINES:
        raise UsageError(f"unknown engine {engine!r}: expected one of {', '.join(ENGINES)}")
    try:
        html = decode_page(path.read_bytes())
    except FileNotFoundError:
        raise UsageError(f"{path}: no such file; save the page from the browser first") from None
    except IsADirectoryError:
        raise UsageError(f"{path}: a folder; name the saved page in it") from None
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from None
    if engine is not None:
        return Inspection(engine, ENGINES[engine].parse(html))
    return _guess(html)


def _guess(html: str) -> Inspection:
    """The engine that reads most in a page; of a page without results, whose marks are most."""
    pages = {name: engine.parse(html) for name, engine in ENGINES.items()}
    name = max(
        pages,
        key=lambda name: (
            len(pages[name].candidates),
            sum(html.count(mark) for mark in _MARKS[name]),
        ),
    )
    return Inspection(name, pages[name], guessed=True)


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
    told = [
        f"engine    {inspection.engine}{guess}",
        f"outcome   {page.outcome.value}: {ADVICE[page.outcome]}",
    ]
    if not found:
        return told
    inside = sum((candidate.preview or "").startswith("data:") for candidate in found)
    counts = (
        f"{_said(found, 'image_url')} with the original's URL,"
        f" {_said(found, 'preview')} with a preview ({inside} inside the page),"
        f" {_said(found, 'page_url')} with their page, {_said(found, 'title')} with a title,"
        f" {_said(found, 'claimed_size')} with a size"
    )
    told.append("carriers  " + ", ".join(f"{name} {n}" for name, n in page.extractors.items()))
    told.append(f"results   {len(found)}: {counts}")
    told += [_row(candidate) for candidate in found[:rows]]
    if len(found) > rows:
        told.append(f"          … and {len(found) - rows} more (--json shows all)")
    return told


def _said(found: tuple[Candidate, ...], field: str) -> int:
    return sum(getattr(candidate, field) is not None for candidate in found)


def _row(candidate: Candidate) -> str:
    size = "x".join(map(str, candidate.claimed_size)) if candidate.claimed_size else "?"
    shown = candidate.image_url or candidate.preview or candidate.page_url or ""
    return f"{candidate.rank:8}  {size:>11}  {(candidate.title or '?')[:40]:40}  {shown[:90]}"
