"""`pixset scrape`: search for terms, or for what a recipe says."""

from __future__ import annotations

from typing import Annotated

import typer

from ..errors import UsageError
from . import options
from .console import bars, show, warn

app = typer.Typer()

Terms = Annotated[
    list[str] | None,
    typer.Option("--term", "-t", help="What to search for; give it again for more of one label."),
]


@app.command(
    cls=options.DatasetCommand,
    epilog="Example:  pixset scrape --term pizza --limit 300 --into dataset",
)
def scrape(  # noqa: PLR0913 - a command's options are its arguments
    recipe: Annotated[
        str | None, typer.Argument(metavar="[RECIPE]", help="A recipe's file or name.")
    ] = None,
    *,
    term: Terms = None,
    label: Annotated[
        str | None, typer.Option("--label", help="The class of these terms; default: the first.")
    ] = None,
    limit: Annotated[
        int | None,
        typer.Option("--limit", min=1, help="Results for each term, over all engines (1800)."),
    ] = None,
    into: options.Into = options.DEFAULT_DATASET,
    engine: options.Engines = None,
    source: options.Source = None,
    expand: options.Expand = False,
    min_size: Annotated[
        int | None, typer.Option("--min-size", min=1, help="Shorter side, in pixels, at least.")
    ] = None,
    type_: Annotated[
        str | None, typer.Option("--type", help="photo, clipart, lineart, animated or face.")
    ] = None,
    colour: Annotated[
        str | None, typer.Option("--colour", help="A colour's name, color, gray or transparent.")
    ] = None,
    since: Annotated[str | None, typer.Option("--since", help="day, week, month or year.")] = None,
    licence: Annotated[
        str | None,
        typer.Option("--licence", help="creative-commons, public-domain, share, modify …"),
    ] = None,
    safe: Annotated[str | None, typer.Option("--safe", help="off, moderate or strict.")] = None,
    lang: Annotated[str | None, typer.Option("--lang", help="Language, such as de.")] = None,
    region: Annotated[str | None, typer.Option("--region", help="Country, such as AT.")] = None,
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
    proxy: options.Proxy = None,
    as_json: options.AsJson = False,
) -> None:
    """Search for terms, or for what a recipe says, and bring the pictures into a dataset."""
    from ...scraper.models import Filters
    from ..collect import collect
    from ..collect.requests import (
        checked_filters,
        requests_of_recipe,
        requests_of_terms,
        unsupported_filters,
    )
    from ..collect.unused import new_only_if_used
    from ..project import Project
    from ..recipe.allocation import DEFAULT_LIMIT
    from ..recipe.hosts import named_site
    from ..recipe.merging import leaving_out, merge_into
    from . import summaries

    if recipe is not None and (term or label):
        raise UsageError("scrape: expected a recipe or --term, not both")
    if label is not None and not term:
        raise UsageError("--label: expected a --term to go with it")
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
    search.settings()  # the options' mistakes first, before anything is written
    filters = checked_filters(Filters(min_size, type_, colour, since, licence, safe, lang, region))
    sites = tuple(dict.fromkeys(map(named_site, exclude_host or ())))
    project = Project(into)
    with new_only_if_used(project):
        if term:
            wanted, asks = requests_of_terms(project, term, label, limit, filters)
        else:
            wanted, asks = requests_of_recipe(project, recipe, limit, filters)
        if sites:
            wanted = merge_into(project, leaving_out(wanted, sites))
        slugs = dict.fromkeys(ask.label for ask in asks)
        ways = search.settings(wanted).options()
        for line in unsupported_filters(asks, ways.engines):
            warn(line)
        fill = {
            one.slug: limit or one.target or DEFAULT_LIMIT
            for one in wanted.labels
            if expand and one.slug in slugs
        }
        done = collect(project, wanted, asks, ways, bars, fill=fill)
        if as_json:
            status = summaries.show_status_json(project, wanted)
        else:
            show([*summaries.run_blocks(done), ""])
            status = summaries.show_status(project, wanted, queries=False)
        refusal = done.refusal()
        if refusal is not None:
            raise refusal
    summaries.refuse_missing(status, slugs)
    if not as_json:
        show([f"\nnext:  pixset check {into}   pixset dedupe {into}   pixset split {into}"])
