"""Arguments and options that mean the same thing in every command, spelled once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Dataset = Annotated[
    Path, typer.Argument(metavar="DATASET", help="The dataset folder.", show_default=True)
]
DEFAULT_DATASET = Path("dataset")

Into = Annotated[Path, typer.Option("--into", metavar="DATASET", help="The dataset folder.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of tables.")]
Seed = Annotated[int, typer.Option("--seed", help="Same seed, same decisions.")]
Ratio = Annotated[
    str, typer.Option("--ratio", metavar="80/20", help="train/val or train/val/test, in percent.")
]
Out = Annotated[Path, typer.Option("--out", metavar="DIR", help="The folder to make.")]
