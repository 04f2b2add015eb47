"""The documentation builds, needs no outside address, and its lines are commands that there are."""

from __future__ import annotations

import importlib
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import threading
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.request import urlopen

import pytest
from support.chromium import open_chromium, serious_findings, show_as
from support.command_line import COMMANDS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
PAGES = [*sorted(DOCS.rglob("*.md")), ROOT / "README.md", ROOT / "drivers.md"]
ANYWHERE = {"--help", "-h", "--version", "--debug", "--verbose", "--quiet", "--log-file"}
PORT = "8808"  # as the tutorial has it


def blocks(text: str, kinds: tuple[str, ...]) -> list[str]:
    found = re.findall(r"^```(\w*)\n(.*?)^```", text, flags=re.DOTALL | re.MULTILINE)
    return [body for kind, body in found if kind in kinds]


def lines(page: Path) -> Iterator[str]:
    """Every line that a reader may type, from code blocks and from within sentences."""
    text = page.read_text(encoding="utf-8")
    for block in blocks(text, ("", "sh")):
        yield from (line for line in block.splitlines() if line.startswith("pixset "))
    yield from re.findall(
        r"`(pixset [^`\n]*)`", re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)
    )


def fault(line: str) -> str | None:
    """What is wrong with a line: no such command, or no such option of it."""
    words = shlex.split(line.split("#", maxsplit=1)[0].replace("…", ""))[1:]
    named = next((one for one in words if not one.startswith("-")), "")
    if named.split("|")[0] not in {name.split()[0] for name in COMMANDS}:
        return f"no command {named!r}" if named else None
    name = next((n for n in COMMANDS if words[: len(n.split())] == n.split()), None)
    if name is None:
        return None  # a group, such as `pixset recipe show|new|check`
    known = {word for one in COMMANDS[name].params for word in (*one.opts, *one.secondary_opts)}
    wrong = [
        word for word in words if re.match(r"--?[a-z]", word) and word.split("=")[0] not in known
    ]
    return f"{name} has no {wrong[0]}" if wrong and wrong[0] not in ANYWHERE else None


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_command_and_option_on_a_page_exists(page: Path) -> None:
    assert [f"{line}: {wrong}" for line in lines(page) if (wrong := fault(line))] == []


@pytest.fixture
def pages(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """docs/command_pages.py, which is no part of the product."""
    monkeypatch.syspath_prepend(str(DOCS))
    return importlib.import_module("command_pages")


def test_the_reference_names_arguments_as_the_usage_does(pages: ModuleType) -> None:
    for words, command in COMMANDS.items():
        page = pages.page(words, command)
        usage = next(line for line in page.splitlines() if line.startswith(f"pixset {words}"))
        rows = re.findall(r"^\| `.+", page.partition("## Options")[0], flags=re.MULTILINE)
        cells = [row.split("`")[1] for row in rows]
        assert [one for one in cells if one not in usage or one.count("[") != one.count("]")] == []


def test_a_key_is_described_wherever_it_is_printed(pages: ModuleType) -> None:
    """Also where the type that is printed only extends the one that describes it."""
    for words in ("status", "build", "report"):
        assert "| Label → why pictures are out → number. |" in pages.page(words, COMMANDS[words])


def test_exit_codes_are_told_alike(pages: ModuleType) -> None:
    assert pages.exit_codes() in (ROOT / "README.md").read_text(encoding="utf-8")


def test_every_check_is_in_the_reference(pages: ModuleType) -> None:
    from pixset.curation import CHECKS

    text = pages.checks()
    assert [name for name in CHECKS if f"| `{name}` |" not in text] == []
    assert "below 0.35" in text


def test_every_key_of_a_recipe_is_told() -> None:
    from pixset.datasets.recipe import schema

    page = (DOCS / "howto" / "own-recipe.md").read_text(encoding="utf-8")
    text = page.partition("## Every key")[2]
    told = set(re.findall(r"[a-z_]+", " ".join(re.findall(r"`([^`]+)`", text))))
    tables = [one for one in vars(schema).values() if getattr(one, "model_fields", None)]
    assert len(tables) > 5
    assert {key for table in tables for key in table.model_fields} <= told


def test_a_wrong_line_is_noticed() -> None:
    assert fault("pixset splitt dataset") == "no command 'splitt'"
    assert fault("pixset split dataset --ration 80/20") == "split has no --ration"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_python_and_recipes_on_a_page_can_be_read(page: Path) -> None:
    from pixset.datasets.recipe.toml import parse

    text = page.read_text(encoding="utf-8")
    for block in blocks(text, ("python",)):
        compile(block, str(page), "exec")
    for block in blocks(text, ("toml",)):
        if "[label." in block:
            parse(block, page.name)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built strictly: a broken link or anchor, or a page in no menu, ends the build."""
    pytest.importorskip("mkdocs", reason="mkdocs is not installed (extra: docs)")
    pytest.importorskip("material", reason="mkdocs-material is not installed (extra: docs)")
    out = tmp_path_factory.mktemp("docs") / "site"
    done = subprocess.run(
        [sys.executable, "-P", "-m", "mkdocs", "build", "--strict", "-d", str(out)],
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return out


def test_the_site_builds_strictly_and_needs_no_outside_address(site: Path) -> None:
    pages = list(site.rglob("*.html"))
    assert len(pages) > len(COMMANDS)
    loads = r"<(?:script|img|iframe)[^>]+src=\"(https?:)?//|<link[^>]+stylesheet[^>]+\"https?://"
    assert [page for page in pages if re.search(loads, page.read_text(encoding="utf-8"))] == []
    for name in COMMANDS:
        assert (site / "reference" / "commands" / f"{name.replace(' ', '-')}.html").is_file()


@pytest.mark.browser
def test_pages_load_nothing_from_elsewhere_and_have_no_serious_finding(
    site: Path, tmp_path: Path
) -> None:
    """At 200 % and in the dark, too: 640 CSS pixels wide."""
    browser = open_chromium(tmp_path)
    run: Any = browser.execute_script  # selenium's methods have no types
    pages = ("index.html", "tutorial.html", "reference/commands/split.html", "decides/copies.html")
    try:
        with serving(site) as base:
            for page, dark in ((page, dark) for page in pages for dark in (False, True)):
                show_as(browser, 640, 450, dark=dark)
                browser.get(f"{base}/{page}")
                names = run("return performance.getEntriesByType('resource').map(e => e.name)")
                assert [name for name in names if not name.startswith(base)] == []
                assert run("return document.documentElement.scrollWidth <= innerWidth")
                assert serious_findings(browser) == [], (page, dark)
    finally:
        browser.quit()


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """The folder over HTTP, at the address that it gives."""
    handler = partial(QuietHandler, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:  # type: ignore[override]
        """Requests are no output of a test."""


@pytest.mark.browser
@pytest.mark.skipif(
    not any(map(shutil.which, ("chromium", "google-chrome", "chrome", "chromium-browser"))),
    reason="no Chromium or Chrome on PATH: see drivers.md",
)
@pytest.mark.timeout(1800)  # a dozen commands, also on a machine under load
def test_the_tutorial_works_as_it_is_typed(tmp_path: Path) -> None:
    text = (DOCS / "tutorial.md").read_text(encoding="utf-8")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    typed = [
        line.replace(PORT, port).replace("pixset ", f"{sys.executable} -P -m pixset.datasets ", 1)
        for block in blocks(text, ("sh",))
        for line in block.splitlines()
    ]
    with subprocess.Popen(shlex.split(typed[0]), stdout=subprocess.PIPE, text=True) as replica:
        try:
            assert replica.stdout is not None
            assert "serves google, bing and yahoo" in replica.stdout.readline()
            with urlopen(f"http://127.0.0.1:{port}/") as answer:
                assert answer.status == 200
            for line in typed[1:]:
                done = subprocess.run(
                    shlex.split(line), cwd=tmp_path, capture_output=True, text=True, check=False
                )
                assert done.returncode == 0, f"{line}\n{done.stdout}\n{done.stderr}"
        finally:
            replica.terminate()
    assert list((tmp_path / "dataset" / "ready").glob("val/pizza/*.jpg"))
    assert (tmp_path / "pizza-csv" / "manifest.csv").is_file()
    assert (tmp_path / "whole" / "contact-sheet.jpg").is_file()
