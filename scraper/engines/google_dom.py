"""Google's extractors in the page itself: tiles, `imgres` links and the tables without scripts."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from .google_scripts import id_name, thumb_name, url_name
from .parsing.dom import attribute, lines, picture, sources
from .parsing.merge import PartialResult
from .parsing.shape import by_shape
from .parsing.values import host, parameters, size, size_in, web_url, words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from selectolax.lexbor import LexborNode

    from .reading import PageReading

# The tile of July 2026 names its docid in jsdata only: "j0Opre;docid;key of its row".
TILES = (
    "div[data-docid], .isv-r[data-tbnid], .rg_bx, "
    '.offbPb[jsdata^="j0Opre;"]:not([data-docid], [data-docid] *)'
)
_DEPTH = 24  # how far above a node the elements around it are looked at
_SOME = 4  # fewer pictures with a /url link outside cells are no grid
_OWN = (".google.com", ".gstatic.com")
_GOOGLE = re.compile(r"(?:www|images)\.google\.[a-z.]{2,6}")


def tiles(reading: PageReading) -> None:
    """The grid's tiles, 2018 to 2026; those of a viewer's related pictures come last."""
    first = reading.facts.first
    found = [(tile, picture(tile)) for tile in _innermost(reading.css("result"))]
    alts = Counter(_alt(image) for _, image in found)
    for number, (tile, image) in enumerate(found):
        lands = reading.carried(tile, "page")
        if image is None and not lands:
            continue  # a block of related searches inside the grid
        link = tile.css_first(reading.facts.selectors["link"])
        params = parameters(attribute(link, "href"))
        identity = reading.carried(tile, "id") or first("link-id", params) or _jsdata_id(tile)
        (original, viewed), source = _named(params, reading), _source(tile)
        # "Image result for …" in some language, the same on every tile, is no title.
        alt = _alt(image) if alts[_alt(image)] <= max(2, len(found) // 4) else ""
        related = reading.facts.names["related"] in tile.attributes
        reading.add(
            "related-tile" if related else "tile",
            PartialResult(
                names=[id_name(identity or attribute(image, "name")), url_name(original)]
                + [thumb_name(value) for value in sources(image)],
                place=(2 if related else 0, number),
                image_url=original,
                preview=reading.shown(image),
                page_url=web_url(lands) or _target(source) or viewed,
                title=_title(tile, source, alt),
                size=size(reading.carried(tile, "width"), reading.carried(tile, "height")),
            ),
        )


def _jsdata_id(tile: LexborNode) -> str:
    kind, _, rest = attribute(tile, "jsdata").partition(";")
    return rest.partition(";")[0] if kind == "j0Opre" else ""


def _innermost(found: list[LexborNode]) -> list[LexborNode]:
    """Tiles without those that hold other tiles: the viewer names its picture as a tile does."""
    holders = {node.mem_id for tile in found for node in _around(tile)}
    return [tile for tile in found if tile.mem_id not in holders]


def links(reading: PageReading) -> None:
    """`/imgres?` links: filled on hover in the grid, always in the layouts without scripts."""
    first = reading.facts.first
    for number, link in enumerate(reading.css("link")):
        params = parameters(attribute(link, "href"))
        (original, page), image = _named(params, reading), picture(link)
        reading.add(
            "imgres-link",
            PartialResult(
                names=[id_name(first("link-id", params)), url_name(original)]
                + [thumb_name(value) for value in sources(image)],
                place=(1, number),
                image_url=original,
                preview=reading.shown(image),
                page_url=page,
                title=words(attribute(link, "title") or params.get("tt")),
                size=size(first("link-width", params), first("link-height", params)),
            ),
        )


def _named(params: dict[str, str], reading: PageReading) -> tuple[str | None, str | None]:
    """The original and the page that a link to the viewer names, whatever it calls them."""
    first = reading.facts.first
    original, page = web_url(first("link-original", params)), web_url(first("link-page", params))
    if original or not params:
        return original, page
    original, other = by_shape(filter(None, map(web_url, params.values())), _OWN)
    return original, page or other


def cells(reading: PageReading) -> None:
    """The table layouts without scripts: a cell holds `/url?q=page`, a thumbnail and some lines.

    Their classes changed with the years, their shape did not; so no class is asked for.
    """
    seen: Counter[str] = Counter()
    found = [link for link in reading.css("cell") if picture(link) and _target(link)]
    results = _results_in(found)
    for number, link in enumerate(found):
        page, image = _target(link) or "", picture(link)
        cell = _cell(link, results)
        if cell is None and len(found) < _SOME:
            continue  # the viewer of a layout with scripts has such a link, too
        seen[page] += 1
        texts = lines(cell) if cell is not None else []
        sizes = [size_in(line) for line in texts]
        unsized = [line for line, sized in zip(texts, sizes, strict=True) if sized is None]
        thumbs = [name for value in sources(image) if (name := thumb_name(value))]
        reading.add(
            "table-cell",
            PartialResult(
                # A source page may show two pictures; a saved page may have lost its thumbnails.
                names=thumbs or [f"page:{page}#{seen[page]}"],
                place=(1, number),
                preview=reading.shown(image),
                page_url=page,
                title=_first_title(unsized),
                size=next(filter(None, sizes), None),
            ),
        )


def _results_in(links: list[LexborNode]) -> Counter[int]:
    """How many results stand in each element around them, by the element's identity."""
    return Counter(node.mem_id for link in links for node in _around(link))


def _around(link: LexborNode) -> Iterator[LexborNode]:
    node = link.parent
    for _ in range(_DEPTH):
        if node is None:
            return
        yield node
        node = node.parent


def _cell(link: LexborNode, results: Counter[int]) -> LexborNode | None:
    """The outermost cell that holds only this result: cells nest one table deep."""
    cells = [node for node in _around(link) if node.tag == "td" and results[node.mem_id] == 1]
    return cells[-1] if cells else None


def _first_title(texts: list[str]) -> str | None:
    """The first line that is no site; a file's name looks like one, but the site follows it."""
    named = [line for line in texts if not _is_site(line)] or texts[: len(texts) - 1]
    return words(named[0]) if named else None


def _is_site(line: str) -> bool:
    return " " not in line and "." in line and not line.endswith(("...", "…"))


def _alt(image: LexborNode | None) -> str:
    return attribute(image, "alt").strip()


def _source(tile: LexborNode) -> LexborNode | None:
    """The tile's link to the page that the picture stands on."""
    return next((link for link in tile.css("a[href]") if _target(link)), None)


def _target(link: LexborNode | None) -> str | None:
    """Where a link leads outside the engine, with Google's `/url?q=` taken off."""
    href = attribute(link, "href")
    try:
        path = urlsplit(href).path
    except ValueError:
        return None
    if path.endswith("/url"):
        params = parameters(href)
        href = params.get("q") or params.get("url") or params.get("imgrefurl") or ""
    page = web_url(href)
    if page is None or path.endswith(("/imgres", "/search")) or _GOOGLE.fullmatch(host(page)):
        return None
    return page


def _title(tile: LexborNode, source: LexborNode | None, alt: str) -> str | None:
    """The title of a tile: in full where it does, else its longest line."""
    heading = tile.css_first("h3")
    title = attribute(source, "title") or (heading.text(strip=True) if heading else "") or alt
    if title:
        return words(title)
    texts = [line for line in lines(source) if not _is_site(line)] if source is not None else []
    return words(max(texts, key=len, default=None))
