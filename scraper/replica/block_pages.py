"""The pages that stand in the way: consent, captcha, challenge, nothing found, a new layout."""

from __future__ import annotations

import base64
import json
from html import escape
from typing import TYPE_CHECKING

from .markup import GIF, attribute, frame

if TYPE_CHECKING:
    from .results import ResultList

SEARCH_BOX = {
    "google": '<form role="search"><textarea name="q" rows="1">{term}</textarea></form>',
    "bing": '<form id="sb_form"><input id="sb_form_q" name="q" value="{term}"></form>',
    "yahoo": '<form id="sf"><input name="p" value="{term}"></form>',
}
# The words of a block page are in the visitor's language; German here, so that none is read.
_AGREE = {
    "reject": "Alle ablehnen",
    "accept": "Alle akzeptieren",
}


def _box(engine: str, term: str) -> str:
    return f"<header>{SEARCH_BOX[engine].format(term=attribute(term))}</header>"


def consent(origin: str, engine: str, back: str) -> str:
    """A whole page that asks for consent; `back` is where both answers lead."""
    if engine == "yahoo":
        return _yahoo_consent(origin, back)
    action = f"{origin}/google/consent.google.com/save"
    # Choices of one's own are saved by a form that looks like the refusal, and is none.
    choices = (
        f'<form action="{action}" method="POST"><input type="hidden" name="set_eom" value="true">'
        '<input type="hidden" name="set_sc" value="true"><input type="hidden" name="set_aps" '
        f'value="true"><input type="hidden" name="continue" value="{attribute(back)}">'
        "<button>Weitere Optionen</button></form>"
    )
    forms = choices + "".join(
        f'<form action="{action}" method="POST"><input type="hidden" name="bl" value="boq">'
        f'<input type="hidden" name="continue" value="{attribute(back)}">'
        f'<input type="hidden" name="gl" value="DE"><input type="hidden" name="set_eom" '
        f'value="{eom}"><button jsname="{name}" aria-label="{words}">{words}</button></form>'
        for eom, name, words in (
            ("true", "tWT92d", _AGREE["reject"]),
            ("false", "b3VHJd", _AGREE["accept"]),
        )
    )
    return frame("Bevor Sie fortfahren", f"<h1>Bevor Sie fortfahren</h1>{forms}", language="de")


def _yahoo_consent(origin: str, back: str) -> str:
    return frame(
        "Yahoo ist Teil der Yahoo-Markenfamilie",
        '<div id="consent-page" class="theme-2 v4 brandtype-yahoo"><div class="consent-overlay">'
        f'<form method="post" class="consent-form" action="{origin}/yahoo/consent.yahoo.com'
        '/v2/collectConsent?sessionId=3_cc-session_0"><input type="hidden" name="originalDoneUrl" '
        f'value="{attribute(back)}"><button type="submit" class="btn secondary accept-all" '
        f'name="agree" value="agree">{_AGREE["accept"]}</button><button type="submit" '
        f'class="btn secondary reject-all" name="reject" value="reject">{_AGREE["reject"]}</button>'
        "</form></div></div>",
        language="de",
    )


def google_dialog(origin: str, back: str) -> str:
    """Google's dialog over the results."""
    save = f"{origin}/google/consent.google.com/save?continue={attribute(back)}"
    script = (
        "['W0wltc','L2AGLb'].forEach(function(i){document.getElementById(i).onclick=function(){"
        f"document.cookie='SOCS=CAE; path=/google';document.getElementById('CXQnmb').remove();"
        f"fetch({json.dumps(save)},{{method:'POST'}});}};}});"
    )
    return (
        '<div id="CXQnmb" role="dialog" style="position:fixed;inset:20% 25%;background:#fff;'
        'border:1px solid #aaa;padding:40px;z-index:9">'
        f'<button id="W0wltc">{_AGREE["reject"]}</button>'
        f'<button id="L2AGLb">{_AGREE["accept"]}</button></div><script>{script}</script>'
    )


def bing_banner() -> str:
    """Bing's cookie banner: it covers nothing but the page's foot."""
    script = (
        "['bnp_btn_reject','bnp_btn_accept'].forEach(function(i){"
        "document.getElementById(i).onclick=function(){document.cookie='BCP=AD=0; path=/bing';"
        "document.getElementById('bnp_container').remove();fetch('/bing/consent',{method:'POST'});"
        "};});"
    )
    return (
        '<div id="bnp_container" style="position:fixed;bottom:0;left:0;right:0;background:#fff;'
        'border-top:1px solid #aaa;padding:16px;z-index:9"><div id="bnp_cookie_banner">'
        f'<button id="bnp_btn_accept">{_AGREE["accept"]}</button>'
        f'<button id="bnp_btn_reject">{_AGREE["reject"]}</button></div></div>'
        f"<script>{script}</script>"
    )


def captcha(origin: str, engine: str, back: str) -> str:
    """A captcha that a person solves by pressing its button."""
    button = (
        f'<input type="hidden" name="continue" value="{attribute(back)}">'
        '<input type="submit" id="solve" value="Ich bin kein Roboter">'
    )
    if engine == "bing":
        return frame(
            "Ein letzter Schritt",
            '<div id="b_captcha"><div class="cf-turnstile" data-sitekey="0x0"></div>'
            f'<form action="{origin}/bing/turing/captcha/verify" method="post">{button}'
            "</form></div>",
            language="de",
        )
    path = "google/sorry/index" if engine == "google" else "yahoo/captcha/verify"
    return frame(
        back,
        f'<form id="captcha-form" action="{origin}/{path}" method="post">'
        f'<div id="recaptcha" class="g-recaptcha" data-sitekey="6Lf0"></div>{button}</form>'
        '<div id="infoDiv">192.0.2.1</div>',
        language="de",
    )


def too_many() -> str:
    """What a server says with a 429."""
    return "<html><title>Error 429 (Too Many Requests)!!1</title><p><b>429.</b> That is an error."


def failed() -> str:
    """What a server says with a 500."""
    return "<html><title>Error 500</title><p><b>500.</b> That is an error."


def challenge(origin: str, engine: str) -> str:
    """A shell that wants its script run, and has no other content."""
    return (
        '<!DOCTYPE html><html lang="id"><head><title>Search</title><style>body{color:#222}</style>'
        "<script>window.google={c:{cap:0}};</script></head><body><noscript><style>table,div,span,p"
        f'{{display:none}}</style><meta content="0;url={origin}/{engine}/httpservice/retry/'
        'enablejs?sei=8" http-equiv="refresh"><div style="display:block">Klik '
        f'<a href="{origin}/{engine}/httpservice/retry/enablejs?sei=8">di sini</a></div>'
        '</noscript><div id="yvlrue" style="display:none"></div></body></html>'
    )


def empty(engine: str, term: str) -> str:
    """The engine's frame around nothing."""
    notice = {
        "google": f'<div id="topstuff"><p role="heading"><em>{escape(term)}</em>: 0</p></div>',
        "bing": '<div class="no_results" id="no_results"><h1>0</h1></div>',
        "yahoo": '<div class="zrp" id="zrp"><p>0</p></div>',
    }[engine]
    return frame(term, _box(engine, term) + notice, language="de")


def changed(origin: str, engine: str, results: ResultList) -> str:
    """Results in an unknown markup."""
    tiles = []
    for result in results.part(0, 40):
        carried = {"o": origin + result.original, "p": origin + result.page}
        packed = base64.b85encode(json.dumps(carried).encode()).hex()
        url = attribute(origin + result.preview)
        source = f'src="{GIF}" data-src="{url}"' if engine == "yahoo" else f'src="{url}"'
        tiles.append(
            f'<figure class="q9x" data-k="{packed}"><picture><img {source} width="200" '
            'height="150" alt=""></picture></figure>'
        )
    return frame(results.term, f"{_box(engine, results.term)}<main>{''.join(tiles)}</main>")
