"""`pixset recipe show | new | check`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from ...curation.printable import counted
from ..limits import MOST
from . import options
from .console import Table, show_json
from .console import show as show_blocks

app = typer.Typer()
group = typer.Typer(help="Recipes: what is asked for, as a file.", no_args_is_help=True)
app.add_typer(group, name="recipe")


@group.command(epilog="Example:  pixset recipe show pizza")
def show(
    name: Annotated[
        str | None, typer.Argument(metavar="NAME|FILE", help="A shipped recipe or a .toml file.")
    ] = None,
    *,
    as_json: options.AsJson = False,
) -> None:
    """Print a recipe, or the names of those that come with pixset."""
    from ..recipe import find, shipped

    if name is None:
        head = ("recipe", "labels", "description")
        known = map(find, shipped())
        rows = [(one.name, len(one.labels), one.description) for one in known]
        if as_json:
            show_json([dict(zip(head, row, strict=True)) for row in rows])
        else:
            show_blocks([Table(head, rows)])
        return
    text = find(name).source_text
    if as_json:
        import tomllib  # 10 ms that only this pays

        show_json(tomllib.loads(text))
    else:
        sys.stdout.write(text.replace("\r\n", "\n"))  # TOML holds no control characters


@group.command(epilog="Example:  pixset recipe new hotdog --positive 'hot dog' --per-class 500")
def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The recipe's name.")],
    positive: Annotated[
        str | None, typer.Option("--positive", metavar="X", help="A recipe for X or not X.")
    ] = None,
    label: Annotated[
        list[str] | None, typer.Option("--label", help="A class; give it for each.")
    ] = None,
    per_class: Annotated[
        int,
        typer.Option("--per-class", min=1, max=MOST, help="Pictures wanted for each class."),
    ] = 1000,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Default: NAME.toml here.")
    ] = None,
) -> None:
    """Write a recipe to start from."""
    from ..recipe.binary import start
    from ..recipe.toml import write_new

    chosen = start(name, positive, label or [], per_class)
    path = out or Path(f"{name}.toml")
    write_new(path, chosen.recipe)
    show_blocks(chosen.notes)
    show_blocks(
        [f"{path}: written; edit it, then `pixset recipe check {path}`, `pixset build {path}`"]
    )


@group.command(epilog="Example:  pixset recipe check my-recipe.toml")
def check(
    file: Annotated[str, typer.Argument(metavar="NAME|FILE", help="The recipe to read.")],
    *,
    as_json: options.AsJson = False,
) -> None:
    """Read a recipe and say what it asks for; a mistake is one line with its key."""
    from ..recipe import find
    from ..recipe.allocation import asks, unused

    one = find(file)
    asked, left = asks(one), unused(one)
    rows = [
        (
            label.slug,
            label.target,
            sum(ask.label == label.slug for ask in asked),
            left.get(label.slug, 0),
            sum(ask.limit for ask in asked if ask.label == label.slug),
        )
        for label in one.labels
    ]
    if as_json:
        keys = ("label", "wanted", "queries", "left_out", "candidates")
        listed = [dict(zip(keys, row, strict=True)) for row in rows]
        show_json({"recipe": one.name, "split": str(one.split), "labels": listed})
        return
    labels = counted(len(one.labels), "label")
    queries = counted(len(asked), "query", "queries")
    show_blocks(
        [
            f"{one.name}: {labels}, {queries}, split {one.split}",
            Table(("label", "wanted", "queries", "left out", "candidates"), rows),
        ]
    )
    if left:
        show_blocks(["left out: queries that a small target does not need"])
    show_blocks(
        f"{label.slug}: has no definition: say what belongs to it and what does not"
        for label in one.labels
        if not label.definition
    )
