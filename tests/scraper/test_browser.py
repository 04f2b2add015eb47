"""A real headless Chromium against small pages of our own on loopback."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from pixset.scraper.browser.installed import BrowserChoice
from pixset.scraper.browser.launch import Timeouts, launch
from pixset.scraper.browser.page_reader import PageReader
from pixset.scraper.browser.process import _GUARD, BrowserProcess
from pixset.scraper.browser.resolve import Resolution
from pixset.scraper.browser.resources import answers
from pixset.scraper.browser.selenium_browser import foreign_errors, lost_because
from pixset.scraper.browser.world import PageWorld
from pixset.scraper.errors import BrowserLost, DriverError, PageHangs, PageUnreachable
from pixset.scraper.pace import pace
from selenium.common.exceptions import TimeoutException
from support.chromium import browser_or_skip
from support.servers import Host, serving
from support.waiting import soon

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pixset.scraper.browser.selenium_browser import SeleniumBrowser

pytestmark = pytest.mark.browser

NONE = pace("none")


@pytest.fixture(scope="module")
def site() -> Iterator[Host]:
    with serving(Host()) as host:
        yield host


def chromium(**options: Any) -> SeleniumBrowser:
    """A browser of the kind that is here, or a skip with the reason."""
    with browser_or_skip():
        return launch(BrowserChoice(headless=True, profile=options.pop("profile", None)), **options)


@pytest.fixture(scope="module")
def browser() -> Iterator[SeleniumBrowser]:
    with chromium() as browser:
        yield browser


def processes(folder: Path) -> list[int]:
    """The processes that name this folder in their command line."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                if str(folder).encode() in (entry / "cmdline").read_bytes():
                    found.append(int(entry.name))
    return found


def gone(folder: Path) -> bool:
    """Whether a browser's processes and folder go away."""
    return soon(lambda: not processes(folder) and not folder.exists())


def add(browser: SeleniumBrowser, script: str) -> None:
    """Let the page do something."""
    browser._driver.execute_script(script)


GRID = "<body><div id=grid><div class=tile id=a>one</div></div>"
TILE = """
const tile = document.createElement('div'); tile.className = 'tile'; tile.id = '%s';
tile.innerHTML = '<img id=img-%s>'; document.getElementById('grid').append(tile);
"""


def test_the_whole_page_is_read_once_and_then_only_its_news(browser, site) -> None:
    browser.open(site.page("/grid", GRID))
    assert "one</div>" in browser.html()
    assert browser.changes(".tile") == ""
    add(browser, TILE % ("b", "b"))
    assert browser.changes(".tile") == '<div class="tile" id="b"><img id="img-b"></div>'
    assert browser.changes(".tile") == ""


def test_a_tile_whose_picture_comes_later_is_news_again(browser, site) -> None:
    browser.open(site.page("/grid", GRID))
    add(browser, TILE % ("b", "b"))
    browser.html()
    add(browser, "document.getElementById('img-b').src = 'data:image/gif;base64,R0lGODlh'")
    assert 'src="data:image/gif;base64,R0lGODlh"' in browser.changes(".tile")
    add(browser, "document.getElementById('img-b').setAttribute('data-src', '/late.jpg')")
    assert 'data-src="/late.jpg"' in browser.changes(".tile")


def test_a_new_script_is_news_and_a_changed_class_is_not(browser, site) -> None:
    browser.open(site.page("/grid", GRID))
    browser.html()
    add(browser, "document.getElementById('a').className = 'tile hovered'")
    assert browser.changes(".tile") == ""
    add(
        browser,
        "const s = document.createElement('script'); s.textContent = 'var carried = 1';"
        "document.body.append(s)",
    )
    assert browser.changes(".tile") == "<script>var carried = 1</script>"


def test_news_comes_in_the_order_of_the_page_and_each_tile_once(browser, site) -> None:
    browser.open(site.page("/grid", GRID))
    browser.html()
    add(
        browser,
        "const wrap = document.createElement('div');"
        "wrap.innerHTML = '<div class=tile id=b>b</div><div class=tile id=c><i>c</i></div>';"
        "document.getElementById('grid').append(wrap);"
        "document.getElementById('c').append('!'); document.getElementById('a').append('?');",
    )
    news = browser.changes(".tile")
    assert [news.index(f'id="{key}"') for key in "abc"] == sorted(
        news.index(f'id="{key}"') for key in "abc"
    )
    assert news.count('class="tile"') == 3


def test_a_page_that_went_elsewhere_by_itself_is_read_whole_once(browser, site) -> None:
    browser.open(site.page("/grid", GRID))
    browser.html()
    there = site.page("/elsewhere", "<p class=tile>there</p>")
    add(browser, f"location.href = {json.dumps(there)}")
    assert soon(lambda: browser.address() == there, lambda: browser.advance(NONE))
    assert "there</p>" in browser.changes(".tile")


def test_without_its_observer_a_page_is_read_whole_once_and_then_again_by_news(
    browser, site
) -> None:
    browser.open(site.page("/grid", GRID))
    browser.html()
    browser._world.run('() => delete window[Symbol.for("pixset.reading")]')
    assert "<html>" in browser.changes(".tile")
    assert browser.changes(".tile") == ""
    add(browser, TILE % ("c", "c"))
    assert browser.changes(".tile").startswith('<div class="tile" id="c">')


def test_a_page_that_grows_by_a_thousand_tiles_is_carried_about_once(browser, site) -> None:
    browser.open(site.page("/grid", GRID))
    carried = len(browser.html())
    for _ in range(20):
        add(browser, "for (let i = 0; i < 50; i++) {" + TILE % ("t", "t") + "}")
        carried += len(browser.changes(".tile"))
    assert carried < 1.2 * len(browser.html())


def test_a_page_that_goes_elsewhere_while_it_is_watched_is_no_lost_browser(browser, site) -> None:
    there = site.page("/there", "<p id=there>")
    leave = f"<script>setTimeout(() => {{ location = '{there}' }}, 1500)</script>"
    browser.open(site.page("/here", f"<div class=tile>one</div>{leave}"))
    assert soon(lambda: "there" in browser.address(), lambda: browser.advance(pace("none")))
    browser.settle(0.5)
    assert 'id="there"' in browser.html()


@dataclass
class LeavingDriver:
    """A driver without DevTools whose page leaves under a script, which it calls a timeout."""

    script: float
    timeouts: SimpleNamespace = field(init=False)

    def __post_init__(self) -> None:
        self.timeouts = SimpleNamespace(script=self.script)

    def execute_script(self, script: str, *arguments: object) -> object:
        raise TimeoutException("script timeout")


def test_a_timeout_before_its_time_is_a_page_that_leaves_and_one_in_time_is_none() -> None:
    leaves = PageReader(PageWorld(LeavingDriver(20.0)), ".tile", None)
    assert leaves.advance(pace("none"))
    leaves.settle(1.0)
    with pytest.raises(TimeoutException):
        PageReader(PageWorld(LeavingDriver(0.0)), ".tile", None).advance(pace("none"))


@pytest.mark.parametrize(
    "start", ["", "setTimeout(() => {", "new Promise(done => done()).then(() => {"]
)
def test_a_page_whose_scripts_never_end_is_told_from_a_browser_that_is_lost(
    site, start: str
) -> None:
    spin = f"<script>{start} while (1); {'})' if start else ''}</script>"
    with chromium(timeouts=Timeouts(page=3.0, script=3.0, command=6.0)) as browser:
        with pytest.raises(PageHangs):
            go_on_with(browser, site.page("/spin", f"<div class=tile>one</div>{spin}"))
        assert answers(browser._driver)


@pytest.mark.parametrize(
    "opens",
    [
        "while (1) {0}",
        "setInterval(() => {0}, 5)",
        "onfocus = () => {0}; again = () => {{ {0}; later(again) }}; again()",
    ],
)
@pytest.mark.parametrize("dialog", ["alert(1)", "confirm('more?')"])
def test_a_page_that_opens_dialogs_without_end_is_told_from_a_browser_that_is_lost(
    site, opens: str, dialog: str
) -> None:
    script = f"later = (f) => setTimeout(f, 0); {opens.format(dialog)}"
    with chromium() as browser:
        with pytest.raises(PageHangs, match="dialog"):
            go_on_with(
                browser, site.page("/nags", f"<div class=tile>one</div><script>{script}</script>")
            )
        assert answers(browser._driver)


def go_on_with(browser: SeleniumBrowser, url: str) -> None:
    browser.open(url)
    for _ in range(50):
        browser.advance(pace("none"))
        browser.changes(".tile")


def test_a_page_that_is_to_be_saved_leaves_no_file_in_the_person_s_folders(
    site, tmp_path, monkeypatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))  # the browser's, and with it its Downloads
    page = site.page("/saved", b"MZ" * 4000, Content_Disposition='attachment; filename="x.exe"',
                     Content_Type="application/octet-stream")  # fmt: skip
    with chromium() as browser:
        browser.open(site.page("/start", f"<a id=go href='{page}' download>x</a>"))
        browser.click("#go")
        assert soon(lambda: "/saved" in site.paths())
        with contextlib.suppress(PageUnreachable):
            browser.open(page)
        browser.advance(pace("none"))
        browser.advance(pace("none"))
    assert [one.name for one in tmp_path.rglob("*") if one.name.startswith("x.exe")] == []


def test_a_picture_comes_from_the_browser_byte_for_byte_and_without_a_request(
    browser, site
) -> None:
    picture = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 3
    site.page("/picture.png", picture, Content_Type="image/png")
    site.page("/an odd näme.svg", b"<svg/>", Content_Type="image/svg+xml")
    svg = b'<svg xmlns="http://www.w3.org/2000/svg"/>'
    site.page("/drawn.svg", svg, Content_Type="image/svg+xml")
    browser.open(site.page("/pictures", "<img class=tile src=/drawn.svg>"))
    browser.html()
    assert browser.resource(f"{site.url}/picture.png") is None
    drawn = f"{site.url}/drawn.svg"
    assert soon(lambda: browser.resource(drawn) == svg, lambda: browser.changes(".tile"))
    assert browser.resource(f"{site.url}/drawn.svg#part") == svg
    assert site.paths().count("/drawn.svg") == 1
    assert "/picture.png" not in site.paths()


def test_the_user_agent_is_the_ordinary_one_in_pages_and_requests(browser, site) -> None:
    browser.open(site.page("/agent", "<p>hello"))
    said = browser._driver.execute_script("return navigator.userAgent")
    assert "Headless" not in said
    assert site.headers()["user-agent"] == said
    assert "headless" not in json.dumps(site.headers()).lower()
    assert "sec-ch-ua" in site.headers()


@pytest.mark.parametrize("status", [200, 429, 500])
def test_the_http_status_is_told(browser, site, status: int) -> None:
    browser.open(site.page(f"/status-{status}", "<p>hello", status))
    assert browser.status() == status


def test_a_server_that_does_not_answer_is_unreachable_and_the_browser_is_well(browser) -> None:
    closed = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    port = closed.server_port
    closed.server_close()
    with pytest.raises(PageUnreachable, match="ERR_CONNECTION_REFUSED"):
        browser.open(f"http://127.0.0.1:{port}/")
    assert browser.address()


def test_only_what_a_person_could_press_is_there_and_pressed(browser, site) -> None:
    browser.open(
        site.page(
            "/buttons",
            "<body><button class=b style='display:none'>1</button>"
            "<button class=b style='transform:scale(0)'>2</button>"
            "<button class=b disabled>3</button>"
            "<button class=b id=right onclick='document.title = `pressed`'>4</button>"
            "<div id=over style='position:fixed;inset:0'></div>",
        )
    )
    assert browser.has(".b")
    assert not browser.has(".b:not(#right)")
    assert not browser.has("")
    assert browser.click(".b")  # a banner lies over it
    assert browser._driver.title == "pressed"
    assert not browser.click(".none")
    assert not browser.click("")


def test_scrolling_brings_a_lazy_page_to_its_end(browser, site) -> None:
    browser.open(
        site.page(
            "/lazy",
            "<body><div id=grid style='height:2500px'></div><script>let n = 0;"
            "addEventListener('scroll', () => {"
            " if (n < 3 && innerHeight + scrollY > document.body.scrollHeight - 200)"
            " setTimeout(more, 30 * n) });"
            "const more = () => { const t = document.createElement('div'); t.className = 'tile';"
            " t.id = 't' + n++; t.style.height = '2000px'; document.body.append(t); };</script>",
        )
    )
    browser.html()
    news = ""
    for _ in range(30):
        moved = browser.advance(NONE)
        news += browser.changes(".tile")
        if not moved:
            break
    assert [f'id="t{n}"' in news for n in range(3)] == [True] * 3
    assert not browser.advance(NONE)


def test_a_page_that_never_finishes_is_read_as_far_as_it_came(
    site: Host,
) -> None:
    released = threading.Event()

    def unending(handler: Any) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", "text/html")
        handler.end_headers()
        handler.wfile.write(b"<p class=tile>first</p>")
        handler.close_connection = True
        released.wait(30)

    site.pages["/unending"] = unending
    with chromium(timeouts=Timeouts(page=8.0, script=20.0, command=60.0)) as browser:
        browser.open(f"{site.url}/unending")
        assert "first" in browser.html()
    released.set()


def go_on(browser: SeleniumBrowser) -> None:
    """Use the browser for a while, as a search would."""
    for _ in range(50):
        browser.changes(".tile")
        browser.advance(NONE)


def _pids(browser: SeleniumBrowser) -> tuple[int, int]:
    return browser._process._driver.pid, browser._driver.capabilities["goog:processID"]


@pytest.mark.parametrize("victim", ["browser", "driver", "tab"])
def test_a_death_is_noticed_as_browser_lost_and_nothing_stays_behind(site, victim: str) -> None:
    browser = chromium()
    folder = browser._process.folder
    browser.open(site.page("/grid", GRID))
    driver_pid, browser_pid = _pids(browser)
    if victim == "tab":
        with pytest.raises(BrowserLost):
            browser.open("chrome://crash")
    else:
        os.kill(browser_pid if victim == "browser" else driver_pid, signal.SIGKILL)
    with pytest.raises(BrowserLost):
        go_on(browser)
    browser.close()
    assert gone(folder)


@pytest.mark.parametrize("victim", ["browser", "driver"])
def test_a_freeze_is_noticed_as_browser_lost_and_closing_does_not_hang(site, victim: str) -> None:
    browser = chromium(timeouts=Timeouts(page=10.0, script=10.0, command=20.0))
    folder = browser._process.folder
    browser.open(site.page("/grid", GRID))
    driver_pid, browser_pid = _pids(browser)
    os.kill(browser_pid if victim == "browser" else driver_pid, signal.SIGSTOP)
    with pytest.raises(BrowserLost):
        browser.changes(".tile")
    browser.close()
    assert gone(folder)


def test_closing_leaves_no_process_and_no_folder_and_may_be_repeated(site) -> None:
    browser = chromium()
    folder = browser._process.folder
    assert processes(folder)
    browser.open(site.page("/grid", GRID))
    browser.close()
    browser.close()
    assert gone(folder)
    with pytest.raises(BrowserLost):
        browser.address()


def test_a_profile_is_kept_and_remembers_cookies(site, tmp_path: Path) -> None:
    profile = tmp_path / "profile"
    with chromium(profile=profile) as browser:
        browser.open(site.page("/grid", GRID))
        add(browser, "document.cookie = 'consent=rejected; max-age=3600'")
    assert profile.is_dir()
    assert not processes(profile)
    with chromium(profile=profile) as browser:
        browser.open(site.page("/grid", GRID))
        assert site.headers()["cookie"] == "consent=rejected"


_RUN = """
import sys, threading
from pixset.scraper.browser.launch import launch
from pixset.scraper.browser.installed import BrowserChoice
with launch(BrowserChoice(headless=True)) as browser:
    browser.open("data:text/html,<p>hello")
    print(browser._process.folder, flush=True)
    threading.Event().wait(60)
"""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT], ids=["kill -9", "Ctrl-C"])
def test_a_run_that_is_killed_or_interrupted_leaves_no_browser_behind(how: int) -> None:
    with browser_or_skip():
        Resolution().resolve(BrowserChoice())
    with subprocess.Popen(
        [sys.executable, "-c", _RUN], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as run:
        assert run.stdout is not None
        folder = Path(run.stdout.readline().strip())
        assert processes(folder)
        run.send_signal(how)
        run.wait(timeout=60)
    assert gone(folder)


def running_below(folder: Path) -> list[str]:
    """The names of the processes whose temporary files go below this folder."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                if f"TMPDIR={folder}/".encode() in (entry / "environ").read_bytes():
                    found.append((entry / "comm").read_text().strip())
    return found


@pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")
@pytest.mark.parametrize("moment", ["folder", "driver", "browser"])
def test_a_run_that_is_killed_while_its_browser_starts_leaves_nothing_behind(moment: str) -> None:
    with browser_or_skip():
        Resolution().resolve(BrowserChoice())
    reached = {
        # not just anything: tempfile tries a place by a file of its own
        "folder": lambda: any(temporary.glob("pixset-browser-*")),
        "driver": lambda: running_below(temporary),
        "browser": lambda: any("driver" not in name for name in running_below(temporary)),
    }[moment]
    temporary = Path(tempfile.mkdtemp(prefix="pixset-test-"))
    pause = threading.Event()
    with subprocess.Popen(
        [sys.executable, "-c", _RUN],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "TMPDIR": str(temporary)},
    ) as run:
        while not reached() and run.poll() is None:
            pause.wait(0.002)
        run.kill()
    assert soon(lambda: not running_below(temporary) and not any(temporary.iterdir())), (
        running_below(temporary),
        list(temporary.iterdir()),
    )
    temporary.rmdir()


@pytest.mark.skipif(sys.platform == "win32", reason="the guard is a shell's script")
def test_a_run_that_is_killed_as_its_folder_is_made_leaves_no_folder_behind(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    nobody, told = os.pipe()
    os.close(nobody)
    with subprocess.Popen(["sleep", "60"], process_group=0) as leader:
        guard = ["/bin/sh", "-c", _GUARD, "guard", str(leader.pid), str(folder)]
        streams = {"stdin": subprocess.DEVNULL, "stdout": told, "stderr": subprocess.DEVNULL}
        subprocess.run(guard, **streams, check=False)
    os.close(told)
    assert leader.returncode == -signal.SIGKILL
    assert not folder.exists()


def test_a_browser_that_is_ended_before_its_driver_starts_is_not_started(tmp_path: Path) -> None:
    process = BrowserProcess(tmp_path)
    try:
        process.check_wanted()
        process.kill()
        with pytest.raises(DriverError, match="ended before"):
            process.check_wanted()
    finally:
        process.end()
    assert list(tmp_path.iterdir()) == []


def test_a_browser_starts_from_a_temporary_folder_with_a_long_path(tmp_path: Path) -> None:
    long = tmp_path / ("long" * 15)
    long.mkdir()
    process = BrowserProcess(long)
    try:
        assert process.folder.parent == long
        sockets = Path(process.environment()["TMPDIR"])
        assert len(str(sockets / "org.chromium.Chromium.XXXXXX/SingletonSocket")) < 108
    finally:
        process.end()
    assert not sockets.exists()
    assert not process.folder.exists()
    script = _RUN.replace("threading.Event().wait(60)", "")
    said = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "TMPDIR": str(long)},
        capture_output=True,
        text=True,
        check=False,
    )
    if "DriverError" in said.stderr and "no driver" in said.stderr:
        pytest.skip(said.stderr)
    assert said.stdout.startswith(str(long)), said.stderr
    assert list(long.iterdir()) == []


def test_a_temporary_folder_that_is_not_there_is_named() -> None:
    with pytest.raises(DriverError, match="set TMPDIR"):
        BrowserProcess(Path("/nowhere/at/all"))


def test_the_border_knows_every_exception_that_selenium_has() -> None:
    from selenium.common import exceptions

    kinds = [kind for kind in vars(exceptions).values() if isinstance(kind, type)]
    raised = [kind for kind in kinds if issubclass(kind, Exception) and kind is not Exception]
    assert len(raised) > 30
    assert [kind for kind in raised if not issubclass(kind, foreign_errors())] == []
    assert len({words for _, words in lost_because()}) > 3


def test_importing_the_scraper_does_not_import_selenium() -> None:
    said = subprocess.run(
        [
            sys.executable,
            "-c",
            (
                "import sys, pixset.scraper, pixset.scraper.search; "
                "import pixset.scraper.browser.launch; "
                "import pixset.scraper.browser.resolve, pixset.scraper.cli; "
                "print([m for m in ('selenium', 'webdriver_manager') if m in sys.modules])"
            ),
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stdout.strip() == "[]"
