"""The command's edges: every ending is one line and a code, whatever happened inside."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from pixset.datasets.commands.console import Table, show
from pixset.datasets.commands.verbosity import Verbosity, take_verbosity
from pixset.datasets.errors import UsageError

# A command of the test's own, so that something unexpected happens in the real `main`.
BOOM = """
from pixset.datasets import cli
@cli.app.command()
def boom(how: str) -> None:
    {
        "type": lambda: None + 1,
        "deep": lambda: (lambda f: f(f))(lambda f: f(f)),
        "room": lambda: (_ for _ in ()).throw(OSError(28, "No space left", "/full/disk")),
        "owner": lambda: (_ for _ in ()).throw(OSError(13, "Permission denied", "/somewhere/x")),
        "lines": lambda: (_ for _ in ()).throw(ValueError("two\\nlines \\x1b[31mred")),
        "stop": lambda: (_ for _ in ()).throw(KeyboardInterrupt()),
        "missing": lambda: (_ for _ in ()).throw(cli.DatasetError("gone")),
        "much": lambda: [cli.check.show([f"line {n}"]) for n in range(100_000)],
        "note": lambda: __import__("logging").getLogger("pixset.x").info("a note \\x1b[2J"),
    }[how]()
cli.main()
"""


def run(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-P", "-c", BOOM, *words],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("how", "code", "told"),
    [
        ("type", 1, "unexpected TypeError in <string>:"),
        ("deep", 1, "unexpected RecursionError in "),
        ("room", 1, "/full/disk: No space left; what is done is kept: make room and run again"),
        ("owner", 1, "/somewhere/x: Permission denied; it may not be written or read here"),
        ("lines", 1, "two lines \\x1b[31mred"),
        ("stop", 130, "stopped; what is done is kept"),
        ("missing", 1, "pixset: gone"),
    ],
)
def test_whatever_happens_is_one_line_without_a_traceback(
    how: str, code: int, told: str, tmp_path: Path
) -> None:
    done = run("boom", how, cwd=tmp_path)
    assert done.returncode == code
    assert told in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert "\x1b" not in done.stderr


def test_debug_shows_the_traceback_wherever_it_stands(tmp_path: Path) -> None:
    for words in (("--debug", "boom", "type"), ("boom", "type", "--debug")):
        assert "Traceback" in run(*words, cwd=tmp_path).stderr


def test_nobody_who_stops_reading_gets_a_traceback(tmp_path: Path) -> None:
    done = _read_one_line(tmp_path)
    assert done == ("line 0\n", "", 1)


def _read_one_line(folder: Path) -> tuple[str, str, int]:
    with subprocess.Popen(
        [sys.executable, "-P", "-c", BOOM, "boom", "much"],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        first = process.stdout.readline()
        process.stdout.close()
        told = process.stderr.read()
        return first, told, process.wait()


def test_quiet_hides_notes_and_a_log_file_keeps_them(tmp_path: Path) -> None:
    assert run("boom", "note", cwd=tmp_path).stderr == "a note \\x1b[2J\n"
    quiet = run("boom", "note", "--quiet", "--log-file", "all.log", cwd=tmp_path)
    assert quiet.stderr == ""
    assert "pixset.x: a note \\x1b[2J" in (tmp_path / "all.log").read_text()


def test_more_than_was_to_come_is_counted_without_a_total(tmp_path: Path) -> None:
    code = (
        "import logging\n"
        "from pixset.datasets.commands.console import bars\n"
        "logging.getLogger('pixset').setLevel('INFO')\n"
        "for most in (4, 12):\n"
        "    with bars('bing', most) as advance:\n"
        "        advance(12)\n"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stderr.splitlines() == ["bing: 12 done", "bing: 12/12 done"]


def test_a_log_file_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    done = run("boom", "note", "--log-file", "no/such/folder.log", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith("pixset: --log-file no/such/folder.log: cannot be written")


def test_words_after_two_dashes_are_left_alone() -> None:
    verbosity, words = take_verbosity(["scrape", "--quiet", "--", "--debug", "--log-file"])
    assert (verbosity, words) == (Verbosity(quiet=True), ["scrape", "--", "--debug", "--log-file"])
    for wrong in (["--log-file"], ["--log-file="], ["--verbose", "--quiet"]):
        with pytest.raises(UsageError):
            take_verbosity(wrong)


TABLE = Table(("name", "n"), [("pizza [bold]", 12), ("evil \x1b]0;x\x07", None)])


def test_a_table_on_a_pipe_is_plain_and_shows_what_would_act(
    capsys: pytest.CaptureFixture[str],
) -> None:
    show([TABLE])
    assert capsys.readouterr().out == (
        "name                n\npizza [bold]       12\nevil \\x1b]0;x\\x07   -\n"
    )


def test_a_table_on_a_terminal_is_drawn_and_shows_what_would_act(tmp_path: Path) -> None:
    code = (
        "from pixset.datasets.commands.console import Table, show\n"
        f"show([Table({TABLE.head!r}, {TABLE.rows!r})])"
    )
    here, there = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-P", "-c", code],
        stdout=there,
        cwd=tmp_path,
        env={**os.environ, "TERM": "dumb"},
    ) as process:
        os.close(there)
        shown = b""
        while piece := _piece(here):
            shown += piece
        assert process.wait() == 0
    os.close(here)
    text = shown.decode()
    assert "─" in text
    assert "pizza [bold]" in text
    assert r"evil \x1b]0;x\x07" in text
    assert "\x1b" not in text


def _piece(terminal: int) -> bytes:
    try:
        return os.read(terminal, 4096)
    except OSError:  # how Linux says that the other end is closed
        return b""


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("scrape --engine ", "google bing yahoo commons openverse"),
        ("scrape --pace b", "brisk"),
        ("export --format web", "webdataset"),
        ("split --link ", "copy hard sym"),
        ("build ", "binary flowers5 pizza scenes36 mine.toml"),
    ],
)
def test_a_shell_completes_the_words_that_an_option_takes(
    words: str, offered: str, tmp_path: Path
) -> None:
    (tmp_path / "mine.toml").touch()
    typed = ["pixset", *words.split(" ")]
    asked = {"COMP_WORDS": " ".join(typed), "COMP_CWORD": str(len(typed) - 1)}
    done = subprocess.run(
        [Path(sys.executable).with_name("pixset")],
        env={**os.environ, **asked, "_PIXSET_COMPLETE": "complete_bash"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.split() == offered.split(), done.stderr
