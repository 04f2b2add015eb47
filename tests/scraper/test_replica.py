from __future__ import annotations

import io
import json
import re
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from hashlib import sha256
from html import unescape
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

import numpy as np
import pytest
import requests
from PIL import Image
from pixset.scraper.browser.installed import choose
from pixset.scraper.browser.launch import launch
from pixset.scraper.engines import ENGINES
from pixset.scraper.errors import FetchFailed, UsageError
from pixset.scraper.fetch import FetchLimits, Job, fetch, fetch_all
from pixset.scraper.fetch.data_uri import decode_data_uri
from pixset.scraper.models import Filters, Outcome, PageOutcome, Query
from pixset.scraper.pace import pace
from pixset.scraper.replica import Faults, Replica, serve
from pixset.scraper.replica.drawing.draw import draw
from pixset.scraper.replica.image_hosts import ODD
from pixset.scraper.search import Searcher
from support.chromium import browser_or_skip

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pixset.scraper.models import Candidate, Page

OPEN = FetchLimits(allow_private=True)
NAMES = ("google", "bing", "yahoo")


@pytest.fixture(scope="module")
def replica() -> Iterator[Replica]:
    with serve(per_term=170) as running:
        yield running


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    top = tmp_path_factory.mktemp("classes")
    for name, count in (
        ("pizza", 30), ("not_pizza", 4), ("french_fries", 9), ("flowers/rose", 6),
        ("flowers/tulip", 6), ("Text document", 5),
    ):  # fmt: skip
        (top / name).mkdir(parents=True)
        for n in range(count):
            draw(name, n, long_side=120).save(top / name / f"{n}.jpg")
    (top / "pizza" / "broken.jpg").write_bytes(b"\xff\xd8\xff no picture")
    (top / "pizza" / "notes.txt").write_text("no picture")
    return top


def ask(replica: Replica, engine: str, term: str, *, fault: str = "") -> tuple[Page, str]:
    url = ENGINES[engine].url(Query(term), f"{replica.url}/{engine}")
    with requests.Session() as session:
        got = session.get(url + (f"&fault={fault}" if fault else ""))
    return ENGINES[engine].parse(got.text, got.url), got.text


def read_all(replica: Replica, engine: str, url: str) -> list[Candidate]:
    """Every batch of a search, as the page's own script would ask for them."""
    found: dict[str, Candidate] = {}
    with requests.Session() as session:
        while url:
            got = session.get(url)
            for candidate in ENGINES[engine].parse(got.text, replica.url).candidates:
                assert candidate.key not in found
                found[candidate.key] = candidate
            ends = re.findall(r'class="pxe" data-next="([^"]*)"', got.text)
            url = urljoin(got.url, unescape(ends[-1])) if ends and ends[-1] else ""
    return list(found.values())


def told(replica: Replica, engine: str, term: str) -> dict[str, Any]:
    return next(
        one for one in replica.truth()["searches"] if (one["engine"], one["term"]) == (engine, term)
    )


@pytest.mark.parametrize("engine", NAMES)
@pytest.mark.parametrize("term", ["pizza", "french fries", "Zürich & 今日"])
def test_parsers_find_all_that_was_shown_word_for_word(
    replica: Replica, engine: str, term: str
) -> None:
    url = ENGINES[engine].url(Query(term), f"{replica.url}/{engine}")
    found = read_all(replica, engine, url)
    truth = told(replica, engine, term)
    assert truth["shown"] == truth["sent"] == len(found) == 170
    for candidate, shown in zip(found, truth["results"], strict=True):
        assert candidate.image_url == shown["image_url"]
        assert candidate.page_url == shown["page_url"]
        assert candidate.title == " ".join(shown["title"].split())
        assert candidate.claimed_size == (shown["width"], shown["height"])
        assert candidate.preview is not None
        if shown["preview"] == "data:":
            assert sha256(decode_data_uri(candidate.preview)).hexdigest() == shown["preview_sha256"]
        else:
            assert candidate.preview == shown["preview"]


@pytest.mark.parametrize("layout", ["A", "B"])
def test_both_of_yahoos_layouts_are_served(layout: str) -> None:
    with serve(per_term=70, layout=layout) as replica:
        page, _ = ask(replica, "yahoo", "pizza")
        assert any(name.startswith(f"layout-{layout.lower()}") for name in page.extractors)
        assert len(page.candidates) == 60


def test_truth_tells_what_was_sent_from_what_could_be_shown(replica: Replica) -> None:
    ask(replica, "bing", "cake")
    truth = told(replica, "bing", "cake")
    assert (truth["shown"], truth["sent"]) == (170, 35)
    assert [one["sent"] for one in truth["results"]] == [True] * 35 + [False] * 135


def test_the_same_seed_shows_the_same_and_another_seed_others() -> None:
    shown = []
    for seed in (0, 0, 1):
        with serve(per_term=30, seed=seed) as replica:
            for name in NAMES:
                ask(replica, name, "cake")
            first = told(replica, "bing", "cake")["results"][20]["preview"]
            picture = requests.get(first).content
            shown.append((json.dumps(replica.truth()).replace(replica.url, ""), picture))
    assert shown[0] == shown[1]
    assert shown[0] != shown[2]


def test_engines_overlap_and_repeat_themselves_and_truth_says_where(replica: Replica) -> None:
    for name in NAMES:
        ask(replica, name, "steak")
    by_engine = {name: told(replica, name, "steak")["results"] for name in NAMES}
    sources = {name: {one["source"] for one in by_engine[name]} for name in NAMES}
    urls = {name: {one["image_url"] for one in by_engine[name]} for name in NAMES}
    assert all(len(urls[name]) == 170 for name in NAMES)
    assert all(150 < len(sources[name]) < 168 for name in NAMES)  # some are near-duplicates
    assert 15 < len(sources["google"] & sources["bing"]) < 80
    assert 3 < len(urls["google"] & urls["bing"]) < len(sources["google"] & sources["bing"])


def test_a_near_duplicate_looks_like_its_source_and_differs_in_bytes(replica: Replica) -> None:
    ask(replica, "google", "burger")
    results = told(replica, "google", "burger")["results"]
    copies = [one for one in results if one["variant"] != "as-is"][:6]
    for copy in copies:
        number = int(copy["source"].rpartition("/")[2])
        source = draw("burger", number)
        data = fetch(copy["image_url"], referer=copy["page_url"], limits=OPEN).data
        again = Image.open(io.BytesIO(data))
        assert again.size == (copy["width"], copy["height"])
        a, b = (np.asarray(one.convert("L").resize((9, 9)), float) for one in (source, again))
        assert np.abs(a - b).mean() < 12


def test_no_request_is_counted_but_those_that_were_made(replica: Replica) -> None:
    page, _ = ask(replica, "yahoo", "sushi")
    jobs = [Job(one.preview or "") for one in page.candidates]
    assert all(not isinstance(fate, FetchFailed) for _, fate in fetch_all(jobs, OPEN))
    counts = replica.requests()
    assert all(counts[job.url] == 1 for job in jobs)
    told_here = requests.get(f"{replica.url}/requests").json()
    assert told_here == counts
    assert not any("/truth" in url or "/requests" in url for url in counts)


def test_originals_are_larger_than_previews_and_some_want_their_page_as_referer() -> None:
    with serve(per_term=60, faults=Faults(referer=0.3)) as replica:
        ask(replica, "bing", "cat")
        guarded = 0
        for shown in told(replica, "bing", "cat")["results"][:35]:
            if shown["fate"] == "referer":
                guarded += 1
                with pytest.raises(FetchFailed, match="http-403"):
                    fetch(shown["image_url"], limits=OPEN)
            data = fetch(shown["image_url"], referer=shown["page_url"], limits=OPEN).data
            size = Image.open(io.BytesIO(data)).size
            assert size == (shown["width"], shown["height"])
            assert max(size) > 236
        assert guarded > 3


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("dead", "http-404"),
        ("html", "not-an-image"),
        ("truncated", "truncated"),
        ("opted_out", "opted-out"),
    ],
)
def test_bad_originals_fail_as_in_life(name: str, reason: str) -> None:
    with serve(per_term=10, faults=Faults(referer=0, **{name: 1.0})) as replica:
        ask(replica, "google", "dog")
        shown = told(replica, "google", "dog")["results"][0]
        assert shown["fate"] == name
        with pytest.raises(FetchFailed) as failed:
            fetch(shown["image_url"], referer=shown["page_url"], limits=OPEN)
        assert failed.value.reason == reason


def test_what_is_odd_about_an_original_is_named_or_read_past() -> None:
    read = {"as-download": "jpg", "compressed": "jpg", "webp": "webp", "vector": "svg",
            "placeholder": "png"}  # fmt: skip
    refused = {"in-a-circle": "too-many-redirects", "overlong": "truncated"}
    met = set()
    with serve(per_term=60, faults=Faults(referer=0, odd=1.0)) as replica:
        ask(replica, "google", "dog")
        for shown in told(replica, "google", "dog")["results"]:
            code = shown["image_url"].rpartition("/")[2].partition(".jpg")[0]
            way = sorted(ODD)[sum(code.encode()) % len(ODD)]
            met.add(way)
            if way in refused:
                with pytest.raises(FetchFailed) as failed:
                    fetch(shown["image_url"], limits=OPEN)
                assert failed.value.reason == refused[way]
            else:
                assert fetch(shown["image_url"], limits=OPEN).extension == read[way]
    assert met == {*read, *refused}


@pytest.mark.parametrize("engine", NAMES)
@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        ("empty", PageOutcome.EMPTY),
        ("captcha", PageOutcome.CAPTCHA),
        ("challenge", PageOutcome.BLOCKED),
        ("layout-changed", PageOutcome.LAYOUT_CHANGED),
        ("rate-limited", PageOutcome.BLOCKED),
        ("hollow", PageOutcome.EMPTY),
    ],
)
def test_walls_are_named_as_what_they_are(
    replica: Replica, engine: str, fault: str, outcome: PageOutcome
) -> None:
    page, _ = ask(replica, engine, "pizza", fault=fault)
    assert page.outcome is outcome


@pytest.mark.parametrize("engine", ["google", "yahoo"])
def test_refusing_consent_lets_the_visitor_in(replica: Replica, engine: str) -> None:
    url = ENGINES[engine].url(Query("pizza"), f"{replica.url}/{engine}") + "&fault=consent"
    with requests.Session() as visitor:
        asked = visitor.get(url)
        assert ENGINES[engine].parse(asked.text, asked.url).outcome is PageOutcome.CONSENT
        found = re.search(r'<form[^>]*action="([^"]+)".*?name="(continue|originalDoneUrl)" '
                          r'value="([^"]+)"', asked.text, re.DOTALL)  # fmt: skip
        assert found is not None
        answered = visitor.post(found[1], {found[2]: unescape(found[3]), "reject": "reject"})
        page = ENGINES[engine].parse(answered.text, answered.url)
        assert page.outcome is PageOutcome.RESULTS


def test_bings_banner_stands_over_results_until_it_is_answered(replica: Replica) -> None:
    page, text = ask(replica, "bing", "pizza", fault="consent")
    assert page.outcome is PageOutcome.RESULTS
    assert "bnp_btn_reject" in text
    url = ENGINES["bing"].url(Query("pizza"), f"{replica.url}/bing") + "&fault=consent"
    assert "bnp_btn_reject" not in requests.get(url, cookies={"BCP": "AD=0"}).text


def test_choices_of_ones_own_are_no_refusal_of_consent(replica: Replica) -> None:
    url = ENGINES["google"].url(Query("pizza"), f"{replica.url}/google") + "&fault=consent"
    with requests.Session() as visitor:
        asked = visitor.get(url)
        assert "localhost" in asked.url  # consent is asked for on another host
        form = {"set_eom": "true", "set_sc": "true", "continue": url}
        again = visitor.post(asked.url.replace("/ml", "/save"), form)
        assert ENGINES["google"].parse(again.text, again.url).outcome is PageOutcome.CONSENT


def test_googles_later_batches_keep_their_data_out_of_the_page(replica: Replica) -> None:
    first, text = ask(replica, "google", "ramen")
    url = urljoin(replica.url, unescape(re.findall(r'class="pxe" data-next="([^"]+)"', text)[-1]))
    body = requests.get(url).text
    lead, parts, at = body.partition("\n")[0], [], body.index("\n") + 1
    while at < len(body):
        length, _, _ = body[at : at + 12].partition(";")
        start = at + len(length) + 1
        parts.append(body[start : start + int(length, 16)])
        at = start + int(length, 16)
    assert lead == ")]}'"
    session, html, data = parts
    assert "/www/" in data
    assert "jpg" not in re.sub(r'(?:href|data-lpage|data-next)="[^"]*"', "", html)
    assert all(name.startswith(json.loads(session)[0] + ";AZ") for name, _ in json.loads(data))
    page = ENGINES["google"].parse(html, replica.url)
    assert len(page.candidates) == 50
    assert [one.image_url for one in page.candidates].count(None) > 40
    assert all(one.image_url for one in first.candidates)


def test_next_addresses_are_truthful_to_the_end(replica: Replica) -> None:
    for name, wanted in (("bing", 170), ("yahoo", 170)):
        engine = ENGINES[name]
        url = engine.url(Query("truthful pizza"), f"{replica.url}/{name}")
        found: set[str] = set()
        pages = 0
        while url:
            got = requests.get(url)
            found |= {one.key for one in engine.parse(got.text, got.url).candidates}
            url = engine.next(got.text, got.url)
            pages += 1
        assert len(found) == wanted
        assert pages == -(-170 // {"bing": 35, "yahoo": 60}[name])


@pytest.mark.parametrize("engine", NAMES)
def test_a_decoy_is_flawless_and_foreign_and_no_part_of_the_truth(engine: str) -> None:
    with serve(per_term=70) as replica:
        requests.post(f"{replica.url}/control", json={engine: "decoy:1,one-tile:1"})
        decoy, _ = ask(replica, engine, "pizza")
        assert replica.truth()["searches"][0]["sent"] == 0
        requests.post(f"{replica.url}/control", json={engine: "one-tile:1"})
        one, text = ask(replica, engine, "pizza")
        true, _ = ask(replica, engine, "pizza")
        shown = {result["image_url"] for result in told(replica, engine, "pizza")["results"]}
        assert len(one.candidates) == 1
        assert 'data-nextUrl=""' in text or engine != "bing"
        assert not {found.image_url for found in (*decoy.candidates, *one.candidates)} & shown
        assert {found.image_url for found in true.candidates} <= shown
        assert decoy.outcome is one.outcome is PageOutcome.RESULTS


def test_a_later_batch_fails_once_and_a_stuck_one_always() -> None:
    with serve(per_term=70, faults=Faults(failing_xhr=1.0)) as replica:
        _, text = ask(replica, "bing", "pizza")
        url = unescape(re.findall(r'data-next="([^"]+)"', text)[-1])
        assert [requests.get(url).status_code for _ in range(3)] == [503, 200, 200]
        replica.control({"failing_xhr": 0, "yahoo": "stuck"})
        first = ENGINES["yahoo"].url(Query("pizza"), f"{replica.url}/yahoo")
        assert [requests.get(first + "&b=61").status_code for _ in range(2)] == [503, 503]
        assert requests.get(first).status_code == 200


def test_a_replica_that_restarts_cuts_its_connections_and_comes_back() -> None:
    # Away for long enough that a busy machine does not sleep through it.
    with serve(per_term=10, faults=Faults(restart=2, restart_seconds=5)) as replica:
        with requests.Session() as visitor:
            visitor.get(f"{replica.url}/nowhere")
            refused = 0
            until = time.monotonic() + 120
            while time.monotonic() < until and not replica.stopping.wait(0.05):
                try:
                    visitor.get(f"{replica.url}/nowhere")
                    if refused:
                        break
                except requests.ConnectionError:
                    refused += 1
        assert refused
        assert requests.get(replica.url).status_code == 200


def test_a_running_replica_can_be_told_and_counts_how_often() -> None:
    with serve(per_term=20) as replica:
        control = f"{replica.url}/control"
        assert requests.post(control, json={"bing": "empty:2"}).json()["bing"] == "empty:2"
        outcomes = [ask(replica, "bing", "pizza")[0].outcome for _ in range(3)]
        assert outcomes == [PageOutcome.EMPTY, PageOutcome.EMPTY, PageOutcome.RESULTS]
        for wrong in ({"bing": "tea"}, {"tea": 1}, {"dead": "much"}, {"dead": 7}, [1]):
            assert requests.post(control, json=wrong).status_code == 400
        busy = requests.get(f"{replica.url}/google/search?q=a&fault=rate-limited")
        assert (busy.status_code, busy.headers["Retry-After"]) == (429, "1")


def test_yahoo_does_not_serve_headless_browsers(replica: Replica) -> None:
    url = f"{replica.url}/yahoo/search/images?p=pizza"
    agent = "Mozilla/5.0 HeadlessChrome/140.0"
    assert requests.get(url, headers={"User-Agent": agent}).status_code == 500
    assert requests.get(url).status_code == 200


@pytest.mark.parametrize(
    ("term", "name"),
    [
        ("pizza", "pizza"),
        ("Pizza Margherita", "pizza"),
        ("pizzas", "pizza"),
        ("not pizza", "not_pizza"),
        ("french fries", "french_fries"),
        ("text", "Text document"),
        ("rose", "flowers/rose"),
        ("flower", "flowers"),
        ("pizza with fries on it", "pizza"),
        ("scanned document page", "Text document"),
        ("a rose pizza", "pizza"),
    ],
)
def test_terms_find_the_class_folder_that_is_meant(folder: Path, term: str, name: str) -> None:
    with serve(folder) as replica:
        assert replica.pictures.pool(term) == name
        assert ask(replica, "bing", term)[0].outcome is PageOutcome.RESULTS


def test_a_folder_has_nothing_for_other_terms_and_shows_its_own_bytes(folder: Path) -> None:
    with serve(folder, faults=Faults(referer=0)) as replica:
        for name in NAMES:
            assert ask(replica, name, "submarine")[0].outcome is PageOutcome.EMPTY
            assert ask(replica, name, "pizza")[0].outcome is PageOutcome.RESULTS
        results = [one for name in NAMES for one in told(replica, name, "pizza")["results"]]
        known = {sha256(path.read_bytes()).digest() for path in (folder / "pizza").glob("*.jpg")}
        as_is = {one["image_url"] for one in results if one["variant"] == "as-is"}
        served = {sha256(fetch(url, limits=OPEN).data).digest() for url in as_is}
        assert served <= known
        assert len({one["source"] for one in results}) > 24  # nearly all of 30, by some engine


def test_size_filters_are_honoured_and_others_bring_other_pictures(replica: Replica) -> None:
    for name in NAMES:
        engine = ENGINES[name]
        plain = engine.url(Query("car"), f"{replica.url}/{name}")
        large = engine.url(Query("car", Filters(min_size=300)), f"{replica.url}/{name}")
        recent = engine.url(Query("car", Filters(since="week")), f"{replica.url}/{name}")
        found = {url: read_all(replica, name, url) for url in (plain, large, recent)}
        assert all(min(one.claimed_size or (0, 0)) >= 300 for one in found[large])
        assert found[large]
        known = {one.image_url for one in found[plain]}
        others = {one.image_url for one in found[recent]}
        assert known & others
        assert len(others - known) > 50


def test_an_unknown_address_is_not_found_and_the_home_page_explains(replica: Replica) -> None:
    assert requests.get(f"{replica.url}/nowhere").status_code == 404
    assert (
        requests.get(f"{replica.url}/google/encrypted-tbn0.gstatic.com/images?q=tbn:x").status_code
        == 404
    )
    assert requests.post(f"{replica.url}/nowhere").status_code == 404
    home = requests.get(replica.url)
    assert "/google/search?q=pizza" in home.text
    assert requests.get(f"{replica.url}/robots.txt").headers["Content-Type"] == "text/plain"
    icon = requests.get(f"{replica.url}/favicon.ico")
    assert Image.open(io.BytesIO(icon.content)).format == "PNG"
    assert f"{replica.url}/favicon.ico" not in replica.requests()


@pytest.mark.parametrize(
    "path",
    [
        "/openverse/v1/images/?q=cat&page_size={0}&page={0}",
        "/commons/w/api.php?gsrsearch=cat&gsroffset={0}&gsrlimit={0}",
        "/bing/images/async?q=cat&first={0}&count={0}",
        "/yahoo/search/images?p=cat&b={0}",
        "/google/search?q=cat&async=1&start={0}",
    ],
)
def test_whatever_a_number_is_there_is_an_answer(path: str) -> None:
    with serve(per_term=2) as replica:
        for number in ("0", "-1", "\u00b2", "9" * 5000, "x"):
            answer = requests.get(replica.url + path.format(number), timeout=30)
            assert answer.status_code in {200, 400, 401}


def test_a_mistake_is_one_line(tmp_path: Path, replica: Replica) -> None:
    with pytest.raises(UsageError, match="no such folder"):
        serve(tmp_path / "none")
    with pytest.raises(UsageError, match="no class folder with pictures"):
        serve(tmp_path)
    with pytest.raises(UsageError, match="cannot listen"):
        serve(port=int(replica.url.rpartition(":")[2]))
    with pytest.raises(UsageError, match="expected"):
        Faults.parse(["google=tea"])
    with pytest.raises(UsageError, match="name=value"):
        Faults.parse(["google"])
    for times in ("\u00b2", "9" * 5000, "-1", ""):
        with pytest.raises(UsageError, match="such as empty:2"):
            Faults.parse([f"google=empty:{times}"])
    with pytest.raises(UsageError, match="layout"):
        serve(layout="C")
    assert Faults.parse(["bing=empty:2,consent", "dead=0.5"]).dead == 0.5


def test_the_command_serves_until_it_is_interrupted() -> None:
    command = [sys.executable, "-P", "-c", "from pixset.scraper.cli import app; app()"]
    with subprocess.Popen(
        [*command, "replica", "serve", "--port", "0", "--fault", "bing=empty"],
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        url = process.stdout.readline().split()[0]
        assert json.loads(requests.get(f"{url}/control").text)["bing"] == "empty"
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0


@contextmanager
def searching(replica: Replica, engine: str) -> Iterator[Searcher]:
    """A searcher of the engine's in a real browser, in no hurry to wait."""
    searcher = Searcher(
        ENGINES[engine],
        lambda: launch(choose(None, None, headless=True), engine=ENGINES[engine]),
        pace("none", 0),
        origin=f"{replica.url}/{engine}",
        unattended=True,
    )
    with browser_or_skip(), searcher:
        yield searcher


@pytest.mark.browser
@pytest.mark.parametrize("engine", NAMES)
def test_scrolling_and_pressing_more_shows_everything_once(engine: str) -> None:
    found, taken = set(), set()
    with serve(per_term=130) as replica, searching(replica, engine) as searcher:
        search = searcher.search(Query("pizza"))
        for shown in search:
            found |= {candidate.image_url for candidate in shown.candidates}
            taken |= set(shown.previews)
        assert search.status is not None
        assert search.status.outcome is Outcome.EXHAUSTED
        results = told(replica, engine, "pizza")["results"]
        assert found == {one["image_url"] for one in results}
        assert all(count == 1 for count in replica.requests().values())
        lazy = [one for one in results if one["preview"] != "data:"]
        assert len(taken) >= 0.9 * len(lazy)


@pytest.mark.browser
@pytest.mark.parametrize(
    ("engine", "shape"),
    [
        ("google", "recycled"),
        ("google", "blob,viewer"),
        ("bing", "shadow"),
        ("bing", "background"),
        ("bing", "blurred"),
        ("yahoo", "blurred"),
        ("bing", "no-growth"),
        ("yahoo", "srcset"),
        ("yahoo", "recycled,lazy-srcset"),
        ("yahoo", "picture"),
        ("google", "panel"),
        ("google", "dozing"),
        ("bing", "panel,dozing"),
        ("bing", "nagging"),
        ("yahoo", "nagging"),
        ("google", "patched"),
        ("bing", "patched,recycled"),
        ("yahoo", "patched,shadow"),
    ],
)
def test_whatever_the_page_looks_like_everything_is_found_with_original_and_preview(
    engine: str, shape: str
) -> None:
    found: dict[str, Candidate] = {}
    with serve(per_term=130, faults=Faults(**{engine: shape})) as replica:
        with searching(replica, engine) as searcher:
            for shown in searcher.search(Query("pizza")):
                found |= {candidate.key: candidate for candidate in shown.candidates}
        results = told(replica, engine, "pizza")["results"]
    assert {one.image_url for one in found.values()} == {one["image_url"] for one in results}
    assert all(one.preview for one in found.values())
    shown = {one.preview for one in found.values()}
    assert len(shown) > 0.8 * len(found), "a stand-in was taken for a preview"


@pytest.mark.browser
@pytest.mark.parametrize("engine", NAMES)
def test_slow_and_failing_batches_lose_nothing(engine: str) -> None:
    faults = Faults(slow_xhr=0.3, failing_xhr=0.3, slow_seconds=0.3)
    found: set[str | None] = set()
    with serve(per_term=190, faults=faults) as replica:
        with searching(replica, engine) as searcher:
            for shown in searcher.search(Query("pizza")):
                found |= {candidate.image_url for candidate in shown.candidates}
        results = told(replica, engine, "pizza")["results"]
    assert found == {one["image_url"] for one in results}


@pytest.mark.browser
@pytest.mark.parametrize("engine", ["google", "bing"])
@pytest.mark.parametrize(
    ("shape", "outcome"),
    [("throttled", Outcome.RATE_LIMITED), ("interrupted", Outcome.CAPTCHA)],
)
def test_what_is_refused_in_the_midst_ends_no_search_as_exhausted(
    engine: str, shape: str, outcome: Outcome
) -> None:
    with serve(per_term=210, faults=Faults(**{engine: shape})) as replica:
        with searching(replica, engine) as searcher:
            search = searcher.search(Query("pizza"))
            found = {one.key for shown in search for one in shown.candidates}
        sent = told(replica, engine, "pizza")["sent"]
    assert len(found) == sent < 210
    assert search.status is not None
    assert search.status.outcome is outcome
