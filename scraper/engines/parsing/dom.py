"""What a node shows: its lines of text, and the picture in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .values import thumbnail

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser, LexborNode

_INLINE = frozenset({"b", "i", "em", "strong", "mark", "font", "u", "wbr", "bdi"})
_UNSEEN = frozenset({"script", "style", "cite", "noscript", "template"})


_ICON = 48  # pixels: no thumbnail of a result is this small, every favicon is


def whole(html: str) -> tuple[str, LexborHTMLParser]:
    """A page's text and tree. A browser may hand out halves of letters; they become marks."""
    from selectolax.lexbor import LexborHTMLParser

    if not html.isascii():
        html = html.encode("utf-8", "replace").decode("utf-8")
    return html, LexborHTMLParser(html)


def attribute(node: LexborNode | None, name: str) -> str:
    """An attribute's text; empty where there is no node, no such attribute or no value."""
    return (node.attributes.get(name) or "") if node is not None else ""


def picture(node: LexborNode) -> LexborNode | None:
    """The first image of a node that is no icon."""
    return next((image for image in node.css("img") if not is_icon(image)), None)


def is_icon(image: LexborNode) -> bool:
    """Whether an image is a favicon or a logo beside a result, by its size or its address."""
    sides = [attribute(image, side).removesuffix("px") for side in ("width", "height")]
    small = all(side.isascii() and side.isdigit() and int(side[:6]) <= _ICON for side in sides)
    return small or any("favicon" in value[:2000] for value in sources(image))


def sources(image: LexborNode | None) -> list[str]:
    """What an image names as its picture, in the order of belief."""
    values = (attribute(image, name) for name in ("src", "data-src", "data-iurl"))
    return [value for value in values if value]


def shown(image: LexborNode | None, by_id: dict[str, str], base: str) -> str | None:
    """The picture that a tile shows: one inside the page before one to be asked for.

    `by_id` are the pictures that scripts put into the page (see `scripts.pictures_by_id`).
    """
    named = [by_id.get(attribute(image, name), "") for name in ("id", "data-iid", "name")]
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
