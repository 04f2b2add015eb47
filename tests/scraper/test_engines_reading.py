from __future__ import annotations

import base64

import pytest
from pixset.scraper.engines import decode_page, merge, scrub
from pixset.scraper.engines.parsing.scripts import undo_escapes
from pixset.scraper.models import Candidate

TEXT = "<title>Käse, naïve “café” — 10 €</title>"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_a_page_is_decoded_by_its_mark_or_as_utf_8(encoding: str) -> None:
    assert decode_page(TEXT.encode(encoding)) == TEXT


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_a_mark_is_seen(encoding: str) -> None:
    assert decode_page(f"<html><body>{'plain words ' * 9}".encode(encoding)).startswith("<html>")


@pytest.mark.parametrize(
    ("declared", "text"),
    [
        ("ISO-8859-1", "naïve café"), ("windows-1251", "Привет, кот"), ("Shift_JIS", "猫の写真"),
        ("gb2312", "咖啡"), ("euc-kr", "고양이"), ("iso-8859-2", "žluťoučký"),
    ],
)  # fmt: skip
def test_a_page_in_another_encoding_is_decoded_as_it_declares(declared: str, text: str) -> None:
    page = f'<html><meta http-equiv="Content-Type" content="text/html; charset={declared}">{text}'
    assert decode_page(page.encode(declared)) == page


def test_one_broken_byte_does_not_change_the_encoding() -> None:
    data = b'<meta charset="utf-8">' + "Käse".encode() + b"\xff" + "猫".encode()
    assert decode_page(data) == '<meta charset="utf-8">Käse\ufffd猫'


def test_bytes_of_no_declared_encoding_are_read_all_the_same() -> None:
    assert decode_page("naïve “x”".encode("cp1252")) == "naïve “x”"
    for name in ("x-none", "hex", "unicode_escape", "punycode", "utf-7"):
        page = f'<meta charset="{name}">é \\d +AGE-'
        assert decode_page(page.encode("cp1252")) == page
    assert decode_page(b"") == ""


def test_the_html_of_a_saved_mime_file_is_read() -> None:
    html = "<title>Käse</title>"
    data = (
        b"From: <Saved by Blink>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related;\r\n"
        b'\ttype="text/html"; boundary="----X----"\r\n\r\n------X----\r\n'
        b"Content-Type: text/html\r\n"
        b"Content-Transfer-Encoding: base64\r\n\r\n"
        + base64.b64encode(html.encode())
        + b"\r\n------X------\r\n"
    )
    assert decode_page(data).strip() == html
    assert "Saved by Blink" in decode_page(data[:150])


@pytest.mark.parametrize("deep", [3, 2_000])
def test_a_mime_file_of_parts_within_parts_is_read_all_the_same(deep: int) -> None:
    heads = (
        f"Content-Type: multipart/related; boundary=b{n}\r\n\r\n--b{n}\r\n" for n in range(deep)
    )
    data = f"MIME-Version: 1.0\r\n{''.join(heads)}Content-Type: text/html\r\n\r\n<p>Hello".encode()
    assert decode_page(data).endswith("<p>Hello")


def test_script_escapes_are_undone_once() -> None:
    assert undo_escapes(r"a\u003db\x26c\/d\"e\\u0041\n") == 'a=b&c/d"e\\u0041\n'
    assert undo_escapes(r"\ud83d\ude00 \ud83d") == "😀 \ufffd"


def test_a_later_reading_fills_what_the_earlier_lacked() -> None:
    known = Candidate("bing", "k", 3, None, "https://t.example/a", title="First")
    again = Candidate(
        "bing", "k", 9, "https://e.org/a.jpg", "data:image/png;base64,AA", "https://e.org", "Later",
        (3, 4),
    )  # fmt: skip
    assert merge(known, again) == Candidate(
        "bing", "k", 3, "https://e.org/a.jpg", "https://t.example/a", "https://e.org", "First",
        (3, 4),
    )  # fmt: skip


SECRETS = [
    'nonce="v17pHRD9Qskn6SU1aL9c2w"', "sxsrf=ADLYWIL-4NwKH2H480xSMlkyfLG9pnBfkA:1724177324568",
    "&amp;ei=rNvEZqmvIuGn2roPrMzqsQY", "\\u0026ved\\u003d2ahUKEwiptdeHlYSIAxXhk1YBHSymOmYQ",
    "someone.real@mail.example.com",
    'name="csrfToken" value="Zx81aBcDeFgHiJkLmNoPqRsTuVwXyZ0123456789a"',
    "NID=216abcDEFghi_jkl", "SOCS=CAISHAgBEhJnd3NfMjAy", "IP address: 203.0.113.77<br>",
    "IP address: 2a02:8108:96c0:1f00:1:2:3:4<br>", "kEI:'QkPAYLy3MubFrgSQk6OYDA'",
    "data:image/jpeg;base64," + "QUJD" * 40, "data:image\\/png;base64,iVBORw0K" + "\\/AbC" * 40,
    '"sessionId":"3_cc-session_fb002c36-6736"',
]  # fmt: skip


@pytest.mark.parametrize("secret", SECRETS)
def test_what_belongs_to_the_visitor_is_scrubbed(secret: str) -> None:
    said = secret.strip("<br>").rpartition("base64,")[2].rpartition(": ")[2]
    core = max(said.replace("\\u003d", "=").split("="), key=len).strip("\"'")[-16:]
    assert core not in scrub(f"<p>{secret}</p> {secret} <p {secret}>")


# (page, what must be gone from it): accounts of the three engines, of our own making
ACCOUNTS = [
    ('<a aria-label="Google Account: Vera Muster &#10;(vera@gmail.com)" href="x">', "Vera Muster"),
    ('<a href="https://accounts.google.com/SignOut?x" title="Konto: Vera Muster">', "Vera Muster"),
    ("<div class=gb_g>Vera Muster</div><div class=gb_h>vera@gmail.com</div>", "Vera Muster"),
    ('<span id="id_n" style="x" title="">Vera M.</span>', "Vera M."),
    ('{"displayName":"Vera Muster","firstName":"Vera"}', "Vera"),
    ("\\x22givenName\\x22:\\x22Vera\\x22", "Vera"),
    ("{&quot;userName&quot;:&quot;vera.muster&quot;}", "vera.muster"),
    ('<img class="gbii" src="https://lh3.googleusercontent.com/ogw/AF2bZyhXy=s32">', "AF2bZyh"),
    ('"https:\\/\\/lh3.googleusercontent.com\\/a\\/ACg8ocJqQ=s96"', "ACg8ocJq"),
    ('<img id="id_p" src="https://storage.live.com/users/0x1a2b/myprofile/picture">', "0x1a2b"),
    ('"gaiaId":"104857600123456789012"', "104857600"), ("gaia_id: '104857600'", "104857600"),
    ('"gaiaId":104857600123456789012,', "104857600"),
    ("window.x=['104857600123456789012',2]", "104857600"),
    ('<input type="hidden" name="_csrf" value="a1 b2">', "a1 b2"),
    ('<input value="q7w8" id=csrf_field name=csrf>', "q7w8"),
    ('<meta name="csrf-token" content="q7w8e9">', "q7w8e9"),
    ('{"csrfToken":"q7w8-e9"}', "q7w8-e9"), ('{"SNlM0e":"AJ9:17"}', "AJ9:17"),
    ("X.csrf_token = 'q7w8e9';", "q7w8e9"), ("/x?_csrf=q7w8e9&a=1", "q7w8e9"),
    ("headers: {'Authorization': 'Bearer q7w8e9r0'}", "q7w8e9r0"),
    ("curl -H Authorization:%20Bearer%20q7w8e9r0", "q7w8e9r0"),
    ("var t = `eyJhbGciOi.eyJzdWIiOi.c2lnbmVk`", "eyJzdWIiOi"),
    ("token ya29.a0AfH6SMBx-yz12 there", "a0AfH6SMBx"),
]  # fmt: skip


@pytest.mark.parametrize(("page", "secret"), ACCOUNTS)
def test_who_is_signed_in_is_scrubbed(page: str, secret: str) -> None:
    assert secret in page
    scrubbed = scrub(f"<body>{page}<p>kept</p>")
    assert secret not in scrubbed
    assert "<p>kept</p>" in scrubbed


KEPT = [
    '["https://encrypted-tbn0.gstatic.com/images?q\\u003dtbn:ANd9GcR2UOW09a8y-Ue_FtTFn01C4U4\\u0026s",225]',
    'data-docid="eAP244UcF5wdYM"', "https://example.org/photo@2x.png", 'class="iuscp isv"',
    "&quot;mid&quot;:&quot;1431B820D8461BDDB27AFC25701992BB980DBA31&quot;", "/search?q=cat&udm=2",
    "http://127.0.0.1:8000/bing/images/search?q=a", 'data-lpage="https://example.org/p?id=5"',
]  # fmt: skip


@pytest.mark.parametrize("text", KEPT)
def test_what_a_parser_reads_is_kept(text: str) -> None:
    assert scrub(f"<p>{text}</p>") == f"<p>{text}</p>"
