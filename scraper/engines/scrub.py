"""Taking out of a saved page what belongs to the visitor, so that it can be shared."""

from __future__ import annotations

import re
from functools import cache

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

# What scripts and JSON call the visitor's account and its secrets, whole names.
_ACCOUNT = (
    r"(?:obfuscated_?)?gaia_?(?:id)?|fedid|puid|anid|(?:account|user|member|customer)_?(?:id|name)"
    r"|guid|(?:display|given|family|first|last|full|nick)_?name|login(?:_?(?:name|hint))?"
    r"|(?:user|account|primary)?_?e?mail(?:_?address)?|snlm0e|authorization|crumb|bearer"
    r"|(?:profile|avatar|account|user)_?(?:photo|picture|pic|image|icon)?_?(?:ur[li]|src)"
    r"|(?:profile|avatar)_?(?:photo|picture|pic|image)|photo_?url"
    r"|[\w.\-]{0,30}(?:csrf|xsrf)[\w.\-]{0,30}"
)
_QUOTE = r"(?:\\?[\"']|&quot;|&#0?3[49];|\\x2[27]|\\u002[27])"
_MAIL = r"[\w.%+\-]{1,64}@(?:[a-z0-9\-]{1,63}\.){1,6}[a-z]{2,24}"

# Before the general rules: who is signed in, in words, pictures and numbers.
_VISITOR: tuple[tuple[str, str], ...] = (
    # "gaiaId":"1…", \x22displayName\x22:\x22Jane Doe\x22, csrf_token = '…'
    (
        (
            rf"(?i)((?:(?<![\w$.\-])|(?<=x22)|(?<=u0022))(?:{_ACCOUNT}){_QUOTE}?\s{{0,4}}[:=]\s{{0,4}}({_QUOTE}))"
            r"(?:(?!\2)[^<>]){1,400}?\2"
        ),
        rf"\1{GONE}\2",
    ),
    (
        rf"(?i)({_QUOTE}(?:{_ACCOUNT}){_QUOTE}\s{{0,4}}:\s{{0,4}})\d{{3,40}}",
        r"\g<1>0",
    ),
    # <input name="_csrf" value="…"> and <meta content="…" name="csrf-token">
    (
        (
            r"(?i)(?=<(?:input|meta)\b[^<>]{0,2000}?\b(?:name|id|property)=[\"']?[\w.\-]{0,30}"
            r"(?:csrf|xsrf|crumb|token|gaia|authenticity|requestverification)[^<>]{0,2000}>)"
            r"(<[^<>]{0,4000}?\b(?:value|content)=)(?:\"[^\"<>]*+\"|'[^'<>]*+'|[^\s\"'<>]+)"
        ),
        rf'\1"{GONE}"',
    ),
    # Authorization: Bearer …, a JSON web token, an access token of Google's
    (r"(?i)(?<![a-z])(bearer(?:\s|%20|\+|\\u0020){1,4})[\w.~+/=\-]{6,}+", rf"\1{GONE}"),
    (r"\beyJ[\w\-]{6,}\.[\w\-]{6,}(?:\.[\w\-]*)?|\bya29\.[\w\-]{10,}", GONE),
    # The visitor's picture: lh3.googleusercontent.com/a/…, /ogw/…, live.com/…/picture
    (
        (
            r"(?i)(lh\d\.googleusercontent\.com(?:\\?/|\\x2f|\\u002f|%2f)"
            r"(?:a|a-|ogw|-[\w\-]{1,40}(?:\\?/)AAAAAAAAA\w{1,4})(?:\\?/|\\x2f|\\u002f|%2f))[\w\-/=.]+"
        ),
        rf"\1{GONE}",
    ),
    (
        (
            r"(?i)((?:storage|account|profile|apis)\.(?:live|microsoft)\.com|graph\.microsoft\.com"
            r"|wv\.zcdn\.yahoo\.com|(?:socialprofiles|profile)\.yahoo(?:apis)?\.com"
            r"|ct\.yimg\.com)((?:\\?/|\\x2f)[^\s\"'<>\\]{3,}+)"
        ),
        rf"\1/{GONE}",
    ),
    # A name before its mail: "Google Account: Jane Doe (jane@…)", <div>Jane Doe</div><div>jane@…
    (
        rf"(?i)(\b(?:aria-label|title|alt|data-name)=)([\"'])[^\"'<>]*?{_MAIL}[^\"'<>]*\2",
        rf"\1\2{GONE}\2",
    ),
    (
        rf"(?i)>[^<>]{{2,80}}((?:</?[a-z][^<>]{{0,300}}>\s{{0,20}}){{1,6}}){_MAIL}",
        rf">{GONE}\1someone@example.org",
    ),
    # The account's button: a link to where one signs out, an element that holds the name
    (
        (
            r"(?i)(?=<a\b[^<>]{0,2000}(?:accounts\.google\.|signout|login\.live\.com|login\.yahoo\."
            r"|account\.microsoft\.com)[^<>]{0,2000}>)(<a\b[^<>]{0,4000}?\b(?:aria-label|title)=)"
            r"([\"'])[^\"'<>]*+\2"
        ),
        rf"\1\2{GONE}\2",
    ),
    (
        (
            r"(?i)(<(\w{1,10})\b[^<>]{0,600}\b(?:id=[\"']?(?:id_n|id_currentAccount_\w{1,20}|hb_n"
            r"|mectrl_currentAccount_\w{1,20}|ybar\w{0,20}(?:name|menu))"
            r"|class=[\"']?(?:gb_[A-Za-z]{1,3} gb_ad|user-?name|account-?name))\b[^<>]{0,600}>)"
            r"[^<>]{1,120}(?=<)"
        ),
        rf"\1{GONE}",
    ),
    # Google's ids of people have 21 digits and begin with 1.
    (r"([\"'])1\d{20}\1", rf"\1{GONE}\1"),
)

_RULES: tuple[tuple[str, str], ...] = (
    # data:image/jpeg;base64,… in markup, styles and scripts (there with \/ and \x3d)
    (
        r"(?i)(data:[\w/+.\\;=\-]{1,80};base64,)(?:[\w+/=]|\\[\w/]|%[0-9a-f]{2}){4,}+",
        r"\1" + GONE,
    ),
    # ?token=…, &amp;token=…, \u0026token=…, /token=…/ and ;_ylt=…
    (
        (
            rf"(?i)((?:[?&;/>\s\"']|\\u0026|\\x26|%26)(?:{_NAMES}|[\w.\-]{{0,20}}[cx]srf[\w.\-]{{0,20}})(?:=|\\u003d|\\x3d|%3d))"
            r"[^\s\"'<>&?;/\\]{4,}+"
        ),
        r"\1" + GONE,
    ),
    (
        rf"""(?i)(\s(?:{_ATTRIBUTES})=)(?:"[^"]*+"|'[^']*+')""",
        rf'\1"{GONE}"',
    ),
    # What a script gives to a name of the visit: kEI:'…', var eid='…', "csrf":"…"
    (
        (
            rf"(?i)([\"']?\b(?:k?EI|k?EXPI|{_NAMES}|\w{{0,30}}cookie\w{{0,30}}|\w{{0,30}}token)"
            r"[\"']?\s{0,4}[:=]\s{0,4})([\"'])[^\"'<>\s]{4,}+\2"
        ),
        rf"\1\2{GONE}\2",
    ),
    # NAME=value pairs of cookies that these engines set
    (
        (
            r"\b((?:__Secure-\w{1,20}|__Host-\w{1,20}|NID|SOCS|CONSENT|AEC|SIDCC|HSID|SSID|APISID"
            r"|SAPISID|SG_SS|MUID|MUIDB|SRCHUSR|SRCHUID|SRCHHPGUSR|_EDGE_S|GUC|GUCS|A1|A1S|A3)=)"
            r"[^\s\"'<>;&]{4,}+"
        ),
        r"\1" + GONE,
    ),
    (r"(?i)(<meta\s[^>]{0,4000}?content=)\"[\w+/=]{80,}+\"", rf'\1"{GONE}"'),
    # Addresses of people and machines; not name@2x.png, not the host of a URL.
    (
        (
            r"(?i)(?<![\w.%+\-/])[\w.%+\-]{1,64}@(?:[a-z0-9\-]{1,63}\.){1,6}"
            r"(?!(?:png|jpe?g|gif|webp|avif|svg)\b)[a-z]{2,24}\b"
        ),
        "someone@example.org",
    ),
    (r"(?<![\d./@])\d{1,3}(?:\.\d{1,3}){3}(?![\d.])", "192.0.2.1"),
    (
        r"(?i)(?<![0-9a-f:])(?:[0-9a-f]{1,4}:){4,7}:?[0-9a-f]{1,4}(?![0-9a-f:])",
        "2001:db8::1",
    ),
)
# Long strings of letters and digits in quotes are keys, tickets and fingerprints.
_OPAQUE = re.compile(r"""(["'])([A-Za-z0-9+/_=.\-]{40,}+)\1""")


def scrub(html: str) -> str:
    """A page without its visitor: no account, token, cookie, base64 payload, mail or IP address.

    What a parser reads stays: ids of results, addresses of pictures and pages, titles, sizes.
    """
    for pattern, instead in _compiled():
        html = pattern.sub(instead, html)
    return _OPAQUE.sub(_opaque, html)


@cache
def _compiled() -> tuple[tuple[re.Pattern[str], str], ...]:
    """The rules, made with the first page: commands that scrub none do not pay 20 ms for them."""
    return tuple((re.compile(pattern), instead) for pattern, instead in (*_VISITOR, *_RULES))


def _opaque(match: re.Match[str]) -> str:
    text = match[2]
    mixed = any(c.isdigit() for c in text) and any(c.isupper() for c in text)
    if mixed and any(c.islower() for c in text) and not text.startswith(("/", "./", "http")):
        return f"{match[1]}{GONE}{match[1]}"
    return match[0]
