"""Pieces of HTML that the engines' pages share: escapes, the scrolling script, the frame."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from .results import Result, ResultList

GIF = "data:image/gif;base64,R0lGODlhAQABAIAAAP///////yH5BAEKAAEALAAAAAABAAEAAAICTAEAOw=="
"""One transparent pixel: what stands where a picture is still to come."""
BLUR = (
    "data:image/webp;base64,UklGRjYAAABXRUJQVlA4ICoAAACQAQCdASoQAAwABUB8JaQAAp1HI1AA/pkuW9fe5"
    "FTZLPRBg+oiE7tfAAA="
)
"""A blur of 16 by 12 pixels: what some pages show until a picture is in sight."""
ICON = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAwAAAAMAgMAAAArG7R0AAAACVBMVEVaeMj////moDw4"
    "+n8sAAAALElEQVR42mNggIFQBiZGBgcWFpHfTAyODEwMDAzMzEJfmP68+cD0n+EATBUAh/QHnIh3yQoAAAAASUVORK"
    "5CYII="
)
"""A site's icon beside each result: a decoy that is no result."""


@dataclass(frozen=True, slots=True)
class PageContext:
    """What a page is made from: the site's origin, how it looks, and pictures to put into it.

    `shapes` are names of `faults.SHAPES`; `inline` gives a result's preview as a data: URI;
    `layout` is Yahoo's, A or B.
    """

    origin: str
    shapes: frozenset[str]
    inline: Callable[[Result], str]
    layout: str = "A"

    @property
    def lazy(self) -> bool:
        """Whether every preview that is not inline waits in its tile, none in a script."""
        return bool(self.shapes)


def attribute(text: str) -> str:
    """Text as the inside of a quoted attribute."""
    return escape(text, quote=True)


def in_script(value: object) -> str:
    r"""JSON as Google writes it into a script: `=`, `&`, `<` and `>` as `\u003d` and so on."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for letter in "=&<>":
        text = text.replace(letter, f"\\u{ord(letter):04x}")
    return text


def data_uri(data: bytes) -> str:
    """A JPEG as a base64 data: URI."""
    return "data:image/jpeg;base64," + base64.b64encode(data).decode()


def batch_end(results: ResultList, reached: int, url: str, *, button: bool) -> str:
    """What tells the page's own script how to go on after `reached` results."""
    if reached >= len(results.entries):
        return '<div class="pxe" data-next="" hidden></div>'
    wait = "1" if button else ""
    return f'<div class="pxe" data-next="{attribute(url)}" data-wait="{wait}" hidden></div>'


_SCROLLING = Path(__file__).with_name("scrolling.js").read_text("utf-8")
_STYLE = Path(__file__).with_name("replica.css").read_text("utf-8")


# What a page's script does that the page itself can do without.
_HOSTILE = {
    "nagging": """
onbeforeunload = function(e){e.preventDefault(); return "stay";};
alert("welcome"); confirm("stay?");
setTimeout(function nag(){prompt("still here?"); setTimeout(nag, 900);}, 300);""",
    "patched": """
Array.prototype.map = Array.prototype.filter = function(){throw 1;};
JSON.stringify = Object.defineProperty = function(){return "x";};
Set.prototype.add = Map.prototype.get = function(){return 0;};
Element.prototype.matches = Element.prototype.closest = function(){return null;};
Element.prototype.getBoundingClientRect = function(){return {};};
document.querySelector = function(){return null;};
window.MutationObserver = window.setTimeout = function(){};""",
}


def scrolling(context: PageContext, grid: str, more: str) -> str:
    """The scrolling script for a grid's id and the more-button's selector."""
    names = dict.fromkeys(sorted(context.shapes), 1)
    values = f"GRID={json.dumps(grid)},MORE={json.dumps(more)},SHAPES={json.dumps(names)}"
    hostile = "".join(_HOSTILE.get(name, "") for name in names)
    return f"<script>var {values};{_SCROLLING}{hostile}</script>"


def frame(title: str, body: str, *, head: str = "", language: str = "en") -> str:
    """A whole page; its foot says that this is a replica."""
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        f'<title>{escape(title)}</title><link rel="icon" href="data:,">{head}'
        f"<style>{_STYLE}</style></head><body>{body}"
        '<p class="note">A local replica for tests and demonstrations.</p></body></html>'
    )
