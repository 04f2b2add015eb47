"""When something stands before an engine's page, and how a visitor gets past it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlencode

from . import block_pages
from .messages import html_page, sent_on
from .results import ENGINES

if TYPE_CHECKING:
    from collections.abc import Callable

    from .messages import Request, Response
    from .site import Site

COOKIES = {"google": "SOCS=CAE", "bing": "BCP=AD=0", "yahoo": "GUCS=AX"}
"""What says that consent was refused or given."""
_SOLVED = "GOOGLE_ABUSE_EXEMPTION=ID"
_CAPTCHAS = {
    "google": "/google/sorry/index",
    "bing": "/bing/turing/captcha/challenge",
    "yahoo": "/yahoo/captcha/challenge",
}
_CONSENTS = {
    "google": "/google/consent.google.com/ml",
    "yahoo": "/yahoo/consent.yahoo.com/v2/collectConsent",
}


def met(site: Site, request: Request, engine: str) -> str:
    """What this request for a page of results runs into, empty for nothing."""
    block = site.next_block(engine, request.one("fault"))
    consented = COOKIES[engine].partition("=")[0] in request.cookies
    if block.startswith("consent") and consented:
        return ""
    return "" if block == "captcha" and _SOLVED in request.cookies else block


def in_the_midst(site: Site, engine: str, shapes: frozenset[str]) -> Response | None:
    """What a later batch runs into, as a visitor does who has seen enough; None for nothing."""
    if "throttled" in shapes:
        return html_page(block_pages.too_many(), 429, Retry_After=str(site.faults.retry_after))
    return sent_on(site.origin + _CAPTCHAS[engine]) if "interrupted" in shapes else None


def page(site: Site, request: Request, engine: str, term: str, block: str) -> Response | None:
    """The block's page, or None where it stands on the page of results itself."""
    back = site.origin + request.path
    then = urlencode({"continue": back})
    if block == "captcha":
        return sent_on(f"{site.origin}{_CAPTCHAS[engine]}?{then}")
    if block.startswith("consent"):
        dialog = engine == "bing" or (engine == "google" and block == "consent-dialog")
        return None if dialog else sent_on(f"{site.consent_origin}{_CONSENTS[engine]}?{then}")
    answers: dict[str, Callable[[], Response]] = {
        "rate-limited": lambda: html_page(
            block_pages.too_many(), 429, Retry_After=str(site.faults.retry_after)
        ),
        "broken": lambda: html_page(block_pages.failed(), 500),
        "empty": lambda: html_page(block_pages.empty(engine, term)),
        "hollow": lambda: html_page(""),
        "challenge": lambda: html_page(block_pages.challenge(site.origin, engine)),
        "layout-changed": lambda: html_page(
            block_pages.changed(site.origin, engine, site.results(engine, term))
        ),
    }
    return answers[block]() if block in answers else None


def over(site: Site, request: Request, engine: str, block: str, text: str) -> str:
    """A page of results with the block that stands on it, if one does."""
    if not block.startswith("consent"):
        return text
    back = site.origin + request.path
    dialog = (
        block_pages.bing_banner()
        if engine == "bing"
        else block_pages.google_dialog(site.origin, back)
    )
    return text.replace("</body>", f"{dialog}</body>")


def own_page(site: Site, request: Request) -> Response | None:
    """The consent and captcha pages' own addresses."""
    back = request.one("continue", site.origin + "/")
    for engine, place in _CAPTCHAS.items():
        if request.place == place:
            status = 429 if engine == "google" else 200
            return html_page(block_pages.captcha(site.origin, engine, back), status)
    for engine, place in _CONSENTS.items():
        if request.place == place:
            return html_page(block_pages.consent(site.consent_origin, engine, back))
    for engine, cookie in COOKIES.items():
        if request.place == f"/{engine}/consented":
            return sent_on(back, Set_Cookie=f"{cookie}; Path=/{engine}; Max-Age=86400")
    return None


def passed(site: Site, request: Request) -> Response | None:
    """Consent refused or given, a captcha's button pressed: a cookie, and back."""
    engine = request.place.strip("/").partition("/")[0]
    if engine not in ENGINES:
        return None
    form = {**request.query, **parse_qs(request.body)}
    back = (form.get("continue") or form.get("originalDoneUrl") or [site.origin])[0]
    if "set_sc" in form:  # choices to make, not a refusal: the question stays
        return sent_on(f"{site.consent_origin}{_CONSENTS[engine]}?{urlencode({'continue': back})}")
    host = request.headers.get("Host", "")
    if site.consent_origin not in (site.origin, "") and site.consent_origin.endswith(f"//{host}"):
        # Another host cannot set the engine's cookie: it sends the visitor on to who can.
        return sent_on(f"{site.origin}/{engine}/consented?{urlencode({'continue': back})}")
    solved = any(word in request.place for word in ("sorry", "captcha"))
    cookie = _SOLVED if solved else COOKIES[engine]
    return sent_on(back, Set_Cookie=f"{cookie}; Path=/{engine}; Max-Age=86400")
