"""`pixset recipe show | new | check`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer()
group = typer.Typer(help="Recipes: what is asked for, as a file.", no_args_is_help=True)
app.add_typer(group, name="recipe")


@group.command(epilog="Example:  pixset recipe show pizza")
def show(
    name: Annotated[
        str | None, typer.Argument(metavar="NAME|FILE", help="A shipped recipe or a .toml file.")
    ] = None,
) -> None:
    """Print a recipe, or the names of those that come with pixset."""
    from ..recipe import find, shipped

    if name is None:
        for known in shipped():
            one = find(known)
            print(f"{known:10} {len(one.labels):3} labels  {one.description}")
        return
    path = shipped().get(name, Path(name))
    find(name)
    print(path.read_text(encoding="utf-8"), end="")


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
        int, typer.Option("--per-class", min=1, help="Pictures wanted for each class.")
    ] = 1000,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Default: NAME.toml here.")
    ] = None,
) -> None:
    """Write a recipe to start from."""
    from ..recipe.binary import start
    from ..recipe.writing import write_new

    chosen = start(name, positive, label or [], per_class)
    path = out or Path(f"{name}.toml")
    write_new(path, chosen.recipe)
    for note in chosen.notes:
        print(note)
    print(f"{path}: written; edit it, then `pixset recipe check {path}`, `pixset build {path}`")


@group.command(epilog="Example:  pixset recipe check my-recipe.toml")
def check(
    file: Annotated[str, typer.Argument(metavar="NAME|FILE", help="The recipe to read.")],
) -> None:
    """Read a recipe and say what it asks for; a mistake is one line with its key."""
    from ..recipe import find
    from ..recipe.allocation import asks, unused

    one = find(file)
    asked, left = asks(one), unused(one)
    print(f"{one.name}: {len(one.labels)} labels, {len(asked)} queries, split {one.split}")
    for label in one.labels:
        mine = [ask for ask in asked if ask.label == label.slug]
        wanted = f"{label.target} wanted" if label.target else "as many as come"
        rest = f" (a small target leaves out {left[label.slug]})" if label.slug in left else ""
        print(
            f"  {label.slug:16} {wanted}, {len(mine)} queries{rest}, "
            f"{sum(ask.limit for ask in mine)} candidates asked for"
        )
        if not label.definition:
            print(f"  {label.slug:16} has no definition: say what belongs to it and what does not")
