"""Every command of pixset by the words after it, for tests that speak of all of them."""

import typer
from pixset.datasets.cli import app
from pixset.datasets.commands.defaults import commands_of

COMMANDS = dict(commands_of(typer.main.get_command(app)))
