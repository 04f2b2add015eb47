"""What a page hides from its own HTML, read by a real headless Chromium: answers to XHRs, nodes
given to another result, shadow roots, and pictures that no `src` names."""

from __future__ import annotations

import base64
import io
import json
import random
import re
import threading
from typing import TYPE_CHECKING

import pytest
from PIL import Image
from pixset.scraper.browser.installed import BrowserChoice
from pixset.scraper.browser.launch import launch
from pixset.scraper.browser.protocol import Refusal
from pixset.scraper.browser.resources import NetworkLog
from pixset.scraper.browser.selenium_browser import SeleniumBrowser
from pixset.scraper.pace import pace
from selenium.common.exceptions import InvalidArgumentException
from support.chromium import browser_or_skip
from support.servers import Host, serving
from support.waiting import soon

if TYPE_CHECKING:
    from collections.abc import Iterator


pytestmark = pytest.mark.browser

NONE = pace("none")


class Engine:
    """As much of an engine as a launch wants to know."""

    NAME = "paper"
    HEADLESS = True
    TILES = ".tile"


@pytest.fixture(scope="module")
def site() -> Iterator[Host]:
    with serving(Host()) as host:
        picture = io.BytesIO()
        Image.new("RGB", (120, 90), "teal").save(picture, "PNG")
        host.page("/teal.png", picture.getvalue(), Content_Type="image/png")
        yield host


@pytest.fixture(scope="module")
def browser() -> Iterator[SeleniumBrowser]:
    with browser_or_skip():
        browser = launch(BrowserChoice(headless=True), engine=Engine())
    with browser:
        yield browser


def run(browser: SeleniumBrowser, script: str) -> None:
    """Let the page do something."""
    browser._driver.execute_script(script)


def read_until(browser: SeleniumBrowser, wanted: str, text: str = "") -> str:
    """Read the page's changes until they hold the words."""
    read = [text]
    assert soon(lambda: wanted in "".join(read), lambda: read.append(browser.changes(".tile")))
    return "".join(read)


PADDING = "x" * 400


def test_the_answer_to_an_xhr_is_read_once_as_script_text_and_asked_for_by_the_page_only(
    browser, site
) -> None:
    body = f')]}}\'\n1f;["s_1;AZ1",["https://o.example/1.jpg"]]</script><p>{PADDING}</p>'
    site.page("/async", body.encode(), Content_Type="application/json; charset=utf-8")
    site.page("/plain-picture", body.encode(), Content_Type="image/svg+xml")
    browser.open(site.page("/xhr", "<body><div class=tile>one</div>"))
    browser.html()
    run(browser, "fetch('/async?n=1'); fetch('/plain-picture')")
    text = read_until(browser, "AZ1")
    assert text.count("https://o.example/1.jpg") == 1
    assert text.count("</script>") == text.count("<script") == 1
    run(browser, "const x = new XMLHttpRequest(); x.open('GET', '/async?n=2'); x.send()")
    assert "AZ1" in read_until(browser, "n=2")
    assert browser.changes(".tile") == ""
    asked = [path for path in site.paths() if path.startswith(("/async", "/plain"))]
    assert sorted(asked) == ["/async?n=1", "/async?n=2", "/plain-picture"]


def test_an_xhr_answered_before_the_first_reading_is_part_of_the_whole_page(browser, site) -> None:
    site.page("/early", f'["early one"] {PADDING}'.encode(), Content_Type="text/plain")
    browser.open(site.page("/eager", "<body><script>fetch('/early')</script>"))
    assert soon(lambda: "early one" in browser.html())
    browser.open(site.page("/other", "<p class=tile>other"))
    assert "early one" not in browser.html()


def test_a_slow_and_a_failing_xhr_disturb_nothing_and_what_comes_late_is_read(
    browser, site
) -> None:
    release = threading.Event()

    def late(handler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(PADDING) + 8))
        handler.end_headers()
        handler.wfile.write(b'["late"]')
        release.wait(30)
        handler.wfile.write(PADDING.encode())

    site.pages["/late"] = late
    site.page("/broken", PADDING.encode(), 503, Content_Type="application/json")
    browser.open(site.page("/slow", "<body><div class=tile>one</div>"))
    browser.html()
    run(browser, "fetch('/late').then(r => r.text()); fetch('/broken').catch(() => 0)")
    assert "late" not in browser.changes(".tile")
    assert soon(browser.awaits)
    release.set()
    assert PADDING in read_until(browser, '["late"]')
    assert soon(lambda: not browser.awaits())


class LogDriver:
    """A driver whose network log holds what a test puts there; None: it keeps no log."""

    def __init__(self, *readings: list[tuple[str, dict]] | None) -> None:
        self.readings = list(readings)

    def execute(self, command: str, parameters: dict) -> dict:
        if command == "getLog":
            events = self.readings.pop(0) if self.readings else []
            if events is None:
                raise InvalidArgumentException("log type 'performance' not found")
            entries = [{"message": {"method": name, "params": event}} for name, event in events]
            return {"value": [{"message": json.dumps(entry)} for entry in entries]}
        if parameters["cmd"] == "Network.getResponseBody":
            return {"value": {"body": PADDING, "base64Encoded": False}}
        return {"value": None}


def test_a_log_that_lags_is_asked_once_more_and_one_that_is_not_there_never_fails() -> None:
    answered = {
        "requestId": "1",
        "type": "XHR",
        "response": {"url": "https://x.example/a", "status": 200, "mimeType": "text/plain"},
    }
    late = LogDriver(
        [],
        [("Network.responseReceived", answered)],
        [("Network.loadingFinished", {"requestId": "1"})],
    )
    log = NetworkLog(late)
    assert [list(log.scripts(1)), list(log.scripts(1))] == [[], []]
    assert len(list(log.scripts(1))) == 1
    assert list(NetworkLog(LogDriver(None)).scripts(1)) == []


@pytest.mark.parametrize("seed", range(8))
def test_a_log_in_any_order_gives_each_answer_that_came_whole_once(seed: int) -> None:
    draw = random.Random(seed)
    response = {"url": "https://x.example/a", "status": 200, "mimeType": "text/plain"}
    names = ["responseReceived", "loadingFinished", "loadingFailed"]
    events = [(draw.choice(names), draw.choice("123")) for _ in range(60)]
    under_way: set[str] = set()
    whole: list[str] = []
    for name, number in events:
        if name == "responseReceived":
            under_way.add(number)
            continue
        if name == "loadingFinished" and number in under_way:
            whole.append(number)
        under_way.discard(number)
    log = [
        (f"Network.{name}", {"requestId": number, "type": "XHR", "response": response})
        for name, number in events
    ]
    piecemeal = NetworkLog(LogDriver(*([event] for event in log)))
    assert sum(len(list(piecemeal.scripts(count))) for count in range(1, 61)) == len(whole)
    at_once = NetworkLog(LogDriver(log))
    assert len(list(at_once.scripts(1))) == len(set(whole))


def test_what_was_asked_for_is_awaited_until_it_ends_or_fails_and_no_picture_is() -> None:
    def asked(number: str, kind: str) -> tuple[str, dict]:
        return "Network.requestWillBeSent", {"requestId": number, "type": kind}

    log = NetworkLog(
        LogDriver(
            [asked("1", "XHR"), asked("2", "Image"), asked("3", "Fetch")],
            [("Network.loadingFinished", {"requestId": "1"})],
            [("Network.loadingFailed", {"requestId": "3"})],
        )
    )
    assert [log.awaits(), log.awaits(), log.awaits()] == [True, True, False]
    assert not NetworkLog(LogDriver(None)).awaits()


@pytest.mark.parametrize("seed", range(6))
def test_what_a_page_s_own_server_refused_last_is_told_and_nothing_else_is(seed: int) -> None:
    """Each address is asked several times; the last answer to it counts."""
    draw = random.Random(seed)
    events, last = [], {}
    for number in range(draw.randrange(10, 40)):
        place = f"https://here.example/{draw.choice('abcd')}"
        kind, method = draw.choice(["XHR", "Fetch", "Image"]), draw.choice(["GET", "GET", "POST"])
        status, other = draw.choice([200, 204, 403, 404, 429, 503]), draw.random() < 0.2
        asked = place.replace("here", "there") if other else place
        answered = "https://here.example/wall" if draw.random() < 0.2 else asked
        request = {"url": f"{asked}?n={number}", "method": method}
        held = {"requestId": str(number), "type": kind}
        sent = held | {"request": request, "documentURL": "https://here.example/images?q=x"}
        events.append(("Network.requestWillBeSent", sent))
        if answered != asked:
            again = sent | {"request": {"url": answered, "method": "GET"}}
            events.append(("Network.requestWillBeSent", again))
        response = {"url": answered, "status": status, "mimeType": "text/html"}
        events.append(("Network.responseReceived", held | {"response": response}))
        if kind != "Image" and method == "GET" and not other:
            last.pop(place, None)
            if status in (403, 429, 503) or answered != asked:
                last[place] = Refusal(status, answered)
    cut = draw.randrange(len(events))
    log = NetworkLog(LogDriver(events[:cut], events[cut:]))
    log.awaits()
    assert list(log.refusals()) == list(last.values())
    log.forget_all()
    assert log.refusals() == ()


@pytest.mark.parametrize("seed", range(4))
def test_what_an_earlier_page_was_refused_is_told_of_it_alone(seed: int) -> None:
    """Its answers may come when the next page is asked for, or was."""

    def sent(number: str, loader: str, kind: str, frame: str = "main") -> tuple[str, dict]:
        place = "https://here.example/more"
        return "Network.requestWillBeSent", {
            "requestId": number, "loaderId": loader, "frameId": frame, "type": kind,
            "request": {"url": place, "method": "GET"}, "documentURL": "https://here.example/",
        }  # fmt: skip

    def refused(number: str, status: int) -> tuple[str, dict]:
        response = {"url": "https://here.example/more", "status": status, "mimeType": "text/html"}
        return "Network.responseReceived", {
            "requestId": number, "type": "XHR", "response": response,
        }  # fmt: skip

    class Window(LogDriver):
        def execute(self, command: str, parameters: dict) -> dict:
            if parameters.get("cmd") == "Page.getFrameTree":
                return {"value": {"frameTree": {"frame": {"id": "main"}}}}
            return super().execute(command, parameters)

    draw = random.Random(seed)
    later = [sent("old", "L1", "XHR"), refused("old", 429)]
    document, advert = sent("L2", "L2", "Document"), sent("L9", "L9", "Document", "advert")
    later.insert(draw.randrange(3), document)
    later.insert(draw.randrange(len(later) + 1), advert)
    first = [sent("L1", "L1", "Document"), sent("1", "L1", "XHR"), refused("1", 503)]
    last = [sent("2", "L2", "XHR"), refused("2", 403)]
    log = NetworkLog(Window(first, later, last))
    assert [[one.status for one in log.refusals()] for _ in range(3)] == [[503], [], [403]]


# Nodes given to another result


RECYCLING = """<body><div id=grid></div><script>
let n = 0;
const grid = document.getElementById('grid');
function give(node) {
  n += 1; node.id = 'r' + n; node.setAttribute('data-k', n); node.textContent = 'result ' + n;
}
for (let i = 0; i < 5; i++) {
  const node = document.createElement('div');
  node.className = 'tile'; give(node); grid.append(node);
}
async function recycle(times) {
  for (let i = 0; i < times; i++) {
    for (const node of grid.children) give(node);
    await new Promise((done) => setTimeout(done, 1));
  }
  document.title = 'done';
}
</script>"""


def test_what_a_recycled_node_showed_is_read_even_where_it_shows_something_else_by_then(
    browser, site
) -> None:
    browser.open(site.page("/recycling", RECYCLING))
    found = re.findall(r">result (\d+)<", browser.html())
    run(browser, "recycle(20)")
    assert soon(lambda: browser._driver.title == "done")
    found += re.findall(r">result (\d+)<", browser.changes(".tile"))
    assert [int(number) for number in found] == list(range(1, 106))


def test_a_tile_that_was_taken_away_before_it_was_read_is_read(browser, site) -> None:
    browser.open(site.page("/taken", "<body><div id=grid></div>"))
    browser.html()
    run(
        browser,
        "const t = document.createElement('div'); t.className = 'tile'; t.textContent = 'brief';"
        "document.getElementById('grid').append(t); setTimeout(() => t.remove(), 20)",
    )
    assert soon(lambda: not browser._driver.find_elements("css selector", ".tile"))
    assert "brief" in browser.changes(".tile")


def test_a_picture_that_comes_in_its_place_is_no_other_result(browser, site) -> None:
    browser.open(site.page("/filling", "<body><div class=tile id=a><img id=i width=99></div>"))
    browser.html()
    run(browser, "document.getElementById('i').src = '/teal.png'")
    read_until(browser, "/teal.png")
    run(browser, "document.getElementById('i').setAttribute('data-src', '/later.png')")
    assert browser.changes(".tile").count("id=") == 2


def test_a_page_whose_nodes_turn_over_grows_though_it_gets_no_taller(browser, site) -> None:
    browser.open(site.page("/turning", RECYCLING))
    browser.html()
    run(browser, "setTimeout(() => recycle(1), 100)")
    assert browser.advance(NONE)
    assert "result 10<" in browser.changes(".tile")
    assert not browser.advance(NONE)


# Shadow roots

SHADOW = """<body><div id=grid></div><script>
function add(name, where) {
  const host = document.createElement('div');
  document.getElementById('grid').append(host);
  host.attachShadow({mode: 'open'}).innerHTML =
    '<style>p{}</style><div class=tile id=' + name + '>' + name + '<a class=more>more</a></div>';
}
function slotted(name) {
  const tile = document.createElement('div'); tile.className = 'tile'; tile.id = name;
  const inner = document.createElement('span');
  inner.attachShadow({mode: 'open'}).innerHTML = '<b>in ' + name + ' &amp; co</b>';
  tile.append(inner, 'text & more');
  document.getElementById('grid').append(tile);
}
add('first'); slotted('second');
</script>"""


def test_tiles_in_shadow_roots_and_tiles_with_shadow_roots_in_them_are_read(browser, site) -> None:
    browser.open(site.page("/shadow", SHADOW))
    text = browser.html()
    assert '<div class="tile" id="first">first' in text
    assert (
        '<div class="tile" id="second"><span><b>in second &amp; co</b></span>text &amp; more'
        in text
    )
    assert browser.changes(".tile") == ""
    run(browser, "add('third'); slotted('fourth')")
    text = browser.changes(".tile")
    assert text.count('class="tile"') == 2
    assert text.index('id="third"') < text.index("in fourth")
    run(
        browser,
        "document.querySelector('#grid div').shadowRoot.querySelector('a').textContent = '!'",
    )
    assert 'id="first"' in browser.changes(".tile")
    assert browser.has("a.more")


# Pictures that no `src` names

GIF = "data:image/gif;base64,R0lGODlhAQABAIAAAP///////yH5BAEKAAEALAAAAAABAAEAAAICTAEAOw=="
STYLES = "<style>.tile{width:200px;height:150px}.shown{background:url(/teal.png)}</style>"


@pytest.mark.parametrize(
    "inside",
    [
        "<img width=99 height=99 srcset='/teal.png 1x, /other.png 2x'>",
        f"<img width=99 height=99 src='{GIF}' data-srcset='/teal.png 200w'>",
        "<picture><source srcset='/teal.png'><img width=99 height=99></picture>",
        "<picture><source data-srcset='/teal.png 1x'><img width=99 height=99></picture>",
        "<div style='width:99px;height:99px;background-image:url(/teal.png)'></div>",
        "<img width=16 height=16 src='/favicon.png'><div class='shown' style='height:99px'></div>",
    ],
    ids=["srcset", "data-srcset", "picture", "picture, lazy", "background", "by a class"],
)
def test_a_picture_that_no_src_names_is_written_into_the_tile(browser, site, inside: str) -> None:
    tile = f"<div class=tile id=a>{inside}</div>"
    browser.open(site.page("/unnamed", f"{STYLES}<body><div id=grid>{tile}</div>"))
    assert f'src="{site.url}/teal.png"' in browser.html()
    run(
        browser,
        "document.getElementById('grid').append(document.getElementById('a').cloneNode(true))",
    )
    text = browser.changes(".tile")
    assert text.count(f'src="{site.url}/teal.png"') == 1
    assert not [path for path in site.paths() if path == "/other.png"]


def test_a_background_that_comes_with_a_class_is_read_when_it_comes(browser, site) -> None:
    browser.open(site.page("/classes", f"{STYLES}<body><div class=tile id=a>words</div>"))
    assert "teal.png" not in browser.html().partition("</style>")[2]
    assert browser.changes(".tile") == ""
    run(browser, "document.getElementById('a').classList.add('shown')")
    assert f'src="{site.url}/teal.png"' in browser.changes(".tile")
    assert browser.changes(".tile") == ""


@pytest.mark.parametrize("seed", range(2))
def test_tiles_without_a_picture_are_read_again_only_where_they_are_near(
    browser, site, seed: int
) -> None:
    number = random.Random(seed).randrange(400, 900)
    css = "<style>.tile {height: 500px} .shown {background-image: url(/teal.png)}</style>"
    tiles = "".join(f"<div class=tile id=t{n}>tile {n}</div>" for n in range(number))
    browser.open(site.page("/bare", f"<body>{css}{tiles}"))
    browser.html()
    browser._world.run(
        "() => { const own = Object.getOwnPropertyDescriptor(Element.prototype, 'outerHTML');"
        "window.reads = 0;"
        "Object.defineProperty(Element.prototype, 'outerHTML', {...own,"
        "  get() { window.reads += this.matches('.tile'); return own.get.call(this); }}); }",
    )
    assert browser.changes(".tile") == ""
    assert 0 < browser._world.run("() => window.reads") < 60
    last = number - 1
    run(browser, f"document.getElementById('t{last}').className += ' shown'")
    assert browser.changes(".tile") == ""
    run(browser, f"document.getElementById('t{last}').scrollIntoView()")
    assert "teal.png" in read_until(browser, f"tile {last}")


@pytest.mark.parametrize(
    "policy", ["", "default-src 'self' 'unsafe-inline' blob:; connect-src 'self'"]
)
def test_a_blob_is_read_as_the_picture_that_it_is(browser, site, policy: str) -> None:
    blob = (
        "<body><div class=tile><img id=i width=99 height=99></div><script>"
        "fetch('/teal.png').then(r => r.blob()).then(b => {"
        " const url = URL.createObjectURL(b); const i = document.getElementById('i');"
        " i.onload = () => URL.revokeObjectURL(url); i.src = url; })</script>"
    )
    browser.open(
        site.page("/blob", blob, **({"Content_Security_Policy": policy} if policy else {}))
    )
    text = read_until(browser, "data:image", browser.html())
    found = re.search(r'src="(data:image/\w+);base64,([^"]+)"', text)
    picture = Image.open(io.BytesIO(base64.b64decode(found[2])))
    assert picture.size == (120, 90)
    assert policy or found[1] == "data:image/png"


def test_a_page_without_a_root_is_an_empty_page(browser, site) -> None:
    browser.open(site.page("/rootless", "<body><div class=tile>one</div>"))
    run(browser, "document.documentElement.remove()")
    assert not browser.advance(NONE)
    assert browser.changes(".tile") == ""
    assert browser.html() == ""
    browser.open(site.page("/other", "<p class=tile>other"))
    assert "other" in browser.html()


def test_what_a_tile_names_itself_stays_as_the_page_wrote_it(browser, site) -> None:
    image = "<img width=99 height=99 data-src='/teal.png' srcset='/o.png 2x'>"
    browser.open(site.page("/named", f"<body><div class=tile id=a>{image}</div>"))
    assert browser.html().count("teal.png") == 1


@pytest.mark.parametrize("seed", range(2))
def test_a_page_that_changes_without_a_pause_is_looked_at_now_and_then(
    browser, site, seed: int
) -> None:
    """Each look at whether it grew goes over all that came and has the page laid out."""
    changes = random.Random(seed).randrange(800, 1_600)
    page = f"""<body><div class=tile>one</div><div id=out></div><script>
        const out = document.getElementById("out");
        let left = {changes};
        const change = () => {{
          const node = document.createElement("p");
          node.style = "position: absolute; top: 0";
          out.append(node);
          if (--left) Promise.resolve().then(change);
        }};
        window.begin = () => setTimeout(change, 100);
        </script>"""
    browser.open(site.page(f"/restless{seed}", page))
    browser.html()
    browser._world.run("""() => {
        const page = document.scrollingElement;
        window.looks = 0;
        Object.defineProperty(document, "scrollingElement", {get() { looks++; return page; }});
    }""")
    run(browser, "begin()")
    while not browser._driver.execute_script("return out.children.length"):
        assert not browser.advance(NONE)
    assert browser._driver.execute_script("return out.children.length") == changes
    assert 0 < browser._world.run("() => looks") < changes / 4
    run(browser, "out.innerHTML = '<div class=tile>two</div>'")
    assert browser.advance(NONE)
    assert "two" in browser.changes(".tile")


@pytest.mark.parametrize("lacking", ["Page.getResourceContent", "Page.getFrameTree"])
def test_a_picture_that_the_browser_answers_nothing_of_is_not_there(
    browser, site, monkeypatch, lacking: str
) -> None:
    """A dialog that the page opens in between makes an empty answer."""
    browser.open(site.page("/dialog", f"<img class=tile src='{site.url}/teal.png'>"))
    browser.html()
    browser.settle(5)
    asked = browser.devtools

    def answers(method: str, **parameters: object) -> dict[str, object]:
        return {} if method == lacking else asked(method, **parameters)

    monkeypatch.setattr(browser, "devtools", answers)
    assert browser.resource(f"{site.url}/teal.png") is None
    monkeypatch.undo()
    assert browser.resource(f"{site.url}/teal.png") is None, "it is not asked for again"


def test_an_empty_answer_about_a_request_carries_nothing() -> None:
    driver = LogDriver()
    driver.execute = lambda _command, _parameters: {"value": {}}  # type: ignore[method-assign]
    assert NetworkLog(driver)._body("1", "https://o.example/") == ""


# What a page replaces of the language's and the document's own, in any order.
PATCHES = (
    "Array.prototype.map = () => { throw 1 }",
    "Array.prototype.filter = Array.prototype.push = () => 0",
    "JSON.stringify = () => 'x'",
    "JSON.parse = () => { throw 2 }",
    "Object.defineProperty = Object.keys = () => { throw 3 }",
    "document.querySelectorAll = Element.prototype.querySelectorAll = () => []",
    "Element.prototype.matches = Element.prototype.closest = () => false",
    "Set.prototype.add = Map.prototype.get = WeakMap.prototype.has = () => false",
    "window.MutationObserver = function () { throw 4 }",
    "window.setTimeout = window.requestAnimationFrame = () => 0",
    "window.Promise = window.Symbol = window.fetch = null",
    "Object.defineProperty(Element.prototype, 'outerHTML', { get: () => 'mine' })",
    "Element.prototype.getBoundingClientRect = () => ({ width: 0, height: 0 })",
    "Object.prototype.toJSON = () => 'x'",
    "window.getComputedStyle = () => { throw 5 }",
)


@pytest.mark.parametrize("seed", range(4))
def test_what_a_page_replaces_of_the_built_ins_alters_no_reading(browser, site, seed: int) -> None:
    draw = random.Random(seed)
    patched = draw.sample(PATCHES, draw.randrange(5, len(PATCHES)))
    guarded = "".join(f"try {{ {patch} }} catch {{}}\n" for patch in patched)
    later = "document.getElementById('b').innerHTML = '<div class=tile>two</div>'"
    page = f"""<script>const later = setTimeout;\n{guarded}</script>
        <body><div class=tile>one</div><div id=b></div>
        <button id=more style="width: 90px" onclick="{later}">More</button>
        <script>later(() => document.body.append('there'), 50)</script>"""
    browser.open(site.page(f"/patched{seed}", page, 203))
    assert browser.address().endswith(f"/patched{seed}")
    assert browser.status() == 203
    assert soon(lambda: "there" in browser.html(), lambda: browser.advance(NONE))
    assert browser.has("#more")
    assert browser.click("#more")
    assert browser.changes(".tile") == '<div class="tile">two</div>'
    browser.settle(0.1)


DIALOGS = ("alert('a')", "confirm('b')", "prompt('c', 'd')", "print()")


@pytest.mark.parametrize("seed", range(3))
def test_a_page_that_opens_dialogs_is_read_and_left_like_any_other(
    browser, site, seed: int
) -> None:
    draw = random.Random(seed)
    opened = [draw.choice(DIALOGS) for _ in range(draw.randrange(3, 7))]
    more = "".join(f"{one};" for one in opened)
    page = f"""<body><div class=tile>one</div><script>{more}
        onbeforeunload = (event) => {{ event.preventDefault(); return 'stay'; }}
        setTimeout(() => {{ {more} out.innerHTML = '<div class=tile>two</div>' }}, 100)
        </script><div id=out></div>
        <button id=more style="width: 90px" onclick="{opened[0]}; out.append('three')">M</button>"""
    browser.open(site.page(f"/dialogs{seed}", page))
    text = browser.html()
    assert "one</div>" in text
    read_until(browser, '<div class="tile">two</div>', text)
    assert browser.click("#more")
    assert browser.html().count("three") == 2, "it was pressed once; the script says it, too"
    browser.open(site.page("/after", "<div class=tile>after"))
    assert "after" in browser.html()


def test_without_devtools_the_scripts_run_in_the_page_s_own_world(browser, site) -> None:
    """As on Firefox: the same driver, asked for nothing but WebDriver's own commands."""
    plain = SeleniumBrowser(
        browser._driver, browser._process, name="plain", headed=False, devtools=False, tiles=".tile"
    )
    page = """<body style="height: 4000px"><div class=tile>one</div><div id=out></div>
        <button id=more style="width: 90px"
         onclick="out.innerHTML = '<div class=tile>two</div>'">More</button>
        <p style="display: none" id=hidden>x</p>"""
    plain.open(site.page("/plain", page, 203))
    assert (plain.status(), plain.address()) == (203, f"{site.url}/plain")
    assert "one</div>" in plain.html()
    assert plain.advance(NONE)
    assert (plain.has("#more"), plain.has("#hidden"), plain.has("")) == (True, False, False)
    assert plain.click("#more")
    assert not plain.click("#hidden")
    assert plain.changes(".tile") == '<div class="tile">two</div>'
    run(browser, "setTimeout(() => { location = '/plain?again' }, 200)")
    assert soon(lambda: "again" in plain.address(), lambda: plain.advance(NONE))
    assert "one</div>" in plain.html()
    assert (plain.awaits(), plain.refusals(), plain.resource("https://x.example/")) == (
        False,
        (),
        None,
    )
