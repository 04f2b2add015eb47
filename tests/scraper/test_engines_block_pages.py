"""Block pages are named by hosts, forms and ids: these synthetic pages speak many languages."""

from __future__ import annotations

import random
from html import escape
from urllib.parse import quote

import pytest
from pixset.scraper.engines import ENGINES
from pixset.scraper.models import PageOutcome

SEARCH = '<form action="/search"><input name="q" value="x"></form>'
CONSENT = """<html lang="{0}"><head><title>{1}</title></head><body><h1>{1}</h1>
<form action="{2}" method="POST"><input type="hidden" name="gl" value="DE">
<input type="hidden" name="set_eom" value="true"><button><span>{3}</span></button></form>
<form action="{2}" method="POST"><input type="hidden" name="set_eom" value="false">
<button>{4}</button></form></body></html>"""
SORRY = """<html><head><title>https://www.google.com/search?q=x</title></head><body>
<form id="captcha-form" action="index" method="post"><div id="recaptcha" class="g-recaptcha"
data-sitekey="6L"></div><input type="hidden" name="q" value="Eg"></form>
<div id="infoDiv">{0}</div></body></html>"""
SHELL = """<html lang="{0}"><head><title>Google Search</title></head><body><noscript>
<meta http-equiv="refresh" content="0;url=/httpservice/retry/enablejs?sei=abc">
<div>{1} <a href="/httpservice/retry/enablejs?sei=abc">{1}</a></div></noscript>
<script>var x=1;</script></body></html>"""

PAGES = [
    ("google", "consent", CONSENT.format("de", "Bevor Sie fortfahren", "/save", "Ab", "An")),
    (
        "google",
        "consent",
        CONSENT.format("ja", "続行する前に", "https://consent.google.com/save", "拒否", "同意"),
    ),
    (
        "google",
        "consent",
        CONSENT.format("ar", "قبل المتابعة", "https://consent.google.com.eg/s", "رفض", "قبول"),
    ),
    ("google", "consent", f'{SEARCH}<div role="dialog"><button id="W0wltc">Odrzuć</button></div>'),
    ("google", "captcha", SORRY.format("Notre système a détecté un trafic exceptionnel")),
    ("google", "captcha", SORRY.format("当社のシステムは…")),
    (
        "google",
        "captcha",
        (
            '<title>Sorry</title><form action="CaptchaRedirect"><img src="/sorry/image?id=1">'
            '<input name="captcha"></form>'
        ),
    ),
    ("google", "blocked", SHELL.format("id", "Klik di sini")),
    ("google", "blocked", SHELL.format("fr", "Cliquez ici")),
    (
        "google",
        "blocked",
        (
            "<html><head><title>302 Moved</title></head><body><h1>302 Moved</h1>"
            '<a href="https://www.google.com/x">here</a></body></html>'
        ),
    ),
    (
        "google",
        "blocked",
        (
            "<html><head><title>Aktualisieren</title></head><body><h1>Ihr Browser wird nicht "
            "unterstützt</h1></body></html>"
        ),
    ),
    ("google", "blocked", "<title>Error 403 (Forbidden)!!1</title><p><b>403.</b>"),
    ("google", "empty", f"<title>x</title>{SEARCH}<div id=topstuff><p>Ničeho nenalezeno</p></div>"),
    (
        "google",
        "empty",
        (
            f'<title>x</title>{SEARCH}<a href="/search?q=y"><img src="https://encrypted-tbn0.gstatic.com'
            '/images?q=tbn:ANd9GcQ0123456789abcdef"></a>'
        ),
    ),
    ("bing", "captcha", '<title>Bing</title><div id="b_captcha"><h1>Noch ein Schritt</h1></div>'),
    (
        "bing",
        "captcha",
        '<html><script src="https://challenges.cloudflare.com/turnstile/v0/api.js"></script></html>',
    ),
    (
        "bing",
        "captcha",
        f'{SEARCH}<iframe src="https://challenges.cloudflare.com/cdn-cgi/x/turnstile/if"></iframe>',
    ),
    (
        "bing",
        "consent",
        (
            f'<title>x</title>{SEARCH}<div id="bnp_container"><button id="bnp_btn_accept"></button>'
            '<button id="bnp_btn_reject">Ablehnen</button></div>'
        ),
    ),
    ("bing", "empty", f'<title>x</title>{SEARCH}<div id="b_content">没有结果</div>'),
    ("bing", "blocked", "<html><head><title>Object moved</title></head><body></body></html>"),
    (
        "yahoo",
        "consent",
        (
            '<html class="yahoo-page"><body id="tcf2-layer1"><div id="consent-page"><form '
            'class="consent-form" method="post"><button name="agree">Alle akzeptieren</button>'
            '<button class="btn secondary reject-all" name="reject">Alle ablehnen</button></form>'
        ),
    ),
    (
        "yahoo",
        "consent",
        (
            '<title>Yahoo</title><form action="https://consent.yahoo.com/v2/collectConsent?s=1">'
            '<input type="hidden" name="originalDoneUrl"><button name="agree">同意</button></form>'
        ),
    ),
    ("yahoo", "captcha", '<title>y</title><form action="/captcha/x"><img src="c.png"></form>'),
    ("yahoo", "captcha", '<title>y</title><div class="g-recaptcha"></div>'),
    ("yahoo", "empty", '<title>y</title><form><input name="p"></form><p>Keine Ergebnisse</p>'),
    ("yahoo", "blocked", "<html><head><title>Yahoo</title></head><body><h1>500</h1></body></html>"),
]


@pytest.mark.parametrize(("engine", "outcome", "html"), PAGES)
def test_a_wall_is_named_by_its_structure(engine: str, outcome: str, html: str) -> None:
    page = ENGINES[engine].parse(html)
    assert (page.outcome.value, page.candidates) == (outcome, ())


ADDRESSES = [
    ("google", "https://consent.google.com/ml?continue=https://www.google.com/search", "consent"),
    ("google", "https://consent.google.de/m?continue=x", "consent"),
    ("google", "https://www.google.com/sorry/index?continue=x", "captcha"),
    ("google", "http://127.0.0.1:8000/google/sorry/index?continue=x", "captcha"),
    ("google", "https://sorry.google.com/", "captcha"),
    ("bing", "https://www.bing.com/turing/captcha/challenge?q=x", "captcha"),
    ("yahoo", "https://guce.yahoo.com/consent?brandType=eu", "consent"),
    ("yahoo", "https://consent.yahoo.com/v2/collectConsent?sessionId=1", "consent"),
]


@pytest.mark.parametrize(("engine", "address", "outcome"), ADDRESSES)
def test_a_wall_is_named_by_its_address(engine: str, address: str, outcome: str) -> None:
    assert ENGINES[engine].parse("<p>…</p>", address).outcome.value == outcome


def test_the_address_that_a_saving_browser_noted_names_the_wall() -> None:
    html = "<!-- saved from url=(0061)https://consent.google.com/ml?continue=x --><title>…</title>"
    assert ENGINES["google"].parse(html).outcome is PageOutcome.CONSENT


def test_a_search_for_a_wall_s_words_is_no_wall() -> None:
    html = f"<title>captcha consent /sorry/ enablejs</title>{SEARCH}<p>captcha-form L2AGLb</p>"
    address = "https://www.google.com/search?q=/sorry/+consent.google.com&udm=2"
    assert ENGINES["google"].parse(html, address).outcome is PageOutcome.EMPTY


def test_readable_results_win_over_a_dialog_that_lies_over_them() -> None:
    tile = (
        '<div data-docid="abcdefghijklMM" data-lpage="https://e.org/p"><img alt="t" src="'
        'https://encrypted-tbn0.gstatic.com/images?q=tbn:ANd9GcQ0123456789abcdef"></div>'
    )
    page = ENGINES["google"].parse(
        f'{tile}<div role="dialog"><button id="L2AGLb">OK</button></div>'
    )
    assert page.outcome is PageOutcome.RESULTS
    tile = (
        '<a class="iusc" m="{&quot;murl&quot;:&quot;https://e.org/a.jpg&quot;}"></a>'
        '<div id="bnp_container"></div>'
    )
    assert ENGINES["bing"].parse(tile).outcome is PageOutcome.RESULTS


CHANGED = [
    ("google", "".join(f'<div class="new{n}"><img src="data:image/jpeg;base64,/9j/{n}"></div>'
                       for n in range(8))),
    ("google", '<table class="images_table"><tr><td>…</td></tr></table>'),
    ("bing", '<div class="imgpt"><a class="iusc2" n="{}"><img class="mimg"></a></div>'),
    ("bing", "".join(f'<a href="/x{n}"><img src="/th?id=OIP.{n}"></a>' for n in range(8))),
    ("yahoo", '<li class="ld"><a href="/images/view?picture=1"></a></li>'),
]  # fmt: skip


@pytest.mark.parametrize(("engine", "signs"), CHANGED)
def test_signs_of_results_without_one_parsed_are_a_changed_layout(engine: str, signs: str) -> None:
    box = '<input name="p">' if engine == "yahoo" else SEARCH
    page = ENGINES[engine].parse(f"<title>x</title>{box}{signs}")
    assert page.outcome is PageOutcome.LAYOUT_CHANGED


def test_only_the_plain_refusal_of_google_s_consent_page_is_pressed() -> None:
    from selectolax.lexbor import LexborHTMLParser

    form = '<form><input name="set_eom" value="{}">{}<button id="{}"></button></form>'
    grant = '<input name="set_{}" value="true">'
    page = (
        form.format("false", "", "agree")
        + "".join(form.format("true", grant.format(name), name) for name in ("sc", "aps", "ytc"))
        + form.format("true", '<input name="gl" value="DE">', "refuse")
    )
    buttons = LexborHTMLParser(page).css(ENGINES["google"].REJECT)
    assert [button.attributes["id"] for button in buttons] == ["refuse"]


@pytest.mark.parametrize("engine", ["google", "bing", "yahoo"])
def test_a_page_that_is_cut_before_any_result_is_not_an_empty_answer(engine: str) -> None:
    name = "p" if engine == "yahoo" else "q"
    head = f'<!doctype html><html><title>x</title><form><input name="{name}" value="kiln"></form>'
    assert ENGINES[engine].parse(f"{head}<p>no results</body></html>").outcome is PageOutcome.EMPTY
    assert ENGINES[engine].parse(f"{head}<div class='grid'>").outcome is PageOutcome.BLOCKED
    # What the browser appends to a page stands behind its end.
    behind = f"{head}</html><script type='text/plain'>{'x' * 50_000}</script>"
    assert ENGINES[engine].parse(behind).outcome is PageOutcome.EMPTY


@pytest.mark.parametrize("engine", ["google", "bing", "yahoo"])
@pytest.mark.parametrize("inside", ["", "Access denied", "<div></div>", "<p>0", "<pre>{}</pre>"])
@pytest.mark.parametrize("head", ["", "<!doctype html>", "\n<!DOCTYPE html PUBLIC 'x'>\n "])
def test_a_document_that_holds_nothing_of_the_engine_s_is_no_empty_answer(
    engine: str, inside: str, head: str
) -> None:
    html = f"{head}<html lang='de'><head></head><body>{inside}</body></html>"
    assert ENGINES[engine].parse(html).outcome is PageOutcome.BLOCKED
    assert ENGINES[engine].parse(inside).outcome is PageOutcome.EMPTY, "a scroll's end"


BOXES = {"google": "q", "bing": "q", "yahoo": "p"}
WRAPPERS = (
    "{}",
    "/url?q={}&sa=U",
    "https://r.search.example.com/_ylt=A/RU={}/RK=2",
    "https://www.example.com/ck/a?x=1&u={}",
)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("engine", ["google", "bing", "yahoo"])
def test_a_page_that_leads_to_many_sites_is_no_empty_answer(engine: str, seed: int) -> None:
    draw = random.Random(f"{engine}{seed}")
    names = ["".join(draw.choices("abcdefgh", k=9)) for _ in range(draw.randrange(9, 30))]

    def page(names: list[str]) -> str:
        links = (
            f'<a href="{escape(draw.choice(WRAPPERS).format(quote(f"https://{name}.org/", "")))}">x'
            for name in names
        )
        return (
            f'<html><head><title>x</title></head><body><input name="{BOXES[engine]}">'
            f"{''.join(links)}<a href='/own'>y</a></body></html>"
        )

    assert ENGINES[engine].parse(page(names)).outcome is PageOutcome.LAYOUT_CHANGED
    few = [draw.choice(names[:5]) for _ in range(40)]
    assert ENGINES[engine].parse(page(few)).outcome is PageOutcome.EMPTY
