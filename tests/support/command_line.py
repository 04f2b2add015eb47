"""The command line within this process, and every command of it by the words after `pixset`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer
from pixset.datasets.cli import app
from pixset.datasets.commands.defaults import commands_of
from typer.testing import CliRunner

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

COMMANDS = dict(commands_of(typer.main.get_command(app)))


def run(*words: str | Path, code: int = 0, columns: int | None = None) -> Result:
    """Run a command that is to end with this exit code, on a terminal of so many columns."""
    env = {"COLUMNS": str(columns)} if columns else None
    result = CliRunner().invoke(app, [str(word) for word in words], env=env)
    assert result.exit_code == code, (result.output, result.exception)
    return result
