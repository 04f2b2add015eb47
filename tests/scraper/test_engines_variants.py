"""What an engine may write otherwise tomorrow: sizes left out, quotes, escapes, nesting, names."""

from __future__ import annotations

import json
import random
import re
from base64 import b64encode
from html import escape
from io import BytesIO
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest
from PIL import Image
from pixset.scraper.engines import ENGINES
from pixset.scraper.engines.parsing.dom import whole
from pixset.scraper.engines.parsing.values import damaged_texts, json_texts, size
from pixset.scraper.fetch.data_uri import decode_data_uri

if TYPE_CHECKING:
    from collections.abc import Callable

NUMBER = 8
PLACEHOLDER = "data:image/gif;base64,R0lGODlhAQABAIAAAP///////yH5BAEKAAEALAAAAAABAAEAAAICTAEAOw=="


def google() -> str:
    """Rows in a script as Google writes them: id, thumbnail, original, source and title."""
    rows = [
        f'["docid{n:07}",["https://encrypted-tbn0.gstatic.com/images?q=tbn:{n:024}",183,275],'
        f'["https://pots.example/{n}.jpg",900,1200],{{"2003":[null,"docid{n:07}",'
        f'"https://pots.example/{n}","Kiln {n}"]}}]'
        for n in range(NUMBER)
    ]
    return "<script>var m=[" + ",".join(rows) + "];</script>"


def told(n: int) -> dict[str, Any]:
    site = f"https://pots.example/{n}"
    return {
        "murl": f"{site}.jpg",
        "turl": f"https://th.example/{n}",
        "purl": site,
        "t": f"Kiln {n}",
    }


def bing(data: Callable[[dict[str, Any]], str] = json.dumps, image: str = "") -> str:
    """Tiles whose link carries everything in `m`, and nothing in its address."""
    tiles = (
        f'<div class="iuscp"><a class="iusc" m="{escape(data(told(n)))}" href="#">{image}</a></div>'
        for n in range(NUMBER)
    )
    return f'<div id="mmComponent_images_1">{"".join(tiles)}</div>'


def originals(engine: str, html: str) -> list[str]:
    found = ENGINES[engine].parse(html).candidates
    assert len({one.key for one in found}) == len(found)
    return [one.image_url or "" for one in found]


POTS = [f"https://pots.example/{n}.jpg" for n in range(NUMBER)]
REWRITTEN: dict[str, Callable[[str], str]] = {
    "without sizes": lambda text: re.sub(r'",\d+,\d+\]', '"]', text),
    "sizes null": lambda text: re.sub(r'",\d+,\d+\]', '",null,null]', text),
    "sizes with a fraction": lambda text: re.sub(r'",(\d+),(\d+)\]', r'",\1.0,\2.5]', text),
    "single quotes": lambda text: text.replace('"', "'"),
    "in indented lines": lambda text: text.replace("[", "[\n" + " " * 16).replace(",", " ,\n\t"),
    "colons escaped": lambda text: text.replace("https:", r"https\u003a"),
    "slashes escaped": lambda text: text.replace("//", r"\u002f\/"),
}


@pytest.mark.parametrize("rewrite", REWRITTEN.values(), ids=REWRITTEN)
def test_google_s_rows_are_read_however_they_are_written(rewrite: Callable[[str], str]) -> None:
    html = rewrite(google())
    assert originals("google", html) == POTS
    assert [one.title for one in ENGINES["google"].parse(html).candidates] == [
        f"Kiln {n}" for n in range(NUMBER)
    ]


def test_a_fraction_is_no_part_of_a_size_and_words_are_none() -> None:
    assert size("1200.0", 900.4) == (1200, 900)
    assert size("1200px", "900") is None
    assert size("0.5", "900") is None


WRITTEN: dict[str, Callable[[dict[str, Any]], str]] = {
    "in an object": lambda one: json.dumps({"v": 2, "image": {"data": one}}),
    "in a list": lambda one: json.dumps([7, one]),
    "escaped twice": lambda one: escape(json.dumps(one)),
    "cut short": lambda one: json.dumps(one)[:-4],
    "with a comma too many": lambda one: json.dumps(one).replace("}", ",}"),
}


@pytest.mark.parametrize("write", WRITTEN.values(), ids=WRITTEN)
def test_bing_s_json_is_read_however_it_is_wrapped_or_damaged(
    write: Callable[[dict[str, Any]], str],
) -> None:
    html = bing(write)
    assert originals("bing", html) == POTS
    assert all(one.preview and one.page_url for one in ENGINES["bing"].parse(html).candidates)


def test_the_object_itself_goes_before_what_is_in_it() -> None:
    assert json_texts('{"in": {"t": "below", "u": 1}, "t": "above"}') == {"t": "above", "u": "1"}
    assert json_texts("3") == json_texts("{cut") == {}
    assert json_texts("[" * 100_000) == {}


def test_of_damaged_json_only_what_is_whole_is_taken() -> None:
    assert damaged_texts('{"t":"caf\\u00e9","w":12,"murl":"https://cut.exa') == {
        "t": "café",
        "w": "12",
    }
    assert damaged_texts('{"w" : 1200 ,"h":8') == {"w": "1200"}
    assert damaged_texts('{"w":[1200],"in":{"h":80}, "h":9, "t":"a", "w":5, "t":"b"; "z') == {
        "h": "80",
        "w": "5",
        "t": "a",
    }


@pytest.mark.parametrize(
    "name", ["data-deferred-src", "lazysrc", "data-thumb", "data-x-srcset", "data-preview-image"]
)
def test_a_lazy_picture_is_found_under_an_attribute_s_new_name(name: str) -> None:
    url = "https://tse1.mm.bing.net/th?id=OIP.abc"
    image = f'<img src="{PLACEHOLDER}" {name}="{url}" width="200" height="150">'
    found = ENGINES["bing"].parse(bing(image=image)).candidates
    assert {one.preview for one in found} == {url}


def test_halves_of_letters_become_marks_wherever_they_are_told() -> None:
    cut = {"murl": "https://pots.example/1.jpg?\udc00", "t": "Kiln \ud83d", "purl": "https://e.org"}
    (one,) = ENGINES["bing"].parse(f'<a class="iusc" m="{escape(json.dumps(cut))}"></a>').candidates
    assert (one.image_url, one.title) == ("https://pots.example/1.jpg?\ufffd", "Kiln \ufffd")
    meta = {"ou": cut["murl"], "pt": cut["t"], "id": "M1"}
    html = f'<div class="rg_meta">{escape(json.dumps(meta), quote=False)}</div>'
    (one,) = ENGINES["google"].parse(html).candidates
    assert (one.image_url, one.title) == ("https://pots.example/1.jpg?\ufffd", "Kiln \ufffd")


def drawn(width: int, height: int, kind: str = "jpeg") -> str:
    """A gradient as a data: URI."""
    held = BytesIO()
    Image.radial_gradient("L").resize((width, height)).convert("RGB").save(held, kind)
    return f"data:image/{kind};base64,{b64encode(held.getvalue()).decode()}"


@pytest.mark.parametrize("kind", ["jpeg", "png", "webp", "gif"])
@pytest.mark.parametrize("side", [1, 16, 40])
@pytest.mark.parametrize("engine", ["google", "bing", "yahoo"])
def test_a_picture_of_some_pixels_holds_the_place_of_the_one_to_come(
    engine: str, side: int, kind: str
) -> None:
    later = "https://t.example/p?id=1"
    for image, wanted in (
        (f'<img src="{drawn(side, side, kind)}" data-src="{later}">', later),
        (f'<img src="{drawn(side, side, kind)}">', None),
        (f'<img src="{drawn(180, 120, kind)}" data-src="{later}">', drawn(180, 120, kind)),
    ):
        tiles = {
            "google": f'<div data-docid="abcdefghijklMM" data-lpage="https://e.org">{image}</div>',
            "bing": f'<a class="iusc" m="{escape(json.dumps({"murl": POTS[0]}))}">{image}</a>',
            "yahoo": f'<li class="ld"><a data-origurl="{POTS[0]}">{image}</a></li>',
        }
        (found,) = ENGINES[engine].parse(tiles[engine]).candidates
        assert found.preview == wanted


@pytest.mark.parametrize(
    "head", ["DATA:image/jpeg;Base64", "data:;base64", "data:image/jpg;name=a.jpg;base64"]
)
def test_a_picture_inside_the_page_is_one_however_its_address_begins(head: str) -> None:
    whole = drawn(180, 120)
    image = f'<img src="{head},{whole.partition(",")[2]}">'
    (found,) = ENGINES["google"].parse(f'<div data-docid="abcdefghijklMM">{image}</div>').candidates
    assert found.preview is not None
    assert decode_data_uri(found.preview) == decode_data_uri(whole)


@pytest.mark.parametrize("engine", ["bing", "yahoo"])
def test_a_declared_shadow_root_is_read_and_a_plain_template_is_not(engine: str) -> None:
    tiles = bing()
    if engine == "yahoo":
        tiles = "".join(
            f'<li class="ld" data="{escape(json.dumps({"iurl": pot}))}"></li>' for pot in POTS
        )
    decoy = f"<template><div>{tiles.replace('pots', 'other')}</div></template>"
    root = f'<x-grid><template class="a" shadowrootmode="open">{decoy}{tiles}</template></x-grid>'
    assert originals(engine, f"<html><body>{decoy}{root}</body></html>") == POTS


@pytest.mark.parametrize(
    "between",
    [
        "<template-card>a</template-card>",
        "<template-card>",
        "</template-card>",
        "<script>x = '<template>'</script>",
        "<SCRIPT async>x = '</template>'</SCRIPT>",
        "<!-- </template> -->",
        "<!-- <template> --><!-->",
    ],
)
def test_what_only_looks_like_a_template_closes_no_shadow_root(between: str) -> None:
    root = f'<x-a><template shadowrootmode="open">{between}<p>in</template></x-a><b>out</b>'
    text, tree = whole(f"<html><body>{root}</body></html>")
    assert between in text
    assert [one.text() for one in tree.css("x-a p")] == ["in"]
    assert [one.text() for one in tree.css("body > b")] == ["out"]


def test_yahoo_s_tiles_need_be_no_list() -> None:
    tiles = (
        f'<div class="ld" id="resitem-{n}" data="{escape(json.dumps({"iurl": pot}))}"></div>'
        for n, pot in enumerate(POTS)
    )
    assert originals("yahoo", f'<div id="sres">{"".join(tiles)}</div>') == POTS


# Names that nobody knows yet


def letters(draw: random.Random, count: int = 7) -> str:
    return "".join(draw.choices("abcdefghijklmnopqrstuvwxyz", k=count))


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("engine", ["google", "bing", "yahoo"])
def test_renamed_attributes_keys_and_parameters_are_told_by_shape(engine: str, seed: int) -> None:
    draw = random.Random(seed)
    one, two, three = (letters(draw) for _ in range(3))
    ending = draw.choice([".jpg", ".PNG?w=900", ".webp", ".jpeg/full", ".avif!large"])
    wanted, tiles = [], []
    for n in range(NUMBER):
        original, page = f"https://pots.example/a/{n}{ending}", f"https://kiln.example/{n}"
        thumb = f"https://tse1.mm.bing.net/th?id=OIP.abcdefgh{n}"
        if engine == "google":
            thumb = f"https://encrypted-tbn0.gstatic.com/images?q=tbn:{n:024}"
        wanted.append((original, page))
        carried = [(one, original), (two, page), (three, thumb), ("t", f"Kiln {n}")]
        draw.shuffle(carried)
        if engine == "google":
            href = "/imgres?" + urlencode(carried)
            tiles.append(f'<a href="{escape(href)}"><img src="{thumb}"></a>')
        elif engine == "bing":
            told = escape(json.dumps(dict(carried)))
            tiles.append(f'<a class="iusc" {one}="{told}" href="#"><img src="{thumb}"></a>')
        else:
            attributes = " ".join(f'data-{name}="{escape(value)}"' for name, value in carried)
            image = f'<img data-meta=\'{{"ow":900,"oh":600}}\' src="{thumb}">'
            chip = f'<a href="/search/images?p=x"><img src="{thumb}"></a>'
            tile = f'<a class="media-tile" {attributes}>{image}</a>'
            tiles.append(f'<li class="tile" id="resitem-{n}">{tile}</li><li>{chip}</li>')
    found = ENGINES[engine].parse(f"<ul>{''.join(tiles)}</ul>").candidates
    assert [(result.image_url, result.page_url) for result in found] == wanted
    assert all(result.preview for result in found)


DECOYS = {
    "a chip of related searches": '<a class="media-tile" href="/search/images?p=more">{image}</a>',
    "the engine's own logo": '<a class="media-tile" data-a="https://s.yimg.com/l/y.png">{image}</a>',
    "another engine's thumbnail": (
        '<a class="media-tile" data-a="https://tse2.mm.bing.net/a.jpg">{image}</a>'
    ),
    "two pictures": (
        '<a class="media-tile" data-a="https://a.example/1.jpg" data-b="https://b.example/2.png">'
        "{image}</a>"
    ),
    "no picture in it": '<a class="media-tile" data-a="https://a.example/1.jpg">text</a>',
    "an icon in it": (
        '<a class="media-tile" data-a="https://a.example/1.jpg"><img width=16 height=16 '
        'src="https://a.example/i.png"></a>'
    ),
    "a page that is named as a file": (
        '<a class="media-tile" data-a="https://w.example/wiki/File:A.jpg">{image}</a>'
    ),
}


@pytest.mark.parametrize("tile", DECOYS.values(), ids=DECOYS)
def test_what_is_no_result_is_none_by_its_shape(tile: str) -> None:
    image = '<img src="https://tse1.mm.bing.net/th?id=OIP.abcdefgh1">'
    html = f'<ul><li id="resitem-0">{tile.format(image=image)}</li></ul>'
    assert ENGINES["yahoo"].parse(html).candidates == ()
