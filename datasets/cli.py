"""The one Typer app: every room's commands under one roof, every error one line."""

from __future__ import annotations

import typer

app = typer.Typer()


def main() -> None:
    """Run the command line."""
    app()
