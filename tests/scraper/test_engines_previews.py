"""Where a tile's picture may stand: attributes, sets, picture elements, backgrounds, scripts."""

from __future__ import annotations

import html
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pixset.scraper.engines import ENGINES
from pixset.scraper.engines.parsing.dom import srcset
from pixset.scraper.engines.parsing.values import web_url

PLACEHOLDER = "data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw=="
WANTED = "https://t.example/p?id=1"
SHAPES = {
    "src": f'<img src="{WANTED}">',
    "data-src": f'<img src="{PLACEHOLDER}" data-src="{WANTED}">',
    "srcset": f'<img src="{PLACEHOLDER}" srcset="https://t.example/s 1x, {WANTED} 2x">',
    "data-srcset": f'<img data-srcset="https://t.example/s 120w,{WANTED} 474w">',
    "picture": f'<picture><source srcset="{WANTED}"><img src="{PLACEHOLDER}"></picture>',
    "background": f"<div style=\"height:90px;background-image: url('{WANTED}')\"></div>",
    "short background": f'<span style="background:#eee url({WANTED}) center"></span>',
    "background beside a placeholder": f'<img><i style="background-image:url({WANTED})"></i>',
    "past an icon": f'<img src="https://e.org/favicon.ico"><img src="{WANTED}">',
    "past an icon's background": (
        '<i style="width:16px;height:16px;background:url(https://e.org/sprite.png)"></i>'
        f'<i style="width:90px;height:90px;background:url({WANTED})"></i>'
    ),
}


def bing(shape: str) -> str:
    told = html.escape(json.dumps({"murl": "https://e.org/a.jpg", "mid": "M1", "t": "t"}))
    return f'<div class="iuscp"><a class="iusc" m="{told}">{shape}</a></div>'


def google(shape: str) -> str:
    return f'<div data-docid="abcdefghijklMM" data-lpage="https://e.org/p">{shape}</div>'


def yahoo(shape: str) -> str:
    return f'<ul id="sres"><li class="ld"><a data-origurl="https://e.org/a.jpg">{shape}</a></li>'


@pytest.mark.parametrize("tile", [bing, google, yahoo])
@pytest.mark.parametrize("shape", SHAPES)
def test_a_preview_is_found_wherever_the_tile_shows_it(tile, shape: str) -> None:
    (found,) = ENGINES[tile.__name__].parse(tile(SHAPES[shape])).candidates
    assert found.preview == WANTED


def test_a_blob_is_no_address_that_anybody_else_could_ask_for() -> None:
    (found,) = ENGINES["google"].parse(google('<img src="blob:https://e.org/1-2">')).candidates
    assert found.preview is None


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        ("a.jpg", ["a.jpg"]),
        ("a.jpg 1x, b.jpg 2x", ["b.jpg", "a.jpg"]),
        ("a.jpg 100w,b.jpg 50w, c.jpg", ["a.jpg", "b.jpg", "c.jpg"]),
        ("a.jpg, b.jpg 1.5x", ["b.jpg", "a.jpg"]),
        ("  a,b.jpg 2x  ", ["a,b.jpg"]),
        ("data:image/png;base64,AA== 2x, b.jpg", ["data:image/png;base64,AA==", "b.jpg"]),
        ("", []),
        (" , ,", []),
    ],
)
def test_a_set_of_pictures_is_read_as_browsers_do(text: str, addresses: list[str]) -> None:
    assert srcset(text) == addresses


@given(st.text(alphabet="ax ,.12w\t", max_size=60))
def test_any_set_is_read_to_its_end(text: str) -> None:
    assert all(text.count(address) for address in srcset(text))


@pytest.mark.parametrize(
    ("given", "address"),
    [
        ("http://h.example/my cat.jpg", "http://h.example/my%20cat.jpg"),
        (" https://h.example/a.jpg\n", "https://h.example/a.jpg"),
        ("https://h.example/a\t\nb.jpg", "https://h.example/ab.jpg"),
        ("https://h.example/?q=a b&c=d%20e", "https://h.example/?q=a%20b&c=d%20e"),
        ("https://h.example/käse.jpg", "https://h.example/käse.jpg"),
        ("https://h example/a.jpg", None),
        ("https:///a.jpg", None),
        ("my cat.jpg", None),
    ],
)
def test_an_address_is_read_as_browsers_do(given: str, address: str | None) -> None:
    assert web_url(given) == address


def test_an_original_with_a_space_in_its_address_is_kept() -> None:
    told = html.escape(json.dumps({"murl": "http://h.example/a b.jpg ", "mid": "M", "t": "x"}))
    page = f'<div class="iuscp"><a class="iusc" m="{told}"></a></div>'
    (found,) = ENGINES["bing"].parse(page).candidates
    assert found.image_url == "http://h.example/a%20b.jpg"
