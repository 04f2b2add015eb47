"""Every command has a help text, an example and a line in README; every link in README leads on."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from support.command_line import COMMANDS, run

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("words", COMMANDS)
def test_every_command_has_a_help_text_and_an_example(words: str) -> None:
    command = COMMANDS[words]
    assert command.help
    assert f"pixset {words}" in (command.epilog or ""), "no example after its help"


@pytest.mark.parametrize("words", COMMANDS)
def test_every_command_has_a_line_in_the_readme(words: str) -> None:
    line = r"recipe show\|new\|check" if words.startswith("recipe ") else words
    assert f"`pixset {line}" in README


@pytest.mark.parametrize("words", COMMANDS)
def test_every_option_has_a_help_text(words: str) -> None:
    bare = [
        parameter.name
        for parameter in COMMANDS[words].params
        if parameter.name != "help" and not getattr(parameter, "help", None)
    ]
    assert bare == []


@pytest.mark.parametrize("words", COMMANDS)
def test_help_shows_every_option_with_its_whole_text(words: str) -> None:
    # What stands in brackets is markup to Rich, unless escaped; names in braces are filled in.
    shown = " ".join(run(*words.split(), "--help", columns=400).output.split())
    texts = [getattr(one, "help", None) or "" for one in COMMANDS[words].params]
    parts = [part for text in texts for part in re.split(r"\{\w+\}", text.replace(r"\[", "["))]
    assert [part for part in parts if " ".join(part.split()) not in shown] == []


def test_every_file_that_the_readme_links_to_exists() -> None:
    targets = re.findall(r"\]\((?!https?:)([^)#]+)\)", README)
    assert [target for target in targets if not (ROOT / target).exists()] == []


def test_every_recipe_in_the_readme_reads() -> None:
    from pixset.datasets.recipe.toml import parse

    blocks = re.findall(r"```toml\n(.*?)```", README, flags=re.DOTALL)
    assert blocks
    for block in blocks:
        parse(block, "README.md")
