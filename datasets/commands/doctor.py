"""`pixset doctor`: what a run needs, the engines' pages, or a model file, each checked."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from . import options
from .console import show, show_json

if TYPE_CHECKING:
    from ...scraper.browser.installed import BrowserChoice

app = typer.Typer()


@app.command(cls=options.DatasetCommand, epilog="Example:  pixset doctor --engines --term cat")
def doctor(  # noqa: PLR0913, PLR0917 (a command's options are its arguments)
    browser: options.BrowserOption = None,
    driver: options.DriverOption = None,
    profile: Annotated[
        Path | None, typer.Option("--profile", help="The browser profile to check, too.")
    ] = None,
    headed: Annotated[
        bool | None, typer.Option("--headed/--headless", help="Start it with a window or without.")
    ] = None,
    engines: Annotated[
        bool, typer.Option("--engines", help="Look at one page of each engine instead.")
    ] = False,
    engine: Annotated[
        list[str] | None,
        typer.Option(
            "--engine",
            **options.one_of("{engines}", options.engine_names),
            help="With --engines: only these.",
        ),
    ] = None,
    term: Annotated[str, typer.Option("--term", help="With --engines: what is asked for.")] = "cat",
    replica: Annotated[
        str | None, typer.Option("--replica", metavar="URL", help="With --engines: ask a replica.")
    ] = None,
    contact: options.Contact = None,
    model: options.Model = None,
    preparation: options.Preparation = None,
    as_json: options.AsJson = False,
) -> None:
    """Check what a run needs, and start a browser; or engines' pages (--engines), or a --model.

    Exit code 3 when no browser can be started; with --engines 5 when a page is no longer as
    the parsers know it, 4 when every engine refused; with --model 1 when it makes no sense.
    """
    from ...scraper.browser.installed import choose

    choice = choose(
        browser, driver, headless=None if headed is None else not headed, profile=profile
    )
    if model is not None:
        options.refuse(engines, "--model: a model file alone, or --engines alone")
        _examine_model(model, preparation, as_json=as_json)
    elif engines:
        _examine_engines(choice, engine or [], term, replica, contact, as_json=as_json)
    else:
        _examine_machine(choice, as_json=as_json)


def _examine_machine(choice: BrowserChoice, *, as_json: bool) -> None:
    from ...scraper.browser.doctor import as_json as plain
    from ...scraper.browser.doctor import examine_machine
    from ...scraper.browser.resolve import Resolution
    from ...scraper.errors import DriverError

    findings = []
    for checked in examine_machine(Resolution(), choice):
        findings.append(checked)
        if not as_json:
            show([f"{checked.state:<5} {checked.name}: {checked.message}"])
    starts = findings[-1].state == "ok"
    if as_json:
        show_json({"checks": plain(findings), "browser_starts": starts})
    if not starts:
        raise typer.Exit(DriverError.exit_code)


def _examine_model(model: Path, preparation: str | None, *, as_json: bool) -> None:
    from ...curation.labels.model_check import check_model
    from ...curation.labels.onnx_model import preparation_of

    found = check_model(model, preparation_of(preparation) if preparation else None)
    if as_json:
        show_json({"checks": [asdict(one) for one in found]})
    else:
        show([f"{one.state:<5} {one.name}: {one.message}" for one in found])
    if any(one.state == "bad" for one in found):
        raise typer.Exit(1)


def _examine_engines(
    choice: BrowserChoice,
    names: list[str],
    term: str,
    replica: str | None,
    contact: str | None,
    *,
    as_json: bool,
) -> None:
    from ...scraper.engines import default_engines
    from ...scraper.engines.repairs import repair_files, repaired_engines
    from ...scraper.errors import UsageError
    from ...scraper.search.factory import make_searcher
    from ...scraper.search.health import compared, examine, keep, last_time
    from ...scraper.user_folders import state_folder

    engines = repaired_engines(repair_files())
    unknown = [name for name in names if name not in engines]
    if unknown:
        raise UsageError(f"--engine {unknown[0]!r}: expected one of {', '.join(engines)}")
    seen = []
    for name in names or default_engines():
        made = make_searcher(
            engines[name], choice, replica=replica, contact=contact, unattended=True
        )
        with made as searcher:
            health = compared(examine(searcher, term), last_time(name, state_folder()))
        page = keep(health, state_folder())
        seen.append(health)
        if not as_json:
            state = health.outcome or ("changed" if health.drifted else "ok")
            show([f"{name:<8} {state}{f': {health.detail}' if health.outcome else ''}"])
            for one in health.findings:
                show([f"{'':<8} {'ok' if one.holds else 'NOT':<3} {one.name}: {one.message}"])
            show([f"{'':<8} page kept at {page}"])
    if as_json:
        show_json([health.to_json() for health in seen])
    if any(health.drifted for health in seen):
        raise typer.Exit(5)
    if all(health.outcome for health in seen):
        raise typer.Exit(4)
