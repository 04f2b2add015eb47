"""The one Typer app: every room's commands under one roof, every error one line.

Exit codes: 0 done · 1 unexpected · 2 the caller's mistake · 3 no browser or driver ·
4 every engine blocked · 5 layout changed · 130 stopped by the person.
"""

from __future__ import annotations

import errno
import logging
import sys
from importlib.metadata import version
from typing import Annotated, Any

import typer

from ..curation.errors import CurationError
from ..scraper import cli as scraper_cli
from ..scraper.errors import ScraperError
from .commands import (
    build,
    check,
    dedupe,
    demo,
    export,
    fetch,
    import_,
    recipe,
    review,
    scrape,
    split,
    status,
    undo,
    verify,
)
from .commands.console import warn
from .errors import DatasetError

# The tree of wrong words on the command line: click's, of which newer Typers carry their own copy.
WrongWords: Any = typer.BadParameter.__mro__[1]

STOPPED = 130  # 128 + SIGINT, as a shell says it

app = typer.Typer(
    help="From search terms to training-ready image datasets: scrape, curate, split.",
    epilog="Start with:  pixset demo   or   pixset scrape --term pizza",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
# In the order of the work, as `pixset --help` lists them.
for command in (
    scrape, build, status, check, dedupe, undo, review, split, verify, export, fetch, import_,
    recipe, demo, scraper_cli,
):  # fmt: skip
    app.add_typer(command.app)


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"pixset {version('pixset')}")
        raise typer.Exit


@app.callback()
def _roof(
    _debug: Annotated[
        bool, typer.Option("--debug", help="Show tracebacks (may stand anywhere).")
    ] = False,
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """From search terms to training-ready image datasets: scrape, curate, split."""


def main() -> None:
    """Run the command line: a known error is one line on stderr and its own exit code."""
    debug = "--debug" in sys.argv
    arguments = [word for word in sys.argv[1:] if word != "--debug"]
    logging.basicConfig(format="%(message)s", level=logging.DEBUG if debug else logging.WARNING)
    logging.getLogger("pixset").setLevel(logging.DEBUG if debug else logging.INFO)
    try:
        code = app(arguments, standalone_mode=False)
        if code != STOPPED:  # newer Typers turn Ctrl-C into this code themselves
            raise SystemExit(code)
        _stopped()
    except WrongWords as error:
        _answer(error)
    except (DatasetError, ScraperError, CurationError) as error:
        if debug:
            raise
        _leave(str(error), error.exit_code)
    except (KeyboardInterrupt, typer.Abort):
        _stopped()
    except OSError as error:
        if debug or error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EROFS):
            raise
        where = error.filename or "the disk"
        _leave(f"{where}: {error.strerror}; what is done is kept: make room and run again", 1)


def _answer(error: Any) -> None:
    line = error.format_message().rstrip(".")
    if not line:  # a group without a command: its help has been shown, and is the answer
        raise SystemExit(error.exit_code)
    command = error.ctx.command_path if error.ctx else "pixset"
    _leave(f"{line} (see `{command} --help`)", error.exit_code)


def _stopped() -> None:
    _leave("stopped; what is done is kept: run the same command again to go on", STOPPED)


def _leave(line: str, code: int) -> None:
    warn(f"pixset: {line}")
    raise SystemExit(code)
