"""Bing's page shape: rows of links that carry JSON, pictures set by id, fragments on scrolling."""

from __future__ import annotations

import json
from hashlib import md5
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

from .markup import GIF, ICON, attribute, batch_end, frame, scrolling
from .results import shown_size
from .shapes import reshape

if TYPE_CHECKING:
    from .markup import PageContext
    from .results import Result, ResultList

COUNT = 35
BUTTON_EVERY = 4 * COUNT


def page(context: PageContext, results: ResultList, asked: str) -> str:
    """The first page; `asked` is the search's query string, for the fragments' addresses."""
    term = results.term
    part = results.part(0, COUNT)
    ready = attribute(_ready(context, results, asked, len(part)))
    body = (
        '<header id="b_header"><form id="sb_form" action="/bing/images/search">'
        f'<input id="sb_form_q" name="q" value="{attribute(term)}"></form></header>'
        f"{_related(term)}"
        '<div class="dg_b isvctrl" id="b_content"><div id="mmComponent_images_1" '
        f'class="dgControl dtl hover" data-nextUrl="{ready}" '
        f'data-iid="images.5227" data-layout="row"><div id="dg_c" class="grid">'
        f"{_rows(context, part)}{_end(context, results, 0, len(part), asked)}</div></div></div>"
        '<a class="btn_seemore pxm" href="#" style="display:none">See more images</a>'
        f"{_pictures(context, part)}{scrolling(context, 'dg_c', 'a.btn_seemore')}"
    )
    return frame(f"{term} - Search Images", body)


def fragment(context: PageContext, results: ResultList, first: int, count: int, asked: str) -> str:
    """An async fragment from 1-based `first` on; past the end it holds no tiles."""
    part = results.part(first - 1, min(count, 150))
    reached = first - 1 + len(part)
    ready = _ready(context, results, asked, reached)
    return (
        f'<div class="dg_b isvctrl" data-ufmc="savim1"><div id="mmComponent_images_{first}" '
        f'class="dgControl dtl hover" data-nextUrl="{attribute(ready)}" data-iid="" '
        f'data-layout="row">{_rows(context, part)}</div></div>'
        f"{_end(context, results, first - 1, reached, asked)}{_pictures(context, part)}"
    )


def _ready(context: PageContext, results: ResultList, asked: str, reached: int) -> str:
    """The next address as the page names it: none past the last result."""
    if reached >= len(results.entries):
        return ""
    return _next(context, asked, reached)


def _next(context: PageContext, asked: str, reached: int) -> str:
    return (
        f"{context.origin}/bing/images/async?{asked}&async=1&first={reached + 1}&count={COUNT}"
        "&relp=35&datsrc=I&layout=RowBased&apc=0&mmasync=1"
    )


def _end(context: PageContext, results: ResultList, first: int, reached: int, asked: str) -> str:
    button = reached // BUTTON_EVERY > first // BUTTON_EVERY
    return batch_end(results, reached, _next(context, asked, reached), button=button)


def _rows(context: PageContext, part: tuple[Result, ...]) -> str:
    tiles = [reshape(_tile(context, result), context.shapes) for result in part]
    if len(tiles) > 20:
        tiles.insert(12, _advert())
    rows = (tiles[at : at + 7] for at in range(0, len(tiles), 7))
    return "".join(
        f'<ul data-row="{n}" class="dgControl_list " data-infullrow="1">{"".join(row)}</ul>'
        for n, row in enumerate(rows)
    )


def _tile(context: PageContext, result: Result) -> str:
    original, place = context.origin + result.original, context.origin + result.page
    carried = {
        "sid": "",
        "cturl": "",
        "cid": result.key[:8],
        "purl": place,
        "murl": original,
        "turl": context.origin + result.thumbnail,
        "md5": md5(original.encode(), usedforsecurity=False).hexdigest(),
        "shkey": f"{result.key}=",
        "t": result.title,
        "mid": f"{result.key.upper()}BDDB27AFC25701992BB980DBA3",
        "desc": result.title,
    }
    href = (
        f"/bing/images/search?view=detailV2&ccid={carried['cid']}&id={carried['mid']}"
        f"&thid=OIP.{result.picture.code()}&mediaurl={quote(original, safe='')}"
        f"&exph={result.height}&expw={result.width}&q={quote_plus(result.picture.pool)}"
        f"&FORM=IRPRST&selectedIndex={result.rank - 1}&itb=0"
    )
    metadata = attribute(json.dumps(carried, ensure_ascii=False, separators=(",", ":")))
    sized = f"{result.width}&#215;{result.height}"
    # Some tiles say their size only in the link's address.
    size_text = f'<span class="nowrap">{sized} · jpeg</span>' if result.rank % 5 else ""
    return (
        f'<li data-idx="{result.rank}" class="pxt"><div class="iuscp isv" data-vie="1">'
        f'<div class="imgpt"><a class="iusc" role="link" m="{metadata}" data-fnvg="1" '
        f'href="{attribute(href)}" h="ID=images,{5000 + result.rank}.1">'
        f'<div class="img_cont hoff">{_image(context, result)}</div></a>'
        f'<div class="img_info hon">{size_text}<div class="lnkw"><a title="{result.site}" '
        f'target="_blank" href="{attribute(place)}"><span class="cipl"><div class="cico">'
        f'<div class="rms_iac" data-height="12" data-width="12" '
        f'data-src="{context.origin}/bing/th.bing.com/th/id/ODF.{result.key}?w=12&amp;h=12"></div>'
        f'</div></span>{result.site}</a></div></div></div><div class="infopt"><a class="inflnk" '
        f'aria-label="{attribute(result.title)}" href="{attribute(href)}"></a>'
        f'<div class="infnmpt words"><a title="{attribute(result.title)}" '
        f'href="{attribute(href)}">{escape(result.title)}</a></div></div></div></li>'
    )


def _image(context: PageContext, result: Result) -> str:
    """The first rows' pictures wait for their script, some later ones come at once, most lazily."""
    width, height = shown_size("bing", result.width, result.height)
    common = f'height="{height}" width="{width}" alt="{attribute(result.title[:20])}"'
    if result.inline:
        return f'<img class="mimg rms_img pxi" {common} id="emb{result.key[:9]}" src="{GIF}">'
    url = attribute(context.origin + result.preview)
    if result.rank % 10 == 4:
        return f'<img class="mimg pxi" {common} src="{url}">'
    return f'<img class="mimg vimgld pxi" {common} data-src="{url}">'


def _pictures(context: PageContext, part: tuple[Result, ...]) -> str:
    inline = [result for result in part if result.inline]
    if not inline:
        return ""
    calls = "<!-- fd:endofchunk -->\n".join(
        f"processEmbImg('emb{result.key[:9]}','{context.inline(result)}');" for result in inline
    )
    return (
        '<script type="text/javascript">function processEmbImg(id, imageData)'
        "{var x = document.getElementById(id);if(x){x.src = imageData; x.loading='lazy';}}\n"
        f"{calls}</script>"
    )


def _advert() -> str:
    return (
        '<li class="pxt"><div class="ad_pa"><a href="/bing/aclk?ld=1">'
        f'<img src="{ICON}" width="160" height="120" alt=""><span>Advertisement</span></a>'
        "</div></li>"
    )


def _related(term: str) -> str:
    cells = "".join(
        f'<li><a href="/bing/images/search?q={quote_plus(f"{term} {word}")}">'
        f'<img src="{ICON}" width="40" height="40" alt="">{escape(term)} {word}</a></li>'
        for word in ("clip art", "wallpaper", "logo")
    )
    return f'<div class="richrsrailsugwrapper"><ul class="items">{cells}</ul></div>'
