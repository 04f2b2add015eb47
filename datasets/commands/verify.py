"""`pixset verify`: what trips loaders in a tree, and what each would make of it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from . import options
from .console import bars, show, show_json

app = typer.Typer()


@app.command(
    epilog="Examples:  pixset verify dataset/ready   |   pixset verify other-tree --json --report"
)
def verify(
    tree: Annotated[Path, typer.Argument(metavar="DIR", help="A tree, pixset's or another's.")],
    *,
    copies: Annotated[
        bool, typer.Option(help="Look for near-duplicates on two sides or in two classes.")
    ] = True,
    report: Annotated[
        bool, typer.Option("--report", help="Leave with 0 even where problems are found.")
    ] = False,
    all_: options.All = False,
    as_json: options.AsJson = False,
) -> None:
    """Check a tree for what trips loaders, and say what each of eight would make of it.

    Leaves with 1 where problems are found.
    """
    from ..project import Project, is_dataset
    from ..verify import verify as verify_tree

    root = Project.open(tree).ready if is_dataset(tree) else tree
    found = verify_tree(root, copies=copies, progress=bars)
    if as_json:
        show_json(found.to_json())
    else:
        show([found.to_text(None if all_ else 3)])
    if not found.ok and not report:
        raise typer.Exit(1)
