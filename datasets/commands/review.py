"""`pixset review`: a local page on which a person keeps, drops and relabels."""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import Annotated

import typer

from . import options
from .console import show

app = typer.Typer()


@app.command(epilog="Example:  pixset review dataset --port 8008")
def review(
    dataset: options.Dataset = options.DEFAULT_DATASET,
    *,
    port: Annotated[
        int, typer.Option("--port", min=0, max=65_535, help="0 takes any free port.")
    ] = 0,
    open_page: Annotated[
        bool, typer.Option("--open/--no-open", help="Open the page in the browser.")
    ] = True,
) -> None:
    """Look through a dataset in the browser: val first, doubtful pictures first.

    Every click is written to the catalogue at once and stays; Ctrl-C ends the page.
    `pixset dedupe` and `pixset split` then act on it.
    """
    from ..project import Project
    from ..review import serve

    with serve(Project.open(dataset), port) as page:
        show([f"review page: {page.url}", "for this computer only; Ctrl-C ends it"])
        if open_page:
            _open(page.url)
        with suppress(KeyboardInterrupt):  # Ctrl-C is how the page ends
            threading.Event().wait()


def _open(url: str) -> None:
    import webbrowser

    webbrowser.open(url)
