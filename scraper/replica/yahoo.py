"""Yahoo's two page shapes: list items that carry JSON (A), and media tiles (B)."""

from __future__ import annotations

import json
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

from .markup import GIF, ICON, attribute, batch_end, frame, scrolling
from .results import shown_size
from .shapes import reshape

if TYPE_CHECKING:
    from .markup import PageContext
    from .results import Result, ResultList

COUNT = 60


def page(context: PageContext, results: ResultList, asked: str, first: int) -> str:
    """A whole page from 1-based `first` on, in the context's layout."""
    open_list = (
        '<div id="sres" class="grid"><ul id="yui_list">'
        if context.layout == "A"
        else '<div class="grid"><ul class="image-results__list" id="yui_list">'
    )
    body = (
        '<header><form id="sf" action="/yahoo/search/images">'
        f'<input name="p" value="{attribute(results.term)}"></form></header>'
        f'<section id="results">{_related(results.term)}{open_list}'
        f"{batch(context, results, asked, first)}</ul></div></section>"
        '<button class="ygbt more-res pxm" name="more-res" style="display:none">'
        "Show more images</button>"
        f"{scrolling(context, 'yui_list', 'button.more-res')}"
    )
    return frame(f"{results.term} - Yahoo Image Search Results", body)


def batch(context: PageContext, results: ResultList, asked: str, first: int) -> str:
    """Tiles from 1-based `first` on; past the end there are none."""
    part = results.part(first - 1, COUNT)
    reached = first - 1 + len(part)
    tile = _tile_a if context.layout == "A" else _tile_b
    url = (
        f"{context.origin}/yahoo/search/images?{asked}&b={reached + 1}&iid=Y.1&spos=12&output=frag"
    )
    # Past the last result the next offset is no further than this one.
    offset = reached + 1 if reached < len(results.entries) else first
    data = f'{{"nextOffset":"{offset}","total":{len(results.entries)}}}'
    more = f"<script>var more={data};</script>"
    # Every second batch waits for the button.
    button = bool(reached // COUNT % 2)
    return (
        reshape("".join(tile(context, result) for result in part), context.shapes)
        + more
        + batch_end(results, reached, url, button=button)
    )


def _wrapped(context: PageContext, url: str, rank: int) -> str:
    """Some addresses come inside Yahoo's redirect wrapper."""
    if rank % 5 != 3:
        return url
    return (
        f"{context.origin}/yahoo/r/_ylt=Awr{rank};_ylu=c2VjA2ltZw--/RV=2/RE=1700000000/RO=10"
        f"/RU={quote(url, safe='')}/RK=2/RS=x{rank}y-"
    )


def _image(context: PageContext, result: Result, extra: str = "") -> str:
    width, height = shown_size("yahoo", result.width, result.height)
    url = attribute(context.origin + result.preview)
    source = f'src="{url}"' if result.rank <= 8 else f'src="{GIF}" data-src="{url}"'
    return (
        f'<img class="process pxi" {source} width="{width}" height="{height}" '
        f'alt="{attribute(result.title)}"{extra}>'
    )


def _tile_a(context: PageContext, result: Result) -> str:
    original = context.origin + result.original
    place = _wrapped(context, context.origin + result.page, result.rank)
    carried = {
        "alt": f"<b>{result.picture.pool}</b>",
        "iurl": original,
        "ourl": original,
        "rurl": place,
        "w": result.width,
        "h": result.height,
        "s": f"{result.width * result.height // 9000}KB",
        "tt": result.title,
        "ith": context.origin + result.preview,
    }
    # The link leaves the scheme out where the JSON says it; some tiles have no JSON.
    lone = result.rank % 7 == 0
    shortened = original if lone else original.partition("://")[2]
    href = (
        f"/yahoo/search/images/view;_ylt=Awr{result.rank}?back=x&p={quote_plus(result.picture.pool)}"
        f"&imgurl={quote(shortened, safe='')}&rurl={quote(place, safe='')}"
        f"&size={result.width * result.height // 9000}KB&name={quote(result.title)}"
        f"&w={result.width}&h={result.height}"
        f"&turl={quote(context.origin + result.preview, safe='')}"
        f"&tt={quote(result.title)}&no={result.rank}"
    )
    data = "" if lone else f' data="{attribute(json.dumps(carried, ensure_ascii=False))}"'
    return (
        f'<li class="ld pxt" id="resitem-{result.rank - 1}"{data}><a href="{attribute(href)}" '
        f'aria-label="{attribute(result.title)}">{_image(context, result)}'
        f'<div class="words">{escape(result.title)}</div></a>'
        f'<img class="fav" src="{ICON}" width="12" height="12" alt=""></li>'
    )


def _tile_b(context: PageContext, result: Result) -> str:
    original = _wrapped(context, context.origin + result.original, result.rank + 1)
    place = _wrapped(context, context.origin + result.page, result.rank)
    meta = attribute(json.dumps({"ow": result.width, "oh": result.height}))
    extra = f' data-meta="{meta}"'
    return (
        f'<li class="tile pxt" id="resitem-{result.rank - 1}"><a class="media-tile" '
        f'href="/yahoo/search/images/view?no={result.rank}" data-origurl="{attribute(original)}" '
        f'data-referenceurl="{attribute(place)}">{_image(context, result, extra)}'
        f'<div class="tile-title words">{escape(result.title)}</div></a>'
        f'<span class="source"><img src="{ICON}" width="12" height="12" alt="">'
        f"{result.site}</span></li>"
    )


def _related(term: str) -> str:
    cells = "".join(
        f'<a href="/yahoo/search/images?p={quote_plus(f"{term} {word}")}">'
        f'<img src="{ICON}" width="40" height="40" alt="">{escape(term)} {word}</a>'
        for word in ("art", "cartoon")
    )
    return f'<div class="also-try">{cells}</div>'
