"""Defaults of options from the user's own file, never from a dataset: `[scrape]`, `pace = "brisk"`.

A table is named by its command (`[recipe.new]` for `recipe new`), a key by its option; above all
tables stand the options that every command knows (`quiet = true`). What is typed wins, then the
environment (PIXSET_BROWSER), then the file, then what the option is by itself.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

import typer

from ...scraper.user_folders import config_folder
from ..errors import UsageError
from ..files import read_ordinary

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

FILE = "defaults.toml"
BUILT_IN = "built in"
_NO_DEFAULT = frozenset({"help", "version"})


@dataclass(frozen=True, slots=True)
class Option:
    """One option of a command: as typed (`per-class`), its value, and where that comes from.

    `source` is "built in", the name of a variable of the environment, or the path of the file;
    `command` is empty for the options that every command knows.
    """

    command: str
    name: str
    value: object
    source: str

    @property
    def is_chosen(self) -> bool:
        """Whether somebody said so."""
        return self.source != BUILT_IN


def defaults_file() -> Path:
    """Where the file lies, whether it is there or not."""
    return config_folder() / FILE


def read_defaults(group: Any) -> dict[str, Any]:
    """What the file says, as click's `default_map` for `group`; empty where there is no file.

    Raises UsageError, in one line with file and key, for what is no command, no option, or no
    value of it.
    """
    path = defaults_file()
    try:
        text = read_ordinary(path).decode("utf-8-sig")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: expected TOML: {error}") from error
    import tomllib  # 10 ms that only a person with defaults pays

    try:
        data = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:  # the latter: nested without end
        raise UsageError(f"{path}: expected TOML: {error}") from None
    return _group(path, group, data, "")


def with_source(line: str, words: Iterable[str], found: Mapping[str, Any]) -> str:
    """An error's line, and the file behind it if the value that it quotes stands there.

    `found` is what `read_defaults` gave, `words` are the command and what was typed after it.
    """
    typed = list(words)
    table: Any = found
    for word in typed:
        table = table.get(word) if isinstance(table.get(word), dict) else table
    for name, value in table.items():
        option = f"--{name.replace('_', '-')}"
        values = value if isinstance(value, list) else [value]
        quoted = any(isinstance(one, str) and repr(one) in line for one in values)
        if quoted and not any(word.partition("=")[0] == option for word in typed):
            return f"{line} (it stands in {defaults_file()})"
    return line


def every_command_defaults(found: Mapping[str, Any]) -> dict[str, Any]:
    """What the file says of the options that may stand anywhere, by their names."""
    return {name: value for name, value in found.items() if not isinstance(value, dict)}


def options_of(group: Any, found: Mapping[str, Any]) -> Iterator[Option]:
    """Every option of every command, with its value and where that comes from."""
    yield from _options(group, found, "")
    for words, command in commands_of(group):
        known = found
        for word in words.split():
            known = known.get(word, {})
        yield from _options(command, known, words)


def commands_of(group: Any, above: str = "") -> Iterator[tuple[str, Any]]:
    """Every command below a group with the words that call it (`recipe new`), in help's order."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands_of(command, f"{above}{name} ")
        else:
            yield f"{above}{name}", command


def _options(command: Any, found: Mapping[str, Any], words: str) -> Iterator[Option]:
    for spelled, parameter in _named(command).items():
        variable = parameter.envvar
        if variable and os.environ.get(variable):
            yield Option(words, spelled, os.environ[variable], variable)
        elif parameter.name in found:
            yield Option(words, spelled, found[parameter.name], str(defaults_file()))
        else:
            default = parameter.default
            plain = str(default) if isinstance(default, PurePath) else default
            yield Option(words, spelled, plain, BUILT_IN)


def _group(path: Path, group: Any, data: Mapping[str, Any], above: str) -> dict[str, Any]:
    own = {key: value for key, value in data.items() if _is_option(group, key, value)}
    found = _command(path, group, own, above.rstrip(".")) if own else {}
    for name, table in data.items():
        key = f"{above}{name}"
        command = group.commands.get(name)
        if name in own:
            continue
        if command is None:
            raise UsageError(f"{path}: {key}: expected a command{_hint(name, group.commands)}")
        if not isinstance(table, dict):
            raise UsageError(f"{path}: {key}: expected a table, as in [{key}]")
        if hasattr(command, "commands"):
            found[name] = _group(path, command, table, f"{key}.")
        else:
            found[name] = _command(path, command, table, key)
    return found


def _is_option(group: Any, key: str, value: object) -> bool:
    """Whether a key above the tables is an option of the group's own."""
    return not isinstance(value, dict) and key.replace("_", "-") in _named(group)


def _command(path: Path, command: Any, table: Mapping[str, Any], above: str) -> dict[str, Any]:
    known = _named(command)
    found: dict[str, Any] = {}
    for name, value in table.items():
        spelled = name.replace("_", "-")
        if spelled not in known:
            raise UsageError(
                f"{path}: {above}.{name}: expected an option of `pixset {above.replace('.', ' ')}`"
                f"{_hint(spelled, known)}"
            )
        if isinstance(value, dict):
            raise UsageError(f"{path}: {above}.{name}: expected a value, not a table")
        wrong = _fault(command, known[spelled], value)
        if wrong:
            raise UsageError(f"{path}: {above}.{name}: {wrong}")
        found[known[spelled].name] = value
    return found


def _fault(command: Any, parameter: Any, value: object) -> str | None:
    """What is wrong with a value, as the command line itself would say it; None: nothing."""
    words = str(parameter.metavar or "").split("|")
    listed = len(words) > 1 and all(word.isalpha() and word.islower() for word in words)
    if listed and value not in (*words, parameter.default):
        return f"{value!r}: expected one of {', '.join(words)}"
    try:
        parameter.process_value(command.context_class(command), value)
    except (typer.BadParameter, TypeError) as error:
        return getattr(error, "message", str(error)).rstrip(".")
    return None


def _named(command: Any) -> dict[str, Any]:
    """The command's options by the longest way to type them, without the dashes."""
    options = (one for one in command.params if one.param_type_name == "option")
    spelled = {max(one.opts, key=len).lstrip("-"): one for one in options}
    return {name: one for name, one in spelled.items() if name not in _NO_DEFAULT}


def _hint(word: str, known: Iterable[str]) -> str:
    import difflib  # 5 ms that only a mistake pays

    near = difflib.get_close_matches(word, known, n=1)
    return f"; did you mean {near[0]!r}?" if near else f" (one of {', '.join(known)})"
