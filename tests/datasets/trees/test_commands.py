"""The commands: options arrive, reports are printed, mistakes are one line and an exit code."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PIL import Image
from pixset.curation.errors import CurationError
from pixset.datasets.errors import DatasetError
from pixset.scraper.replica.drawing.draw import draw
from support.catalogues import put
from support.command_line import run
from support.pictures import jpeg

if TYPE_CHECKING:
    from pixset.datasets.project import Project

Folder = Callable[..., Path]


def refused(*words: str | Path) -> str:
    """The one line of a mistake; the roof turns it into exit code 2."""
    error = run(*words, code=1).exception
    assert isinstance(error, DatasetError | CurationError)
    assert error.exit_code == 2
    assert "\n" not in str(error)
    return str(error)


@pytest.fixture
def copies(folder: Folder) -> Path:
    return folder({"a/1.jpg": jpeg(1, (320, 240)), "a/2.jpg": jpeg(1), "b/3.jpg": jpeg(2)})


def test_dedupe_tells_a_folders_families(copies: Path) -> None:
    told = json.loads(run("dedupe", copies, "--json").stdout)
    (family,) = told["families"]
    assert told["images"] == 3
    assert family["keeper"].endswith("a/1.jpg")
    assert [member["path"].endswith("a/2.jpg") for member in family["members"]] == [True]


def test_dedupe_moves_copies_aside_and_undo_brings_them_back(copies: Path, tmp_path: Path) -> None:
    aside = tmp_path / "aside"
    run("dedupe", copies, "--move-to", aside)
    assert not (copies / "a" / "2.jpg").exists()
    told = json.loads(run("undo", aside, "--json").stdout)
    assert len(told["restored"]) == 1
    assert (copies / "a" / "2.jpg").exists()
    run("dedupe", copies, "--move-to", tmp_path / "again")
    assert "1 file put back, 0 were there already" in run("undo", tmp_path / "again").stdout


def test_dedupe_remembers_what_a_person_says_of_a_folder(copies: Path) -> None:
    run("dedupe", copies, "--not-duplicate", copies / "a/1.jpg", copies / "a/2.jpg")
    assert json.loads(run("dedupe", copies, "--json").stdout)["families"] == []
    run("dedupe", copies, "--duplicate", "a/1.jpg", "a/2.jpg")
    assert len(json.loads(run("dedupe", copies, "--json").stdout)["families"]) == 1


def test_dedupe_explains_itself(copies: Path, tmp_path: Path) -> None:
    page = tmp_path / "made" / "page.html"
    assert "page:" in run("dedupe", copies, "--explain", "--html", page).stdout
    assert page.read_text(encoding="utf-8").lstrip().lower().startswith("<!doctype html")
    assert "nearest" in json.loads(run("dedupe", copies, "--explain", "--json").stdout)


def test_check_tells_a_folders_findings(folder: Folder) -> None:
    root = folder({"1.jpg": jpeg(1), "cut.jpg": jpeg(2)[:-300]})
    told = json.loads(run("check", root, "--json").stdout)
    assert told["images"] == 2
    assert ["cut.jpg" in finding["path"] for finding in told["findings"] if finding["drop"]]
    assert "small" in run("check", root, "--threshold", "small=500").stdout


def test_a_threshold_of_a_datasets_check_says_how_long_it_holds(two_labels: Project) -> None:
    tried = run("check", two_labels.root, "--threshold", "odd_shape=0.5").stdout
    assert "odd_shape" in tried.partition("dropped: ")[2].splitlines()[0]
    assert f"decides by {two_labels.recipe}, where [checks] makes it stay" in tried
    assert "odd_shape" not in run("dedupe", two_labels.root).stdout.partition("dropped: ")[2]
    assert "[checks]" not in run("check", two_labels.root).stdout


def test_a_recipe_remembers_the_threshold_of_a_check(two_labels: Project) -> None:
    labels = '[label.pizza]\nqueries = ["p"]\n\n[label.street]\nqueries = ["s"]\n'
    text = "[checks]\n# mine\nodd_shape = false\n\n" + labels
    two_labels.recipe.write_text(text, encoding="utf-8")
    assert "odd_shape" in refused("check", two_labels.root, "--threshold", "odd_shap=0.5")
    assert two_labels.recipe.read_text(encoding="utf-8") == text
    tried = run("check", two_labels.root, "--threshold", "odd_shape=0.5").stdout
    assert "from now on: odd_shape = 0.5, under [checks] in " in tried
    now = two_labels.recipe.read_text(encoding="utf-8")
    assert now == text.replace("false", "0.5")
    for again in (run("dedupe", two_labels.root), run("check", two_labels.root)):
        assert "odd_shape" in again.stdout.partition("dropped: ")[2].splitlines()[0]


def test_check_labels_reports_doubts_and_drops_nothing(folder: Folder) -> None:
    pytest.importorskip("cleanlab", reason="the extra `noise` is not installed")

    def dish(term: str, index: int) -> bytes:
        out = io.BytesIO()
        draw(term, index, long_side=160).save(out, "JPEG")
        return out.getvalue()

    files = {f"{term}/{n}.jpg": dish(term, n) for term in ("pizza", "street") for n in range(12)}
    root = folder({**files, "street/swapped.jpg": dish("pizza", 99)})
    told = json.loads(run("check", root, "--labels", "--json").stdout)
    assert told["images"] == 25
    assert not any(finding["drop"] for finding in told["findings"])
    named = {Path(f["path"]).name for f in told["findings"] if f["check"] == "label"}
    assert "swapped.jpg" in named


def test_a_dataset_is_deduped_checked_and_undone(two_labels: Project) -> None:  # fmt: skip
    put(two_labels, "pizza", [jpeg(1, (320, 240))], term="again")
    told = json.loads(run("dedupe", two_labels.root, "--json").stdout)
    assert told["kept"] == {"not_pizza": 10, "pizza": 10}
    assert len(told["families"]) == 1
    assert json.loads(run("check", two_labels.root, "--json").stdout)["images"] == 21
    undone = run("undo", two_labels.root).stdout
    assert "1 verdict by rule: duplicate" in undone
    assert "until `pixset dedupe` is asked for again" in undone
    run("check", two_labels.root)
    told = json.loads(run("split", two_labels.root, "--json").stdout)
    assert sum(told["labels"]["pizza"].values()) == 11
    assert "nothing to take back" in run("undo", two_labels.root).stdout
    run("dedupe", two_labels.root, "--explain")


def test_dedupe_after_an_undo_decides_again_and_can_be_undone_again(
    two_labels: Project,
) -> None:
    def kept() -> int:
        return int(json.loads(run("dedupe", two_labels.root, "--json").stdout)["kept"]["pizza"])

    put(two_labels, "pizza", [jpeg(1, (320, 240))], term="again")
    for _ in range(3):
        assert kept() == 10
        assert "1 verdict by rule: duplicate" in run("undo", two_labels.root).stdout
    assert "nothing to take back" in run("undo", two_labels.root).stdout
    assert kept() == 10
    assert kept() == 10
    steps = run("undo", two_labels.root, "--list").stdout.splitlines()
    assert sum("(taken back)" in step for step in steps) == 6  # three steps, three undos of them


def test_what_an_undo_of_check_let_in_is_checked_again_by_check_alone(
    two_labels: Project,
) -> None:
    put(two_labels, "pizza", [jpeg(1, (320, 240))], term="again")
    assert json.loads(run("dedupe", two_labels.root, "--json").stdout)["kept"]["pizza"] == 10
    put(two_labels, "pizza", [jpeg(40, (30, 24))], term="small")
    assert "dropped: 1 duplicate, 1 small" in run("check", two_labels.root).stdout
    run("undo", two_labels.root)
    run("undo", two_labels.root)
    assert "dropped: 1 small" in run("check", two_labels.root).stdout


def test_check_counts_what_cannot_be_decoded_in_its_last_lines(
    two_labels: Project,
) -> None:
    whole = jpeg(40, (320, 240))
    put(two_labels, "pizza", [whole[: len(whole) // 2], b"\xff\xd8\xffnonsense"], term="bad")
    assert "dropped: 1 truncated, 1 undecodable" in run("check", two_labels.root).stdout


def test_nothing_is_moved_into_the_folder_that_is_looked_through(copies: Path) -> None:
    (copies.parent / "link").symlink_to(copies)
    for place in (copies, copies / "a" / "aside", copies.parent / "link" / "x"):
        for command in ("dedupe", "check"):
            line = refused(command, copies, "--move-to", place)
            assert "folder itself" in line or "lies inside" in line
    assert sorted(path.name for path in copies.rglob("*.jpg")) == ["1.jpg", "2.jpg", "3.jpg"]


def test_a_dataset_inside_what_is_imported_is_refused(copies: Path, two_labels: Project) -> None:
    assert "lies inside" in refused("import", copies, "--into", copies / "dataset")
    assert not (copies / "dataset").exists()
    assert "is the pool of" in refused("import", two_labels.images, "--into", two_labels.root)


def test_forget_leaves_the_tree_as_it_was_but_for_what_went(
    two_labels: Project,
) -> None:
    run("split", two_labels.root, "--size", "48", "--val-name", "valid")
    before = {path.relative_to(two_labels.ready) for path in two_labels.ready.rglob("*.jpg")}
    put(two_labels, "pizza", [jpeg(n) for n in range(50, 54)], term="more")  # came since
    run("dedupe", two_labels.root)
    gone = next(path for path in sorted(before) if path.parts[:2] == ("train", "pizza"))
    run("forget", two_labels.root, "--id", gone.stem, "--yes")
    after = {path.relative_to(two_labels.ready) for path in two_labels.ready.rglob("*.jpg")}
    assert after == before - {gone}
    with Image.open(two_labels.ready / min(after)) as picture:
        assert picture.size == (48, 48)


def test_opinions_in_a_dataset_name_files_or_ids(two_labels: Project) -> None:  # fmt: skip
    put(two_labels, "pizza", [jpeg(1, (320, 240))], term="again")
    family = json.loads(run("dedupe", two_labels.root, "--json").stdout)["families"][0]
    keeper, copy = family["keeper"], Path(family["members"][0]["path"]).stem
    told = run("dedupe", two_labels.root, "--not-duplicate", keeper, copy, "--json").stdout
    assert json.loads(told)["kept"]["pizza"] == 11
    assert "no picture of this dataset" in refused(
        "dedupe", two_labels.root, "--duplicate", keeper, "nothing.jpg"
    )


def test_split_lays_a_dataset_out(two_labels: Project) -> None:
    told = json.loads(run("split", two_labels.root, "--ratio", "60/20/20", "--json").stdout)
    assert told["labels"]["pizza"] == {"train": 6, "val": 2, "test": 2}
    text = run("split", two_labels.root, "--ratio", "60/20/20").stdout
    assert "nothing changed" in text
    assert "contact sheet" in text


def test_split_lays_class_folders_out_and_verify_approves(folder: Folder, tmp_path: Path) -> None:
    root = folder({f"{c}/{n}.jpg": jpeg(n + 10 * (c == "b")) for c in "ab" for n in range(6)})
    out = tmp_path / "out"
    options = ("--size", "32", "--pad", "--val-name", "valid", "--seed", "3")
    assert "12 pictures written" in run("split", root, "--out", out, *options).stdout
    assert json.loads(run("verify", out, "--json").stdout)["ok"] is True


def test_verify_leaves_with_1_where_problems_are(folder: Folder) -> None:
    root = folder({"train/a/1.jpg": jpeg(1), "train/b/2.jpg": jpeg(2), "val/b/3.jpg": jpeg(3)})
    assert "missing-class" in run("verify", root, code=1).stdout
    run("verify", root, "--report")


def test_mistakes_are_one_line(copies: Path, two_labels: Project, tmp_path: Path) -> None:
    nowhere = tmp_path / "nowhere"
    assert "neither a dataset nor a folder" in refused("dedupe", nowhere)
    assert "neither a dataset nor a folder" in refused("check", nowhere)
    assert "neither a dataset" in refused("undo", nowhere)
    assert "neither a dataset nor a folder" in refused("split", nowhere)
    for command in ("dedupe", "check", "split"):
        assert "it is a file" in refused(command, copies / "a" / "1.jpg")
        near = refused(command, copies.with_name(f"{copies.name}s"))
        assert f"nothing of that name; did you mean {str(copies)!r}?" in near
    assert "needs --out" in refused("split", copies)
    for command in ("status", "review", "report"):
        assert f"`pixset import {copies} --into DATASET`" in refused(command, copies)
        assert f"--into {nowhere}" in refused(command, nowhere)
    assert "expected FOLDER=LABEL" in refused("split", copies, "--out", nowhere, "--label", "a")
    assert "--label" in refused("split", two_labels.root, "--label", "a=b")
    assert "needs --size" in refused("split", two_labels.root, "--pad")
    assert "expected two or three" in refused("split", two_labels.root, "--ratio", "x")
    assert "--link" in refused("split", two_labels.root, "--link", "soft")
    assert "--val-name" in refused("split", two_labels.root, "--val-name", "dev")
    assert "--out" in refused("split", two_labels.root, "--out", nowhere)
    assert "--move-to" in refused("dedupe", two_labels.root, "--move-to", nowhere)
    assert "CHECK=N" in refused("check", copies, "--threshold", "small")
    assert "--html" in refused("dedupe", copies, "--html", nowhere)


def test_the_installed_command_splits_and_leaves_with_its_code(
    folder: Folder, tmp_path: Path
) -> None:
    root = folder({f"{c}/{n}.jpg": jpeg(n + 10 * (c == "b")) for c in "ab" for n in range(5)})
    words = [sys.executable, "-P", "-m", "pixset.datasets", "split", str(root)]
    failed = subprocess.run(words, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert failed.returncode == 2
    assert failed.stderr.splitlines()[-1].startswith("pixset: ")
    done = subprocess.run(
        [*words, "--out", "out", "--json"], capture_output=True, text=True, check=False,
        cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["labels"]["a"] == {"train": 4, "val": 1}
