"""`pixset status`: what was asked, found, fetched and kept, and why there is not more."""

from __future__ import annotations

from typing import Annotated

import typer

from . import options

app = typer.Typer()


@app.command(epilog="Example:  pixset status dataset --queries")
def status(
    dataset: options.Dataset = options.DEFAULT_DATASET,
    *,
    queries: Annotated[
        bool, typer.Option("--queries", help="A row for each engine's part of a query, too.")
    ] = False,
    all_: options.All = False,
    as_json: options.AsJson = False,
) -> None:
    """Say what was asked, found, fetched, valid, unique, kept; and why there is not more."""
    from ..project import Project
    from ..recipe.counted import counted_recipe
    from . import summaries

    project = Project.open(dataset)
    recipe = counted_recipe(project)
    if as_json:
        summaries.show_status_json(project, recipe)
    else:
        summaries.show_status(project, recipe, queries=queries, whole=all_)
