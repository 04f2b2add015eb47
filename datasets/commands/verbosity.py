"""The options that may stand anywhere on the command line, and how log lines are shown."""

from __future__ import annotations

import logging
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...curation.printable import printable
from ..errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


@dataclass(frozen=True, slots=True)
class Verbosity:
    """How much is logged: `debug` shows tracebacks too; `log_file` gets every line, timed."""

    debug: bool = False
    verbose: bool = False
    quiet: bool = False
    log_file: Path | None = None

    def set_up_logging(self) -> None:
        """Show log lines on stderr and write them to the file; UsageError where it cannot be."""
        logger = logging.getLogger("pixset")
        level = logging.WARNING if self.quiet else logging.INFO
        shown = logging.DEBUG if self.verbose or self.debug else level
        screen = logging.StreamHandler(sys.stderr)
        screen.setLevel(shown)
        screen.setFormatter(_Printable("%(message)s"))
        logger.addHandler(screen)
        if self.debug:  # other packages' lines, too
            logging.basicConfig(format="%(name)s: %(message)s", level=logging.DEBUG)
            logger.propagate = False
        if self.log_file is not None:
            try:
                file = logging.FileHandler(self.log_file, encoding="utf-8")
            except OSError as error:
                raise UsageError(
                    f"--log-file {self.log_file}: cannot be written ({error.strerror})"
                ) from error
            file.setFormatter(_Printable("%(asctime)s %(levelname)s %(name)s: %(message)s"))
            logger.addHandler(file)
            logger.setLevel(logging.DEBUG)
        else:
            logger.setLevel(shown)


class _Printable(logging.Formatter):
    """Log lines in which no foreign text acts on the terminal."""

    def format(self, record: logging.LogRecord) -> str:
        return "\n".join(map(printable, super().format(record).split("\n")))


def take_verbosity(
    words: Sequence[str], defaults: Mapping[str, Any] | None = None
) -> tuple[Verbosity, list[str]]:
    """Take `--debug`, `--verbose`, `--quiet` and `--log-file FILE` out, wherever they stand.

    `defaults` hold where neither `--verbose` nor `--quiet`, or no file, is typed.
    What follows `--` is left as it is. Raises UsageError for a missing file name, or for
    `--verbose` together with `--quiet`.
    """
    flags: set[str] = set()
    own = {name.lstrip("_"): value for name, value in (defaults or {}).items()}
    log_file = Path(str(own["log_file"])) if own.get("log_file") else None
    left: list[str] = []
    rest = iter(words)
    for word in rest:
        if word == "--":
            left += [word, *rest]
        elif word in ("--debug", "--verbose", "--quiet"):
            flags.add(word.removeprefix("--"))
        elif word == "--log-file" or word.startswith("--log-file="):
            log_file = _file(word, rest)
        else:
            left.append(word)
    typed = flags & {"verbose", "quiet", "debug"}
    flags |= {name for name in ("verbose", "quiet", "debug") if own.get(name) and not typed}
    if {"verbose", "quiet"} <= flags:
        raise UsageError("--verbose: not together with --quiet")
    return Verbosity(**dict.fromkeys(flags, True), log_file=log_file), left


def _file(word: str, rest: Iterator[str]) -> Path:
    name = word.partition("=")[2] or next(rest, "")
    if not name:
        raise UsageError("--log-file: expected the file to write to")
    return Path(name)
