"""Where a page says that the next one begins."""

from __future__ import annotations

import pytest
from pixset.scraper.engines import ENGINES, next_page

BING = '<div class="dgControl dtl hover" data-nextUrl="{}"></div>'
HERE = "https://www.bing.com/images/search?q=a"


@pytest.mark.parametrize(
    ("engine", "html", "address", "named"),
    [
        ("bing", BING.format("/images/async?q=a&amp;first=36"), HERE,
         "https://www.bing.com/images/async?q=a&first=36"),
        ("bing", BING.format("/images/async?first=36") + BING.format(""), HERE, ""),
        ("bing", BING.format("/async?1") + '<div class="dgControl dtl" data-nextUrl=""></div>',
         HERE, "https://www.bing.com/async?1"),
        ("bing", BING.format("https://evil.example/x"), HERE, ""),
        ("bing", BING.format("https://notbing.com/x"), HERE, ""),
        ("bing", BING.format("https://cn.bing.com/images/async?first=36"), HERE,
         "https://cn.bing.com/images/async?first=36"),
        ("bing", BING.format("http://[::1"), HERE, ""),
        ("bing", "<p>nothing", HERE, None),
        ("bing", BING.format("/bing/images/async?first=36"), "http://127.0.0.1:80/bing/images?q=a",
         "http://127.0.0.1:80/bing/images/async?first=36"),
        ("yahoo", '<script>{"nextOffset":"61"}</script>', "https://images.search.yahoo.com/x?p=a",
         "https://images.search.yahoo.com/x?p=a&b=61"),
        ("yahoo", '{\\"nextOffset\\":\\"121\\"} "nextOffset":61', "https://de.yahoo.com/x?b=61&p=a",
         "https://de.yahoo.com/x?p=a&b=121"),
        ("yahoo", '"nextOffset":61', "https://images.search.yahoo.com/x?p=a&b=61", ""),
        ("yahoo", "<p>nothing", "https://images.search.yahoo.com/x?p=a", None),
        ("google", ('<a href="/search?q=a&amp;udm=2&amp;start=40">3</a>'
         '<a href="/search?q=a&amp;udm=2&amp;start=20">2</a>'), "https://www.google.com/search?q=a",
         "https://www.google.com/search?q=a&udm=2&start=20"),
        ("google", '<a href="/search?q=a&amp;start=20">web</a>', "https://www.google.com/x", None),
        ("google", '<div data-docid="x" data-lpage="y"></div>' * 30
         + '<a href="/search?udm=2&amp;start=10">More</a>', "https://www.google.com/x", None),
    ],
)  # fmt: skip
def test_the_next_page_is_the_one_that_the_page_names(
    engine: str, html: str, address: str, named: str | None
) -> None:
    assert next_page(ENGINES[engine], html, address) == named
