"""The commands as adapters: help, an example, and one line for each mistake."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from pixset.datasets.project import Project
from support.folders import write_files
from support.pictures import jpeg

if TYPE_CHECKING:
    from pathlib import Path


def pixset(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-P", "-m", "pixset.datasets", *words],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )


@pytest.mark.parametrize(
    "command", ["scrape", "build", "status", "import", "demo", "recipe show", "recipe new"]
)
def test_every_command_has_help_and_an_example(command: str, tmp_path: Path) -> None:
    done = pixset(*command.split(), "--help", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert f"pixset {command}" in done.stdout.split("Example:")[1]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["scrape"], "has no recipe yet: say what to look for"),
        (["scrape", "--label", "x"], "--label: expected a --term"),
        (["scrape", "pizza", "--term", "x"], "expected a recipe or --term, not both"),
        (["scrape", "-t", "x", "--engine", "ask"], "--engine 'ask': expected one of google, bing"),
        (["scrape", "-t", "x", "--source", "big"], "--source 'big': expected preview or original"),
        (["scrape", "-t", "x", "--pace", "none"], "none is for a replica"),
        (["scrape", "-t", "x", "--pace", "slow", "--replica", "http://x"], "pace 'slow': expected"),
        (["scrape", "-t", "x", "--replica", "localhost"], "--replica 'localhost': expected an add"),
        (["scrape", "-t", "x", "--type", "foto"], "--type 'foto': expected one of photo"),
        (["scrape", "-t", "test tube"], "no split word"),
        (["scrape", "-t", " "], "--term '': expected words to search for"),
        (["build", "binary"], "expected --positive X"),
        (["build", "piza"], "expected a .toml file or one of flowers5, pizza, scenes36"),
        (["build", "flowers5", "--positive", "x"], "go with `build binary`"),
        (["status", "nowhere"], "nowhere: no dataset here"),
        (["import", "nowhere"], "nowhere: no such folder"),
        (["import", ".", "--label", "Cats"], "expected FOLDER=LABEL"),
        (["recipe", "check", "piza"], "expected a .toml file or one of"),
        (["recipe", "new", "x"], "expected --positive X, or --label"),
        (["fetch", "m.jsonl", "--into", "new", "--workers", "0"], "greater than or equal to 1"),
        (
            ["export", "--format", "croissant", "--out", "new", "--published", "soon"],
            "--published 'soon': expected a day, as in 2026-11-27",
        ),
        (["check", ".", "--threshold", "blurry=nan"], "expected CHECK=N, as in blurry=0.4"),
        (["split", "--size", "99999999"], "less than or equal to 8192"),
        (["scrape", "-t", "x", "--limit", "9" * 30], "--limit"),
        (["build", "binary", "--positive", "x", "--per-class", "9" * 30], "--per-class"),
        (["scrape", "-t", "caf\udce9"], "'caf\\xe9': expected a text in UTF-8"),
        (["build", "binary", "--positive", "caf\udce9"], "'caf\\xe9': expected a text in UTF-8"),
        (["scrape", "-t", "x", "--into", ""], "--into '': expected a value that is not empty"),
        (["status", ""], "status '': expected a value that is not empty"),
        (["import", "photos", ""], "pixset: '': expected a value that is not empty"),
        (["split", ".", "--out="], "--out '': expected a value that is not empty"),
        (["scrape", "-t", "x", "--into", "d" * 300], "File name too long; a shorter name"),
        (["scrape", "-t", "x" * 999], f"label '{'x' * 64}…': expected at most 255 characters"),
        (["fetch", "urls.csv", "--into", "new"], "`pixset scale run urls.csv --store DIR`"),
        (["report", "--html", "."], ".: is a folder; name a file in it"),
    ],
)
def test_a_mistake_is_one_line_and_code_2(words: list[str], said: str, tmp_path: Path) -> None:
    done = pixset(*words, cwd=tmp_path)
    assert done.returncode == 2, done.stderr
    assert said in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert not list(tmp_path.iterdir()), "a mistake writes nothing"


@pytest.mark.parametrize(
    "words",
    [
        ["scrape", "-t", "cake", "--into", "file"],
        ["scrape", "-t", "cake", "--into", "file/below"],
        ["build", "binary", "--positive", "cake", "--into", "file"],
        ["import", "classes", "--into", "file"],
        ["fetch", "manifest.jsonl", "--into", "file"],
    ],
)
def test_a_file_where_a_folder_is_to_be_is_a_mistake_and_stays(
    words: list[str], tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("mine")
    write_files(tmp_path / "classes", {"cake/1.jpg": jpeg(1), "pie/1.jpg": jpeg(2)})
    row = {"id": "a" * 16, "label": "cake", "split": "train", "source_sha256": "a" * 64}
    (tmp_path / "manifest.jsonl").write_text(json.dumps(row) + "\n")
    done = pixset(*words, cwd=tmp_path)
    assert done.returncode == 2, done.stderr
    last = done.stderr.splitlines()[-1]
    assert last.startswith("pixset: file")
    assert "expected a folder to make" in last or "a file is where a folder is needed" in last
    assert (tmp_path / "file").read_text() == "mine"


@pytest.mark.parametrize(
    "words",
    [
        ["report", "dataset", "--html", "dataset/recipe.toml"],
        ["dedupe", "dataset", "--explain", "--html", "dataset/recipe.toml"],
        ["review", "dataset", "--export-decisions", "dataset/recipe.toml"],
    ],
)
def test_an_output_replaces_no_file_of_another_kind(words: list[str], tmp_path: Path) -> None:
    write_files(tmp_path / "classes", {"cake/1.jpg": jpeg(1), "pie/1.jpg": jpeg(2)})
    pixset("import", "classes", "--into", "dataset", cwd=tmp_path)
    before = (tmp_path / "dataset" / "recipe.toml").read_bytes()
    done = pixset(*words, cwd=tmp_path)
    assert done.returncode == 2
    assert "dataset/recipe.toml: is there already" in done.stderr.replace("\\", "/")
    assert (tmp_path / "dataset" / "recipe.toml").read_bytes() == before


@pytest.mark.parametrize("words", [["verify", "file"], ["import", "file"]])
def test_a_file_where_a_folder_is_expected_is_not_called_missing(
    words: list[str], tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    done = pixset(*words, cwd=tmp_path)
    assert done.returncode == 2
    assert "file: is no folder" in done.stderr


@pytest.mark.parametrize("name", ["two words", "it's", "-x", "a&b"])
def test_the_commands_that_may_follow_can_be_pasted(name: str, tmp_path: Path) -> None:
    folder = write_files(tmp_path / "classes", {f"cake/{n}.jpg": jpeg(n) for n in range(2)})
    done = pixset("import", str(folder), f"--into={name}", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    first = done.stdout.rpartition("next:")[2].strip().split("   ")[0]
    words = shlex.split(first)[1:]
    assert pixset(*words, cwd=tmp_path).returncode == 0, first


def test_a_manifest_without_a_row_is_a_mistake(tmp_path: Path) -> None:
    (tmp_path / "manifest.jsonl").touch()
    done = pixset("fetch", "manifest.jsonl", "--into", "new", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith("pixset: manifest.jsonl: lists no picture")
    assert not (tmp_path / "new").exists()


def test_a_new_recipe_can_be_checked_and_shown(tmp_path: Path) -> None:
    made = pixset("recipe", "new", "hotdog", "--positive", "hot dog", cwd=tmp_path)
    assert "hard negatives: burger" in made.stdout
    checked = pixset("recipe", "check", "hotdog.toml", cwd=tmp_path)
    assert "hotdog: 2 labels" in checked.stdout
    shown = pixset("recipe", "show", "hotdog.toml", cwd=tmp_path)
    assert shown.stdout == (tmp_path / "hotdog.toml").read_text()
    assert "scenes36" in pixset("recipe", "show", cwd=tmp_path).stdout


def test_a_dataset_of_another_recipe_is_not_built_over(tmp_path: Path) -> None:
    (tmp_path / "dataset").mkdir()
    pixset("recipe", "new", "cats", "--label", "cat", "--out", "dataset/recipe.toml", cwd=tmp_path)
    done = pixset("build", "flowers5", cwd=tmp_path)
    assert done.returncode == 2
    assert "holds 'cats', not 'flowers5': name another folder" in done.stderr


def test_import_and_status_speak_json(tmp_path: Path) -> None:
    home = tmp_path / "set" / "rose"
    home.mkdir(parents=True)
    (home / "1.jpg").write_bytes(b"\xff\xd8\xff\xe0 rose \xff\xd9")
    done = pixset("import", "set", "--json", cwd=tmp_path)
    assert json.loads(done.stdout)["added"] == {"rose": 1}
    status = json.loads(pixset("status", "--json", cwd=tmp_path).stdout)
    assert status["labels"]["rose"]["fetched"] == 1
    assert "rose" in pixset("status", cwd=tmp_path).stdout


def test_status_reads_while_another_process_writes(tmp_path: Path) -> None:
    write_files(tmp_path / "classes", {"cake/1.jpg": jpeg(1), "pie/1.jpg": jpeg(2)})
    with Project(tmp_path / "dataset").open_catalogue(create=True):
        done = pixset("status", cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        refused = pixset("import", "classes", cwd=tmp_path)
    assert refused.returncode == 2
    assert "is writing this dataset" in refused.stderr
