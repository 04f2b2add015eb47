"""What a node shows: its lines of text, and the picture in it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .values import thumbnail

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser, LexborNode

# A script and a comment are passed over whole: a template that is spelled in them opens nothing.
_TEMPLATE = re.compile(
    r"<script(?=[\s>/]).*?(?:</script|\Z)|<!--(?:-?>|.*?(?:-->|\Z))"
    r"|<(/?)template(?=[\s>/])([^<>]{0,400}>)",
    re.IGNORECASE | re.DOTALL,
)
_INLINE = frozenset({"b", "i", "em", "strong", "mark", "font", "u", "wbr", "bdi"})
_UNSEEN = frozenset({"script", "style", "cite", "noscript", "template"})
# Where an image names its picture: engines load lazily, and put the address in by script.
_SOURCES = ("src", "data-src", "data-iurl", "data-original", "data-lazy-src", "data-lazy")
# Other names for it, by their ends: `data-deferred-src`, `lazysrc`, `data-thumb`.
_SOURCE_ENDS = ("src", "-thumb", "-thumbnail", "-image")
_ADDRESS = re.compile(r"[\s,]*+(\S++)")
_DESCRIPTOR = re.compile(r"\s*+(?:(\d{1,9}(?:\.\d{1,9})?)[wx])?[^,]*+")
_BACKGROUND = '[style*="url("]'
_BACKGROUND_URL = re.compile(
    r"background(?:-image)?\s{0,4}:[^;\"'(]{0,200}url\(\s{0,4}[\"']?([^\"')]{1,200000}+)"
)
_STYLED_SIDE = re.compile(r"(?:^|;)\s{0,9}(?:width|height)\s{0,4}:\s{0,4}(\d{1,6})px")
_ICON = 48  # pixels: no thumbnail of a result is this small, every favicon is


def whole(html: str) -> tuple[str, LexborHTMLParser]:
    """A page's text and tree. A browser may hand out halves of letters; they become marks."""
    from selectolax.lexbor import LexborHTMLParser

    if not html.isascii():
        html = html.encode("utf-8", "replace").decode("utf-8")
    if "shadowrootmode" in html:
        html = _with_open_roots(html)
    return html, LexborHTMLParser(html)


def _with_open_roots(html: str) -> str:
    """The page with its declared shadow roots as plain elements: a browser shows what is in them,
    a parser keeps what is in a template apart."""
    roots: list[bool] = []  # of the templates that are open

    def opened(tag: re.Match[str]) -> str:
        if tag[2] is None:
            return tag[0]
        if tag[1]:
            return "</div>" if roots and roots.pop() else tag[0]
        roots.append("shadowrootmode" in tag[0].lower())
        return f"<div{tag[2]}" if roots[-1] else tag[0]

    return _TEMPLATE.sub(opened, html)


def attribute(node: LexborNode | None, name: str) -> str:
    """An attribute's text; empty where there is no node, no such attribute or no value."""
    return (node.attributes.get(name) or "") if node is not None else ""


def picture(node: LexborNode) -> LexborNode | None:
    """The first image of a node that is no icon, else what shows one as its background."""
    image = next((image for image in node.css("img") if not is_icon(image)), None)
    if image is not None and (sources(image) or not _backgrounds(node)):
        return image
    return next((inner for inner in _backgrounds(node) if not is_icon(inner)), image)


def _backgrounds(node: LexborNode) -> list[LexborNode]:
    found = node.css(_BACKGROUND)
    return [node, *found] if "url(" in attribute(node, "style") else found


def is_icon(image: LexborNode) -> bool:
    """Whether an image is a favicon or a logo beside a result, by its size or its address."""
    has = image.attributes
    sides = [(has.get(side) or "").removesuffix("px") for side in ("width", "height")]
    if image.tag != "img":
        sides = [found[1] for found in _STYLED_SIDE.finditer((has.get("style") or "")[:2000])]
    small = len(sides) > 1 and all(_is_small(side) for side in sides)
    return small or any("favicon" in value[:2000] for value in sources(image))


def _is_small(side: str) -> bool:
    return side.isascii() and side.isdigit() and int(side[:6]) <= _ICON


def sources(image: LexborNode | None) -> list[str]:
    """What an image names as its picture, in the order of belief, the largest of a set first."""
    if image is None:
        return []
    has = image.attributes
    values = [has.get(name) for name in _SOURCES]
    values += [has[name] for name in has if name.endswith(_SOURCE_ENDS) and name not in _SOURCES]
    holder = image.parent
    sets = [has]
    if holder is not None and holder.tag == "picture":
        sets += [one.attributes for one in holder.css("source")]
    for attributes in sets:
        for name, text in attributes.items():
            if name.endswith("srcset") and text:
                values += srcset(text)
    if "url(" in (has.get("style") or ""):
        style = _BACKGROUND_URL.search(has["style"] or "")
        values.append(style[1].strip() if style else None)
    return [value for value in values if value]


def srcset(text: str) -> list[str]:
    """The addresses of a `srcset`, the largest first: `a.jpg 1x, b.jpg 2x`, `a.jpg 200w`."""
    found: list[tuple[float, str]] = []
    at = 0
    while address := _ADDRESS.match(text, at):
        at, size = address.end(), 1.0
        if not address[1].endswith(","):
            described = _DESCRIPTOR.match(text, at)
            if described:
                at, size = described.end(), float(described[1] or 1)
        found.append((size, address[1].rstrip(",")))
    return [value for _, value in sorted(found, key=lambda one: -one[0]) if value]


def shown(image: LexborNode | None, by_id: dict[str, str], base: str) -> str | None:
    """The picture that a tile shows: one inside the page before one to be asked for.

    `by_id` are the pictures that scripts put into the page (see `scripts.pictures_by_id`).
    """
    has = image.attributes if image is not None else {}
    named = [by_id.get(has.get(name) or "", "") for name in ("id", "data-iid", "name")]
    found = [value for text in [*sources(image), *named] if (value := thumbnail(text, base))]
    return min(found, key=lambda value: not value.startswith("data:"), default=None)


def lines(node: LexborNode) -> list[str]:
    """The lines of a node: text that no element but an inline one divides, without `cite`."""
    found: list[list[str]] = [[]]
    for inner in node.traverse(include_text=True):
        if inner.tag == "-text":
            parent = inner.parent
            if parent is None or parent.tag not in _UNSEEN:
                found[-1].append(inner.text_content or "")
        elif inner.tag not in _INLINE:
            found.append([])
    folded = (" ".join("".join(line).split()) for line in found)
    return [line for line in folded if line]
