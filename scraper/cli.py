"""The scraper's commands. A command is an adapter: parse, call one function, print."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from .options import RegistryCommand, engine_names, one_of

app = typer.Typer()
replica_app = typer.Typer(
    no_args_is_help=True, help="A local site in the three engines' page shapes."
)
app.add_typer(replica_app, name="replica")

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
BrowserOption = Annotated[
    str | None,
    typer.Option(
        "--browser",
        envvar="PIXSET_BROWSER",
        help="chrome, chromium, edge, firefox, or an executable's path.",
    ),
]
DriverOption = Annotated[
    Path | None,
    typer.Option(
        "--driver",
        envvar="PIXSET_DRIVER",
        help="The driver's path (chromedriver, geckodriver).",
    ),
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
            **one_of("{engines}", engine_names),
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
