"""The reference's pages: one a command, from its help, options and JSON schema; the checks'."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import shapes
import typer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_INDEX = """# Commands

`--debug` (tracebacks), `--verbose`, `--quiet` and `--log-file FILE` may stand anywhere.

{exit_codes}

| command | what it does |
|---|---|"""
_CHECKS = """# Checks

What `pixset check` measures of each picture, and from which number on it is a finding. Names and
numbers are those of `--threshold NAME=N` and `--drop NAME` and of a recipe's `[checks]`;
[how checks are decided](../decides/checks.md) says what becomes of findings. Besides them
`undecodable` and `truncated` name what cannot be decoded, and `not_picture` what desktops leave in
a plain folder (`.DS_Store`); these go. `wrong_type` is asked of plain folders alone.

| check | what is measured | a finding | drops by default |
|---|---|---|---|"""
_JSON = """# JSON

With `--json` a command prints one JSON document on stdout and nothing else; progress and notes are
on stderr, exit codes are the same. Keys stay: a new version may add some, and says so in the
[changes](changelog.md). Each document has a JSON Schema (2020-12), which the tests hold real
output to.

| command | schema |
|---|---|"""


def commands() -> dict[str, Any]:
    """Every command by the words after `pixset`, in the order of `pixset --help`."""
    from pixset.datasets.cli import app
    from pixset.datasets.commands.defaults import commands_of

    return dict(commands_of(typer.main.get_command(app)))


def index() -> str:
    """The list of commands."""
    rows = [
        f"| [`pixset {words}`]({words.replace(' ', '-')}.md) | {_first(command.help)} |"
        for words, command in commands().items()
    ]
    return "\n".join([_INDEX.format(exit_codes=exit_codes()), *rows, ""])


def exit_codes() -> str:
    """The line on exit codes, as the command line's own module has it."""
    from pixset.datasets import cli

    parts = (cli.__doc__ or "").split("\n\n")
    return _clean(next(part for part in parts if part.startswith("Exit codes")))


def checks() -> str:
    """The table of checks."""
    from pixset.curation import CHECKS

    rows = [
        f"| `{one.name}` | {_cell(one.measures)} | {one.direction} {one.threshold:g} "
        f"| {'yes' if one.drop else ''} |"
        for one in CHECKS.values()
    ]
    return "\n".join([_CHECKS, *rows, ""])


def page(words: str, command: Any) -> str:
    """One command's page."""
    filled = _names(command)
    lines = [
        f"# pixset {words}",
        "",
        _clean(command.help),
        "",
        "```",
        _usage(words, command),
        "```",
    ]
    if command.epilog:
        lines += ["", *_examples(command.epilog)]
    for title, kind in (("Arguments", "argument"), ("Options", "option")):
        rows = [
            f"| {_spelled(one)} | {_cell(_filled(one.help or '', filled))} | {_default(one)} |"
            for one in command.params
            if one.param_type_name == kind and one.name != "help"
        ]
        if rows:
            lines += ["", f"## {title}", "", f"| {kind} | what it is | default |", "|---|---|---|"]
            lines += rows
    if words in shapes.SHAPES:
        lines += ["", "## JSON", "", *_json(words)]
    return "\n".join([*lines, ""])


def json_index() -> str:
    """What holds for every `--json`."""
    rows = [
        f"| [`pixset {words}`](commands/{words.replace(' ', '-')}.md#json) "
        f"| [{shapes.file_of(words).name}](../schemas/{shapes.file_of(words).name}) |"
        for words in shapes.SHAPES
    ]
    return "\n".join([_JSON, *rows, ""])


def _json(words: str) -> Iterator[str]:
    name = shapes.file_of(words).name
    yield f"`--json` prints what [{name}](../../schemas/{name}) describes."
    schema = shapes.schema_of(words)
    defs = schema.get("$defs", {})
    for form in schema.get("anyOf", [schema]):
        whole = _resolved(form.get("items", form), defs)
        many = "A list; each of it: " if "items" in form else ""
        yield from ("", f"{many}{whole.get('description', '')}", "", "| key | type | what it is |")
        yield "|---|---|---|"
        for key, value in whole.get("properties", {}).items():
            what = _cell(value.get("description", ""))
            yield f"| `{key}` | {_cell(_type(value, defs))} | {what} |"


def _resolved(value: Mapping[str, Any], defs: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = defs[value["$ref"].rpartition("/")[2]] if "$ref" in value else value
    return found


def _type(value: Mapping[str, Any], defs: Mapping[str, Any]) -> str:
    """A value's type in words: `list of objects (path, why)`."""
    value = _resolved(value, defs)
    if "anyOf" in value:
        return " or ".join(_type(one, defs) for one in value["anyOf"])
    if "enum" in value:
        return " or ".join(f"`{one}`" for one in value["enum"])
    if value.get("type") == "array":
        return f"list of {_type(value.get('items', {}), defs)}"
    if "properties" in value:
        return f"object ({', '.join(value['properties'])})"
    more = value.get("additionalProperties")
    if value.get("type") == "object" and isinstance(more, dict):
        return f"name → {_type(more, defs)}"
    return str(value.get("type", "any"))


def _usage(words: str, command: Any) -> str:
    given = [_metavar(one) for one in command.params if one.param_type_name == "argument"]
    return " ".join([f"pixset {words}", *given, "[OPTIONS]"])


def _metavar(one: Any) -> str:
    named = one.metavar or one.name.upper()
    return named if one.required or named.startswith("[") else f"[{named}]"


def _examples(epilog: str) -> Iterator[str]:
    text = re.sub(r"^Examples?:\s*", "", epilog)
    yield from ("Example:" if "|" not in text else "Examples:", "", "```")
    yield from (line.strip() for line in re.split(r"\s\|\s", text))
    yield "```"


def _spelled(one: Any) -> str:
    if one.param_type_name == "argument":
        named = _metavar(one)
        return f"`{named if ' ' in named else named.strip('[]')}`"
    words = ", ".join(f"`{word}`" for word in (*one.opts, *one.secondary_opts) if word.strip())
    return f"{words} {_cell(one.metavar)}" if one.metavar and "{" not in one.metavar else words


def _default(one: Any) -> str:
    value = one.default
    if value is None or value is False or callable(value) or "Sentinel" in type(value).__name__:
        return ""
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _names(command: Any) -> dict[str, str]:
    """What the braces in a help text stand for: engines, export formats."""
    registries = getattr(command, "registries", {})
    return {word: ", ".join(names()) for word, names in registries.items()}


def _filled(text: str, names: Mapping[str, str]) -> str:
    for word, listed in names.items():
        text = text.replace(f"{{{word}}}", listed)
    return text


def _clean(text: str) -> str:
    return "\n\n".join(" ".join(part.split()) for part in text.split("\n\n"))


def _first(text: str) -> str:
    return _cell(_clean(text).split("\n")[0])


def _cell(text: str) -> str:
    return " ".join(str(text).split()).replace("|", r"\|").replace("<", "&lt;")
