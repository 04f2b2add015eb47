"""Plain values of the command line are read without pydantic, and as Typer reads them."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

APP = """
import sys
from pathlib import Path
from typing import Annotated, Literal, Optional
import typer
if sys.argv.pop(1) == "deferred":
    from pixset.datasets.commands.lazy_pydantic import defer_pydantic
    defer_pydantic()
    defer_pydantic()
app = typer.Typer(pretty_exceptions_enable=False, rich_markup_mode=None)

@app.command()
def told(
    place: Path = Path("dataset"),
    out: Optional[Path] = None,
    there: Annotated[Optional[Path], typer.Option(exists=True)] = None,
    file: Annotated[Optional[Path], typer.Option(dir_okay=False)] = None,
    word: str = "a",
    number: Annotated[int, typer.Option(min=0, max=9)] = 3,
    share: float = 0.02,
    words: Annotated[Optional[list[str]], typer.Option()] = None,
    kind: Annotated[Optional[Literal["x", "y"]], typer.Option()] = None,
    parsed: Annotated[Optional[int], typer.Option(parser=len)] = None,
    flag: bool = False,
) -> None:
    given = (place, out, there, file, word, number, share, words, kind, parsed, flag)
    print(*map(repr, given), "pydantic" in sys.modules)

app()
"""


def told(how: str, words: list[str], place: Path) -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, "-P", "-c", APP, how, *words],
        capture_output=True, check=False, cwd=place, text=True, timeout=120,
    )  # fmt: skip
    return done.returncode, done.stdout.rpartition(" ")[0], done.stderr


@pytest.mark.parametrize(
    "words",
    [
        "",
        "--place . --out gone/deeper --word b --flag",
        "--there . --number 5 --share 0.5 --words a --words b --kind y --parsed abc",
        "--words a --words --place",
        "--number 10",
        "--number three",
        "--share half",
        "--there gone",
        "--file .",
        "--kind z",
        "--place",
    ],
)
def test_values_and_mistakes_are_those_of_typer(words: str, tmp_path: Path) -> None:
    (tmp_path / "dataset").mkdir()
    assert told("deferred", words.split(), tmp_path) == told("plain", words.split(), tmp_path)


def test_a_command_of_plain_words_loads_neither_pydantic_nor_an_engine(tmp_path: Path) -> None:
    code = """
import sys
from pixset.datasets import cli
from pixset.datasets.project import Project
from pathlib import Path
Project(Path("set")).open_catalogue(create=True).close()
sys.argv = ["pixset", "status", "set", "--queries"]
try:
    cli.main()
except SystemExit:
    heavy = {"pydantic", "numpy", "requests", "selectolax", "pixset.scraper.engines.google"}
    print(sorted(heavy & sys.modules.keys()))
"""
    done = subprocess.run(
        [sys.executable, "-P", "-c", code],
        capture_output=True, check=True, cwd=tmp_path, text=True, timeout=120,
    )  # fmt: skip
    assert done.stdout.rstrip().endswith("[]")
