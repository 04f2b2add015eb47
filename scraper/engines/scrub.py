"""Taking out of a saved page what belongs to the visitor, so that it can be shared."""

from __future__ import annotations

import re

GONE = "SCRUBBED"

# Parameters that carry the visit and not the search, in the three engines' pages.
_NAMES = (
    "sxsrf sca_esv sca_upv rlz ei sei ved vet usg iflsig gs_lp gs_lcrp fbs sclient sid session "
    "sessionid sg_ss token access_token auth crumb csrf csrftoken csrf_token key api_key apikey "
    "sig sigr sigit sigi sign sigt signature nonce shkey imgbf ig iid cvid ck usgs _ylt _ylu rs "
    "yguccookie cc-session gcrumb guccounter guce_referrer guce_referrer_sig xsrf authuser"
).replace(" ", "|")
_ATTRIBUTES = (
    "nonce data-ved data-eid eid data-csiid data-sitekey data-s integrity data-token "
    "data-beacon ping data-hveid data-async-ph data-bm data-ei"
).replace(" ", "|")

_RULES: tuple[tuple[re.Pattern[str], str], ...] = (
    # data:image/jpeg;base64,… in markup, styles and scripts (there with \/ and \x3d)
    (
        re.compile(r"(?i)(data:[\w/+.\\;=\-]{1,80};base64,)(?:[\w+/=]|\\[\w/]|%[0-9a-f]{2}){4,}+"),
        r"\1" + GONE,
    ),
    # ?token=…, &amp;token=…, \u0026token=…, /token=…/ and ;_ylt=…
    (
        re.compile(
            rf"(?i)((?:[?&;/>\s\"']|\\u0026|\\x26|%26)(?:{_NAMES})(?:=|\\u003d|\\x3d|%3d))"
            r"[^\s\"'<>&?;/\\]{4,}+"
        ),
        r"\1" + GONE,
    ),
    (
        re.compile(rf"""(?i)(\s(?:{_ATTRIBUTES})=)(?:"[^"]*+"|'[^']*+')"""),
        rf'\1"{GONE}"',
    ),
    # What a script gives to a name of the visit: kEI:'…', var eid='…', "csrf":"…"
    (
        re.compile(
            rf"(?i)([\"']?\b(?:k?EI|k?EXPI|{_NAMES}|\w{{0,30}}cookie\w{{0,30}}|\w{{0,30}}token)"
            r"[\"']?\s{0,4}[:=]\s{0,4})([\"'])[^\"'<>\s]{4,}+\2"
        ),
        rf"\1\2{GONE}\2",
    ),
    # NAME=value pairs of cookies that these engines set
    (
        re.compile(
            r"\b((?:__Secure-\w{1,20}|__Host-\w{1,20}|NID|SOCS|CONSENT|AEC|SIDCC|HSID|SSID|APISID"
            r"|SAPISID|SG_SS|MUID|MUIDB|SRCHUSR|SRCHUID|SRCHHPGUSR|_EDGE_S|GUC|GUCS|A1|A1S|A3)=)"
            r"[^\s\"'<>;&]{4,}+"
        ),
        r"\1" + GONE,
    ),
    (re.compile(r"(?i)(<meta\s[^>]{0,4000}?content=)\"[\w+/=]{80,}+\""), rf'\1"{GONE}"'),
    # Addresses of people and machines; not name@2x.png, not the host of a URL.
    (
        re.compile(
            r"(?i)(?<![\w.%+\-/])[\w.%+\-]{1,64}@(?:[a-z0-9\-]{1,63}\.){1,6}"
            r"(?!(?:png|jpe?g|gif|webp|avif|svg)\b)[a-z]{2,24}\b"
        ),
        "someone@example.org",
    ),
    (re.compile(r"(?<![\d./@])\d{1,3}(?:\.\d{1,3}){3}(?![\d.])"), "192.0.2.1"),
    (
        re.compile(r"(?i)(?<![0-9a-f:])(?:[0-9a-f]{1,4}:){4,7}:?[0-9a-f]{1,4}(?![0-9a-f:])"),
        "2001:db8::1",
    ),
)
# Long strings of letters and digits in quotes are keys, tickets and fingerprints.
_OPAQUE = re.compile(r"""(["'])([A-Za-z0-9+/_=.\-]{40,}+)\1""")


def scrub(html: str) -> str:
    """A page without base64 payloads, tokens, cookies, e-mail and network addresses.

    What a parser reads stays: ids of results, addresses of pictures and pages, titles, sizes.
    """
    for pattern, instead in _RULES:
        html = pattern.sub(instead, html)
    return _OPAQUE.sub(_opaque, html)


def _opaque(match: re.Match[str]) -> str:
    text = match[2]
    mixed = any(c.isdigit() for c in text) and any(c.isupper() for c in text)
    if mixed and any(c.islower() for c in text) and not text.startswith(("/", "./", "http")):
        return f"{match[1]}{GONE}{match[1]}"
    return match[0]
