"""A Recipe to TOML: what `reading` reads back as the same value."""

from __future__ import annotations

import json
import logging
from dataclasses import fields
from typing import TYPE_CHECKING

from ...scraper.engines import engine_names
from ..errors import UsageError
from ..split import Ratios
from .models import Asked, Expand, Label, Recipe
from .reading import parse

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from ...scraper.models import Filters

_log = logging.getLogger(__name__)
_HEAD = "# What was asked for; pixset reads it, and adds what later commands ask for.\n"


def dump(recipe: Recipe) -> str:
    """The recipe as TOML text, what is as by default left out."""
    lines = [_HEAD, *_top(recipe)]
    for label in recipe.labels:
        lines.extend(["", *_label(label, recipe.filters)])
    return "\n".join(lines) + "\n"


def write(path: Path, recipe: Recipe) -> None:
    """Write the recipe by rename; a file edited by hand (comments!) is kept beside it first."""
    text = dump(recipe)
    if path.is_file():
        before = path.read_text(encoding="utf-8")
        if before == text:
            return
        if dump(parse(before, str(path))) != before:
            kept = path.with_name(path.name + ".before")
            kept.write_text(before, encoding="utf-8")
            _log.info("%s: rewritten with what was added; as it was: %s", path, kept.name)
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(path.name + ".part")
    beside.write_text(text, encoding="utf-8")
    beside.replace(path)


def write_new(path: Path, recipe: Recipe) -> None:
    """Write a recipe where there is no file yet; raises UsageError where there is one."""
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(dump(recipe))
    except FileExistsError:
        raise UsageError(f"{path}: is there already; choose another with --out") from None
    except OSError as error:
        raise UsageError(f"{path}: cannot be written ({error.strerror})") from error


def _top(recipe: Recipe) -> Iterator[str]:
    plain = Recipe(recipe.name)
    yield f"name = {_value(recipe.name)}"
    for key in ("description", "seed", "source", "limit", "reserve"):
        value = getattr(recipe, key)
        if value != getattr(plain, key):
            yield f"{key} = {_value(value)}"
    if recipe.engines != engine_names():
        yield f"engines = {_value(recipe.engines)}"
    if recipe.ambiguous:
        yield f"ambiguous = {_value(recipe.ambiguous)}"
    if recipe.confusable:
        yield f"confusable = {_value(recipe.confusable)}"
    yield from _section("filters", _given(recipe.filters))
    expand = {
        f.name: value
        for f in fields(recipe.expand)
        if (value := getattr(recipe.expand, f.name)) != getattr(Expand(), f.name)
    }
    yield from _section("expand", expand)
    sides: dict[str, object] = {}
    if recipe.split != Ratios():
        sides["ratio"] = "/".join(str(share) for share in recipe.split.shares().values())
        if all(share * 100 == int(share * 100) for share in recipe.split.shares().values()):
            sides["ratio"] = str(recipe.split)
    if recipe.conflict != "drop":
        sides["conflict"] = recipe.conflict
    yield from _section("split", sides)
    output = {"size": recipe.size, "max_side": recipe.max_side, "pad": recipe.pad or None}
    yield from _section("output", {k: v for k, v in output.items() if v is not None})
    checks: dict[str, object] = {**recipe.checks, **dict.fromkeys(recipe.checks_off, False)}
    yield from _section("checks", dict(sorted(checks.items())))


def _label(label: Label, filters: Filters) -> Iterator[str]:
    yield f"[label.{label.slug}]"
    for key in ("name", "definition", "target", "exclude"):
        value = getattr(label, key)
        if value:
            yield f"{key} = {_value(value)}"
    known = {stratum.name for stratum in label.strata}
    free = [asked for asked in label.queries if asked.stratum not in known]
    if free or not label.strata:
        yield from _queries(free, filters)
    for stratum in label.strata:
        yield f"\n[label.{label.slug}.strata.{_key(stratum.name)}]"
        yield f"share = {_value(stratum.share)}"
        if stratum.cap is not None:
            yield f"cap = {_value(stratum.cap)}"
        mine = [asked for asked in label.queries if asked.stratum == stratum.name]
        yield from _queries(mine, filters)
    yield from _section(f"label.{label.slug}.translations", label.translations)


def _queries(queries: Sequence[Asked], filters: Filters) -> Iterator[str]:
    if not queries:
        yield "queries = []"
        return
    yield "queries = ["
    for asked in queries:
        own = {
            key: value
            for key, value in _given(asked.query.filters).items()
            if value != getattr(filters, key)
        }
        own |= {
            key: value for key in ("share", "limit") if (value := getattr(asked, key)) is not None
        }
        if own:
            whole = {"term": asked.query.term, **own}
            inner = ", ".join(f"{key} = {_value(value)}" for key, value in whole.items())
            yield f"    {{ {inner} }},"
        else:
            yield f"    {_value(asked.query.term)},"
    yield "]"


def _given(filters: Filters) -> dict[str, object]:
    values = {f.name: getattr(filters, f.name) for f in fields(filters)}
    return {key: value for key, value in values.items() if value is not None}


def _section(name: str, values: Mapping[str, object]) -> Iterator[str]:
    if values:
        yield f"\n[{name}]"
        for key, value in values.items():
            yield f"{_key(key)} = {_value(value)}"


def _key(name: str) -> str:
    plain = name.replace("_", "").replace("-", "")
    return name if plain.isascii() and plain.isalnum() else json.dumps(name, ensure_ascii=False)


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        # JSON's escapes are TOML's, but for DEL, which TOML wants escaped.
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007F")
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_value(one) for one in value) + "]"
    return repr(value)
