"""The scraper's commands. A command is an adapter: parse, call one function, print."""

from __future__ import annotations

import typer

app = typer.Typer()
