"""`pixset build`: scrape, check, dedupe and split in a row."""

from __future__ import annotations

import dataclasses
from typing import Annotated

import typer

from . import options
from .console import bars, show, warn

app = typer.Typer()


@app.command(
    cls=options.DatasetCommand,
    epilog="Example:  pixset build binary --positive pizza --per-class 500",
)
def build(  # noqa: PLR0913 - a command's options are its arguments
    what: Annotated[
        str, typer.Argument(metavar="binary|scenes36|flowers5|RECIPE", help="What to build.")
    ],
    *,
    positive: Annotated[
        str | None, typer.Option("--positive", metavar="X", help="With binary: X or not X.")
    ] = None,
    negative: Annotated[
        list[str] | None,
        typer.Option("--negative", metavar="Y", help="With binary: not X is this; repeatable."),
    ] = None,
    label: Annotated[
        str | None, typer.Option("--label", help="With binary: the name of X's class.")
    ] = None,
    per_class: options.PerClass = None,
    into: options.Into = options.DEFAULT_DATASET,
    engine: options.Engines = None,
    source: options.Source = None,
    expand: options.Expand = False,
    replica: options.Replica = None,
    pace: options.Pace = None,
    seed: options.Seed = None,
    unattended: options.Unattended = False,
    again: options.Again = False,
    browser: options.BrowserOption = None,
    driver: options.DriverOption = None,
    headless: options.Headless = None,
    profile: options.Profile = None,
    believe: options.Believe = None,
    exclude_host: options.ExcludeHosts = None,
    engines: options.RepairsOption = None,
    afresh: options.Afresh = False,
    replace: options.Replace = False,
    proxy: options.Proxy = None,
    as_json: options.AsJson = False,
) -> None:
    """Scrape, check, dedupe and split in a row; each step does only what is missing."""
    from ..build import build as build_dataset
    from ..collect.requests import unsupported_filters
    from ..collect.unused import new_only_if_used
    from ..project import Project
    from ..recipe.allocation import asks
    from ..recipe.binary import chosen
    from ..recipe.hosts import named_site
    from ..recipe.merging import leaving_out
    from ..tree.settings import SplitOptions
    from . import summaries

    search = options.SearchOptions(
        engines=tuple(engine) if engine else None,
        source=source,
        replica=replica,
        pace=pace,
        seed=seed,
        unattended=unattended,
        again=again,
        browser=browser,
        driver=driver,
        headless=headless,
        profile=profile,
        believe=tuple(believe or ()),
        repairs=engines,
        into=into,
        proxy=proxy,
    )
    search.settings()
    picked = chosen(what, positive, negative or [], per_class, label)
    sites = tuple(dict.fromkeys(map(named_site, exclude_host or ())))
    picked = dataclasses.replace(picked, recipe=leaving_out(picked.recipe, sites))
    project = Project(into)
    if not as_json:
        show(picked.notes)
    ways = search.settings(picked.recipe).options()
    for line in unsupported_filters(asks(picked.recipe), ways.engines):
        warn(line)
    tree = SplitOptions(afresh=afresh, replace=replace)
    with new_only_if_used(project):
        built = build_dataset(project, picked.recipe, ways, bars, expand=expand, options=tree)
    show_all = summaries.show_status_json if as_json else summaries.show_built
    status = show_all(project, picked.recipe, built)
    if built.refusal is not None:
        raise built.refusal
    summaries.refuse_missing(status, (label.slug for label in picked.recipe.labels))
