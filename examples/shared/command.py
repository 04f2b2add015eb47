"""How every script of the projects ends: a mistake is one line, anything else is a traceback."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from .pictures import PictureError

if TYPE_CHECKING:
    from collections.abc import Callable


_LAST_PORT = 65535


class CommandError(Exception):
    """What a person can mend; the text is one line that says how."""


def positive(text: str) -> int:
    """A whole number from 1 on; for argparse's `type`."""
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"{text!r}: expected a whole number, 1 or more")
    return int(text)


def port(text: str) -> int:
    """A port to listen on; for argparse's `type`."""
    if not text.isdecimal() or int(text) > _LAST_PORT:
        raise argparse.ArgumentTypeError(f"{text!r}: expected a port, 0 to {_LAST_PORT}")
    return int(text)


def run(main: Callable[[], None]) -> None:
    """Run a script's `main`; a person's mistake and a failed download end it with one line."""
    try:
        main()
    except (CommandError, PictureError) as error:
        sys.exit(str(error))
    except Exception as error:
        # The outermost edge: Keras raises plain Exception where a download fails.
        line = _failed_download(error)
        if line is None:
            raise
        sys.exit(line)


def _failed_download(error: Exception) -> str | None:
    """What to do where Keras could not download weights, None for any other error."""
    _, mark, rest = str(error).partition("URL fetch failure on ")
    if not mark:
        return None
    place = Path(os.environ.get("KERAS_HOME", Path.home() / ".keras"), "models")
    return (
        f"the ImageNet weights could not be downloaded: get {rest.partition(': ')[0]} on a machine"
        f" that is online and put it into {place}, or give --weights FILE (or none)"
    )
