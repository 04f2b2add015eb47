"""Synthetic pages, written from the engines' known markup: the layouts no saved page has."""

from __future__ import annotations

import json
from html import escape
from urllib.parse import quote

import pytest
from pixset.scraper.engines import ENGINES
from pixset.scraper.models import Candidate, PageOutcome

JPEG = "data:image/jpeg;base64,/9j/4AAQSkZJRgABAQAAAQABAAD" + "A" * 300
GIF = "data:image/gif;base64,R0lGODlhAQABAIAAAP///////yH5BAEKAAEALAAAAAABAAEAAAICTAEAOw=="
TBN = "https://encrypted-tbn0.gstatic.com/images?q=tbn:ANd9GcQ0123456789abcdef"
ORIGINAL = "https://example.org/a/big.jpg?x=1&y=2"
SOURCE = "https://example.org/page?id=1&l=de"


def one(engine: str, html: str, address: str = "") -> Candidate:
    page = ENGINES[engine].parse(html, address)
    assert page.outcome is PageOutcome.RESULTS, page
    (candidate,) = page.candidates
    return candidate


def pair(title: str = 'A "b" \u00fc', *, age: str | None = None) -> str:
    row = [
        0, "eAP244UcF5wdYM", [TBN + "&s", 225, 226], [ORIGINAL, 1054, 1600], None, 0, "rgb(1,2,3)",
        None, 0, {"2000": [None, "example.org", "1MB"], "2003": [age, "docid", SOURCE, title],
        "2008": [None, "alt"]},
    ]  # fmt: skip
    text = json.dumps([1, row], separators=(",", ":"))
    return text.replace("&", "\\u0026").replace("=", "\\u003d")


WRAPPERS = {
    "2020": "AF_initDataCallback({{key: 'ds:1', hash: '2', data:function(){{return {0}}}}});",
    "2022": "AF_initDataCallback({{key: 'ds:1', isError: false , hash: '2', data:{0}, "
    "sideChannel: {{}}}});",
    "2024": 'var m={{"AZA7AU":{0},"tq7Pxb":[[["GBXAff",1]]]}};var a=m;',
    "bare": "{0}",
}


@pytest.mark.parametrize("wrapper", WRAPPERS.values(), ids=WRAPPERS)
@pytest.mark.parametrize("age", [None, "5 days ago"])
def test_google_pairs_are_read_in_the_wrappers_of_every_year(wrapper: str, age: str) -> None:
    found = one("google", f"<script>{wrapper.format(pair(age=age))}</script>")
    assert found == Candidate(
        "google", "eAP244UcF5wdYM", 1, ORIGINAL, TBN + "&s", SOURCE, 'A "b" ü', (1600, 1054)
    )


def test_google_pairs_are_read_inside_a_string_of_a_batch_answer() -> None:
    html = f'[["wrb.fr","HoAMBc",{json.dumps(pair())},null]]'
    assert one("google", html).image_url == ORIGINAL


def test_google_pairs_are_read_with_hexadecimal_quotes_and_in_attributes() -> None:
    text = pair("Plain")
    assert one("google", "<script>x='" + text.replace('"', "\\x22") + "'</script>").title == "Plain"
    assert one("google", f'<c-wiz data-p="{escape(text)}"></c-wiz>').page_url == SOURCE


def test_google_pairs_may_stand_on_lines_of_their_own() -> None:
    spread = pair().replace("],[", "]\n,[")
    assert one("google", f"<script>{spread}</script>").title == 'A "b" ü'


def test_a_lone_triple_is_an_icon_and_no_pair() -> None:
    icon = '["https://encrypted-tbn1.gstatic.com/faviconV2?url\\u003dx",16,16]'
    page = ENGINES["google"].parse(f"<script>var a={icon},b=[{icon},{icon}]</script>")
    assert page.candidates == ()


def tile(inner: str, docid: str = "eAP244UcF5wdYM") -> str:
    return (
        f'<div jsname="dTDiAc" data-docid="{docid}" data-lpage="{escape(SOURCE)}">{inner}'
        f'<a href="{escape(SOURCE)}"><img id="dimg_38" width="12" height="12" src="{JPEG}">'
        "<div>Example Site</div><div>Seen title</div></a></div>"
    )


SETTERS = [
    "(function(){{var s='{0}';var ii=['dimg_1','dimg_23'];_setImagesSrc(ii,s);}})();",
    "_setImgSrc('dimg_23','{0}');",
    '(function(){{var data=[["dimg_23","{0}"]];}})();',
    'google.pim={{"dimg_23":"{0}"}};',
]


@pytest.mark.parametrize("setter", SETTERS)
def test_a_thumbnail_set_by_script_is_joined_to_its_tile_and_original(setter: str) -> None:
    shown = JPEG.replace("=", "\\x3d").replace("/", "\\/")
    html = (
        tile(f'<img id="dimg_23" width="225" height="225" src="{GIF}" alt="Seen title">')
        + f"<script>{setter.format(shown)}</script><script>{pair()}</script>"
    )
    found = one("google", html)
    assert (found.preview, found.image_url, found.title) == (JPEG, ORIGINAL, 'A "b" ü')


def test_a_thumbnail_loaded_later_is_joined_by_its_image_id() -> None:
    ldi = 'google.ldi={"dimg_23":"' + TBN.replace("=", "\\u003d") + '\\u0026s"};'
    html = tile(f'<img id="dimg_23" src="{GIF}" alt="Seen title">') + f"<script>{ldi}</script>"
    found = one("google", html)
    assert (found.preview, found.title, found.page_url) == (TBN + "&s", "Seen title", SOURCE)


def test_a_news_fragment_may_carry_its_thumbnail_in_the_image_itself() -> None:
    fragment = tile(f'<img id="dimg_23" src="{JPEG}" alt="Seen title">')
    assert one("google", fragment).preview == JPEG


@pytest.mark.parametrize("source", ["./cat_files/images(3)", "images.jpg", "cid:frame-1@mhtml"])
def test_what_a_saving_browser_wrote_is_no_preview(source: str) -> None:
    html = tile(f'<img id="dimg_23" src="{source}" alt="Seen title">')
    assert one("google", html).preview is None
    assert one("google", html + f"<script>{pair()}</script>").preview == TBN + "&s"


def test_google_imgres_links_fill_size_and_original() -> None:
    href = f"/imgres?imgurl={quote(ORIGINAL, safe='')}&imgrefurl={quote(SOURCE, safe='')}"
    link = f'<a href="{escape(href)}&amp;w=1600&amp;h=1054&amp;tbnid=eAP244UcF5wdYM%3A">'
    alone = one("google", f'{link}<img src="{TBN}"></a>')
    assert (alone.image_url, alone.page_url, alone.claimed_size) == (ORIGINAL, SOURCE, (1600, 1054))
    joined = one("google", tile(f'{link}<img id="dimg_23" src="{JPEG}" alt="T"></a>'))
    assert (joined.image_url, joined.preview, joined.key) == (ORIGINAL, JPEG, "eAP244UcF5wdYM")


def test_the_grid_of_2018_is_read_from_its_json_and_its_tiles() -> None:
    meta = {"id": "Hr8bXRwTtTWYGM:", "ou": ORIGINAL, "ow": 1600, "oh": 1054, "ru": SOURCE,
            "pt": "Caf&#233; | Flickr", "tu": TBN, "tw": 275, "th": 183}  # fmt: skip
    html = (
        '<div class="rg_bx" data-ri="0"><a class="rg_l" href="/imgres?imgurl='
        f'{quote(ORIGINAL, safe="")}&amp;tbnid=Hr8bXRwTtTWYGM:"><img class="rg_ic rg_i" '
        f'name="Hr8bXRwTtTWYGM:" src="{GIF}"></a>'
        f'<div class="rg_meta notranslate">{escape(json.dumps(meta), quote=False)}</div></div>'
        f'<script>(function(){{var data=[["Hr8bXRwTtTWYGM:","{JPEG}"]];}})()</script>'
    )
    assert one("google", html) == Candidate(
        "google", "Hr8bXRwTtTWYGM", 1, ORIGINAL, JPEG, SOURCE, "Café | Flickr", (1600, 1054)
    )


def basic(cells: str, *, tab: str = '<input type="hidden" name="tbm" value="isch">') -> str:
    return (
        f'<html lang="ja"><title>x</title><form action="/search">{tab}<input name="q"></form>'
        '<a href="/search?q=b&amp;tbm=isch"><img src="https://encrypted-tbn0.gstatic.com/x"></a>'
        f"<table><tr>{cells}</tr></table></html>"
    )


def cell(page: str, thumb: str, words: str) -> str:
    link = f"/url?q={page}&amp;sa=U&amp;ved=2ah"
    return (
        f'<td align="center"><div><table><tr><td><a href="{link}"><div><img alt="" src="{thumb}"/>'
        f'</div></a></td></tr><tr><td><a href="{link}"><div>{words}</div></a></td></tr></table>'
        "</div></td>"
    )


def test_table_layouts_are_read_by_shape_in_any_language() -> None:
    html = basic(
        cell("https://a.example/1", TBN + "AAAA", "<span>猫の写真...</span> <span>a.example</span>")
        + cell("https://a.example/1", TBN + "BBBB", "<span>IMG_2.png</span> <span>a.example</span>")
        + cell("https://b.example/%3Fx%3D1", TBN + "CC", "<b>Кот</b> дома<br>640 &times; 480 - 9k")
    )
    found = ENGINES["google"].parse(html).candidates
    assert [c.title for c in found] == ["猫の写真...", "IMG_2.png", "Кот дома"]
    assert [c.claimed_size for c in found] == [None, None, (640, 480)]
    assert found[2].page_url == "https://b.example/?x=1"


def test_a_saved_table_without_thumbnails_keeps_its_results_apart() -> None:
    html = basic(cell("https://a.example/1", "x_files/a", "A") * 2).replace(
        'href="/url', 'href="https://www.google.com/url'
    )
    found = ENGINES["google"].parse(html).candidates
    assert len({c.key for c in found}) == 2
    assert {c.preview for c in found} == {None}


def test_a_web_page_is_no_page_of_image_results() -> None:
    cells = cell("https://a.example/1", TBN, "A video")
    assert ENGINES["google"].parse(basic(cells, tab="")).candidates == ()
    page = ENGINES["google"].parse(
        f"<script>google.sn='web';</script><input name=q>{tile('<img>')}{pair()}"
    )
    assert (page.outcome, page.candidates) == (PageOutcome.LAYOUT_CHANGED, ())


def test_a_viewer_s_link_is_no_table_of_results() -> None:
    viewer = f'<div><a href="/url?q=https://a.example/1"><img src="{JPEG}"></a></div>'
    page = ENGINES["google"].parse(basic("").replace("</html>", viewer))
    assert page.candidates == ()


def test_layouts_side_by_side_are_merged_by_picture() -> None:
    old = (
        '<div class="isv-r" data-tbnid="OLDOLDOLDOLDOL" data-ow="5" data-oh="6">'
        f'<a><img class="rg_i" src="{JPEG}" alt="Old"></a></div>'
    )
    html = tile(f'<img id="dimg_23" src="{JPEG}" alt="New">') + old + f"<script>{pair()}</script>"
    found = ENGINES["google"].parse(html).candidates
    assert [(c.rank, c.key) for c in found] == [(1, "eAP244UcF5wdYM"), (2, "OLDOLDOLDOLDOL")]
    assert [c.image_url for c in found] == [ORIGINAL, None]


def iusc(told: dict[str, object], inner: str, href: str = "") -> str:
    return (
        '<li data-idx="1"><div class="iuscp isv"><div class="imgpt"><a class="iusc" '
        f'm="{escape(json.dumps(told))}" href="{escape(href)}">{inner}</a><div class="img_info">'
        '<span class="nowrap">1600&#215;900 &middot; jpeg</span><div class="lnkw">'
        f'<a href="{escape(SOURCE)}">x</a></div></div></div><div class="infnmpt">'
        '<a title="Seen title">Seen…</a></div></div></li>'
    )


TOLD: dict[str, object] = {
    "mid": "AB12", "murl": ORIGINAL, "turl": "https://ts1.mm.bing.net/th?id=OIP.q", "purl": SOURCE,
    "t": "A & B",
}  # fmt: skip


def test_bing_tiles_take_their_size_from_the_link_or_the_words() -> None:
    view = "/images/search?view=detailV2&id=AB12&expw=640&exph=480&mediaurl=x"
    inner = '<img class="mimg" src="/th?id=OIP.q&amp;w=1" width="300" height="200">'
    assert one("bing", iusc(TOLD, inner, view)) == Candidate(
        "bing", "AB12", 1, ORIGINAL, "https://www.bing.com/th?id=OIP.q&w=1", SOURCE, "A & B",
        (640, 480),
    )  # fmt: skip
    assert one("bing", iusc(TOLD, inner)).claimed_size == (1600, 900)


def test_bing_previews_set_by_script_are_joined_to_their_tile() -> None:
    inner = f'<img class="mimg rms_img" id="emb7D4DA763" src="{GIF}">'
    script = f"<script>processEmbImg('emb7D4DA763','{JPEG}');</script>"
    assert one("bing", iusc(TOLD, inner) + script).preview == JPEG
    lazy = '<img class="mimg vimgld" data-src="https://th.bing.com/th/id/OIP.q?w=5">'
    assert one("bing", iusc(TOLD, lazy)).preview == "https://th.bing.com/th/id/OIP.q?w=5"
    saved = '<img class="mimg" src="./x_files/th(1).jpg">'
    assert one("bing", iusc(TOLD, saved)).preview == TOLD["turl"]


def test_a_bing_tile_whose_json_is_broken_still_speaks_through_its_link() -> None:
    view = f"/images/search?view=detailV2&id=AB12&expw=640&exph=480&mediaurl={quote(ORIGINAL)}"
    html = iusc(TOLD, "<img>", view).replace("{&quot;", "{&quot;&quot;&quot;")
    found = one("bing", html)
    assert (found.key, found.image_url, found.page_url) == ("AB12", ORIGINAL.partition("&")[0]
            + "&y=2", SOURCE)  # fmt: skip
    assert found.title == "Seen title"


def test_a_bing_web_page_s_strip_of_pictures_is_no_result() -> None:
    page = ENGINES["bing"].parse(f'<ol id="b_results"><li class="b_ans">{iusc(TOLD, "")}</li></ol>')
    assert (page.outcome, page.candidates) == (PageOutcome.LAYOUT_CHANGED, ())


def test_bing_fragments_are_read_and_an_empty_one_is_the_end() -> None:
    fragment = f'<div class="dgControl" id="mmComponent_images_1"><ul>{iusc(TOLD, "")}</ul></div>'
    assert one("bing", fragment, "https://www.bing.com/images/async?q=a&first=36").key == "AB12"
    for body in ("", " \n", '<div class="dgControl"><ul class="dgControl_list"></ul></div>'):
        assert ENGINES["bing"].parse(body).outcome is PageOutcome.EMPTY


def test_bing_pages_without_scripts_link_to_the_originals() -> None:
    html = (
        f'<div class="item"><a class="thumb" href="{escape(ORIGINAL)}"><div class="cico">'
        '<img src="https://tse4.mm.bing.net/th/id/OIP.abcdefgh?w=230" alt=" "/></div></a><div '
        f'class="meta"><a class="tit" href="{escape(SOURCE)}">example.org</a><div class="des">'
        'Título — x</div><div class="fileInfo">480 x 360 jpeg 12kB</div></div></div>'
    )
    found = one("bing", html)
    assert (found.key, found.title, found.claimed_size) == (ORIGINAL, "Título — x", (480, 360))


def layout_a(*, data: bool = True) -> str:
    bare = ORIGINAL.removeprefix("https://")
    told = {"iurl": ORIGINAL, "rurl": SOURCE, "w": "1600", "h": 900, "tt": "Ein <b>", "s": "1MB"}
    href = f"/images/view;_ylt=X?p=a&imgurl={quote(bare, safe='')}&rurl={quote(SOURCE, safe='')}"
    return (
        f'<ul id="sres"><li class="ld" id="resitem-0" '
        f"""{f'data="{escape(json.dumps(told))}"' if data else ""}>"""
        f'<a href="{escape(href)}&amp;w=1600&amp;h=900&amp;tt=Ein+%3Cb%3E">'
        f'<img src="{GIF}" data-src="https://tse1.mm.bing.net/th?id=OIP.abcdefgh"></a></li></ul>'
    )


def layout_b(original: str = ORIGINAL, page: str = SOURCE) -> str:
    meta = escape(json.dumps({"ow": 1600, "oh": 900}))
    return (
        '<ul class="image-results__list"><li class="tile" id="resitem-0"><a class="media-tile" '
        f'data-origurl="{escape(original)}" data-referenceurl="{escape(page)}"><img '
        f'data-meta="{meta}" src="https://tse1.mm.bing.net/th?id=OIP.abcdefgh">'
        '<p class="tile-title">Ein &lt;b&gt;</p></a></li></ul>'
    )


PREVIEW = "https://tse1.mm.bing.net/th?id=OIP.abcdefgh"


@pytest.mark.parametrize("html", [layout_a(), layout_b(), layout_a() + layout_b()])
def test_yahoo_layouts_are_read_alone_and_side_by_side(html: str) -> None:
    found = one("yahoo", html)
    assert (found.page_url, found.title, found.claimed_size) == (SOURCE, "Ein <b>", (1600, 900))
    assert (found.image_url, found.preview, found.key) == (ORIGINAL, PREVIEW, ORIGINAL)


def test_yahoo_links_may_lack_the_scheme() -> None:
    assert one("yahoo", layout_a(data=False)).image_url == ORIGINAL.replace("https:", "http:")


def test_yahoo_wrappers_are_taken_off() -> None:
    wrapped = "https://r.search.yahoo.com/_ylt=A/RV=2/RE=1/RO=10/RU={}/RK=2/RS=abc-"
    html = layout_b(wrapped.format(quote(ORIGINAL, safe="")), wrapped.format(quote(SOURCE, "")))
    found = one("yahoo", html)
    assert (found.image_url, found.page_url) == (ORIGINAL, SOURCE)


def test_a_yahoo_tile_without_a_list_is_a_tile() -> None:
    html = layout_b().replace('<li class="tile" id="resitem-0">', "").replace("</li>", "")
    assert one("yahoo", html).image_url == ORIGINAL


def test_yahoo_videos_are_no_pictures() -> None:
    page = ENGINES["yahoo"].parse(layout_b(), "https://video.search.yahoo.com/search/video?p=a")
    assert page.candidates == ()


def test_google_s_tile_of_july_2026_is_joined_to_its_row_by_the_docid_in_jsdata() -> None:
    thumb = "https://encrypted-tbn0.gstatic.com/images?q=tbn:ANd9GcQ0123456789abcdef"
    tile = (
        '<div class="offbPb" jsdata="j0Opre;abcdefghijklMM;KEY1"><a href="https://e.org/p">'
        f'<img src="{thumb}" alt="A cat"></a></div>'
    )
    row = (
        f'<script>W_jd={{"KEY1":[1,"abcdefghijklMM",["{thumb}",180,240],'
        '["https://e.org/cat.jpg",900,1200]]}</script>'
    )
    (found,) = ENGINES["google"].parse(tile + row).candidates
    assert (found.key, found.image_url) == ("abcdefghijklMM", "https://e.org/cat.jpg")
    assert (found.preview, found.page_url) == (thumb, "https://e.org/p")
    inner = f'<div data-docid="zyxwvutsrqpoMM" data-lpage="https://e.org/q">{tile}</div>'
    (found,) = ENGINES["google"].parse(inner).candidates
    assert (found.key, found.page_url) == ("zyxwvutsrqpoMM", "https://e.org/q")
