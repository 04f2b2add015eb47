"""`pixset scrape`: search for terms, or for what a recipe says."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..limits import MOST
from . import options
from .console import bars, show, show_json, show_next

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
        typer.Option(
            "--limit",
            min=1,
            max=MOST,
            help="Results for each term, over all engines (1800).",
        ),
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
        typer.Option(
            "--licence",
            help="creative-commons, public-domain, share, share-commercially, modify or "
            "modify-commercially.",
        ),
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
    contact: options.Contact = None,
    dry_run: options.DryRun = False,
    as_json: options.AsJson = False,
) -> None:
    """Search for terms, or for what a recipe says, and bring the pictures into a dataset."""
    from ...scraper.models import Filters
    from ..collect.settings import SearchOptions
    from ..project import Project
    from ..steps import ScrapeRequest, forecast_scrape
    from ..steps import scrape as scrape_dataset
    from . import summaries

    request = ScrapeRequest(
        terms=term or (),
        recipe=recipe,
        label=label,
        limit=limit,
        filters=Filters(min_size, type_, colour, since, licence, safe, lang, region),
        expand=expand,
        exclude_hosts=exclude_host or (),
    )
    search = SearchOptions(
        engines=engine,
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
        believe=believe or (),
        repairs=engines,
        into=into,
        proxy=proxy,
        contact=contact,
    )
    if recipe is not None and not term and not as_json:
        _tell_shipped(recipe)
    if dry_run:
        summaries.show_forecast(forecast_scrape(Project(into), request, search), as_json=as_json)
        return
    done = scrape_dataset(Project(into), request, search, bars)
    if as_json:
        show_json(done.status.to_json())
    else:
        show([*summaries.run_blocks(done.collected), ""])
        show(summaries.status_blocks(done.status, queries=False))
    if done.refusal is not None:
        raise done.refusal
    summaries.refuse_missing(done.status, done.labels)
    if not as_json and any(one.fetched for one in done.status.totals.values()):
        show_next(into, "check", "dedupe", "split")


def _tell_shipped(name: str) -> None:
    """Say that a word is a recipe of pixset's: it may have been meant for a term."""
    from ..recipe import toml
    from ..recipe.binary import told

    if name in toml.shipped() and not Path(name).is_file():
        show([told(toml.find(name)), f"for the term alone: pixset scrape --term {name}"])
