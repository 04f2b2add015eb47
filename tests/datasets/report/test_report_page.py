from __future__ import annotations

import json
import re
import shutil
from typing import TYPE_CHECKING

import pytest
from PIL import Image
from pixset.datasets.catalogue import decisions, families, images
from pixset.datasets.catalogue.decisions import Verdict
from pixset.datasets.commands import report as command
from pixset.datasets.curate import recipe_of
from pixset.datasets.errors import UsageError
from pixset.datasets.recipe.models import Label
from pixset.datasets.report.compare import compare, state_of_facts
from pixset.datasets.report.gather import EXAMPLES, DatasetFacts, gather
from pixset.datasets.report.page import html_page
from pixset.datasets.report.plots import balance, funnel
from pixset.datasets.status import Line
from pixset.datasets.tree.build_tree import build_tree
from pixset.datasets.tree.contact_sheet import COLUMNS, SHEET_LINES, contact_sheets

if TYPE_CHECKING:
    from pathlib import Path

    from pixset.datasets.project import Project


@pytest.fixture
def facts(dataset: Project) -> DatasetFacts:
    return gather(dataset, recipe_of(dataset))


def test_the_page_needs_no_other_file_and_asks_nobody(
    dataset: Project, facts: DatasetFacts
) -> None:
    pytest.importorskip("matplotlib", reason="the extra `report` is not installed")
    page = html_page(dataset, facts)
    assert not re.search(r'(?:src|href)="(?!data:|#)', page)
    assert "url(" not in page.replace("url(#", "")
    assert "<script" not in page
    assert page.count("<svg") == 4
    shown = 2 * len(facts.copies) + sum(len(one.examples) for one in facts.left_out)
    assert page.count("data:image/jpeg;base64,") == shown
    assert "default-src 'none'" in page


def test_every_plot_has_a_name_and_takes_the_pages_colour(
    dataset: Project, facts: DatasetFacts
) -> None:
    pytest.importorskip("matplotlib", reason="the extra `report` is not installed")
    page = html_page(dataset, facts)
    assert len(re.findall(r'role="img"><title>[^<]+</title>', page)) == 4
    assert "currentColor" in page
    assert "#123456" not in page


def test_a_label_of_which_nothing_was_kept_stands_at_the_top(dataset: Project) -> None:
    pytest.importorskip("matplotlib", reason="the extra `report` is not installed")
    from dataclasses import replace

    recipe = recipe_of(dataset)
    recipe = replace(recipe, labels=(*recipe.labels, Label("calzone", "Calzone")))
    page = html_page(dataset, gather(dataset, recipe))
    assert page.index("Missing altogether") < page.index("From asked to kept")
    assert "<strong>calzone</strong>" in page
    assert page.index('class="missing"') < page.index('<th scope="row">pizza')


def test_foreign_words_are_shown_and_do_nothing(dataset: Project) -> None:
    pytest.importorskip("matplotlib", reason="the extra `report` is not installed")
    from dataclasses import replace

    recipe = replace(recipe_of(dataset), description="<script>alert(1)</script> & co")
    page = html_page(dataset, gather(dataset, recipe))
    assert "<script>" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_the_numbers_are_those_of_the_catalogue(facts: DatasetFacts) -> None:
    assert facts.pictures == 22
    assert facts.splits["pizza"]["train"] + facts.splits["pizza"]["val"] == 6
    assert facts.straddling == 0
    assert len(facts.copies) == 3
    assert all(dropped for one in facts.copies for _, _, dropped in one.members)
    assert sum(facts.licences.values()) == len(facts.placed) == 12
    seen = {
        name: sum(one.seen for one in facts.precision if one.name == name) for name in ("pizza",)
    }
    assert seen == {"pizza": 2}


def test_two_datasets_are_compared_by_content(facts: DatasetFacts) -> None:
    from dataclasses import replace

    placed = dict(facts.placed)
    first, second, third = sorted(placed)[:3]
    label, split = placed.pop(first)
    placed[second] = (placed[second][0], "val" if placed[second][1] == "train" else "train")
    placed[third] = ("other", placed[third][1])
    found = compare(state_of_facts(replace(facts, placed=placed)), state_of_facts(facts))
    assert (dict(found.added), dict(found.gone)) == ({label: 1}, {})
    assert (found.moved, found.relabelled) == (1, 1)
    assert "in the tree: 1 new, 0 gone, 1 moved to another split, 1 under" in found.to_text()
    assert split in ("train", "val")


def test_the_command_prints_writes_and_compares(
    dataset: Project, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("matplotlib", reason="the extra `report` is not installed")
    page = tmp_path / "page.html"
    command.report(dataset.root, html=page)
    printed = capsys.readouterr().out
    assert "22 pictures" in printed
    assert f"page: {page}" in printed
    assert page.read_text("utf-8").startswith("<!doctype html>")
    command.report(dataset.root, as_json=True)
    assert json.loads(capsys.readouterr().out)["missing_labels"] == []
    command.report(dataset.root, compare=dataset.root)
    assert "0 moved to another split" in capsys.readouterr().out


def test_the_reasons_of_labels_engines_and_queries_add_up(facts: DatasetFacts) -> None:
    status = facts.status
    for slug, line in status.totals.items():
        lost = sum(sum(why.values()) for why in status.lost[slug].values())
        assert line.found - lost + status.gained.get(slug, 0) == line.kept, slug
    for name, line in status.engines.items():
        assert line.found - sum(facts.engine_losses[name].values()) == line.kept, name
    for one in facts.yields:
        assert one.line is not None
        assert one.line.found - sum(one.why.values()) == one.line.kept, one.term


def test_what_is_out_for_other_reasons_is_shown_with_examples(dataset: Project) -> None:
    with dataset.open_catalogue() as cat, cat.transaction():
        shas = sorted(one.sha256 for one in images.images(cat))[:10]
        decisions.record_verdicts(cat, [Verdict(s, "drop", "person", "reviewed") for s in shas])
    found = gather(dataset, recipe_of(dataset))
    (out,) = [one for one in found.left_out if one.by == "person" and one.number >= 10]
    assert len(out.examples) == EXAMPLES
    pytest.importorskip("matplotlib", reason="the extra `report` is not installed")
    page = html_page(dataset, found)
    assert "Left out for other reasons" in page
    assert f"and {out.number - EXAMPLES} more" in page


def test_a_picture_that_cannot_be_read_is_said_and_the_page_is_made(dataset: Project) -> None:
    pytest.importorskip("matplotlib", reason="the extra `report` is not installed")
    found = gather(dataset, recipe_of(dataset))
    (dataset.root / found.copies[0].keeper).write_bytes(b"no picture any more")
    (dataset.root / found.copies[1].keeper).unlink()
    assert html_page(dataset, found).count("cannot be read") == 2


def test_time_in_which_engines_search_side_by_side_counts_once(facts: DatasetFacts) -> None:
    # Three engines at a time: 15 seconds for one label, 7 for the other.
    assert facts.times.number == 6
    assert facts.times.seconds == 22


def test_copies_that_were_never_looked_for_are_not_called_absent(dataset: Project) -> None:
    pytest.importorskip("matplotlib", reason="the extra `report` is not installed")
    with dataset.open_catalogue() as cat, cat.transaction():
        families.put_members(cat, [])
    page = html_page(dataset, gather(dataset, recipe_of(dataset)))
    assert "Copies were never looked for" in page
    assert "no picture of val has a known copy" not in page


def test_a_dataset_is_compared_with_a_build_that_was_kept(
    dataset: Project, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    build_tree(dataset)
    kept = tmp_path / "before"
    shutil.copytree(dataset.ready, kept)
    command.report(dataset.root, compare=kept)
    assert "in the tree: 0 new, 0 gone, 0 moved" in capsys.readouterr().out
    gone = next((kept / "train").rglob("*.jpg")).stem
    rows = (kept / "manifest.jsonl").read_text("utf-8").splitlines(keepends=True)
    (kept / "manifest.jsonl").write_text("".join(r for r in rows if gone not in r), "utf-8")
    command.report(dataset.root, compare=kept, as_json=True)
    assert sum(json.loads(capsys.readouterr().out)["added"].values()) == 1


def test_contact_sheets_show_every_picture_in_pages(dataset: Project, tmp_path: Path) -> None:
    build_tree(dataset)
    command.report(dataset.root, sheets=tmp_path / "sheets", all_=True)
    page = (tmp_path / "sheets" / "index.html").read_text("utf-8")
    sheets = sorted((tmp_path / "sheets").glob("sheet-*.jpg"))
    assert [one.name in page for one in sheets] == [True] * len(sheets)
    rows = [
        {"id": f"{n:016x}", "label": "pizza", "split": "train" if n % 5 else "val",
         "file_name": next(dataset.ready.rglob("*.jpg")).relative_to(dataset.ready).as_posix()}
        for n in range(SHEET_LINES * COLUMNS + 1)
    ]  # fmt: skip
    many = contact_sheets(dataset.ready, rows, tmp_path / "many", whole=True)
    assert len(many) == 2
    heights = []
    for one in many:
        with Image.open(one) as sheet:
            heights.append(sheet.size[1])
    assert heights[0] > heights[1]
    assert len(contact_sheets(dataset.ready, rows, tmp_path / "few")) == 1
    assert len(contact_sheets(dataset.ready, rows, tmp_path / "many")) == 1, "ours are replaced"


def test_pictures_are_counted_in_whole_numbers() -> None:
    pytest.importorskip("matplotlib", reason="the extra `report` is not installed")
    line = Line("cat", "", "", "", None, found=2)
    for plot in (funnel({"cat": line}), balance({"cat": {"train": 2}})):
        marks = re.findall(r">([\d.]+)<", plot)
        assert marks, "no number stands at the axis"
        assert all(float(mark).is_integer() for mark in marks), marks


@pytest.mark.parametrize("name", ["index.html", "sheet-001.jpg"])
def test_sheets_replace_no_file_of_somebodys_own(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("mine")
    with pytest.raises(UsageError, match=f"{name}: is there already"):
        contact_sheets(tmp_path, [], tmp_path)
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [(name, "mine")]


def test_sheets_need_a_tree(dataset: Project, tmp_path: Path) -> None:
    shutil.rmtree(dataset.ready, ignore_errors=True)
    with pytest.raises(UsageError, match="pixset split"):
        command.report(dataset.root, sheets=tmp_path / "sheets")


def test_long_labels_have_rows_of_their_own_and_leave_room_for_the_bars() -> None:
    long = ["x" * 63 + end for end in "ab"]
    drawn = balance({label: {"train": 8, "val": 2} for label in [*long, "pizza"]})
    assert drawn.count("x" * 20) == 2
    assert "x" * 40 not in drawn
    assert "pizza" in drawn
