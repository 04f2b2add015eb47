"""The one Typer app: every room's commands under one roof, every error one line.

Exit codes: 0 done · 1 unexpected, or problems found (`verify`, `doctor --model`, wrong rows of
`review --import-decisions`) · 2 your mistake, in one line · 3 no browser or driver · 4 every engine
refused · 5 every engine's layout changed · 6 done, but a label has no picture at all · 130 stopped.
"""

from __future__ import annotations

import errno
import os
import re
import sys
from io import TextIOWrapper
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn, get_type_hints

import typer

from ..curation.errors import CurationError
from ..scraper import cli as scraper_cli
from ..scraper.errors import ScraperError
from .commands import (
    build,
    check,
    config,
    dedupe,
    demo,
    doctor,
    export,
    fetch,
    forget,
    import_,
    recipe,
    report,
    review,
    scale,
    scrape,
    split,
    status,
    undo,
    verify,
)
from .commands.console import warn
from .commands.defaults import every_command_defaults, read_defaults, with_source
from .commands.lazy_pydantic import defer_pydantic
from .commands.lazy_rich import defer
from .commands.verbosity import Verbosity, take_verbosity
from .errors import DatasetError, LabelMissing, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

# The tree of wrong words on the command line: click's, of which newer Typers carry their own copy.
WrongWords: Any = typer.BadParameter.__mro__[1]

STOPPED = 130  # 128 + SIGINT, as a shell says it
_MAKE_ROOM = "what is done is kept: make room and run again"
_NOT_ALLOWED = "it may not be written or read here: see its owner and its permissions"
_DISK = {
    errno.ENOSPC: _MAKE_ROOM,
    errno.EDQUOT: _MAKE_ROOM,
    errno.EACCES: _NOT_ALLOWED,
    errno.EPERM: _NOT_ALLOWED,
    errno.EROFS: "the disk can only be read",
}
_NAMES = {
    errno.ENAMETOOLONG: "a shorter name is needed",
    errno.ELOOP: "its links lead in a circle; name another place",
}

app = typer.Typer(
    help="From search terms to training-ready image datasets: scrape, curate, split.",
    epilog="Start with:  pixset demo   or   pixset scrape --term pizza",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
# In the order of the work, as `pixset --help` lists them.
for command in (
    scrape, build, status, report, check, dedupe, undo, review, split, verify, export, fetch, scale,
    forget, import_, recipe, config, demo, doctor, scraper_cli,
):  # fmt: skip
    app.add_typer(command.app)


def _evaluate(group: typer.Typer) -> None:
    """Turn the annotations of all commands from text into types, once.

    Typer does so four times for each command before it can show the first line of any help.
    """
    for command in group.registered_commands:
        if command.callback:
            command.callback.__annotations__ = get_type_hints(command.callback, include_extras=True)
    for below in group.registered_groups:
        if below.typer_instance:
            _evaluate(below.typer_instance)


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version  # 20 ms that only --version pays

        print(f"pixset {version('pixset')}")
        raise typer.Exit


@app.callback()
def _roof(
    _debug: Annotated[
        bool, typer.Option("--debug", help="Tracebacks, and every log line (may stand anywhere).")
    ] = False,
    _verbose: Annotated[
        bool, typer.Option("--verbose", help="Say more of what is done (may stand anywhere).")
    ] = False,
    _quiet: Annotated[
        bool, typer.Option("--quiet", help="No progress, no notes (may stand anywhere).")
    ] = False,
    _log_file: Annotated[
        Path | None,
        typer.Option("--log-file", metavar="FILE", help="Add every log line to this file, too."),
    ] = None,
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """From search terms to training-ready image datasets: scrape, curate, split."""


def main() -> None:
    """Run the command line: an error is one line on stderr and its own exit code."""
    for stream in (sys.stdout, sys.stderr):  # a terminal that lacks a letter is shown its code
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    defer()
    defer_pydantic()
    verbosity = Verbosity(debug="--debug" in sys.argv)  # until the words are read
    words: list[str] = []
    defaults: dict[str, Any] = {}
    try:
        _evaluate(app)
        command: Any = typer.main.get_command(app)
        defaults = read_defaults(command)
        verbosity, words = take_verbosity(sys.argv[1:], every_command_defaults(defaults))
        verbosity.set_up_logging()
        _refuse_empty(words)
        code = command(words, standalone_mode=False, default_map=defaults)
        if code == STOPPED:  # newer Typers turn Ctrl-C into this code themselves
            _stopped()
        sys.stdout.flush()
    except WrongWords as error:
        _answer(error)
    except BrokenPipeError:
        _leave_quietly()
    except (KeyboardInterrupt, typer.Abort):
        _stopped()
    except Exception as error:  # the outermost edge: a person gets one line
        if verbosity.debug:
            raise
        line, code = _line_and_code(error)
        _leave(with_source(line, words, defaults) if code == UsageError.exit_code else line, code)
    raise SystemExit(code)


def _refuse_empty(words: Sequence[str]) -> None:
    """Raise UsageError for an empty word, as a shell's variable without a value makes: as a path
    it would mean the folder that one happens to be in."""
    for before, word in pairwise(["pixset", *words]):
        if word == "" or re.fullmatch("--[a-z-]+=", word):
            is_named = before.startswith("-") or before == words[0]
            named = word.rstrip("=") or (before if is_named else "")
            raise UsageError(f"{named} '': expected a value that is not empty".lstrip())


def _line_and_code(error: Exception) -> tuple[str, int]:
    if isinstance(error, DatasetError | ScraperError | CurationError):
        return str(error), error.exit_code
    if isinstance(error, OSError) and error.errno in _DISK:
        return f"{error.filename or 'the disk'}: {error.strerror}; {_DISK[error.errno]}", 1
    if isinstance(error, OSError) and error.errno in _NAMES:
        line = f"{error.filename}: {error.strerror}; {_NAMES[error.errno]}"
        return line, UsageError.exit_code
    import traceback  # 5 ms that only a fault pays

    last = traceback.extract_tb(error.__traceback__)[-1]
    what = " ".join(str(error).split()) or "no more is known"
    where = f"{Path(last.filename).name}:{last.lineno}"
    advice = "what is done is kept; this is a fault of pixset: --debug shows more, please report it"
    return f"unexpected {type(error).__name__} in {where}: {what}; {advice}", 1


def _answer(error: Any) -> NoReturn:
    line = error.format_message().rstrip(".")
    if not line:  # a group without a command: its help has been shown, and is the answer
        raise SystemExit(error.exit_code)
    command = error.ctx.command_path if error.ctx else "pixset"
    _leave(f"{line} (see `{command} --help`)", error.exit_code)


def _stopped() -> NoReturn:
    _leave("stopped; what is done is kept: run the same command again to go on", STOPPED)


def _leave_quietly() -> NoReturn:
    """End without Python's message at exit: the reader has gone (`pixset status | head`)."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    raise SystemExit(1)  # as Typer leaves when it notices first


def _leave(line: str, code: int) -> NoReturn:
    warn(f"pixset: {line}", loud=code == LabelMissing.exit_code)
    raise SystemExit(code)
