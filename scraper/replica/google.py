"""Google's page shape of 2024-26: tiles with a docid, pictures set by script, data in arrays."""

from __future__ import annotations

from hashlib import sha256
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

from .markup import GIF, ICON, attribute, batch_end, frame, in_script, scrolling
from .results import shown_size
from .shapes import reshape

if TYPE_CHECKING:
    from .markup import PageContext
    from .results import Result, ResultList

FIRST = 100
BATCH = 50
BUTTON_EVERY = 200

_SET_IMAGES = (
    '<script nonce="">window._setImagesSrc=function(k,e){for(var h=0;h<k.length;++h){'
    "var d=document.getElementById(k[h]);if(d){d.setAttribute('data-deferred','2');d.src=e;}}};"
    "</script>"
)


def page(context: PageContext, results: ResultList, asked: str) -> str:
    """The first page; `asked` is the search's query string, for the batches' addresses."""
    term = results.term
    body = (
        f'<header><form role="search" action="{context.origin}/google/search">'
        f'<textarea name="q" rows="1">{escape(term)}</textarea>'
        '<input type="hidden" name="udm" value="2"></form>'
        f'<a href="{context.origin}/google/search?q={quote_plus(term)}">All</a></header>'
        f'{_SET_IMAGES}<div id="search"><div id="rso" data-async-context="query:{quote(term)}">'
        f'<div data-id="mosaic" data-q="{attribute(term)}"><div id="islrg" class="grid">'
        f"{_first(context, results, asked)}</div></div></div></div>"
        '<input type="button" class="mye4qd pxm" value="Show more results" style="display:none">'
        f"{_viewer(context, results)}{scrolling(context, 'islrg', '.mye4qd')}"
    )
    head = "<script nonce=\"\">window.google={sn:'images',ldi:{},pim:{}};</script>"
    return frame(f"{term} - Google Search", body, head=head)


def later(context: PageContext, results: ResultList, first: int, asked: str) -> str:
    """A later batch as the page's script asks for it, from 0-based `first` on.

    A line that is no JavaScript, then parts with their lengths in hexadecimal: the session, the
    tiles' HTML, and the data as pairs of a key with the session before it and a row. The data
    go into the script's memory, never into the page.
    """
    part = results.part(first, BATCH)
    data = [[_jsdata(results, result), _row(context, result)] for result in part]
    head = f'["{_session(results)}","{2000 + first}"]'
    html = _tiles(context, results, part, first, asked)
    return ")]}'\n" + "".join(
        f"{len(one.encode('utf-16-le')) // 2:x};{one}" for one in (head, html, in_script(data))
    )


def _tiles(
    context: PageContext, results: ResultList, part: tuple[Result, ...], first: int, asked: str
) -> str:
    """Tiles and their pictures' scripts."""
    reached = first + len(part)
    tiles = reshape("".join(_tile(context, results, result) for result in part), context.shapes)
    if part:
        tiles += _related(context, results.term, first)
    button = reached // BUTTON_EVERY > first // BUTTON_EVERY
    url = f"{context.origin}/google/search?{asked}&start={reached}&async=_fmt:pc"
    return tiles + _pictures(context, part) + batch_end(results, reached, url, button=button)


def _session(results: ResultList) -> str:
    return f"s_{sha256(f'{results.term}/{results.filters}'.encode()).hexdigest()[:22]}_12"


def _jsdata(results: ResultList, result: Result) -> str:
    """The name of a result's data: a later one's has the session before it."""
    name = f"AZ{result.key[:5]}"
    return name if result.rank <= FIRST else f"{_session(results)};{name}"


def _tile(context: PageContext, results: ResultList, result: Result) -> str:
    width, height = shown_size("google", result.width, result.height)
    place = context.origin + result.page
    # Most links are filled on hover only; a few are when the page comes.
    link = f' href="{attribute(_imgres(context, result))}"' if result.rank % 9 == 1 else ""
    lazy = not result.inline and (result.rank % 2 or context.lazy)
    source = f' data-src="{attribute(context.origin + result.preview)}"' if lazy else ""
    return (
        '<div jsname="dTDiAc" class="eA0Zlc WghbWd FnEtTd mkpRId m3LIae RLdvSe pxt" '
        f'jsdata="j0Opre;{result.key};{_jsdata(results, result)}" data-attrid="images universal" '
        f'data-docid="{result.key}" data-ivep="true" '
        f'data-lpage="{attribute(place)}" data-ref-docid="r{result.key[::-1]}">'
        '<div jsname="qQjpJ" class="czzyk XOEbc"><h3 class="ob5Hkd">'
        f'<a{link}><div class="F0uyec" role="button" tabindex="0"><div class="H8Rx8c">'
        f'<g-img class="mNsIhb"><img id="dimg_{result.key}" src="{GIF}"{source} '
        f'class="YQ4gaf pxi" height="{height}" width="{width}" alt="{attribute(result.title)}">'
        "</g-img></div></div></a></h3></div>"
        f'<div class="juwGPd BwPElf OCzgxd"><a class="EZAeBe" href="{attribute(place)}">'
        f'<div class="Xxy7Vb"><g-img><img id="dimg_f{result.key}" src="{ICON}" '
        'class="YQ4gaf zr758c" height="12" width="12" alt=""></g-img>'
        f'<span class="words">{escape(result.site)}</span></div>'
        f'<div class="toI8Rb OSrXXb words">{escape(result.title)}</div></a></div></div>'
    )


def _imgres(context: PageContext, result: Result) -> str:
    original, page = (
        quote(context.origin + path, safe="") for path in (result.original, result.page)
    )
    return (
        f"{context.origin}/google/imgres?q=x&imgurl={original}&imgrefurl={page}"
        f"&docid=r{result.key[::-1]}&tbnid={result.key}&w={result.width}&h={result.height}&hcb=2"
    )


def _related(context: PageContext, term: str, first: int) -> str:
    """A block of related searches between the results: pictures that are none."""
    cells = "".join(
        f'<a class="T7Zvd" href="{context.origin}/google/search?q={quote_plus(f"{term} {word}")}'
        '&amp;udm=2">'
        f'<img class="YQ4gaf zr758c" id="dimg_rel{first}{n}" src="{ICON}" width="40" height="40" '
        f'alt=""><span>{escape(term)} {word}</span></a>'
        for n, word in enumerate(("drawing", "near me", "homemade"))
    )
    return f'<div class="ULSxyf pxt" data-docid="rel{first}" data-rs="1">{cells}</div>'


def _pictures(context: PageContext, part: tuple[Result, ...]) -> str:
    """The inline pictures, and the addresses of some others by id."""
    pieces = []
    for result in part:
        if result.inline:
            uri = context.inline(result).replace("=", "\\x3d")
            pieces.append(
                f"<script nonce=\"\">(function(){{var s='{uri}';"
                f"var ii=['dimg_{result.key}'];_setImagesSrc(ii,s);}})();</script>"
            )
    lazy = {
        f"dimg_{result.key}": context.origin + result.preview
        for result in part
        if not result.inline and not result.rank % 2 and not context.lazy
    }
    if lazy:
        pieces.append(
            f'<script nonce="">(function(){{google.ldi={in_script(lazy)};for(var c in google.ldi)'
            "{var d=document.getElementById(c);if(d){d.loading='lazy';d.src=google.ldi[c];}}})();"
            "</script>"
        )
    return "".join(pieces)


def _first(context: PageContext, results: ResultList, asked: str) -> str:
    """The first tiles, their pictures, and their data in a script."""
    part = results.part(0, FIRST)
    data = {_jsdata(results, result): _row(context, result) for result in part}
    script = (
        f'<script nonce="">(function(){{var m={in_script(data)};window.W_jd=m;}})();</script>'
        if data
        else ""
    )
    return _tiles(context, results, part, 0, asked) + script


def _viewer(context: PageContext, results: ResultList) -> str:
    """A result opened beside the grid, large, with related pictures that are shown before, too."""
    if "viewer" not in context.shapes or len(results.entries) < 9:
        return ""
    opened, *related = results.entries[1:8]
    return (
        f'<div class="viewer" jsname="figiqf" data-docid="{opened.key}"><a href="#">'
        f'<img class="sFlh5c pT0Scc iPVvYb" src="{attribute(context.origin + opened.original)}" '
        f'alt="{attribute(opened.title)}"></a><div class="related">'
        f"{''.join(_tile(context, results, result) for result in related)}</div></div>"
    )


def _row(context: PageContext, result: Result) -> list[object]:
    width, height = shown_size("google", result.width, result.height)
    meta = {
        "2000": [None, result.site, f"{result.width * result.height // 9000}KB"],
        "2003": [None, f"r{result.key[::-1]}", context.origin + result.page, result.title, None, 0],
        "2008": [None, result.title],
    }
    icon = [
        f"{context.origin}/google/encrypted-tbn1.gstatic.com/faviconV2?url={result.site}",
        16,
        16,
    ]
    row: list[object] = [
        0,
        result.key,
        [context.origin + result.thumbnail, height, width],
        [context.origin + result.original, result.height, result.width],
        None, 0, "rgb(176,160,138)", None, 0, meta, icon,
    ]  # fmt: skip
    return [1, row, None, None, result.key]
