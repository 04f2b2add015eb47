"""`pixset config show`: the options' defaults, and where each comes from."""

from __future__ import annotations

from typing import Annotated

import typer

from . import options
from .console import Table, show, show_json
from .defaults import defaults_file, options_of, read_defaults

app = typer.Typer()
group = typer.Typer(help="Defaults of your own for any option.", no_args_is_help=True)
app.add_typer(group, name="config")


@group.callback()
def _config() -> None:
    """Defaults of your own for any option."""


@group.command(
    "show", epilog='Example:  pixset config show --all   (the file: [scrape], pace = "brisk")'
)
def show_defaults(
    context: typer.Context,
    *,
    every: Annotated[
        bool, typer.Option("--all", help="Every option, also those that the file leaves alone.")
    ] = False,
    as_json: options.AsJson = False,
) -> None:
    """Show what your file of defaults says, and what holds without it."""
    root = context.find_root().command
    path = defaults_file()
    rows = options_of(root, read_defaults(root))
    chosen = [one for one in rows if every or one.is_chosen]
    if as_json:
        show_json(
            {
                "file": str(path),
                "is_there": path.is_file(),
                "options": [
                    {"command": one.command, "option": one.name, "value": one.value,
                     "from": one.source}
                    for one in chosen
                ],
            }
        )  # fmt: skip
        return
    show([f"{path}: {'is read by every command' if path.is_file() else 'is not there'}"])
    if chosen:
        table = [
            (one.command or "(any)", f"--{one.name}", _spelled(one.value),
             "the file" if one.source == str(path) else one.source)
            for one in chosen
        ]  # fmt: skip
        show([Table(("command", "option", "value", "from"), table)])


def _spelled(value: object) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return "-" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
