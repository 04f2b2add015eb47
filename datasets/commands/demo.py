"""`pixset demo`: the main job in small, on a local site."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from . import options
from .console import bars

app = typer.Typer()


@app.command(epilog="Example:  pixset demo")
def demo(
    *,
    into: options.Into = Path("pixset-demo"),
    per_class: Annotated[
        int, typer.Option("--per-class", min=4, help="Pictures wanted in each class.")
    ] = 32,
    browser: options.BrowserOption = None,
    driver: options.DriverOption = None,
) -> None:
    """Build a small pizza / not-pizza set from a local three-engine site, start to end."""
    from ...scraper.browser.installed import choose
    from ..demo import run
    from ..project import Project
    from . import summaries

    project = Project(into)
    recipe, built = run(project, per_class, choose(browser, driver, headless=True), bars)
    summaries.show_built(project, recipe, built)
    if built.refusal is not None:
        raise built.refusal
