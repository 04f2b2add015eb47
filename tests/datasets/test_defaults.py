"""Defaults of one's own, from a file in the user's configuration folder."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from support.command_line import COMMANDS

if TYPE_CHECKING:
    from pathlib import Path


def pixset(
    folder: Path, *words: str, text: str | None = None, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run the command as a user whose file of defaults says `text`."""
    if text is not None:
        (folder / "pixset").mkdir(exist_ok=True)
        (folder / "pixset" / "defaults.toml").write_text(text)
    return subprocess.run(
        [sys.executable, "-P", "-m", "pixset.datasets", *words],
        cwd=folder,
        env={**os.environ, "XDG_CONFIG_HOME": str(folder), "APPDATA": str(folder), **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_file_gives_what_is_not_typed_and_typing_wins(tmp_path: Path) -> None:
    text = "[recipe.new]\nper-class = 7\n"
    pixset(tmp_path, "recipe", "new", "one", "--label", "cat", text=text)
    pixset(tmp_path, "recipe", "new", "two", "--label", "cat", "--per-class", "9")
    assert "target = 7" in (tmp_path / "one.toml").read_text()
    assert "target = 9" in (tmp_path / "two.toml").read_text()


def test_show_says_where_each_value_comes_from(tmp_path: Path) -> None:
    text = '[scrape]\npace = "brisk"\nengine = ["bing", "yahoo"]\n'
    told = json.loads(pixset(tmp_path, "config", "show", "--all", "--json", text=text).stdout)
    values = {(one["command"], one["option"]): one for one in told["options"]}
    assert told["is_there"]
    assert values["scrape", "pace"]["value"] == "brisk"
    assert values["scrape", "pace"]["from"] == told["file"]
    assert values["scrape", "into"] == {
        "command": "scrape", "option": "into", "value": "dataset", "from": "built in",
    }  # fmt: skip
    shown = pixset(tmp_path, "config", "show").stdout
    assert "--engine  bing, yahoo  the file" in shown


def test_without_a_file_there_is_nothing_to_show(tmp_path: Path) -> None:
    assert pixset(tmp_path, "config", "show").stdout.rstrip().endswith("is not there")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[scrap]\n", "scrap: expected a command; did you mean 'scrape'?"),
        ("scrape = 3\n", "scrape: expected a table, as in [scrape]"),
        ("[scrape]\npaces = 1\n", "scrape.paces: expected an option of `pixset scrape`; did you"),
        ("[recipe.news]\n", "recipe.news: expected a command; did you mean 'new'?"),
        ("[scrape]\nlimit = 'many'\n", "defaults.toml: scrape.limit: Input should be a valid"),
        ("[scrape]\nengine = 'bing'\n", "defaults.toml: scrape.engine: "),
        ("[scrape]\npace = 'never'\n", "defaults.toml: scrape.pace: 'never': expected one of hu"),
        ("[scrape]\nengine = ['nix']\n", "(it stands in "),
        ("[scrape\n", "expected TOML"),
        ("scrape = " + "[" * 20_000, "expected TOML"),
    ],
)
def test_a_mistake_in_the_file_is_one_line(tmp_path: Path, text: str, told: str) -> None:
    done = pixset(tmp_path, "scrape", "--term", "x", "--replica", "http://127.0.0.1:9", text=text)
    assert done.returncode == 2
    assert told in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not (tmp_path / "dataset").exists()


def test_show_ends_as_a_mistake_where_a_value_is_none(tmp_path: Path) -> None:
    done = pixset(tmp_path, "config", "show", text="[scrape]\nlimit = 'many'\n")
    assert done.returncode == 2
    assert "defaults.toml: scrape.limit: " in done.stderr


def test_what_is_typed_is_not_blamed_on_the_file(tmp_path: Path) -> None:
    text = "[scrape]\nengine = ['nix']\n"
    done = pixset(tmp_path, "scrape", "--term", "x", "--engine", "nix", text=text)
    assert done.returncode == 2
    assert "it stands in" not in done.stderr


def test_a_dataset_brings_no_defaults_of_its_own(tmp_path: Path) -> None:
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    (theirs / "defaults.toml").write_text("[recipe.new]\nper-class = 7\n")
    pixset(tmp_path, "recipe", "new", "one", "--label", "cat", "--out", str(theirs / "r.toml"))
    assert "target = 1000" in (theirs / "r.toml").read_text()


def sample(parameter: Any) -> Any:
    """A value that an option takes: a number can be a word, too."""
    most = getattr(parameter, "max", None)
    one: Any = True if parameter.is_flag else "0.5" if most is not None and most < 64 else "64"
    if parameter.nargs > 1:
        return [one] * parameter.nargs
    return [one] if parameter.multiple else one


@pytest.mark.parametrize("words", COMMANDS)
def test_any_option_of_any_command_can_have_a_default(words: str) -> None:
    command = COMMANDS[words]
    options = [one for one in command.params if one.param_type_name == "option"]
    given = {one.name: sample(one) for one in options if one.name != "help"}
    typed = ["x" for one in command.params if one.param_type_name == "argument" and one.required]
    context = command.make_context(words, typed, default_map=given)
    for name in given:
        source = context.get_parameter_source(name)
        assert source is not None
        assert source.name == "DEFAULT_MAP", name
        assert context.params[name] not in (None, False), name


def test_the_environment_stands_above_the_file_and_show_names_it(tmp_path: Path) -> None:
    text = '[doctor]\nbrowser = "firefox"\n'
    words = ("config", "show", "--json")
    told = json.loads(pixset(tmp_path, *words, text=text, PIXSET_BROWSER="chromium").stdout)
    values = {(one["command"], one["option"]): one for one in told["options"]}
    assert values["doctor", "browser"]["value"] == "chromium"
    assert values["doctor", "browser"]["from"] == "PIXSET_BROWSER"
    assert values["scrape", "browser"]["from"] == "PIXSET_BROWSER"
    wrong = pixset(tmp_path, "doctor", PIXSET_BROWSER="/none/such")
    assert "browser '/none/such': expected one of" in wrong.stderr


def test_options_that_stand_anywhere_stand_above_the_tables(tmp_path: Path) -> None:
    text = 'quiet = true\nlog-file = "all.log"\n'
    told = json.loads(pixset(tmp_path, "config", "show", "--json", text=text).stdout)
    assert {(one["command"], one["option"], one["value"]) for one in told["options"]} == {
        ("", "quiet", True),
        ("", "log-file", "all.log"),
    }
    assert (tmp_path / "all.log").is_file()
    (tmp_path / "photos").mkdir()
    assert pixset(tmp_path, "check", "photos").stderr == ""
    assert pixset(tmp_path, "--verbose", "check", "photos").returncode == 0
    wrong = pixset(tmp_path, "status", text="quite = true\n")
    assert "quite: expected a command" in wrong.stderr
