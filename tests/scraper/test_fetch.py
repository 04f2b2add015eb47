from __future__ import annotations

import base64
import gzip
import io
import shutil
import socket
import ssl
import subprocess
import threading
from contextlib import closing
from time import monotonic
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from pixset.scraper.errors import FetchFailed, UsageError
from pixset.scraper.fetch import (
    REASONS,
    Fetched,
    FetchLimits,
    Job,
    decode_data_uri,
    fetch,
    fetch_all,
    open_session,
    sniff,
    together,
)
from pixset.scraper.fetch.clock import Attempt, Deadlines
from pixset.scraper.fetch.dimensions import claimed_dimensions
from support.servers import Host, answer, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

OPEN = FetchLimits(allow_private=True)


def picture(kind: str = "JPEG", colour: str = "red") -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(file, kind)
    return file.getvalue()


@pytest.fixture
def host() -> Iterator[Host]:
    with serving(Host()) as host:
        yield host


def reason(url: str, limits: FetchLimits = OPEN) -> str:
    with pytest.raises(FetchFailed) as failed:
        fetch(url, limits=limits)
    word = failed.value.reason
    assert word in REASONS or (word.startswith("http-") and "http-*" in REASONS)
    return word


def test_a_picture_arrives_with_what_its_host_said_of_it(host: Host) -> None:
    host.pages["/a.png"] = answer(
        picture(),
        Content_Type="image/png",
        ETag='"7"',
        Last_Modified="Mon, 01 Jan 2024 00:00:00 GMT",
    )
    got = fetch(f"{host.url}/a.png", referer="https://example.org/kö?q=1#top", limits=OPEN)
    assert got.data == picture()
    assert got.extension == "jpg"  # the signature decides, not the name and not the type
    assert (got.status, got.etag, got.content_type) == (200, '"7"', "image/png")
    assert got.last_modified == "Mon, 01 Jan 2024 00:00:00 GMT"
    assert host.seen[0][1]["Referer"] == "https://example.org/k%C3%B6?q=1"


def test_html_named_jpg_is_refused(host: Host) -> None:
    host.pages["/a.jpg"] = answer(b"<!doctype html><svg></svg>", Content_Type="image/jpeg")
    assert reason(f"{host.url}/a.jpg") == "not-an-image"


def test_a_status_is_the_reason(host: Host) -> None:
    host.pages["/gone"] = answer(picture(), status=410)
    assert reason(f"{host.url}/none") == "http-404"
    assert reason(f"{host.url}/gone") == "http-410"


def test_compression_is_undone_and_counted_undone(host: Host) -> None:
    host.pages["/a"] = answer(gzip.compress(picture()), Content_Encoding="gzip")
    host.pages["/bomb"] = answer(gzip.compress(bytes(3_000_000)), Content_Encoding="gzip")
    host.pages["/bad"] = answer(b"no gzip at all", Content_Encoding="gzip")
    assert fetch(f"{host.url}/a", limits=OPEN).data == picture()
    small = FetchLimits(allow_private=True, max_bytes=1_000_000)
    assert reason(f"{host.url}/bomb", small) == "too-large"
    assert reason(f"{host.url}/bad") == "bad-encoding"


def test_too_many_bytes_are_refused_announced_or_not(host: Host) -> None:
    def endless(handler: Any) -> None:
        handler.send_response(200)
        handler.send_header("Connection", "close")
        handler.end_headers()
        for _ in range(10_000):
            handler.wfile.write(bytes(10_000))

    host.pages["/announced"] = answer(bytes(200_000))
    host.pages["/endless"] = endless
    small = FetchLimits(allow_private=True, max_bytes=100_000)
    assert reason(f"{host.url}/announced", small) == "too-large"
    assert reason(f"{host.url}/endless", small) == "too-large"


@pytest.mark.parametrize("part", ["headers", "body"])
def test_a_dripping_host_meets_the_deadline(host: Host, part: str) -> None:
    gone = threading.Event()

    def drip(handler: Any) -> None:
        if part == "body":
            handler.send_response(200)
            handler.end_headers()
        while not gone.wait(0.02):
            handler.wfile.write(b"x")

    host.pages["/slow"] = drip
    quick = FetchLimits(allow_private=True, deadline=0.4, read_timeout=0.3)
    assert reason(f"{host.url}/slow", quick) == "too-slow"
    gone.set()


def test_a_deadline_cuts_nothing_once_its_fetch_has_ended() -> None:
    begun, ended = threading.Event(), threading.Event()
    met_the_next: list[bool] = []

    class Slow(Attempt):
        def cut(self) -> None:
            begun.set()
            met_the_next.append(ended.wait(0.2))

    deadlines = Deadlines()
    with deadlines.watch(Slow(), monotonic()):
        assert begun.wait(30)
    ended.set()
    deadlines.close()
    assert met_the_next == [False]


def test_a_silent_host_meets_the_read_timeout(host: Host) -> None:
    gone = threading.Event()
    host.pages["/silent"] = lambda _handler: gone.wait(60)
    quick = FetchLimits(allow_private=True, read_timeout=0.2)
    assert reason(f"{host.url}/silent", quick) == "too-slow"
    gone.set()


def test_redirects_are_followed_to_a_cap_and_never_in_a_circle(host: Host) -> None:
    host.pages["/0"] = answer(b"", 302, Location="1?x=ü".encode().decode("latin-1"))
    host.pages["/1"] = answer(b"", 301, Location=f"{host.url}/2")
    host.pages["/2"] = answer(picture())
    host.pages["/round"] = answer(b"", 302, Location="/round")
    got = fetch(f"{host.url}/0", limits=OPEN)
    assert (got.url, got.final_url) == (f"{host.url}/0", f"{host.url}/2")
    assert reason(f"{host.url}/0", FetchLimits(allow_private=True, max_redirects=1)) == (
        "too-many-redirects"
    )
    assert reason(f"{host.url}/round") == "too-many-redirects"
    assert host.paths().count("/round") == 1


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://127.0.0.1/a", "data:,x"])
def test_every_hop_is_judged(host: Host, target: str) -> None:
    host.pages["/a"] = answer(b"", 302, Location=target)
    assert reason(f"{host.url}/a") == "bad-scheme"


@pytest.mark.parametrize(
    "url", ["http://[::1", "http:///a.jpg", "no address", "//host/a.jpg", "http://a:b/c", ""]
)
def test_what_is_no_address_is_named_so(url: str) -> None:
    assert reason(url) == "bad-url"


@pytest.mark.parametrize(
    "name",
    [
        "127.0.0.1",
        "localhost",
        "10.0.0.1",
        "192.168.1.1",
        "172.16.0.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "[::1]",
        "[fe80::1]",
        "[fd00::1]",
        "[::ffff:127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "2130706433",
        "0x7f.1",
        "127.1",
        "metadata.google.internal",
    ],
)
def test_no_private_address_is_asked_under_any_spelling(host: Host, name: str) -> None:
    port = host.server.server_port
    assert reason(f"http://{name}:{port}/a.jpg", FetchLimits()) == "private-address"
    assert host.seen == []


def test_a_name_is_judged_by_where_it_leads(host: Host) -> None:
    name = socket.gethostname()
    try:
        address = socket.gethostbyname(name)
    except OSError:
        pytest.skip("this machine's own name has no address")
    if not address.startswith(("127.", "10.", "172.", "192.168.", "169.254.")):
        pytest.skip("this machine's own name is a public address")
    assert reason(f"http://{name}:{host.server.server_port}/", FetchLimits()) == "private-address"


def test_an_unknown_name_and_a_closed_door_are_no_connection(host: Host) -> None:
    with closing(socket.socket()) as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    assert reason(f"http://127.0.0.1:{port}/") == "connection"
    assert reason("http://no-such-host.invalid/") == "connection"


def test_a_host_that_speaks_no_tls_is_one_stable_reason(host: Host) -> None:
    assert reason(f"https://127.0.0.1:{host.server.server_port}/") == "tls"


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    if shutil.which("openssl") is None:
        pytest.skip("no openssl to make a certificate with")
    both = tmp_path / "both.pem"
    command = (
        f"openssl req -x509 -newkey rsa:2048 -nodes -keyout {tmp_path}/key.pem -out "
        f"{tmp_path}/cert.pem -days 2 -subj /CN=localhost "
        "-addext subjectAltName=IP:127.0.0.1,DNS:localhost"
    )
    subprocess.run(command.split(), check=True, capture_output=True)
    both.write_text((tmp_path / "key.pem").read_text() + (tmp_path / "cert.pem").read_text())
    return both


def test_https_works_with_a_trusted_certificate_and_is_refused_without(
    host: Host, certificate: Path
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    host.server.socket = context.wrap_socket(host.server.socket, server_side=True)
    host.pages["/a"] = answer(picture())
    gone = threading.Event()
    host.pages["/silent"] = lambda _handler: gone.wait(60)
    url = host.url.replace("http", "https")
    assert reason(f"{url}/a") == "tls"
    with open_session(OPEN) as session:
        session.verify = str(certificate)
        assert fetch(f"{url}/a", limits=OPEN, session=session).data == picture()
        assert fetch(f"{url}/a", limits=OPEN, session=session).data == picture()
        quick = FetchLimits(allow_private=True, deadline=0.3)
        with pytest.raises(FetchFailed, match="too-slow"):
            fetch(f"{url}/silent", limits=quick, session=session)
    gone.set()
    assert len({address for _, _, address in host.seen}) == 1


def test_a_busy_host_is_asked_again_as_it_wishes(host: Host) -> None:
    answers = [
        answer(b"", 429, Retry_After="0"),
        answer(b"", 503, Retry_After="0"),
        answer(picture()),
    ]

    def next_answer(handler: Any) -> None:
        answers.pop(0)(handler)

    host.pages["/a"] = next_answer
    assert fetch(f"{host.url}/a", limits=OPEN).status == 200
    assert host.paths() == ["/a"] * 3


@pytest.mark.parametrize("wish", ["3600", "Wed, 21 Oct 2099 07:28:00 GMT"])
def test_a_wait_beyond_the_deadline_is_not_waited(host: Host, wish: str) -> None:
    host.pages["/a"] = answer(b"", 429, Retry_After=wish)
    assert reason(f"{host.url}/a") == "http-429"
    assert host.paths() == ["/a"]


def test_opting_out_is_honoured_unless_told_otherwise(host: Host) -> None:
    host.pages["/a"] = answer(picture(), X_Robots_Tag="noarchive, noimageai")
    assert reason(f"{host.url}/a") == "opted-out"
    rude = FetchLimits(allow_private=True, honour_robots_tag=False)
    assert fetch(f"{host.url}/a", limits=rude).x_robots_tag == "noarchive, noimageai"


def test_connections_are_used_again_and_cookies_are_not_kept(host: Host) -> None:
    for name in "abcdef":
        host.pages[f"/{name}"] = answer(picture(), Set_Cookie="who=you")
    jobs = [Job(f"{host.url}/{name}") for name in "abcdef"]
    one = FetchLimits(allow_private=True, workers=1)
    assert len(list(fetch_all(jobs, one))) == 6
    assert len({address for _, _, address in host.seen}) == 1
    assert all("Cookie" not in headers for _, headers, _ in host.seen)


def test_fetch_all_gives_every_job_one_fate_and_its_token_back(host: Host) -> None:
    for n in range(40):
        host.pages[f"/{n}"] = answer(picture()) if n % 2 else answer(b"text")
    inline = "data:image/gif;base64," + base64.b64encode(picture("GIF")).decode()
    jobs = [Job(f"{host.url}/{n}", token=n) for n in range(40)] + [Job(inline, token="inline")]
    fates = {job.token: fate for job, fate in fetch_all(iter(jobs), OPEN)}
    assert len(fates) == 41
    assert all(isinstance(fates[n], Fetched if n % 2 else FetchFailed) for n in range(40))
    assert isinstance(fates["inline"], Fetched)
    assert len(host.seen) == 40


def test_results_that_are_there_at_once_come_together_and_wait_for_no_other(host: Host) -> None:
    gone = threading.Event()

    def stuck(handler: Any) -> None:
        gone.wait(60)
        answer(picture())(handler)

    host.pages["/stuck"] = stuck
    host.pages["/free"] = answer(picture())
    jobs = [Job(f"{host.url}/{what}") for what in ("stuck", *["free"] * 9)]
    groups = together(fetch_all(jobs, OPEN), 4)
    came: list[Job] = []
    while len(came) < 9:
        group = next(groups)
        assert 1 <= len(group) <= 4
        came += [job for job, _ in group]
    gone.set()
    assert all(job.url.endswith("/free") for job in came)
    assert [job.url for group in groups for job, _ in group] == [jobs[0].url]


def test_a_plain_iterator_of_results_comes_one_by_one() -> None:
    results = [(Job(f"{n}"), FetchFailed("connection")) for n in range(3)]
    assert list(together(iter(results))) == [[one] for one in results]


def test_no_host_is_asked_for_more_at_a_time_than_allowed(host: Host) -> None:
    lock = threading.Lock()
    now = most = 0

    def count(handler: Any) -> None:
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        threading.Event().wait(0.01)
        with lock:
            now -= 1
        answer(picture())(handler)

    host.pages["/a"] = count
    limits = FetchLimits(allow_private=True, workers=8, per_host=2)
    assert len(list(fetch_all((Job(f"{host.url}/a?{n}") for n in range(30)), limits))) == 30
    assert most == 2


def test_one_crowded_host_does_not_hold_up_another(host: Host) -> None:
    gone = threading.Event()

    def stuck(handler: Any) -> None:
        gone.wait(60)
        answer(picture())(handler)

    host.pages["/stuck"] = stuck
    host.pages["/free"] = answer(picture())
    crowded = host.url.replace("127.0.0.1", "localhost")
    jobs = [Job(f"{crowded}/stuck?{n}") for n in range(6)] + [Job(f"{host.url}/free")]
    results = fetch_all(jobs, FetchLimits(allow_private=True, workers=4, per_host=2))
    assert next(results)[0].url.endswith("/free")
    gone.set()
    assert len(list(results)) == 6


def test_jobs_are_read_only_a_little_ahead(host: Host) -> None:
    read = 0

    def endless() -> Iterator[Job]:
        nonlocal read
        while True:
            read += 1
            yield Job(f"{host.url}/{read}")

    results = fetch_all(endless(), FetchLimits(allow_private=True, workers=2))
    next(results)
    results.close()
    assert read < 100


def test_closing_the_results_cuts_what_is_under_way(host: Host) -> None:
    gone = threading.Event()
    host.pages["/stuck"] = lambda _handler: gone.wait(60)
    host.pages["/free"] = answer(picture())
    before = threading.active_count()
    results = fetch_all([Job(f"{host.url}/free"), Job(f"{host.url}/stuck")], OPEN)
    next(results)
    results.close()
    names = {thread.name for thread in threading.enumerate()}
    assert not any(name.startswith("fetch") for name in names)
    gone.set()
    assert threading.active_count() <= before + 2  # the host's own threads


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF", "ICO", "AVIF"])
def test_every_image_type_is_known_by_its_signature(kind: str) -> None:
    data = picture(kind)
    name = {"JPEG": "jpg"}.get(kind, kind.lower())
    based = "data:image/wrong;base64," + base64.b64encode(data).decode()
    quoted = "data:," + quote(data)
    assert fetch(based).extension == name
    assert fetch(quoted).data == data


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP"])
def test_a_pixel_that_counts_visits_is_no_picture_and_a_narrow_one_is(kind: str) -> None:
    for size, is_picture in (((1, 1), False), ((2, 2), False), ((1, 90), True), ((90, 2), True)):
        held = io.BytesIO()
        Image.new("RGB", size, "red").save(held, kind)
        uri = "data:;base64," + base64.b64encode(held.getvalue()).decode()
        assert claimed_dimensions(held.getvalue()) == size
        if is_picture:
            assert fetch(uri).data == held.getvalue()
        else:
            assert reason(uri) == "not-an-image"


@given(st.sampled_from([b"\xff\xd8", b"GIF8", b"RIFF1234WEBPVP8X", b"RIFF1234WEBPVP8 ",
                        b"\x89PNG\r\n\x1a\n"]), st.binary(max_size=60))  # fmt: skip
def test_a_damaged_head_claims_nothing_worse_than_numbers(head: bytes, rest: bytes) -> None:
    sides = claimed_dimensions(head + rest)
    assert sides is None or min(sides) >= 0


@pytest.mark.parametrize("marker", [b"\xff", b"\xff\xd0", b"\xff\xe0\x00\x02"])
def test_markers_without_end_before_a_frame_claim_nothing(marker: bytes) -> None:
    frame = b"\xff\xc0\x00\x11\x08\x00\x01\x00\x02\x03" + bytes(12)
    assert claimed_dimensions(b"\xff\xd8" + marker * 40 + frame) == (2, 1)
    assert claimed_dimensions(b"\xff\xd8" + marker * 2_000 + frame) is None


def test_svg_and_heic_are_known_and_html_is_not() -> None:
    svg = "data:image/svg+xml;utf8,<?xml version='1.0'?><!-- a --><svg xmlns='x'/>"
    assert fetch(svg).extension == "svg"
    heic = b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + bytes(50)
    assert fetch("data:image/heic," + quote(heic)).extension == "heic"
    assert reason("data:image/jpeg,<html><svg></svg></html>") == "not-an-image"


@given(
    st.lists(
        st.sampled_from([b"<!---->", b"<!-- a > b -->", b" \n", b"<?xml?>", b"<!DOCTYPE svg [] >"]),
        min_size=40,
        max_size=200,
    )
)
def test_however_much_stands_before_its_root_a_drawing_is_one_and_others_are_none(
    before: list[bytes],
) -> None:
    assert sniff(b"".join(before) + b"<svg/>") == "svg"
    assert sniff(b"".join(before) + b"<p>") is None


@pytest.mark.parametrize(
    "spelling",
    [
        "data:image/jpeg;base64,{b64}",
        "DATA:IMAGE/JPEG;BASE64,{b64}",
        "  data: image/jpeg ; charset=utf-8 ; base64 , {b64}",
        "data:;base64,{b64}",
        "data:image/jpeg;base64,{unpadded}",
        "data:image/jpeg;base64,{percent}",
        "data:image/jpeg;base64,{lines}",
        "data:image/jpeg;base64,{urlsafe}",
        "data:image/jpeg;name=a.jpg,{quoted}",
    ],
)
def test_untidy_data_uris_are_read(spelling: str) -> None:
    data = picture()
    b64 = base64.b64encode(data).decode()
    uri = spelling.format(
        b64=b64,
        unpadded=b64.rstrip("="),
        percent=quote(b64, safe=""),
        lines="\n".join(b64[at : at + 76] for at in range(0, len(b64), 76)),
        urlsafe=base64.urlsafe_b64encode(data).decode(),
        quoted=quote(data),
    )
    assert decode_data_uri(uri) == data


@pytest.mark.parametrize(
    "uri",
    ["data:", "data:image/jpeg;base64,", "data:image/png;base64,A", "data:;base64,§§", "http://a"],
)
def test_what_holds_no_bytes_is_a_bad_data_uri(uri: str) -> None:
    with pytest.raises(FetchFailed, match="bad-data-uri"):
        decode_data_uri(uri)


def test_a_huge_data_uri_is_too_large() -> None:
    assert reason("data:image/png," + "a" * 5000, FetchLimits(max_bytes=1000)) == "too-large"


@pytest.mark.parametrize("name", ["workers", "per_host", "max_tries"])
@pytest.mark.parametrize("number", [0, -3])
def test_nobody_fetches_with_nothing(name: str, number: int) -> None:
    with pytest.raises(UsageError, match=f"{name}={number}: expected 1 or more"):
        FetchLimits(**{name: number})


def test_a_session_can_be_brought(host: Host) -> None:
    host.pages["/a"] = answer(picture())
    with requests.Session() as session:
        assert fetch(f"{host.url}/a", limits=OPEN, session=session).extension == "jpg"


@pytest.mark.parametrize("name", ["Authorization", "cookie"])
def test_what_a_brought_session_proves_goes_to_the_first_host_only(host: Host, name: str) -> None:
    with serving(Host()) as other, requests.Session() as session:
        session.headers[name] = "secret=1"
        host.pages["/a"] = answer(b"", 302, Location=f"{other.url}/b")
        other.pages["/b"] = answer(b"", 302, Location=f"{host.url}/c")
        host.pages["/c"] = answer(picture())
        assert fetch(f"{host.url}/a", limits=OPEN, session=session).extension == "jpg"
    assert [headers.get(name) for _, headers, _ in host.seen] == ["secret=1"] * 2
    assert [headers.get(name) for _, headers, _ in other.seen] == [None]


def test_a_data_uri_with_half_a_character_is_that_urls_fate() -> None:
    assert reason("data:image/png,a\ud800b") == "bad-data-uri"
