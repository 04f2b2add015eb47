"""Command-line options whose words come from a registry; the roof's commands use them, too."""

from __future__ import annotations

from typing import Any

from typer.models import OptionInfo


class EngineOption(OptionInfo):
    """An option that names engines: its help lists those there are when it is shown."""

    def __init__(self, *names: str, help: str) -> None:  # noqa: A002 (Typer's own word)
        super().__init__(default=..., param_decls=names, help=help)

    @property
    def metavar(self) -> str:
        """The engines' names, as help shows them."""
        from .engines import engine_names

        return "|".join(engine_names())

    @metavar.setter
    def metavar(self, value: Any) -> None:
        """Typer sets what it was given: nothing."""
