from __future__ import annotations

import csv
import json
import os
import re
import subprocess
import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest
from PIL import Image
from pixset.datasets.catalogue import decisions
from pixset.datasets.catalogue.decisions import Verdict
from pixset.datasets.curate import curate
from pixset.datasets.recipe import Label, Recipe
from pixset.datasets.split import Ratios
from pixset.datasets.tree.build_tree import build_tree
from pixset.datasets.tree.manifest import read_manifest
from pixset.datasets.tree.settings import SplitOptions

if TYPE_CHECKING:
    from pathlib import Path

    from pixset.datasets.project import Project

RECIPE = Recipe(
    name="pizza or not",
    description="Is it pizza?",
    labels=(Label("pizza", "Pizza", "Flat baked dough."), Label("not_pizza")),
)


@pytest.fixture
def laid(two_labels: Project) -> Project:
    curate(two_labels, RECIPE)
    build_tree(two_labels, RECIPE)
    return two_labels


def card(project: Project) -> str:
    return (project.ready / "README.md").read_text(encoding="utf-8")


def test_the_card_tells_counts_queries_and_definitions(laid: Project) -> None:
    text = card(laid)
    assert "# pizza or not" in text
    assert "| `pizza` | 8 | 2 | 10 |" in text
    assert "* `pizza`: Flat baked dough." in text
    assert "| `not_pizza` | not_pizza | bing | 100 | 10 | 10 |" in text
    assert "| unknown | 20 |" in text
    assert "belongs to its owner" in text
    assert "Split 80/20, seed 0" in text


def test_the_card_begins_with_hugging_faces_front_matter(laid: Project) -> None:
    front = card(laid).split("---")[1]
    keys = dict(re.findall(r"^(\w+): (.*)$", front, re.MULTILINE))
    assert json.loads(keys["pretty_name"]) == "pizza or not"
    assert keys["task_categories"] == "[image-classification]"
    assert json.loads(keys["configs"])[0]["data_files"] == [
        {"split": "train", "path": "train/**"},
        {"split": "validation", "path": "val/**"},
    ]


def test_the_card_tells_how_many_labels_a_person_found_right(laid: Project) -> None:
    assert "no person has verified" in card(laid)
    rows = [row for row in read_manifest(laid.ready) if row["label"] == "pizza"]
    with laid.open_catalogue() as cat, cat.transaction():
        seen = [row["source_sha256"] for row in rows]
        decisions.record_verdicts(
            cat, [Verdict(one, "keep", "person", "right") for one in seen[:4]]
        )
        decisions.record_verdicts(cat, [Verdict(seen[4], "drop", "person", "a cake")])
    build_tree(laid, RECIPE)
    assert "| `pizza` | 5 | 80.0% | 37.6% to 96.4% |" in card(laid)
    assert "Left out: a cake 1." in card(laid)


def test_what_says_nothing_of_a_label_is_not_counted_for_or_against_it(laid: Project) -> None:
    rows = [row for row in read_manifest(laid.ready) if row["label"] == "pizza"]
    one, two, three, four, five = [str(row["source_sha256"]) for row in rows[:5]]
    settled = [
        Verdict(sha, "keep", "rule", "label-conflict", {}, "not_pizza") for sha in (four, five)
    ]
    with laid.open_catalogue() as cat, cat.transaction():
        decisions.record_verdicts(cat, settled)
        decisions.record_verdicts(
            cat,
            [
                Verdict(one, "keep", "person", "reviewed"),
                Verdict(two, "drop", "person", decisions.OTHER_KEPT, {"keeper": one}),
                Verdict(three, "drop", "person", "reviewed"),
                Verdict(four, "keep", "person", "reviewed", {}, "not_pizza"),
                Verdict(five, "keep", "person", "relabelled", {}, "pizza"),
            ],
        )
    build_tree(laid, RECIPE)
    assert "| `pizza` | 2 | 50.0% |" in card(laid)
    assert "| `not_pizza` | 2 | 50.0% |" in card(laid)


def snippets(text: str) -> dict[str, str]:
    return dict(re.findall(r"\*\*([\w ]+)\*\*\n\n```python\n(.*?)```", text, re.DOTALL))


def test_every_packages_lines_are_python(laid: Project) -> None:
    found = snippets(card(laid))
    assert list(found) == [
        "Keras",
        "torchvision",
        "Hugging Face",
        "fastai",
        "Ultralytics",
        "TensorFlow Datasets",
    ]
    for code in found.values():
        compile(code, "README.md", "exec")


def test_a_test_side_and_another_val_name_are_in_the_lines(two_labels: Project) -> None:
    curate(two_labels, RECIPE)
    build_tree(two_labels, RECIPE, SplitOptions(ratios=Ratios.parse("60/20/20"), val_name="valid"))
    found = snippets(card(two_labels))
    assert 'f"{root}/valid"' in found["Keras"]
    assert 'f"{root}/test"' in found["torchvision"]
    assert "valid=" not in found["fastai"]


@pytest.mark.loaders
def test_hugging_faces_lines_run(laid: Project, tmp_path: Path) -> None:
    # In a process of its own, outside the checkout, where `datasets` is Hugging Face's.
    if find_spec("pyarrow") is None:
        pytest.skip("Hugging Face's datasets is not installed (pip install datasets)")
    code = snippets(card(laid))["Hugging Face"] + (
        "\nprint(dataset['train'].features['label'].names, "
        "dataset['train'].num_rows, dataset['validation'].num_rows)\n"
    )
    ran = subprocess.run(
        [sys.executable, "-P", "-c", code],
        cwd=laid.ready,
        env={"HF_HOME": str(tmp_path / "cache"), "HF_HUB_OFFLINE": "1", "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    if "No module named 'datasets'" in ran.stderr or "cannot import name" in ran.stderr:
        pytest.skip("Hugging Face's datasets is not installed (pip install datasets)")
    assert ran.stdout.strip() == "['not_pizza', 'pizza'] 16 4", ran.stderr


def test_the_manifest_is_the_same_as_json_and_as_csv(laid: Project) -> None:
    rows = read_manifest(laid.ready)
    with (laid.ready / "manifest.csv").open(encoding="utf-8", newline="") as file:
        table = list(csv.DictReader(file))
    assert [row["id"] for row in table] == [row["id"] for row in rows]
    assert list(table[0]) == list(rows[0])
    assert table[0]["license"] == "unknown"
    assert table[0]["caption"] == ""
    assert json.loads(table[0]["label_verified"]) is False


def test_every_column_is_in_every_row(laid: Project) -> None:
    from pixset.datasets.tree.columns import COLUMNS

    for row in read_manifest(laid.ready):
        assert list(row) == list(COLUMNS)
        assert row["tool_version"]


def test_the_contact_sheet_shows_each_label(laid: Project) -> None:
    with Image.open(laid.root / "contact-sheet.jpg") as sheet:
        assert sheet.format == "JPEG"
        assert sheet.width > sheet.height > 200


def test_a_contact_sheet_that_a_killed_run_left_of_an_earlier_tree_is_drawn_anew(
    laid: Project,
) -> None:
    sheet = laid.root / "contact-sheet.jpg"
    before = sheet.read_bytes()
    sheet.write_bytes(b"of the tree before")
    finished = (laid.ready / "SHA256SUMS").stat().st_mtime_ns
    os.utime(sheet, ns=(finished - 1, finished - 1))
    assert not build_tree(laid, RECIPE).changed
    assert sheet.read_bytes() == before


def test_the_contact_sheet_is_the_same_for_the_same_tree(
    laid: Project,
) -> None:
    before = (laid.root / "contact-sheet.jpg").read_bytes()
    (laid.root / "contact-sheet.jpg").unlink()
    build_tree(laid, RECIPE)
    assert (laid.root / "contact-sheet.jpg").read_bytes() == before
