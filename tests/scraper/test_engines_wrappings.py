"""The same results inside strings, attributes and links: what carries them may change overnight."""

from __future__ import annotations

import html
import json
from typing import TYPE_CHECKING

import pytest
from pixset.scraper.engines import ENGINES, next_page
from pixset.scraper.models import PageOutcome

if TYPE_CHECKING:
    from collections.abc import Callable

GOOGLE, BING, YAHOO = ENGINES["google"], ENGINES["bing"], ENGINES["yahoo"]
NUMBER = 12


def arrays(**options: object) -> str:
    """Google's rows: thumbnail, original, source page and title."""
    thumb = "https://encrypted-tbn0.gstatic.com/images?q=tbn:ANd9GcTabcdefghijklmnop{:04d}"
    rows = [
        [
            f"docid{n:08d}",
            [thumb.format(n), 183, 275],
            [f"https://host{n}.example/a{n}.jpg", 900, 1200],
            {"2003": [None, f"docid{n:08d}", f"https://host{n}.example/p", f"Kiln {n}"]},
        ]
        for n in range(NUMBER)
    ]
    return json.dumps(rows, **options)  # type: ignore[arg-type]  # json's own keywords


def nested(depth: int) -> str:
    text = arrays(separators=(",", ":"))
    for _ in range(depth):
        text = json.dumps([text])
    return f")]}}'\n{text}"


WRAPPINGS: dict[str, Callable[[], str]] = {
    "bare": lambda: arrays(separators=(",", ":")),
    "with blanks": lambda: arrays(indent=1),
    "in one string": lambda: nested(1),
    "in a string in a string": lambda: nested(2),
    "three deep": lambda: nested(3),
    "hex escapes": lambda: arrays(separators=(",", ":")).replace('"', "\\x22"),
    "unicode escapes": lambda: arrays(separators=(",", ":")).replace('"', "\\u0022"),
    "named entities": lambda: f'<p data-x="{html.escape(arrays(separators=(",", ":")))}">',
    "numbered entities": lambda: f'<p data-x="{arrays(separators=(",", ":"))}">'.replace(
        '"', "&#34;"
    ),
}


@pytest.mark.parametrize("name", WRAPPINGS)
def test_google_s_rows_are_read_whatever_wraps_them(name: str) -> None:
    page = GOOGLE.parse(WRAPPINGS[name]())
    assert page.outcome is PageOutcome.RESULTS
    assert [one.image_url for one in page.candidates] == [
        f"https://host{n}.example/a{n}.jpg" for n in range(NUMBER)
    ]
    assert all(one.claimed_size == (1200, 900) for one in page.candidates)
    assert [one.title for one in page.candidates] == [f"Kiln {n}" for n in range(NUMBER)]


def test_bing_s_links_alone_still_name_the_originals() -> None:
    tiles = "".join(
        f'<li><a href="/images/search?view=detailV2&amp;id=MID{n}&amp;mediaurl=https%3a%2f%2f'
        f'h{n}.example%2fa.jpg&amp;expw=900&amp;exph=600"><img class="mimg" '
        f'src="https://ts1.mm.bing.net/th?id=OIP.abcdefgh{n:03d}"></a></li>'
        for n in range(NUMBER)
    )
    page = BING.parse(f'<title>x</title><input name="q">{tiles}', "https://www.bing.com/images")
    assert [one.image_url for one in page.candidates] == [
        f"https://h{n}.example/a.jpg" for n in range(NUMBER)
    ]
    assert all(one.claimed_size == (900, 600) and one.preview for one in page.candidates)


def test_bing_s_grid_names_the_next_batch_without_its_class() -> None:
    grid = '<div id="mmComponent_images_2" data-nexturl="/images/async?first=36"></div>'
    here = "https://www.bing.com/images/search?q=kiln"
    assert next_page(BING, grid, here) == "https://www.bing.com/images/async?first=36"


@pytest.mark.parametrize(
    ("links", "named"),
    [
        (("/search/images?p=kiln&b=121", "/search/images?p=kiln&b=61"), "61"),
        (("/search/images?p=kiln&b=1", "/search/images?p=kiln&b=31"), None),
        (("/search/images?p=pottery&b=61",), None),
        (("https://evil.example/search/images?p=kiln&b=61",), None),
    ],
)
def test_yahoo_s_links_name_the_next_page_where_no_script_does(
    links: tuple[str, ...], named: str | None
) -> None:
    page = "".join(f'<a href="{html.escape(link)}">…</a>' for link in links)
    here = "https://images.search.yahoo.com/search/images?p=kiln&b=31"
    following = next_page(YAHOO, page, here)
    assert following == (
        f"https://images.search.yahoo.com/search/images?p=kiln&b={named}" if named else None
    )
