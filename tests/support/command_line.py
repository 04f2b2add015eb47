"""Every command of pixset by the words after it, for tests that speak of all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer
from pixset.datasets.cli import app

if TYPE_CHECKING:
    from collections.abc import Iterator


def _commands(group: Any, above: str = "") -> Iterator[tuple[str, Any]]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from _commands(command, f"{above}{name} ")
        else:
            yield f"{above}{name}", command


COMMANDS = dict(_commands(typer.main.get_command(app)))
