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

Engines = Annotated[
    list[str] | None,
    typer.Option("--engine", metavar="google|bing|yahoo", help="Ask only these; default: all."),
]
Source = Annotated[
    str | None,
    typer.Option(
        "--source",
        metavar="preview|original",
        help="What the page itself shows (default), or the full picture, else its preview.",
    ),
]
Replica = Annotated[
    str | None,
    typer.Option("--replica", metavar="URL", help="Ask a local replica (`pixset replica serve`)."),
]
Pace = Annotated[
    str | None,
    typer.Option(
        "--pace",
        metavar="human|brisk|none",
        help="How fast pages are scrolled; none only with --replica, and its default.",
    ),
]
Unattended = Annotated[
    bool, typer.Option("--unattended", help="Give an engine up at a captcha; nobody is here.")
]
Browser = Annotated[
    str | None,
    typer.Option("--browser", help="chrome, chromium, edge, firefox, or an executable's path."),
]
Driver = Annotated[Path | None, typer.Option("--driver", help="The driver's path.")]
Headless = Annotated[
    bool | None,
    typer.Option(
        "--headless/--headed", " /--window", help="No window, or a window, for every engine."
    ),
]
Profile = Annotated[
    Path | None,
    typer.Option("--profile", metavar="DIR", help="Keep cookies here between runs."),
]
Again = Annotated[bool, typer.Option("--again", help="Repeat searches that are finished, too.")]
PerClass = Annotated[
    int | None, typer.Option("--per-class", min=1, help="Pictures wanted in each class.")
]
