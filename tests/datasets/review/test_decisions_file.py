"""decisions.csv: out for scripts and colleagues, in again, each wrong row one line."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING

import pytest
from pixset.datasets.catalogue import decisions
from pixset.datasets.commands import review as command
from pixset.datasets.errors import UsageError
from pixset.datasets.review.decisions_file import COLUMNS, export_decisions, import_decisions
from pixset.datasets.review.session import ReviewSession

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Shelf


def read(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def write(path: Path, text: str) -> Path:
    path.write_text(text, "utf-8")
    return path


def test_every_picture_has_a_row_val_first_and_nobodys_decision_is_empty(
    shelf: Shelf, tmp_path: Path
) -> None:
    ReviewSession(shelf.project).drop([shelf.shas[2]])
    assert export_decisions(shelf.project, tmp_path / "d.csv") == 1
    rows = read(tmp_path / "d.csv")
    assert tuple(rows[0]) == COLUMNS
    assert [row["split"] for row in rows] == ["val"] * 2 + ["train"] * 6 + [""] * 2
    decided = {row["sha256"]: row["decision"] for row in rows if row["decision"]}
    assert decided == {shelf.shas[2]: "drop"}
    assert all(row["id"] == row["sha256"][:16] for row in rows)


def test_what_one_wrote_another_reads_and_nothing_changes_twice(
    shelf: Shelf, tmp_path: Path
) -> None:
    session = ReviewSession(shelf.project)
    session.keep([shelf.shas[0]])
    session.drop([shelf.shas[2]])
    session.relabel([shelf.shas[4]], "calzone")
    session.pair(*shelf.pair, same=False)
    path = tmp_path / "decisions.csv"
    assert export_decisions(shelf.project, path) == 4
    before = shelf.standings()
    done = import_decisions(shelf.project, path)
    assert (done.recorded, done.unchanged, done.wrong) == (0, 4, ())
    assert shelf.standings() == before
    for _ in range(4):
        session.undo()
    done = import_decisions(shelf.project, path)
    assert (done.recorded, done.unchanged, done.wrong) == (4, 0, ())
    after = shelf.standings()
    assert after[shelf.shas[2]].dropped
    assert after[shelf.shas[4]].label == "calzone"
    assert after[shelf.shas[0]].reviewed
    with shelf.project.open_catalogue(write=False) as cat:
        assert decisions.links(cat) == (set(), {frozenset(shelf.pair)})


def test_an_import_is_one_step_for_undo(shelf: Shelf, tmp_path: Path) -> None:
    lines = [f"{sha[:16]},drop" for sha in shelf.shas[:4]]
    path = write(tmp_path / "d.csv", "\n".join(["id,decision", *lines]))
    assert import_decisions(shelf.project, path).recorded == 4
    assert sorted(ReviewSession(shelf.project).undo()) == sorted(shelf.shas[:4])
    assert not any(one.person for one in shelf.standings().values())


def test_a_row_that_is_wrong_is_one_line_and_the_others_are_recorded(
    shelf: Shelf, tmp_path: Path
) -> None:
    one, two, three = (sha[:16] for sha in shelf.shas[:3])
    table = f"""id,label,decision,other
{one},,keep,
{two},,kepp,
,,keep,
0123456789abcdef,,drop,
{one},,drop,
{two},Sushi Roll,keep,
{two},sushi,,
{two},,duplicate,{two}
{two},,duplicate,
{three},sushi,Keep,
"""
    done = import_decisions(shelf.project, write(tmp_path / "d.csv", table))
    assert done.recorded == 2
    assert shelf.standings()[shelf.shas[2]].label == "sushi"
    assert all("\n" not in line for line in done.wrong)
    assert [line.split(":")[0] for line in done.wrong] == [f"row {n}" for n in range(3, 11)]
    assert "expected keep, drop" in done.wrong[0]
    assert "no picture of this dataset" in done.wrong[2]
    assert "row 2" in done.wrong[3]
    assert "write keep" in done.wrong[5]


def test_a_cell_that_a_spreadsheet_would_run_is_defused_and_read_back(
    shelf: Shelf, tmp_path: Path
) -> None:
    with shelf.project.open_catalogue() as cat, cat.transaction():
        said = decisions.Verdict(shelf.shas[0], "drop", "person", "=HYPERLINK(1)")
        decisions.record_verdicts(cat, [said])
    path = tmp_path / "d.csv"
    export_decisions(shelf.project, path)
    assert next(row for row in read(path) if row["decision"])["reason"] == "'=HYPERLINK(1)"
    assert import_decisions(shelf.project, path).unchanged == 1


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a,b\n1,2\n", "expected columns decision and id or sha256"),
        ("id;decision\n1;keep\n", "with commas between them"),
    ],
)
def test_another_table_is_refused_in_one_line(
    shelf: Shelf, tmp_path: Path, text: str, says: str
) -> None:
    with pytest.raises(UsageError, match=says):
        import_decisions(shelf.project, write(tmp_path / "d.csv", text))
    with pytest.raises(UsageError, match="no such file"):
        import_decisions(shelf.project, tmp_path / "none.csv")


def test_the_command_writes_reads_and_names_wrong_rows(
    shelf: Shelf, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "out" / "decisions.csv"
    command.review(shelf.project.root, export_to=path)
    assert "0 decisions" in capsys.readouterr().out
    write(path, f"id,decision\n{shelf.shas[0][:16]},drop\nffff,keep\n")
    with pytest.raises(command.typer.Exit) as left:
        command.review(shelf.project.root, import_from=path, as_json=True)
    assert left.value.exit_code == 1
    shown = capsys.readouterr()
    assert json.loads(shown.out)["recorded"] == 1
    assert shown.err == f"{path}: row 3: id 'ffff': no picture of this dataset\n"


@pytest.mark.parametrize("text", ["", "\n", "file,label\n"])
def test_a_file_without_rows_has_the_columns_or_is_no_table_of_decisions(
    shelf: Shelf, tmp_path: Path, text: str
) -> None:
    with pytest.raises(UsageError, match="expected columns decision and id or sha256"):
        import_decisions(shelf.project, write(tmp_path / "d.csv", text))
    done = import_decisions(shelf.project, write(tmp_path / "d.csv", ",".join(COLUMNS)))
    assert (done.recorded, done.wrong) == (0, ())
