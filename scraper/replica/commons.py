"""Wikimedia Commons' API in small: `action=query` with `generator=search`."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING, Any

from .open_licences import lacks_metadata, rights_of
from .results import shown_size

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .messages import Request
    from .results import Result, ResultList

COUNT = 50
_OPERATOR = re.compile(r"(?:^|\s)file(?:type|w|h|res):\S+")
_LEAST = re.compile(r"file[wh]:>(\d+)")
MAXLAG: Mapping[str, Any] = {
    "error": {
        "code": "maxlag",
        "info": "Waiting for db1234: 6.5 seconds lagged.",
        "host": "db1234",
        "lag": 6.5,
        "type": "db",
    },
    "servedby": "replica",
}


def term_of(request: Request) -> str:
    """The search's words, without the operators about files."""
    return " ".join(_OPERATOR.sub(" ", request.one("gsrsearch")).split())


def least_side(request: Request) -> int:
    """The shorter side, in pixels, that the search asks for at least."""
    found = _LEAST.findall(request.one("gsrsearch"))
    return int(found[0]) + 1 if found else 0


def answer(
    origin: str, results: ResultList, request: Request, shapes: frozenset[str]
) -> dict[str, Any]:
    """One answer: up to 50 files from `gsroffset` on, out of order as MediaWiki gives them."""
    first = request.number("gsroffset", 0)
    count = min(request.number("gsrlimit", 10), COUNT)
    part = results.part(first, count)
    pages = [_page(origin, result, shapes) for result in part]
    pages.sort(key=lambda page: page["pageid"])
    reached = first + len(part)
    going = {"gsroffset": reached, "continue": "gsroffset||"}
    return {
        **({"continue": going} if reached < len(results.entries) else {"batchcomplete": True}),
        **({"query": {"pages": pages}} if pages else {}),
    }


def file_name(result: Result) -> str:
    """The file's name; one in eight says nothing of what it shows."""
    number = result.picture.number
    if result.rank % 8 == 0:
        return f"DSC{number:05d}.jpg"
    return f"{result.picture.pool.capitalize()} {number}{result.picture.variant}.jpg"


def _page(origin: str, result: Result, shapes: frozenset[str]) -> dict[str, Any]:
    name = file_name(result)
    width, height = shown_size("commons", result.width, result.height)
    return {
        "pageid": int(result.key[:7], 16),
        "ns": 6,
        "title": f"File:{name}",
        "index": result.rank,
        "imagerepository": "local",
        "imageinfo": [
            {
                "size": result.width * result.height // 4,
                "width": result.width,
                "height": result.height,
                "thumburl": origin + result.preview,
                "thumbwidth": width,
                "thumbheight": height,
                "url": origin + result.original,
                "descriptionurl": f"{origin}/commons/wiki/File:{name.replace(' ', '_')}",
                "descriptionshorturl": f"{origin}/commons/w/index.php?curid={result.rank}",
                "mime": "image/jpeg",
                "extmetadata": _metadata(origin, result, shapes),
            }
        ],
    }


def _metadata(origin: str, result: Result, shapes: frozenset[str]) -> Mapping[str, Any]:
    if "no-metadata" in shapes or lacks_metadata(result.picture):
        return {}
    rights = rights_of(result.picture)
    if "odd-licences" in shapes:
        return {
            "LicenseShortName": {"value": 4.0 if result.rank % 2 else ["CC BY 4.0"]},
            "LicenseUrl": {"value": "javascript:alert(1)"},
            "Artist": {"value": None},
        }
    creator = escape(rights.creator)
    if result.rank % 2:
        creator = f'<a href="{origin}/commons/wiki/User:{result.rank}" title="User">{creator}</a>'
    deed = {} if rights.code == "pdm" else {"LicenseUrl": _value(rights.url)}
    return {"LicenseShortName": _value(rights.name), **deed, "Artist": _value(creator)}


def _value(value: str) -> dict[str, str]:
    return {"value": value, "source": "commons-desc-page"}
