"""Openverse's API in small: `/v1/images/`, its tokens, and how deep a visitor may go."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .open_licences import Rights, lacks_metadata, rights_of

if TYPE_CHECKING:
    from .messages import Request
    from .results import Result, ResultList

TOKEN = "replica-token"  # noqa: S105 - what the replica itself gives out
SIZE, PAGES, PAGES_WITH_TOKEN = 20, 12, 20


def refusal(request: Request) -> tuple[int, str] | None:
    """Status and detail for who asks for more than a visitor may, or with a wrong token."""
    given = request.headers.get("Authorization", "")
    if given and given != f"Bearer {TOKEN}":
        return 401, "Invalid token."
    if not given and request.number("page_size", SIZE) > SIZE:
        return 401, f"page_size may not exceed {SIZE} for anonymous requests."
    if not given and request.number("page", 1) > PAGES:
        return 401, f"page may not exceed {PAGES} for anonymous requests."
    if request.number("page", 1) > PAGES_WITH_TOKEN:
        return 400, f"Ensure this value is less than or equal to {PAGES_WITH_TOKEN}."
    return None


def answer(
    origin: str, results: ResultList, request: Request, shapes: frozenset[str]
) -> dict[str, Any]:
    """One answer: `page_size` results of `page`, those whose licence was asked for."""
    fitting = results.entries
    if "no-filter" not in shapes:
        fitting = tuple(one for one in fitting if _fits(request, one))
    page, size = max(1, request.number("page", 1)), max(1, request.number("page_size", SIZE))
    most = PAGES_WITH_TOKEN if request.headers.get("Authorization") else PAGES
    part = fitting[(page - 1) * size : page * size]
    results.sent.update(result.rank for result in part)
    return {
        "result_count": min(len(fitting), most * size),
        "page_count": min(most, -(-len(fitting) // size)),
        "page_size": size,
        "page": page,
        "results": [_result(origin, one, shapes) for one in part],
    }


def _fits(request: Request, result: Result) -> bool:
    rights = rights_of(result.picture)
    parts = set(rights.code.split("-"))
    named = request.one("license")
    if named and rights.code not in named.split(","):
        return False
    return {
        "commercial": "nc" not in parts,
        "modification": "nd" not in parts,
        "commercial,modification": not parts & {"nc", "nd"},
        "all-cc": rights.code != "pdm",
    }.get(request.one("license_type"), True)


def _result(origin: str, result: Result, shapes: frozenset[str]) -> dict[str, Any]:
    code = result.picture.code()
    return {
        "id": f"{result.key}-{code}",
        "title": result.title,
        "indexed_on": "2026-01-02T03:04:05Z",
        "foreign_landing_url": origin + result.page,
        "url": origin + result.original,
        **_stated(result, shapes),
        "provider": "flickr",
        "source": "flickr",
        "category": None,
        "filesize": None,
        "filetype": None,
        "tags": [{"accuracy": None, "name": result.picture.pool}],
        "fields_matched": ["title"],
        "mature": False,
        "height": result.height,
        "width": result.width,
        "thumbnail": origin + result.preview,
        "detail_url": f"{origin}/openverse/v1/images/{result.key}/",
        "unstable__sensitivity": [],
    }


def _stated(result: Result, shapes: frozenset[str]) -> dict[str, Any]:
    rights = rights_of(result.picture)
    names = ("creator", "creator_url", "license", "license_version", "license_url", "attribution")
    if "no-metadata" in shapes:
        return dict.fromkeys(names)
    if "odd-licences" in shapes:
        return {**dict.fromkeys(names), "license": 4, "license_url": "javascript:alert(1)"}
    if lacks_metadata(result.picture):  # the collection names no creator
        rights = Rights(rights.code, rights.version, "")
    return {
        "creator": rights.creator or None,
        "creator_url": "https://people.example/7" if rights.creator else None,
        "license": rights.code,
        "license_version": rights.version,
        "license_url": rights.url,
        "attribution": f'"{result.title}" by {rights.creator}',
    }
