"""Driver resolution: told, PATH, webdriver-manager (a mirror on loopback), Selenium Manager."""

from __future__ import annotations

import io
import json
import os
import random
import re
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from pixset.scraper.browser import installed
from pixset.scraper.browser.arguments import chromium_arguments, ordinary_user_agent, wants_window
from pixset.scraper.browser.borrowed_preferences import BorrowedPreferences
from pixset.scraper.browser.doctor import chosen, describe, examine_machine, survey
from pixset.scraper.browser.downloads import Downloads
from pixset.scraper.browser.installed import (
    KINDS,
    BrowserChoice,
    Executable,
    Machine,
    choose,
    is_snap,
    mismatch,
)
from pixset.scraper.browser.launch import _selenium_parts, launch, would_not_start
from pixset.scraper.browser.process import profile_holder
from pixset.scraper.browser.resolve import Heading, Resolution
from pixset.scraper.engines import ENGINES
from pixset.scraper.errors import DriverError, UsageError
from support.chromium import browser_or_skip
from support.servers import Host, answer, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
from dataclasses import replace

ROOT = Path(__file__).resolve().parents[2]
NOTHING = Downloads(allowed=False)


def program(folder: Path, name: str, says: str) -> Path:
    """An executable that answers `--version` with these words."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\necho '{says}'\n")
    path.chmod(0o755)
    return path


def machine(*folders: Path, **environ: str) -> Machine:
    """A machine that has only these folders on its PATH."""
    return Machine({"PATH": os.pathsep.join(map(str, folders)), **environ}, elsewhere=False)


def resolution(*folders: Path, downloads: Downloads = NOTHING) -> Resolution:
    return Resolution(machine(*folders), downloads)


# PATH


def test_the_driver_beside_the_browser_is_taken(tmp_path: Path) -> None:
    browser = program(tmp_path, "chromium", "Chromium 156.0.8078.79 built on Debian")
    driver = program(tmp_path, "chromedriver", "ChromeDriver 156.0.8078.73 (abc)")
    found = resolution(tmp_path).resolve(BrowserChoice())
    assert (found.kind.name, found.step) == ("chromium", "path")
    assert (found.browser.path, found.browser.version) == (browser, "156.0.8078.79")
    assert (found.driver.path, found.driver.version) == (driver, "156.0.8078.73")


def test_the_driver_beside_the_browser_is_preferred_to_an_earlier_one_on_path(
    tmp_path: Path,
) -> None:
    program(tmp_path / "old", "chromedriver", "ChromeDriver 110.0.1")
    program(tmp_path / "new", "google-chrome", "Google Chrome 130.0.1")
    beside = program(tmp_path / "new", "chromedriver", "ChromeDriver 130.0.2")
    found = resolution(tmp_path / "old", tmp_path / "new").resolve(BrowserChoice())
    assert found.driver.path == beside


def test_a_browser_whose_driver_fits_is_preferred_to_one_whose_driver_does_not(
    tmp_path: Path,
) -> None:
    program(tmp_path, "google-chrome", "Google Chrome 130.0.6723.1")
    program(tmp_path, "chromium", "Chromium 156.0.8078.79")
    program(tmp_path, "chromedriver", "ChromeDriver 156.0.8078.73")
    assert resolution(tmp_path).resolve(BrowserChoice()).kind.name == "chromium"


def test_a_browser_and_a_driver_of_other_majors_are_a_mismatch(tmp_path: Path) -> None:
    program(tmp_path, "google-chrome", "Google Chrome 130.0.6723.1")
    program(tmp_path, "chromedriver", "ChromeDriver 129.0.1")
    with pytest.raises(DriverError, match="chrome is version 130, its driver 129") as error:
        resolution(tmp_path).resolve(BrowserChoice(name="chrome"))
    assert error.value.heading == Heading.MISMATCH
    assert "\n" not in str(error.value)


def test_a_geckodriver_fits_any_firefox_and_an_unknown_version_fits_anything() -> None:
    firefox, chrome = KINDS["firefox"], KINDS["chrome"]
    new, old = Executable(Path("b"), "153.7"), Executable(Path("d"), "0.36.0")
    assert mismatch(firefox, new, old) is None
    assert mismatch(chrome, Executable(Path("b")), old) is None
    assert mismatch(chrome, new, old) is not None


def test_a_program_that_hangs_or_says_nothing_has_no_version(tmp_path: Path) -> None:
    assert installed.examine(program(tmp_path, "silent", "")).version is None
    assert installed.examine(tmp_path / "missing").version is None
    (tmp_path / "odd").write_bytes(b"\x00not a program")
    (tmp_path / "odd").chmod(0o755)
    assert installed.examine(tmp_path / "odd").version is None


# Told


def test_a_browser_is_told_by_name_or_path_in_options_or_environment(tmp_path: Path) -> None:
    binary = program(tmp_path, "msedge-beta", "Microsoft Edge 156.0.1")
    assert choose(environ={}) == BrowserChoice()
    assert choose("Firefox", environ={}).name == "firefox"
    assert choose(str(binary), environ={}) == BrowserChoice("edge", binary)
    told = choose(environ={"PIXSET_BROWSER": "chromium", "PIXSET_DRIVER": "/opt/chromedriver"})
    assert told == BrowserChoice("chromium", None, Path("/opt/chromedriver"))
    assert choose("edge", environ={"PIXSET_BROWSER": "chromium"}).name == "edge"
    with pytest.raises(UsageError, match="chrome, chromium, edge, firefox, or an executable"):
        choose("netscape", environ={})


def test_a_driver_that_is_told_is_used_or_refused_but_never_replaced(tmp_path: Path) -> None:
    program(tmp_path, "chromium", "Chromium 156.0.1")
    program(tmp_path, "chromedriver", "ChromeDriver 156.0.1")
    fits = program(tmp_path / "told", "chromedriver", "ChromeDriver 156.0.9")
    misfits = program(tmp_path / "told", "old", "ChromeDriver 99.0")
    here = resolution(tmp_path)
    assert here.resolve(BrowserChoice(driver=fits)).step == "told"
    with pytest.raises(DriverError) as error:
        here.resolve(BrowserChoice(driver=misfits))
    assert error.value.heading == Heading.MISMATCH
    for broken in (tmp_path / "missing", program(tmp_path / "told", "silent", "")):
        with pytest.raises(DriverError) as error:
            here.resolve(BrowserChoice(driver=broken))
        assert error.value.heading == Heading.CHOICE


def test_a_browser_that_is_told_and_not_there_is_named(tmp_path: Path) -> None:
    choice = BrowserChoice("chrome", tmp_path / "missing")
    with pytest.raises(DriverError, match="missing") as error:
        resolution(tmp_path).resolve(choice)
    assert error.value.heading == Heading.CHOICE


def test_a_machine_without_a_browser_says_what_was_looked_for(tmp_path: Path) -> None:
    with pytest.raises(DriverError, match="looked for firefox") as error:
        resolution(tmp_path).resolve(BrowserChoice("firefox"))
    assert error.value.heading == Heading.NO_BROWSER
    assert error.value.exit_code == 3


# webdriver-manager, against a mirror on loopback

CHROME = "156.0.8078"


class Mirror(Host):
    """Answers for the download hosts: Chrome for Testing's lists and a tiny driver in a zip."""

    def __init__(self, version: str) -> None:
        super().__init__()
        self.version = version
        self.otherwise = self.give
        self.url += "/mirrored"

    def give(self, handler: Any) -> None:
        body = self.body(handler.path)
        answer(body or b"", 200 if body else 404)(handler)

    def body(self, path: str) -> bytes | None:
        lists = "/mirrored/googlechromelabs.github.io/chrome-for-testing/"
        store = "https://storage.googleapis.com/chrome-for-testing-public"
        zipped = f"{self.version}/linux64/chromedriver-linux64.zip"
        if path == f"{lists}latest-patch-versions-per-build.json":
            build = self.version.rpartition(".")[0]
            return json.dumps({"builds": {build: {"version": self.version}}}).encode()
        if path == f"{lists}latest-versions-per-milestone.json":
            return json.dumps({"milestones": {}}).encode()
        if path == f"{lists}known-good-versions-with-downloads.json":
            downloads = [
                {"platform": name, "url": f"{store}/{zipped}"}
                for name in ("linux64", "linux-arm64")
            ]
            version = {"version": self.version, "downloads": {"chromedriver": downloads}}
            return json.dumps({"versions": [version]}).encode()
        if path.endswith(zipped):
            return self.zip()
        return None

    def zip(self) -> bytes:
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("chromedriver-linux64/LICENSE.chromedriver", "words")
            archive.writestr(
                "chromedriver-linux64/chromedriver",
                f"#!/bin/sh\necho 'ChromeDriver {self.version} (mirrored)'\n",
            )
        return packed.getvalue()


@pytest.fixture
def mirror() -> Iterator[Mirror]:
    with serving(Mirror(f"{CHROME}.99")) as mirror:
        yield mirror


@pytest.fixture
def driverless(tmp_path: Path) -> Path:
    """A folder for PATH with a Chrome and no driver."""
    program(tmp_path / "bin", "google-chrome", f"Google Chrome {CHROME}.79")
    return tmp_path / "bin"


def test_a_missing_driver_is_downloaded_from_the_mirror_once_and_then_cached(
    mirror: Mirror, driverless: Path, tmp_path: Path
) -> None:
    downloads = Downloads(mirror.url, cache=tmp_path)
    found = resolution(driverless, downloads=downloads).resolve(BrowserChoice())
    assert found.step == "webdriver-manager, downloaded"
    assert found.driver.version == f"{CHROME}.99"
    assert found.driver.path.is_relative_to(downloads.cache_folder())
    assert all(path.startswith("/mirrored/") for path in mirror.paths())
    asked = len(mirror.seen)
    again = resolution(driverless, downloads=downloads).resolve(BrowserChoice())
    assert (again.step, again.driver) == ("webdriver-manager, cached", found.driver)
    assert len(mirror.seen) == asked


def test_a_cached_driver_is_used_offline_and_long_after_it_was_loaded(
    mirror: Mirror, driverless: Path, tmp_path: Path
) -> None:
    online = Downloads(mirror.url, cache=tmp_path)
    resolution(driverless, downloads=online).resolve(BrowserChoice())
    index = online.cache_folder() / "drivers.json"
    index.write_text(re.sub(r"\d\d/\d\d/\d{4}", "01/02/2025", index.read_text()))
    offline = Downloads(cache=tmp_path, allowed=False)
    found = resolution(driverless, downloads=offline).resolve(BrowserChoice())
    assert found.step == "webdriver-manager, cached"


def test_a_mismatched_driver_on_path_is_replaced_by_one_that_fits(
    mirror: Mirror, driverless: Path, tmp_path: Path
) -> None:
    program(driverless, "chromedriver", "ChromeDriver 120.0.1")
    downloads = Downloads(mirror.url, cache=tmp_path)
    found = resolution(driverless, downloads=downloads).resolve(BrowserChoice())
    assert found.step == "webdriver-manager, downloaded"


def test_a_mirror_without_that_version_or_that_is_down_is_said_in_one_line(
    driverless: Path, tmp_path: Path
) -> None:
    down = Mirror(f"{CHROME}.99")
    down.server.server_close()
    with serving(Mirror("99.0.1.2")) as other:
        for mirror in (other, down):
            here = resolution(driverless, downloads=Downloads(mirror.url, cache=tmp_path))
            with pytest.raises(DriverError, match="webdriver-manager") as error:
                here.resolve(BrowserChoice())
            assert error.value.heading == Heading.NO_DRIVER
            assert "\n" not in str(error.value)


def test_a_zip_that_holds_no_working_driver_is_refused(driverless: Path, tmp_path: Path) -> None:
    class Broken(Mirror):
        def zip(self) -> bytes:
            return b"<html>a proxy's error page</html>"

    with serving(Broken(f"{CHROME}.99")) as mirror:
        here = resolution(driverless, downloads=Downloads(mirror.url, cache=tmp_path))
        with pytest.raises(DriverError, match="not a zip file"):
            here.resolve(BrowserChoice())


@pytest.mark.browser
@pytest.mark.skipif(sys.platform != "linux", reason="the mirror holds a driver for Linux")
def test_a_downloaded_driver_drives_the_real_browser(tmp_path: Path) -> None:
    with browser_or_skip():
        real = Resolution().resolve(BrowserChoice())
    if not real.kind.chromium:
        pytest.skip("the mirror holds a chromedriver, and the browser here is none of its kind")

    class Real(Mirror):
        def zip(self) -> bytes:
            packed = io.BytesIO()
            with zipfile.ZipFile(packed, "w") as archive:
                archive.write(real.driver.path, "chromedriver-linux64/chromedriver")
            return packed.getvalue()

    # A browser in a folder of its own, so that no driver lies beside it.
    alone = program(tmp_path / "bin", "chromium", "")
    alone.write_text(f'#!/bin/sh\nexec {real.browser.path} "$@"\n')
    with serving(Real(real.browser.version)) as mirror:
        here = resolution(alone.parent, downloads=Downloads(mirror.url, cache=tmp_path))
        with launch(BrowserChoice(headless=True), resolution=here) as browser:
            browser.open("data:text/html,<p id=hello>hello")
            assert browser.has("#hello")
    assert [path for path in mirror.paths() if path.endswith("chromedriver-linux64.zip")]


def test_a_proxy_of_the_environment_is_asked_and_the_mirror_keeps_queries() -> None:
    direct, mirrored = Downloads(), Downloads("http://mirror.example/all/")
    url = "https://api.github.com/repos/mozilla/geckodriver/releases/latest?page=1"
    assert direct.address(url) == url
    assert mirrored.address(url) == (
        "http://mirror.example/all/api.github.com/repos/mozilla/geckodriver/releases/latest?page=1"
    )


# Windows, arguments, words


def test_google_gets_a_window_where_a_display_is_and_the_others_never(tmp_path: Path) -> None:
    google, bing = ENGINES["google"], ENGINES["bing"]
    screen, dark = machine(tmp_path, DISPLAY=":0"), machine(tmp_path)
    wayland = machine(tmp_path, WAYLAND_DISPLAY="wayland-0")
    assert wants_window(BrowserChoice(), google, screen)
    assert wants_window(BrowserChoice(), google, wayland)
    assert not wants_window(BrowserChoice(), bing, screen)
    if screen.display() != dark.display():  # a desktop system always has one
        assert not wants_window(BrowserChoice(), google, dark)
    assert not wants_window(BrowserChoice(headless=True), google, screen)
    assert wants_window(BrowserChoice(headless=False), bing, dark)


def test_a_snaps_browser_is_known_by_where_it_leads(tmp_path: Path) -> None:
    (tmp_path / "snap").mkdir()
    real = program(tmp_path / "snap", "chromium", "Chromium 156.0.1")
    link = tmp_path / "chromium"
    link.symlink_to(real)
    script = tmp_path / "chromium-browser"
    script.write_text('#!/bin/sh\nexec /snap/bin/chromium "$@"\n')
    assert is_snap(link)
    assert is_snap(script)
    assert not is_snap(program(tmp_path, "google-chrome", "Google Chrome 156.0.1"))
    assert not is_snap(tmp_path / "none")


def test_the_ordinary_user_agent_has_the_browsers_own_version_and_no_headless() -> None:
    chromium = Executable(Path("chromium"), "156.0.8078.79")
    agent = ordinary_user_agent(KINDS["chromium"], chromium)
    assert "Chrome/156.0.0.0 Safari/537.36" in agent
    assert "Headless" not in agent
    assert ordinary_user_agent(KINDS["edge"], chromium).endswith(" Edg/156.0.0.0")
    assert ordinary_user_agent(KINDS["chrome"], Executable(Path("chrome"))) is None


def test_a_window_keeps_the_browsers_own_user_agent(tmp_path: Path) -> None:
    chromium = Executable(Path("chromium"), "156.0.8078.79")
    kind = KINDS["chromium"]
    headed = chromium_arguments(kind, chromium, headless=False, profile=tmp_path)
    headless = chromium_arguments(kind, chromium, headless=True, profile=tmp_path)
    assert not [flag for flag in headed if "user-agent" in flag or "headless" in flag]
    assert [flag for flag in headless if "user-agent" in flag]
    for flag in ("--disable-background-networking", "--disable-component-update", "--no-first-run"):
        assert flag in headed
        assert flag in headless


@pytest.mark.parametrize("lock", ["SingletonLock", "lock"])
@pytest.mark.parametrize(
    "holder", ["host-", "host-x", f"host-{'9' * 40}", "127.0.1.1:+1" + "0" * 30]
)
def test_a_lock_that_names_no_process_holds_nothing(tmp_path: Path, lock: str, holder: str) -> None:
    (tmp_path / lock).symlink_to(holder)
    assert profile_holder(tmp_path) is None


@pytest.mark.parametrize(
    ("said", "headings"),
    [
        ("This version of ChromeDriver only supports Chrome version 114", {Heading.MISMATCH}),
        ("user data directory is already in use", {Heading.PROFILES}),
        ("Chrome failed to start: crashed.", {Heading.CONTAINERS, Heading.STARTING}),
        ("no idea", {Heading.STARTING}),
    ],
)
def test_a_browser_that_does_not_start_names_its_reason(
    said: str, headings: set[Heading], tmp_path: Path
) -> None:
    program(tmp_path, "chromium", "Chromium 156.0.1")
    program(tmp_path, "chromedriver", "ChromeDriver 156.0.1")
    found = resolution(tmp_path).resolve(BrowserChoice())
    assert would_not_start(found, tmp_path, said).heading in headings
    window = would_not_start(found, tmp_path, "Chrome instance exited.", headless=False)
    assert window.heading == Heading.WINDOW


@pytest.mark.parametrize("name", ["chromium", "firefox"])
def test_a_profile_that_is_no_folder_is_named(tmp_path: Path, name: str) -> None:
    kind = KINDS[name]
    program(tmp_path, kind.commands[0], f"{name} 156.0.1")
    program(tmp_path, kind.driver_commands[0], f"{kind.driver_commands[0]} 156.0.1")
    (tmp_path / "file").write_text("no folder")
    for profile in (tmp_path / "file", tmp_path / "file" / "bing"):
        choice = BrowserChoice(name, headless=True, profile=profile)
        with pytest.raises(DriverError, match=f"{profile} cannot be written in") as error:
            launch(choice, resolution=resolution(tmp_path))
        assert error.value.heading == Heading.PROFILES


@pytest.mark.browser
def test_a_browser_that_exits_at_its_start_is_a_driver_error_and_leaves_nothing(
    tmp_path: Path,
) -> None:
    with browser_or_skip():
        real = Resolution().resolve(BrowserChoice())
    exits = program(tmp_path, real.browser.path.name, f"Chromium {real.browser.version}")
    before = set(Path("/tmp").glob("pixset-browser-*"))
    with pytest.raises(DriverError) as error:
        launch(BrowserChoice(real.kind.name, exits, real.driver.path, headless=True))
    assert error.value.heading in {Heading.CONTAINERS, Heading.STARTING}
    assert "\n" not in str(error.value)
    mine = set(Path("/tmp").glob("pixset-browser-*")) - before
    assert not [folder for folder in mine if not _in_use(folder)]


@pytest.mark.browser
@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is always a display")
def test_a_display_that_is_named_but_dead_costs_a_window_only_where_one_was_told(
    tmp_path: Path,
) -> None:
    with browser_or_skip():
        real = Resolution().resolve(BrowserChoice())
    dead = program(tmp_path, real.browser.path.name, "")
    dead.write_text(
        f'#!/bin/sh\ncase "$*" in *--version*) echo Chromium {real.browser.version}; exit;; esac\n'
        f'case "$*" in *--headless*) exec {real.browser.path} "$@";; esac\nexit 1\n'
    )
    here = Resolution(Machine({**os.environ, "DISPLAY": ":12345"}), NOTHING)
    told = BrowserChoice(real.kind.name, dead, real.driver.path, headless=False)
    with pytest.raises(DriverError) as error:
        launch(told, engine=ENGINES["google"], resolution=here)
    assert error.value.heading == Heading.WINDOW
    with launch(replace(told, headless=None), engine=ENGINES["google"], resolution=here) as browser:
        assert not browser.headed


def _in_use(folder: Path) -> bool:
    """Whether a browser of another run lives there."""
    return any(folder.rglob("SingletonLock")) or any(folder.rglob("lock"))


def test_firefox_s_downloads_stay_in_a_profile_that_is_kept(tmp_path: Path, monkeypatch) -> None:
    """What the driver is asked is caught before it would be started."""
    asked: dict[str, Any] = {}

    def refuse() -> None:
        raise OSError("not started")

    def parts(found: Any, process: Any) -> tuple[Any, Any, Any]:
        options, service, connection = _selenium_parts(found, process)
        monkeypatch.setattr(options, "set_preference", asked.__setitem__)
        monkeypatch.setattr(service, "start", refuse)
        return options, service, connection

    monkeypatch.setattr("pixset.scraper.browser.launch._selenium_parts", parts)
    firefox = program(tmp_path / "bin", "firefox", "Mozilla Firefox 140.0")
    driver = program(tmp_path / "bin", "geckodriver", "geckodriver 0.36.0")
    kept = tmp_path / "kept"
    with pytest.raises(DriverError):
        launch(BrowserChoice("firefox", firefox, driver, headless=True, profile=kept))
    folder = Path(asked["browser.download.dir"])
    assert folder.is_dir(), "a kept profile remembers it"
    assert folder.parent == kept
    assert list(kept.iterdir()) == [folder], "nothing was started, nothing is to be put back"


RELAYED = ("network.proxy.type", "network.proxy.http", "network.proxy.http_port")


def firefox_ran(profile: Path, port: int) -> None:
    """What a run of Firefox that was told these leaves in its profile: prefs.js in order."""
    path = profile / "prefs.js"
    given = dict(zip(RELAYED, ("1", '"127.0.0.1"', str(port)), strict=True))
    lines = path.read_bytes().decode("utf-8", "surrogateescape").splitlines(keepends=True)
    kept = [line for line in lines if not any(f'"{name}"' in line for name in RELAYED)]
    added = [f'user_pref("{name}", {value});\n' for name, value in given.items()]
    text = "".join([*kept, *added, f'user_pref("a.visit.{port}", true);\n'])
    path.write_bytes(text.encode("utf-8", "surrogateescape"))


@pytest.mark.parametrize("seed", range(8))
def test_a_kept_firefox_profile_gets_its_preferences_back_also_after_killed_runs(
    tmp_path: Path, seed: int
) -> None:
    draw = random.Random(seed)
    own = {
        f'user_pref("{name}", {draw.choice(["5", "0", chr(34) + "proxy.example" + chr(34)])});\n'
        for name in draw.sample([*RELAYED, "general.useragent", "intl.locale"], draw.randrange(5))
    }
    head = b"// Mozilla User Preferences \xff\xfe\n"
    prefs = tmp_path / "prefs.js"
    prefs.write_bytes(head + "".join(sorted(own)).encode())
    runs = draw.randrange(1, 4)
    for run in range(runs):
        borrowed = BorrowedPreferences(tmp_path, RELAYED)
        firefox_ran(tmp_path, 40_000 + run)
        if run == runs - 1:  # the others are killed
            borrowed.restore()
    left = prefs.read_bytes()
    assert left.startswith(head)
    visits = {f'user_pref("a.visit.{40_000 + run}", true);\n' for run in range(runs)}
    assert set(left[len(head) :].decode().splitlines(keepends=True)) == own | visits
    assert sorted(path.name for path in tmp_path.iterdir()) == ["prefs.js"]


@pytest.mark.skipif(sys.platform == "win32", reason="its lock is no link there")
def test_the_preferences_of_a_profile_that_another_run_uses_are_left_alone(tmp_path: Path) -> None:
    prefs = tmp_path / "prefs.js"
    prefs.write_text('user_pref("network.proxy.type", 0);\n')
    first = BorrowedPreferences(tmp_path, RELAYED)
    firefox_ran(tmp_path, 41_000)
    (tmp_path / "lock").symlink_to(f"127.0.1.1:+{os.getpid()}")
    assert profile_holder(tmp_path) == os.getpid()
    BorrowedPreferences(tmp_path, RELAYED).restore()
    assert "41000" in prefs.read_text()
    first.restore()
    assert prefs.read_text().count("network.proxy") == 1


@pytest.mark.browser
def test_firefox_opens_a_page_where_it_is_installed(tmp_path: Path) -> None:
    machine = Machine()
    firefox = machine.browser(KINDS["firefox"])
    if firefox is None or machine.driver(KINDS["firefox"], firefox) is None:
        pytest.skip("no Firefox with a geckodriver on this machine (drivers.md, Firefox)")
    with launch(BrowserChoice("firefox", headless=True)) as browser:
        page = tmp_path / "page.html"  # Firefox refuses to be sent to a data: address
        page.write_text("<div class=tile>hello</div>")
        browser.open(page.as_uri())
        assert "hello" in browser.html()
        assert browser.changes(".tile") == ""
        assert browser.resource("https://x.example/a.png") is None


# drivers.md and the commands


def test_every_heading_that_an_error_names_exists_in_drivers_md() -> None:
    page = ROOT / "drivers.md"
    if not page.is_file():
        pytest.skip("drivers.md is beside the checkout's tests only")
    headings = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    assert [heading for heading in Heading if heading not in headings] == []


def test_no_error_names_a_heading_but_through_the_one_list() -> None:
    scraper = Path(installed.__file__).parent
    raised = [
        (path.name, call)
        for path in scraper.rglob("*.py")
        for call in re.findall(r"DriverError\((?!\w*message)[^)]*", path.read_text("utf-8"))
        if path.name != "errors.py"
    ]
    assert raised
    for name, text in ((path.name, path.read_text("utf-8")) for path in scraper.glob("*.py")):
        if "DriverError(" in text and name != "errors.py":
            assert "Heading" in text, name


def test_the_survey_tells_matches_mismatches_and_what_is_missing(tmp_path: Path) -> None:
    program(tmp_path, "google-chrome", "Google Chrome 130.0.1")
    program(tmp_path, "chromium", "Chromium 156.0.1")
    program(tmp_path, "chromedriver", "ChromeDriver 156.0.1")
    program(tmp_path, "firefox", "Mozilla Firefox 153.7")
    here = resolution(tmp_path)
    states = {row.name: row.state for row in survey(here)}
    assert states == {
        "chrome": "mismatch",
        "chromium": "match",
        "edge": "no browser",
        "firefox": "no driver",
    }
    told = describe(chosen(here, BrowserChoice()))
    assert told["name"] == "chromium"
    assert "error" in describe(chosen(here, BrowserChoice("edge")))


def test_the_doctor_says_what_is_wrong_and_ends_with_the_browser(tmp_path: Path) -> None:
    findings = list(examine_machine(resolution(tmp_path), BrowserChoice(profile=tmp_path)))
    by_name = {finding.name: finding for finding in findings}
    assert findings[-1].name == "browser"
    assert findings[-1].state == "bad"
    assert "No browser found" in findings[-1].message
    assert by_name["python"].state == "ok"
    assert by_name["packages"].state == "ok"
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"][
        "dependencies"
    ]
    named = [one.split()[0] for one in by_name["packages"].message.split(", ")]
    assert named == [one.partition(">=")[0] for one in declared]
    assert by_name["profile"].state == "ok"
