"""What scrape, build and status print: tables for people, one JSON object for programs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..build import Built
    from ..project import Project
    from ..recipe import Recipe


def print_status(
    project: Project, recipe: Recipe, *, queries: bool = False, sides: bool = True
) -> None:
    """Print the report's tables; the two options are those of `tables.status_text`."""
    from ..status import report
    from .tables import status_text

    with project.open_catalogue(write=False) as cat:
        print("\n".join(status_text(report(cat, recipe), queries=queries, sides=sides)))


def print_json(project: Project, recipe: Recipe, built: Built | None = None) -> None:
    """Print the report as JSON, with the layout's after a build."""
    from ..status import report

    with project.open_catalogue(write=False) as cat:
        told = report(cat, recipe).to_json()
    if built is not None:
        told["layout"] = built.laid.to_json()
        told["idle"] = built.idle
    print(json.dumps(told, indent=2, ensure_ascii=False))


def print_built(project: Project, recipe: Recipe, built: Built) -> None:
    """Print what a build did, the tables, and where everything lies."""
    from .tables import harvest_text, layout_text

    if built.idle:
        print("all is there: nothing was asked, fetched or written")
    else:
        for number, done in enumerate(built.harvests, start=1):
            for line in harvest_text(done) if number == 1 or not done.idle else ():
                print(f"round {number}: {line}" if len(built.harvests) > 1 else line)
    print()
    print_status(project, recipe, sides=False)
    print("\n".join(layout_text(built.laid)))
    print(f"dataset:        {project.root.resolve()}")
    print(f"for training:   {built.laid.tree.resolve()}")
    print(f"contact sheet:  {built.laid.sheet.resolve()}")
