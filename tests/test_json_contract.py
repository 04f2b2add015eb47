"""Every `--json` keeps to its schema in docs/schemas, and nothing else is on stdout.

Real commands run on a dataset built from a local site, and on a plain folder.
"""

from __future__ import annotations

import importlib
import json
import os
import pty
import shutil
import subprocess
import sys
import termios
import urllib.request
from contextlib import suppress
from importlib import util
from pathlib import Path
from typing import TYPE_CHECKING

import jsonschema
import pytest
from pixset.scraper.engines import bing
from pixset.scraper.models import Query
from pixset.scraper.replica import Replica, serve
from support.command_line import COMMANDS
from support.folders import write_files
from support.lookalikes import scene
from support.models import saved
from support.pictures import encode

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

# The first test waits for all runs, and a machine under load takes its time.
pytestmark = pytest.mark.timeout(1800)
DOCS = Path(__file__).resolve().parent.parent / "docs"
COMMAND = [sys.executable, "-P", "-m", "pixset.datasets"]
BROWSER = any(map(shutil.which, ("chromium", "google-chrome", "chrome", "chromium-browser")))
ONLINE = ["--replica", "{replica}"]
ONNX = all(map(util.find_spec, ("onnx", "onnxruntime")))
NEEDS_BROWSER = {"scrape", "build", "doctor --engines", "fetch"}

# Name → the words of a command, run one after the other in one folder.
RUNS: dict[str, list[str]] = {
    "build": ["build", "binary", "--positive", "pizza", "--negative", "sushi",
              "--per-class", "6", "--into", "built", *ONLINE],
    "scrape": ["scrape", "--term", "pizza", "--limit", "4", "--engine", "bing",
               "--into", "scraped", *ONLINE],
    "scrape --dry-run": ["scrape", "--term", "cake", "--lang", "de", "--into", "cake", "--dry-run"],
    "build --dry-run": ["build", "flowers5", "--into", "flowers", "--dry-run"],
    "doctor --engines": ["doctor", "--engines", "--engine", "bing", *ONLINE],
    "fetch": ["fetch", "built/ready/manifest.jsonl", "--into", "again", "--allow-private"],
    "import": ["import", "classes"],
    "check": ["check"],
    "check folder": ["check", "classes"],
    "check --labels": ["check", "--labels"],
    "check --labels folder": ["check", "classes", "--labels"],
    "dedupe": ["dedupe"],
    "dedupe folder": ["dedupe", "classes"],
    "dedupe --explain": ["dedupe", "classes", "--explain", "--html", "copies.html"],
    "dedupe --move-to": ["dedupe", "classes", "--move-to", "moved"],
    "undo folder": ["undo", "moved"],
    "split": ["split", "--ratio", "70/30"],
    "split folder": ["split", "classes", "--out", "tree", "--ratio", "70/30"],
    "status": ["status"],
    "report": ["report", "--html", "page.html"],
    "report --compare": ["report", "--compare", "dataset"],
    "verify": ["verify", "tree", "--report"],
    "export": ["export", "--format", "csv", "--out", "tables"],
    "review --export-decisions": ["review", "--export-decisions", "decisions.csv"],
    "review --import-decisions": ["review", "--import-decisions", "decisions.csv"],
    "forget": ["forget", "--file", "classes/dog/3.jpg"],
    "scale run": ["scale", "run", "urls.csv", "--store", "run", "--until", "look"],
    "scale status": ["scale", "status", "--store", "run"],
    "undo --list": ["undo", "--list"],
    "undo": ["undo"],
    "recipe show": ["recipe", "show"],
    "recipe show name": ["recipe", "show", "pizza"],
    "recipe check": ["recipe", "check", "scenes36"],
    "config show": ["config", "show", "--all"],
    "inspect": ["inspect", "page.html.saved", "--engine", "bing"],
    "drivers": ["drivers"],
    "doctor": ["doctor"],
    "doctor --model": ["doctor", "--model", "means.onnx"],
}  # fmt: skip
# What leaves with another code by its nature, and still says so in JSON: a machine without a
# browser, a page with fewer results than an engine's, and a label of which nothing comes.
CODES = {
    "scale run": (6,),
    "drivers": (0, 3),
    "doctor": (0, 3),
    "doctor --engines": (0, 5),
    "doctor --model": (0, 1),  # a mean of channels makes no sense of pictures
}


SPEAKING = [
    name
    for name, command in COMMANDS.items()
    if any("--json" in getattr(one, "opts", ()) for one in command.params)
]


@pytest.fixture(scope="module")
def shapes() -> Iterator[ModuleType]:
    """docs/shapes, which is no package of the product."""
    sys.path.insert(0, str(DOCS))
    yield importlib.import_module("shapes")
    sys.path.remove(str(DOCS))


@pytest.fixture(scope="module")
def replica() -> Iterator[Replica]:
    with serve(per_term=12) as running:
        yield running


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, replica: Replica) -> Path:
    """Two classes of ten scenes with one copy, and a saved page."""
    root = tmp_path_factory.mktemp("json")
    files = {
        f"classes/{label}/{n}.jpg": encode(scene(n + shift), quality=90)
        for shift, label in ((0, "cat"), (100, "dog"))
        for n in range(10)
    }
    files["classes/cat/again.jpg"] = encode(scene(0).resize((480, 360)), quality=80)
    files["classes/cat/broken.jpg"] = files["classes/cat/0.jpg"][:5000]
    files["urls.csv"] = b"url,label\nhttp://127.0.0.1:9/1.jpg,cat\n"  # refused: a private address
    with urllib.request.urlopen(bing.url(Query("pizza"), f"{replica.url}/bing")) as page:
        files["page.html.saved"] = page.read()
    if ONNX:
        saved(root / "means.onnx", ["n", 3, 32, 32], metadata={"input_std": "255"})
    return write_files(root, files)


@pytest.fixture(scope="module")
def printed(folder: Path, replica: Replica) -> dict[str, subprocess.CompletedProcess[str]]:
    """What each run left, in their order: later ones stand on earlier ones."""
    return {
        name: subprocess.run(
            [*COMMAND, *(word.format(replica=replica.url) for word in words), "--json"],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
        for name, words in RUNS.items()
        if (BROWSER or name not in NEEDS_BROWSER) and (ONNX or name != "doctor --model")
    }


def command_of(words: list[str]) -> str:
    return max((name for name in SPEAKING if " ".join(words).startswith(name)), key=len)


@pytest.mark.parametrize("name", RUNS)
def test_what_a_command_prints_keeps_to_its_schema(
    name: str, printed: dict[str, subprocess.CompletedProcess[str]]
) -> None:
    if name not in printed:
        pytest.skip("no Chromium or Chrome on PATH (see drivers.md), or no onnxruntime")
    done = printed[name]
    assert done.returncode in CODES.get(name, (0,)), done.stderr[-3000:]
    schema = json.loads(
        (DOCS / "schemas" / f"{command_of(RUNS[name]).replace(' ', '-')}.json").read_text()
    )
    jsonschema.validate(
        json.loads(done.stdout), schema, cls=jsonschema.validators.validator_for(schema)
    )


def test_every_command_that_speaks_json_has_a_schema_and_is_run_here(shapes: ModuleType) -> None:
    assert sorted(SPEAKING) == sorted(shapes.SHAPES)
    assert {command_of(words) for words in RUNS.values()} == set(SPEAKING)
    files = {path.stem for path in (DOCS / "schemas").glob("*.json")}
    assert files == {name.replace(" ", "-") for name in SPEAKING}


@pytest.mark.parametrize("name", SPEAKING)
def test_the_schema_in_the_docs_is_made_of_the_types(name: str, shapes: ModuleType) -> None:
    assert shapes.file_of(name).read_text(encoding="utf-8") == shapes.schema_text(name)


def test_a_key_that_is_not_written_down_is_noticed(shapes: ModuleType) -> None:
    right = {"added": {}, "known": 0, "restored": 0, "linked": 0, "no_picture": [], "left_out": {}}
    wrong = {**right, "more": 1}
    with pytest.raises(jsonschema.ValidationError, match="'more' was unexpected"):
        jsonschema.validate(wrong, shapes.schema_of("import"))


def test_progress_is_never_on_stdout(folder: Path) -> None:
    """With stderr on a pipe there are lines, with stderr on a terminal there are bars."""
    files = {f"fresh{n}/a/{n}.jpg": encode(scene(300 + n), quality=90) for n in range(2)}
    write_files(folder, files)
    piped = subprocess.run(
        [*COMMAND, "check", "fresh0", "--json"], cwd=folder, capture_output=True, text=True,
        check=True,
    )  # fmt: skip
    assert json.loads(piped.stdout)["images"] == 1
    assert "1/1 done" in piped.stderr
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 100))  # rows, columns
    bars = b""
    try:
        done = subprocess.run(
            [*COMMAND, "check", "fresh1", "--json"], cwd=folder, stdout=subprocess.PIPE,
            stderr=theirs, check=True,
        )  # fmt: skip
    finally:
        os.close(theirs)
    with suppress(OSError), os.fdopen(ours, "rb", buffering=0) as screen:
        while shown := screen.read(10_000):  # Linux ends a terminal's output with an error
            bars += shown
    assert json.loads(done.stdout)["images"] == 1
    assert b"100%" in bars
