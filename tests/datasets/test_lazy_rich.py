"""What help does not draw with is not loaded for it, and is whole for whoever uses it."""

from __future__ import annotations

import subprocess
import sys


def run(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-P", "-c", code], capture_output=True, text=True, timeout=120, check=True
    )
    return done.stdout


def test_help_loads_nothing_that_only_a_run_needs() -> None:
    code = """
import sys
from pixset.datasets import cli
sys.argv = ["pixset", "--help"]
try:
    cli.main()
except SystemExit:
    heavy = {"markdown_it", "pygments", "pydantic", "numpy", "requests", "selectolax", "tomlkit"}
    print(sorted(heavy & sys.modules.keys()))
"""
    out = run(code)
    assert "Usage: pixset" in out
    assert out.rstrip().endswith("[]")


def test_what_was_deferred_is_the_real_thing_once_it_is_used() -> None:
    code = """
from pixset.datasets.commands.lazy_rich import defer
defer()
from rich.console import Console
from rich.markdown import Markdown
from rich.traceback import Traceback
import rich.markdown
Markdown | str  # as an annotation
console = Console(width=40, force_terminal=False)
console.print(Markdown("*drawn* [by](x) rich"))
try:
    1 / 0
except ZeroDivisionError as error:
    console.print(Traceback.from_exception(type(error), error, error.__traceback__))
print(rich.markdown.Heading.__name__, type(Markdown("a")).__name__)
from rich.markdown import Markdown as again
print(again is type(Markdown("a")))
defer()
print(again is __import__("rich.markdown").markdown.Markdown)
"""
    lines = [line.strip() for line in run(code).splitlines()]
    assert lines[0] == "drawn by rich"
    assert any("ZeroDivisionError" in line for line in lines)
    assert lines[-3:] == ["Heading Markdown", "True", "True"]
