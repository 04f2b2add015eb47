"""The scraper's commands. A command is an adapter: parse, call one function, print."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .options import RegistryCommand

if TYPE_CHECKING:
    from .browser.installed import BrowserChoice

app = typer.Typer()
replica_app = typer.Typer(
    no_args_is_help=True, help="A local site in the three engines' page shapes."
)
app.add_typer(replica_app, name="replica")

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
BrowserOption = Annotated[
    str | None,
    typer.Option("--browser", help="chrome, chromium, edge, firefox, or an executable's path."),
]
DriverOption = Annotated[
    Path | None, typer.Option("--driver", help="The driver's path (chromedriver, geckodriver).")
]


RepairsOption = Annotated[
    Path | None,
    typer.Option("--engines", metavar="FILE", help="An engines.toml: facts of engines, repaired."),
]


@app.command(
    cls=RegistryCommand, epilog="Example:  pixset inspect page.html --engine google --json"
)
def inspect(
    page: Annotated[Path, typer.Argument(help="A saved result page (HTML or MHTML).")],
    engine: Annotated[
        str | None,
        typer.Option(
            "--engine",
            metavar="{engines}",
            help="Whose page it is; guessed from the page if missing.",
        ),
    ] = None,
    term: Annotated[
        str | None, typer.Option("--term", help="What was searched for; else as the page says it.")
    ] = None,
    engines: RepairsOption = None,
    as_json: AsJson = False,
) -> None:
    """Show what the parsers see in a saved page: its outcome, its carriers, its results."""
    from .engines import inspect_page as inspecting
    from .engines.repairs import repair_files

    repairs = repair_files(named=engines)
    seen = inspecting.inspect_page(page, engine, term=term, repairs=repairs)
    if as_json:
        print(json.dumps(inspecting.as_json(seen), indent=2))
    else:
        print("\n".join(inspecting.as_text(seen)))


@app.command(epilog="Example:  pixset drivers --browser firefox")
def drivers(
    browser: BrowserOption = None,
    driver: DriverOption = None,
    download: Annotated[
        bool, typer.Option("--download", help="Let a missing driver be downloaded now.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show the browsers and drivers that are here, and which pair a run would use."""
    from .browser.doctor import as_json as plain
    from .browser.doctor import chosen, describe, survey
    from .browser.installed import choose
    from .browser.resolve import Resolution
    from .errors import DriverError

    resolution = Resolution()
    if not download:
        resolution.downloads = replace(resolution.downloads, allowed=False)
    rows, found = survey(resolution), chosen(resolution, choose(browser, driver))
    if as_json:
        print(json.dumps({"browsers": plain(rows), "chosen": describe(found)}, indent=2))
    else:
        for row in rows:
            print(f"{row.name:<9} {row.browser or '-'} {row.browser_version or ''}".rstrip())
            if row.browser or row.driver:
                print(f"{'':<9} {row.driver or '-'} {row.driver_version or ''}".rstrip())
            print(f"{'':<9} {row.state}: {row.advice}")
        if isinstance(found, DriverError):
            print(f"a run would end: {found}")
        else:
            print(f"a run uses {found.kind.name} with {found.driver.path} (by {found.step})")
    if isinstance(found, DriverError):
        raise typer.Exit(DriverError.exit_code)


@app.command(cls=RegistryCommand, epilog="Example:  pixset doctor --engines --term cat")
def doctor(  # noqa: PLR0913, PLR0917 (a command's options are its arguments)
    browser: BrowserOption = None,
    driver: DriverOption = None,
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
        typer.Option("--engine", metavar="{engines}", help="With --engines: only these."),
    ] = None,
    term: Annotated[str, typer.Option("--term", help="With --engines: what is asked for.")] = "cat",
    replica: Annotated[
        str | None, typer.Option("--replica", metavar="URL", help="With --engines: ask a replica.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check what a run needs, and start a browser; or whether the engines' pages can be read.

    Exit code 3 when no browser can be started; with --engines 5 when a page is no longer as
    the parsers know it, 4 when every engine refused.
    """
    from .browser.installed import choose

    choice = choose(
        browser, driver, headless=None if headed is None else not headed, profile=profile
    )
    if engines:
        _examine_engines(choice, engine or [], term, replica, as_json=as_json)
    else:
        _examine_machine(choice, as_json=as_json)


def _examine_machine(choice: BrowserChoice, *, as_json: bool) -> None:
    from .browser.doctor import as_json as plain
    from .browser.doctor import examine_machine
    from .browser.resolve import Resolution
    from .errors import DriverError

    findings = []
    for checked in examine_machine(Resolution(), choice):
        findings.append(checked)
        if not as_json:
            print(f"{checked.state:<5} {checked.name}: {checked.message}")
    starts = findings[-1].state == "ok"
    if as_json:
        print(json.dumps({"checks": plain(findings), "browser_starts": starts}, indent=2))
    if not starts:
        raise typer.Exit(DriverError.exit_code)


def _examine_engines(
    choice: BrowserChoice, names: list[str], term: str, replica: str | None, *, as_json: bool
) -> None:
    from .engines.repairs import repair_files, repaired_engines
    from .errors import UsageError
    from .search.factory import make_searcher
    from .search.health import compared, examine, keep, last_time
    from .user_folders import state_folder

    engines = repaired_engines(repair_files())
    unknown = [name for name in names if name not in engines]
    if unknown:
        raise UsageError(f"--engine {unknown[0]!r}: expected one of {', '.join(engines)}")
    seen = []
    for name in names or engines:
        with make_searcher(engines[name], choice, replica=replica, unattended=True) as searcher:
            health = compared(examine(searcher, term), last_time(name, state_folder()))
        page = keep(health, state_folder())
        seen.append(health)
        if not as_json:
            state = health.outcome or ("changed" if health.drifted else "ok")
            print(f"{name:<8} {state}{f': {health.detail}' if health.outcome else ''}")
            for one in health.findings:
                print(f"{'':<8} {'ok' if one.holds else 'NOT':<3} {one.name}: {one.message}")
            print(f"{'':<8} page kept at {page}")
    if as_json:
        print(json.dumps([health.to_json() for health in seen], indent=2))
    if any(health.drifted for health in seen):
        raise typer.Exit(5)
    if all(health.outcome for health in seen):
        raise typer.Exit(4)


@replica_app.command(
    "serve", epilog="Example:  pixset replica serve --port 8808 --fault bing=empty:1"
)
def replica_serve(
    folder: Annotated[
        Path | None,
        typer.Argument(help="A folder of class folders with pictures; none: pictures are drawn."),
    ] = None,
    port: Annotated[int, typer.Option("--port", help="Where to listen; 0: any free port.")] = 8808,
    fault: Annotated[
        list[str] | None,
        typer.Option(
            "--fault",
            help="What goes wrong, such as google=captcha, bing=decoy:1, yahoo=recycled, "
            "dead=0.1, failing_xhr=0.2, restart=500; repeatable. A wrong one lists them all.",
        ),
    ] = None,
    per_term: Annotated[
        int | None, typer.Option("--per-term", min=1, help="Results an engine shows at most.")
    ] = None,
    layout: Annotated[
        str, typer.Option("--yahoo-layout", help="A, B or alternate (by term).")
    ] = "alternate",
    seed: Annotated[int, typer.Option("--seed", help="Other pictures in another order.")] = 0,
) -> None:
    """Serve Google, Bing and Yahoo Images in small, for `pixset scrape --replica URL`."""
    from .replica import Faults, serve

    with serve(
        folder,
        port=port,
        faults=Faults.parse(fault or []),
        per_term=per_term,
        layout=layout,
        seed=seed,
    ) as replica:
        print(f"{replica.url} serves google, bing and yahoo until Ctrl-C", flush=True)
        replica.wait()
