"""`pixset build`: scrape, check, dedupe and split in a row."""

from __future__ import annotations

from itertools import chain
from typing import Annotated

import typer

from . import options
from .console import bars, show
from .label_evidence import embedder_of, review_hint

app = typer.Typer()


def _buildable() -> list[str]:
    """What `build` can be given here, for a shell to complete."""
    from pathlib import Path

    from ..recipe.toml import shipped

    return ["binary", *shipped(), *(path.name for path in sorted(Path().glob("*.toml")))]


@app.command(
    cls=options.DatasetCommand,
    epilog="Example:  pixset build binary --positive pizza --per-class 500",
)
def build(  # noqa: PLR0913 - a command's options are its arguments
    what: Annotated[
        str,
        typer.Argument(
            metavar="binary|scenes36|flowers5|RECIPE",
            help="What to build.",
            autocompletion=_buildable,
        ),
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
    contact: options.Contact = None,
    dry_run: options.DryRun = False,
    model: options.Model = None,
    preparation: options.Preparation = None,
    as_json: options.AsJson = False,
) -> None:
    """Scrape, check, dedupe and split in a row; each step does only what is missing.

    With --model: how many of each query's pictures look off topic; what looks mislabelled waits
    on the review page. Nothing is dropped for it.
    """
    from .. import steps
    from ..build import build as build_dataset
    from ..collect.settings import SearchOptions
    from ..project import Project
    from ..recipe.binary import chosen
    from ..recipe.merging import leaving_out
    from ..recipe.toml import recipe_of
    from ..tree.settings import SplitOptions
    from . import summaries

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
    search.settings()
    embedder = embedder_of(model, preparation)
    project = Project(into)
    known = recipe_of(project).slugs
    picked = chosen(what, positive, negative or [], per_class, label, known)
    wanted = leaving_out(picked.recipe, steps.sites_of(exclude_host or ()))
    if not as_json:
        show(picked.notes)
    if dry_run:
        summaries.show_forecast(steps.forecast_build(project, wanted, search), as_json=as_json)
        return
    built = build_dataset(
        project,
        wanted,
        search.settings(wanted).options(),
        bars,
        expand=expand,
        options=SplitOptions(afresh=afresh, replace=replace),
    )
    show_all = summaries.show_status_json if as_json else summaries.show_built
    status = show_all(project, wanted, built)
    if embedder is not None:
        from ..curate.label_report import summary_line, topic_lines

        checked = steps.check_labels(project, embedder, progress=bars)
        if not as_json:  # as JSON they are `report --json`'s
            lines = topic_lines(checked.topics), review_hint(checked, project)
            show([summary_line(checked), *chain(*lines)])
    if built.refusal is not None:
        raise built.refusal
    summaries.refuse_missing(status, (label.slug for label in wanted.labels))
