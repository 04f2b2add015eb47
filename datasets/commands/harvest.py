"""`pixset scrape | build | status | import | demo`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from . import options
from .bars import bars
from .printing import print_built, print_json, print_status

if TYPE_CHECKING:
    from ..collect.settings import Searching
    from ..recipe import Recipe

app = typer.Typer()

Terms = Annotated[
    list[str] | None,
    typer.Option("--term", "-t", help="What to search for; give it again for more of one label."),
]
Expand = Annotated[
    bool,
    typer.Option("--expand", help="Add queries (dates, words, translations) until enough is in."),
]


@app.command(epilog="Example:  pixset scrape --term pizza --limit 300 --into dataset")
def scrape(  # noqa: PLR0913, PLR0917 - a command's options are its arguments
    recipe: Annotated[
        str | None, typer.Argument(metavar="[RECIPE]", help="A recipe's file or name.")
    ] = None,
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
    expand: Expand = False,
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
    seed: options.Seed = 0,
    unattended: options.Unattended = False,
    again: options.Again = False,
    browser: options.Browser = None,
    driver: options.Driver = None,
    headless: options.Headless = None,
    profile: options.Profile = None,
    as_json: options.AsJson = False,
) -> None:
    """Search for terms, or for what a recipe says, and bring the pictures into a dataset."""
    from ...scraper.models import Filters
    from ..collect import harvest
    from ..collect.requests import narrowed, unheard, wish, wish_of_recipe
    from ..errors import UsageError
    from ..project import Project
    from ..recipe.allocation import DEFAULT_LIMIT

    if recipe is not None and (term or label):
        raise UsageError("scrape: expected a recipe or --term, not both")
    if label is not None and not term:
        raise UsageError("--label: expected a --term to go with it")
    searching = _searching(
        engine, source, replica, pace, seed, unattended, again, browser, driver, headless, profile
    )
    searching.ways()  # the options' mistakes first, before anything is written
    filters = narrowed(Filters(min_size, type_, colour, since, licence, safe, lang, region))
    project = Project(into)
    if term:
        wanted, asks = wish(project, term, label, limit, filters)
    else:
        wanted, asks = wish_of_recipe(project, recipe, limit, filters)
    fill = {}
    if expand:
        fill = {one.slug: limit or one.target or DEFAULT_LIMIT for one in wanted.labels
                if one.slug in {ask.label for ask in asks}}  # fmt: skip
    ways = _with_recipe(searching, wanted, engine, source, seed).ways()
    for line in unheard(asks, ways.engines):
        print(line, file=sys.stderr)
    done = harvest(project, wanted, asks, ways, bars, fill=fill)
    from .tables import harvest_text

    if as_json:
        print_json(project, wanted)
    else:
        print("\n".join(harvest_text(done)))
        print()
        print_status(project, wanted, queries=False)
        print(f"\nnext:  pixset check {into}   pixset dedupe {into}   pixset split {into}")
    refusal = done.refusal()
    if refusal is not None:
        raise refusal


@app.command(epilog="Example:  pixset build binary --positive pizza --per-class 500")
def build(  # noqa: PLR0913, PLR0917 - a command's options are its arguments
    what: Annotated[
        str, typer.Argument(metavar="binary|scenes36|flowers5|RECIPE", help="What to build.")
    ],
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
    expand: Expand = False,
    replica: options.Replica = None,
    pace: options.Pace = None,
    seed: options.Seed = 0,
    unattended: options.Unattended = False,
    again: options.Again = False,
    browser: options.Browser = None,
    driver: options.Driver = None,
    headless: options.Headless = None,
    profile: options.Profile = None,
    as_json: options.AsJson = False,
) -> None:
    """Scrape, check, dedupe and split in a row; each step does only what is missing."""
    from ..build import build as build_all
    from ..collect.requests import unheard
    from ..project import Project
    from ..recipe.allocation import asks
    from ..recipe.binary import chosen

    searching = _searching(
        engine, source, replica, pace, seed, unattended, again, browser, driver, headless, profile
    )
    searching.ways()
    picked = chosen(what, positive, negative or [], per_class, label)
    project = Project(into)
    if not as_json:
        print("\n".join(picked.notes))
    ways = _with_recipe(searching, picked.recipe, engine, source, seed).ways()
    for line in unheard(asks(picked.recipe), ways.engines):
        print(line, file=sys.stderr)
    built = build_all(project, picked.recipe, ways, bars, expand=expand)
    if as_json:
        print_json(project, picked.recipe, built)
    else:
        print_built(project, picked.recipe, built)


@app.command(epilog="Example:  pixset status dataset --queries")
def status(
    dataset: options.Dataset = options.DEFAULT_DATASET,
    queries: Annotated[
        bool, typer.Option("--queries", help="A row for each engine's part of a query, too.")
    ] = False,
    as_json: options.AsJson = False,
) -> None:
    """Say what was asked, found, fetched, valid, unique, kept; and why there is not more."""
    from ..curate import recipe_of
    from ..project import Project

    project = Project.open(dataset)
    recipe = recipe_of(project)
    if as_json:
        print_json(project, recipe)
    else:
        print_status(project, recipe, queries=queries)


@app.command("import", epilog="Example:  pixset import flowers/ --into dataset")
def import_(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Class folders with pictures.")],
    into: options.Into = options.DEFAULT_DATASET,
    rename: Annotated[
        list[str] | None,
        typer.Option("--label", metavar="FOLDER=LABEL", help="The label of a class folder."),
    ] = None,
    copy: Annotated[bool, typer.Option("--copy", help="Copy, never hard-link the files.")] = False,
    as_json: options.AsJson = False,
) -> None:
    """Bring class folders (or train/val/test over them) from elsewhere into a dataset."""
    from ..collect.import_folder import import_folder
    from ..errors import UsageError
    from ..project import Project

    labels: dict[str, str] = {}
    for pair in rename or []:
        name, equals, slug = pair.partition("=")
        if not equals or not slug:
            raise UsageError(f"--label {pair!r}: expected FOLDER=LABEL, as in Cats=cat")
        labels[name] = slug
    done = import_folder(Project(into), folder, labels=labels, copy=copy, progress=bars)
    if as_json:
        print(json.dumps({"added": dict(done.added), "known": done.known, "linked": done.linked,
                          "no_picture": list(done.no_picture)}, indent=2))  # fmt: skip
        return
    for slug, number in sorted(done.added.items()):
        print(f"{slug}: {number} pictures added")
    print(f"{done.known} were there before, {done.linked} are hard links")
    for name in done.no_picture[:10]:
        print(f"no picture: {name}")
    if len(done.no_picture) > 10:
        print(f"no picture: {len(done.no_picture) - 10} more")
    print(f"\nnext:  pixset dedupe {into}   pixset split {into}")


@app.command(epilog="Example:  pixset demo")
def demo(
    into: Annotated[
        Path, typer.Option("--into", metavar="DATASET", help="The dataset folder.")
    ] = Path("pixset-demo"),
    per_class: Annotated[
        int, typer.Option("--per-class", min=4, help="Pictures wanted in each class.")
    ] = 32,
    browser: options.Browser = None,
    driver: options.Driver = None,
) -> None:
    """Build a small pizza / not-pizza set from a local three-engine site, start to end."""
    from ...scraper.browser.installed import choose
    from ..demo import run
    from ..project import Project

    project = Project(into)
    recipe, built = run(project, per_class, choose(browser, driver, headless=True), bars)
    print_built(project, recipe, built)


def _searching(  # noqa: PLR0913, PLR0917 - the options that scrape and build share
    engines: list[str] | None,
    source: str | None,
    replica: str | None,
    pace: str | None,
    seed: int,
    unattended: bool,
    again: bool,
    browser: str | None,
    driver: Path | None,
    headless: bool | None,
    profile: Path | None,
) -> Searching:
    from ...scraper.browser.installed import choose
    from ..collect.settings import Searching, engine_names, source_name

    return Searching(
        engine_names(engines),
        source_name(source),
        replica,
        pace,
        seed,
        unattended,
        again,
        choose(browser, driver, headless=headless, profile=profile),
    )


def _with_recipe(
    searching: Searching, recipe: Recipe, engines: list[str] | None, source: str | None, seed: int
) -> Searching:
    """What the options leave open, the recipe says."""
    from dataclasses import replace

    return replace(
        searching,
        engines=searching.engines if engines else recipe.engines,
        source=searching.source if source else recipe.source,
        seed=seed or recipe.seed,
    )
