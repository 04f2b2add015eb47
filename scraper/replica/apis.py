"""Which answer each request to an openly licensed source's API gets, or which refusal."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from . import block_pages, commons, openverse
from .messages import Response, as_json, html_page
from .results import filters_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from .messages import Request
    from .results import ResultList
    from .site import Site

_SEARCHES = {"/commons/w/api.php": "commons", "/openverse/v1/images/": "openverse"}
_GRANTS = "/openverse/v1/auth_tokens/token/"


def answer(site: Site, request: Request) -> Response | None:
    """The answer to a search, or None where this is no request to an API."""
    engine = _SEARCHES.get(request.place)
    if engine is None:
        return None
    refused = openverse.refusal(request) if engine == "openverse" else None
    if refused is not None:
        return as_json({"detail": refused[1]}, refused[0])
    stopped = _stopped(site, engine, site.next_block(engine, request.one("fault")))
    if stopped is not None:
        return stopped
    if _is_later(engine, request) and _fails(site, request):
        return as_json({"detail": "Service Unavailable"}, 503)
    shapes = site.next_shapes(engine, request.one("fault"))
    results = _results(site, engine, request)
    made = (commons if engine == "commons" else openverse).answer(
        site.origin, results, request, shapes
    )
    return as_json(made)


def granted(site: Site, request: Request) -> Response | None:  # noqa: ARG001 - as its siblings
    """A token for a client's name and secret, or None where none is asked for."""
    if request.place != _GRANTS:
        return None
    form = {name: values[0] for name, values in parse_qs(request.body).items()}
    known = form.get("client_id") and form.get("client_secret") == "replica-secret"
    if form.get("grant_type") != "client_credentials" or not known:
        return as_json({"error": "invalid_client"}, 401)
    token = {"access_token": openverse.TOKEN, "expires_in": 36000, "token_type": "Bearer"}
    return as_json({**token, "scope": "read write groups"})


def _results(site: Site, engine: str, request: Request) -> ResultList:
    if engine == "openverse":
        # Licences are filtered in the answer, so that the truth holds all that there is.
        return site.results(engine, request.one("q"), filters_of(engine, request.query))
    least = commons.least_side(request)
    return site.results(engine, commons.term_of(request), f"least={least}" if least else "")


def _is_later(engine: str, request: Request) -> bool:
    return request.number("gsroffset" if engine == "commons" else "page", 1) > 1


def _fails(site: Site, request: Request) -> bool:
    """Whether a later answer is not given at its first time; a slow one is waited for."""
    trouble = site.trouble(request.path)
    if trouble == "slow":
        site.stopping.wait(site.faults.slow_seconds)
    return trouble == "failing"


def _stopped(site: Site, engine: str, block: str) -> Response | None:
    """What stands in a search's place."""
    wait = str(site.faults.retry_after)
    nothing: dict[str, dict[str, Any]] = {
        "commons": {"batchcomplete": True},
        "openverse": {"result_count": 0, "page_count": 0, "page": 1, "results": []},
    }
    answers: dict[str, Callable[[], Response]] = {
        "rate-limited": lambda: _waiting({"detail": "Request was throttled."}, 429, wait),
        "broken": lambda: html_page(block_pages.failed(), 500),
        "empty": lambda: as_json(nothing[engine]),
        "challenge": lambda: html_page(block_pages.challenge(site.origin, engine), 403),
        "layout-changed": lambda: as_json(
            {"query": {"pages": [{"file": "a.jpg"}]}, "results": [{"file": "a.jpg"}]}
        ),
    }
    if engine == "commons":
        answers["maxlag"] = lambda: _waiting(commons.MAXLAG, 200, wait)
    return answers[block]() if block in answers else None


def _waiting(data: object, status: int, seconds: str) -> Response:
    headers = {"Content-Type": "application/json", "Retry-After": seconds}
    return Response(json.dumps(data).encode(), status, headers)
