"""Recipes as TOML files: read into values, found by name, and written with their comments kept."""

from __future__ import annotations

import difflib
import logging
import os
import shlex
import tomllib
from dataclasses import fields
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from ...scraper.engines import default_engines
from ...scraper.models import Query
from ..errors import UsageError
from ..files import read_ordinary, write_text
from .matching import contains
from .models import Asked, Expand, Label, Mistake, Recipe, Stratum, over

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ...scraper.models import Filters
    from ..project import Project
    from .schema import LabelTable, QueryEntry, RecipeTable

_log = logging.getLogger(__name__)


def read(path: Path) -> Recipe:
    """The recipe in `path`; raises UsageError with one line that names file and key."""
    return parse(_text_of(path), str(path))


def recipe_of(project: Project) -> Recipe:
    """The dataset's recipe, or a plain one where it has none."""
    if not project.recipe.is_file():
        return Recipe(name=project.root.resolve().name)
    return read(project.recipe)


def parse(text: str, name: str) -> Recipe:
    """The recipe in `text`; `name` is what its mistakes are reported under."""
    from .schema import validate  # pydantic: 100 ms that --help does not pay

    try:
        return _recipe(validate(tomllib.loads(text)), Path(name).stem, text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{name}: expected TOML: {error}") from error
    except RecursionError:
        raise UsageError(f"{name}: expected TOML: lists or tables nested too deeply") from None
    except Mistake as error:
        raise UsageError(f"{name}: {error}") from error


def shipped() -> dict[str, Path]:
    """The recipes that come with pixset, name → file."""
    folder = Path(str(resources.files("pixset.datasets.recipes")))
    return {path.stem: path for path in sorted(folder.glob("*.toml"))}


def find(name: str) -> Recipe:
    """The recipe in the file `name`, or the shipped one of that name; raises UsageError."""
    path = Path(name)
    if path.suffix == ".toml" or path.is_file():
        return read(path)
    known = shipped()
    if name not in known:
        file = f"{name}.toml"
        near = [file] if Path(file).is_file() else difflib.get_close_matches(name, known, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else "."
        raise UsageError(
            f"recipe {name!r}: expected a .toml file or one of {', '.join(known)} "
            f"(`pixset recipe show`){hint} "
            f"For the term alone: pixset scrape --term {shlex.quote(name)}; "
            f"for {name} or not: pixset build binary --positive {shlex.quote(name)}"
        )
    return read(known[name])


def dump(recipe: Recipe) -> str:
    """The recipe as TOML text, what is as by default left out."""
    from .edit import new_text

    return new_text(recipe)


def write(path: Path, recipe: Recipe) -> None:
    """Write the recipe by rename, changing only what changed: comments and order stay.

    A file that cannot be changed in place is written anew, and kept beside as `NAME.before`.
    """
    before = _text_of(path) if path.is_file() else recipe.source_text
    text = _edited(before, recipe, str(path)) if before else dump(recipe)
    if text is None:
        text = dump(recipe)
        if path.is_file():
            kept = path.with_name(path.name + ".before")
            write_text(kept, before)
            _log.info("%s: rewritten with what was added; as it was: %s", path, kept.name)
    if path.is_file() and text == before:
        return
    write_text(path, text)


def write_new(path: Path, recipe: Recipe) -> None:
    """Write a recipe, and the folders above it, whole or not at all, where there is nothing yet.

    Raises UsageError where there is something, and DatasetError where it cannot be written.
    """
    if os.path.lexists(path):
        raise UsageError(f"{path}: is there already; choose another with --out")
    write_text(path, dump(recipe))


def _edited(text: str, recipe: Recipe, name: str) -> str | None:
    """`text` as it says `recipe`; None where its layout cannot be kept."""
    from tomlkit.exceptions import TOMLKitError

    from .edit import edited

    try:
        changed = edited(text, parse(text, name), recipe)
        return changed if parse(changed, name) == recipe else None
    except (TOMLKitError, ValueError, UsageError):  # ValueError: a table into an inline one
        return None


def _text_of(path: Path) -> str:
    try:
        # An editor's byte-order mark is no part of the text.
        return read_ordinary(path).decode("utf-8-sig")
    except FileNotFoundError:
        raise UsageError(f"{path}: no such recipe (`pixset recipe new` writes one)") from None
    except IsADirectoryError:
        raise UsageError(f"{path}: is a folder; expected a recipe's file") from None
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: cannot be read as UTF-8 text ({error})") from error


def _recipe(table: RecipeTable, stem: str, text: str) -> Recipe:
    filters = table.filters.filters()
    checks = {name: value for name, value in table.checks.items() if value is not False}
    recipe = Recipe(
        name=table.name or stem,
        labels=tuple(
            _label(slug, label, filters, table.per_class) for slug, label in table.label.items()
        ),
        description=table.description or "",
        seed=table.seed,
        engines=tuple(dict.fromkeys(table.engines)) or default_engines(),
        source=table.source,
        limit=table.limit,
        reserve=table.reserve,
        filters=filters,
        expand=Expand(**{one.name: getattr(table.expand, one.name) for one in fields(Expand)}),
        split=table.split.ratio,
        conflict=table.split.conflict,
        drop_moments=table.split.drop_moments,
        confusable=table.confusable,
        ambiguous=table.ambiguous,
        exclude_hosts=table.exclude_hosts,
        checks={name: float(value) for name, value in checks.items()},
        checks_off=frozenset(table.checks.keys() - checks.keys()),
        size=table.output.size,
        max_side=table.output.max_side,
        pad=table.output.pad,
        per_class=table.per_class,
        source_text=text,
    )
    _refuse_ambiguous(recipe)
    return recipe


def _label(slug: str, table: LabelTable, filters: Filters, per_class: int | None) -> Label:
    queries = _asked(table.queries or (), filters, None)
    for name, stratum in table.strata.items():
        queries += _asked(stratum.queries, filters, name)
    _refuse_twice(slug, queries)
    return Label(
        slug=slug,
        name=table.name or "",
        definition=table.definition or "",
        queries=tuple(queries),
        strata=tuple(Stratum(name, one.share, one.cap) for name, one in table.strata.items()),
        target=table.target or per_class,
        exclude=table.exclude,
        translations=table.translations,
    )


def _asked(entries: Iterable[QueryEntry], filters: Filters, stratum: str | None) -> list[Asked]:
    return [
        Asked(Query(one.term, over(one.filters(), filters)), stratum, one.share, one.limit)
        for one in entries
    ]


def _refuse_twice(slug: str, queries: Iterable[Asked]) -> None:
    seen: set[Query] = set()
    for asked in queries:
        if asked.query in seen:
            key = f"label.{slug}.queries"
            raise Mistake(key, f"each query once, {asked.query.term!r} stands twice")
        seen.add(asked.query)


def _refuse_ambiguous(recipe: Recipe) -> None:
    for label in recipe.labels:
        for asked in label.queries:
            if any(contains(asked.query.term, term) for term in recipe.ambiguous):
                key = f"label.{label.slug}.queries"
                raise Mistake(key, f"no ambiguous term, {asked.query.term!r} is one")
