"""Naming what a page is when it is not a page of results: by hosts, forms and ids, never by words.

The words of a block page are in the visitor's language; its form's address and its ids are not.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from ...models import PageOutcome

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser

_SAVED_FROM = re.compile(r"<!--\s{0,4}saved from url=\(\d{1,6}\)(\S{8,4000})")
_OPENS = re.compile(r"<html[\s>]", re.IGNORECASE)
_BEGINS = re.compile(r"\s{0,99}(?:<!doctype[^>]{0,400}>\s{0,99})?<html[\s>]", re.IGNORECASE)
_ENDS = re.compile(r"</(?:html|body)\s*>", re.IGNORECASE)
_TARGET = re.compile(r"https?://([\w.-]{1,255})")
_MANY_SITES = 8  # what a page without results leads to are its engine's own sites, a handful
_LONGEST = 4_000  # characters of an address
_MANY = 6  # a page with so many pictures that are no icons shows results of some kind


@dataclass(frozen=True, slots=True)
class PageMarks:
    """What an engine's pages are known by: starts of hosts, parts of paths and CSS selectors."""

    consent_hosts: tuple[str, ...]
    consent: str
    captcha_paths: tuple[str, ...]
    captcha: str
    blocked: str
    search_box: str
    nothing: str  # what only a page without results has
    signs: str  # what only a page with results has, whether we can read them or not
    pictures: str  # thumbnails, wherever they stand; a few of them prove nothing
    captcha_hosts: tuple[str, ...] = ()
    banner: str = "#no-banner"  # asks for consent beside the results and hides none of them


def saved_address(html: str) -> str:
    """The address that a saving browser left in the page, or nothing."""
    found = _SAVED_FROM.search(html, 0, 8192)
    return found[1] if found else ""


def block_page_at(address: str, marks: PageMarks) -> PageOutcome | None:
    """The block page that an address belongs to, if it belongs to one."""
    try:
        parts = urlsplit(address)
        host, path = parts.hostname or "", parts.path
    except ValueError:
        return None
    if host.startswith(marks.captcha_hosts) or any(part in path for part in marks.captcha_paths):
        return PageOutcome.CAPTCHA
    if host.startswith(marks.consent_hosts):
        return PageOutcome.CONSENT
    return None


def is_cut(html: str) -> bool:
    """Whether a whole page's text ends before the page does."""
    return _OPENS.search(html, 0, 20_000) is not None and _ENDS.search(html) is None


def is_document(html: str) -> bool:
    """Whether a text is spelled as a page, with a root, and not as a fragment of one."""
    return _BEGINS.match(html) is not None


def classify(
    tree: LexborHTMLParser,
    address: str,
    marks: PageMarks,
    *,
    found: bool,
    cut: bool = False,
    document: bool = False,
) -> PageOutcome:
    """What a page is. A block page's address wins, then results, then a block page's marks.

    A dialog over readable results does not hide them from a parser, so results win over it;
    signs of results without one parsed (links to many sites are one) are a changed layout, never
    an empty answer. A whole
    page of the web with neither results nor the engine's search box is a block: a challenge,
    an error page, a redirect, a `document` without any content; so is one that is `cut` before
    any result.
    """
    blocked = block_page_at(address, marks)
    if blocked or found:
        return blocked or PageOutcome.RESULTS
    for outcome, css in (
        (PageOutcome.CAPTCHA, marks.captcha),
        (PageOutcome.CONSENT, marks.consent),
        (PageOutcome.LAYOUT_CHANGED, marks.signs),
        (PageOutcome.EMPTY, marks.nothing),
        (PageOutcome.CONSENT, marks.banner),
        (PageOutcome.BLOCKED, marks.blocked),
    ):
        if tree.css_first(css) is not None:
            return outcome
    if len(tree.css(f":is({marks.pictures})")) >= _MANY or _leads_out(tree):
        return PageOutcome.LAYOUT_CHANGED
    has_box = tree.css_first(marks.search_box) is not None
    if (has_box and not cut) or not (document or _is_whole(tree)):
        return PageOutcome.EMPTY
    return PageOutcome.BLOCKED


def _leads_out(tree: LexborHTMLParser) -> bool:
    """Whether a page links to many sites, at the end of whatever redirect."""
    sites: set[str] = set()
    for link in tree.css("a[href]"):
        hosts = _TARGET.findall(unquote((link.attributes.get("href") or "")[:_LONGEST]))
        sites.update(".".join(host.split(".")[-2:]) for host in hosts[-1:])
    return len(sites) >= _MANY_SITES


def _is_whole(tree: LexborHTMLParser) -> bool:
    """Whether this is a page and not a fragment of one (the end of a scroll is an empty one)."""
    return tree.css_first("title, meta, form, body h1, body a, noscript, iframe") is not None
