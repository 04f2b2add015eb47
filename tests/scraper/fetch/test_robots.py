from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pixset.scraper.fetch.robots import opted_out
from support.raw_host import JPG, raw

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.raw_host import RawHost

    Get = Callable[..., bytes | str]


@pytest.mark.parametrize(
    "line",
    [
        *("noai", "NoAI", "noimageai", "noindex", "noimageindex", "none", " noai ", "noai,"),
        *("noai noimageai", "noai;noimageai", "noarchive noai", "noarchive;noai", "all,noai"),
        "max-image-preview: large, noai",
        "max-snippet: -1, noimageai",
        "max-video-preview:-1,max-image-preview:large,noai",
        "max-image-preview: large noai",
        "unavailable_after: 25 Jun 2030 15:00:00 PST, noai",
        "unavailable_after: Wednesday, 25-Jun-30 15:00:00 PST, noimageai",
        "unavailable_after: 2030-06-25T15:00:00+00:00; noai",
        "noai, unavailable_after: 25 Jun 2030 15:00:00 PST",
        *("*: noai", "pixset: noai", "PixSet: NOAI", "pixset : noai", "pixset/1.0: noai"),
        *("robots: noai", "all: noindex", "otherbot: nofollow, pixset: noai"),
        "otherbot: nofollow, *: noimageai",
        # what nobody can tell counts as an opt-out
        "noarchive otherbot: noai",
        "price: high, noai",
        "see https://host.example/terms, noai",
        "https://host.example/terms, noai",
        "noai: yes",
        "noai=1",
        '"noai"',
        "noai.",
        "15:00, noai",
        ": noai",
        "otherbot:, noai",
        "noimageai/noai",
        "noai\u00a0noimageai",
    ],
)
def test_every_spelling_of_an_opt_out_counts(line: str) -> None:
    assert opted_out([line])


@pytest.mark.parametrize(
    "line",
    [
        *("", "all", "index, follow", "nofollow", "noarchive", "nosnippet", "notranslate"),
        "max-image-preview: none-such, max-snippet: -1",
        "max-image-preview: large, max-snippet: -1, max-video-preview: -1",
        "unavailable_after: 25 Jun 2030 15:00:00 PST",
        *("otherbot: noai", "otherbot: noindex, nofollow", "otherbot:noai", "GPTBot : noai"),
        "otherbot: max-snippet: -1, noai",
        "pixset: all, otherbot: noai",
        *("nonoai", "noaiming", "no-index", "noindexing"),
    ],
)
def test_what_is_no_opt_out_for_this_agent_is_none(line: str) -> None:
    assert not opted_out([line])


def test_any_of_several_lines_may_opt_out(host: RawHost, get: Get) -> None:
    lines = ["X-Robots-Tag: otherbot: noindex", "x-robots-tag: max-snippet: -1 ; noai"]
    host.pages[b"/a"] = raw(JPG, "200 OK", *lines)
    host.pages[b"/folded"] = raw(JPG, "200 OK", "X-Robots-Tag: all,\r\n noimageai")
    host.pages[b"/others"] = raw(JPG, "200 OK", lines[0], "X-Robots-Tag: googlebot: noai")
    assert get("/a") == get("/folded") == "opted-out"
    assert get("/others") == JPG
