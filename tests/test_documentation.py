"""Every command has a help text, an example and a line in README; every link in README leads on."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import typer
from pixset.datasets.cli import app

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def commands(group: Any, words: tuple[str, ...] = ("pixset",)) -> dict[str, Any]:
    """Every command by the words a user types."""
    found = {}
    for name, command in group.commands.items():
        inner = (*words, name)
        if hasattr(command, "commands"):
            found |= commands(command, inner)
        else:
            found[" ".join(inner)] = command
    return found


COMMANDS = commands(typer.main.get_command(app))


@pytest.mark.parametrize("words", COMMANDS)
def test_every_command_has_a_help_text_and_an_example(words: str) -> None:
    command = COMMANDS[words]
    assert command.help
    assert words in (command.epilog or ""), f"{words}: no example after its help"


@pytest.mark.parametrize("words", COMMANDS)
def test_every_command_has_a_line_in_the_readme(words: str) -> None:
    line = words.replace("pixset recipe ", "pixset recipe show|new|check").split("check")[0]
    assert line.replace("|", r"\|") in README or words in README or line in README


@pytest.mark.parametrize("words", COMMANDS)
def test_every_option_has_a_help_text(words: str) -> None:
    bare = [
        parameter.name
        for parameter in COMMANDS[words].params
        if parameter.name != "help" and not getattr(parameter, "help", None)
    ]
    assert bare == []


def test_every_file_that_the_readme_links_to_exists() -> None:
    targets = re.findall(r"\]\((?!https?:)([^)#]+)\)", README)
    assert [target for target in targets if not (ROOT / target).exists()] == []


def test_every_recipe_in_the_readme_reads() -> None:
    from pixset.datasets.recipe.toml import parse

    blocks = re.findall(r"```toml\n(.*?)```", README, flags=re.DOTALL)
    assert blocks
    for block in blocks:
        parse(block, "README.md")
