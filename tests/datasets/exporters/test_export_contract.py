"""What every export promises, whatever its format."""

from __future__ import annotations

import hashlib
import json
import os
from typing import TYPE_CHECKING

import pytest
from pixset.datasets.errors import UsageError
from pixset.datasets.exporters import EXPORTERS, RECORD, ExportOptions, export
from pixset.datasets.folder_swap import swap_folder
from pixset.datasets.verify import verify

if TYPE_CHECKING:
    from pathlib import Path

SMALL = ExportOptions(shard_size=7)  # several shards a side
NEEDS = {"parquet": "pyarrow", "tfrecord": "google_crc32c"}


@pytest.fixture(params=list(EXPORTERS))
def form(request: pytest.FixtureRequest) -> str:
    name = str(request.param)
    if name in NEEDS:
        pytest.importorskip(NEEDS[name])
    return name


def contents(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def rows(folder: Path) -> list[dict[str, object]]:
    text = (folder / "manifest.jsonl").read_text("utf-8")
    return [json.loads(line) for line in text.split("\n") if line]


def test_the_same_tree_gives_the_same_bytes(tree: Path, tmp_path: Path, form: str) -> None:
    export(tree, form, tmp_path / "one", SMALL)
    for path in tree.rglob("*.jpg"):
        os.utime(path, (1, 1))
    lines = (tree / "manifest.jsonl").read_text("utf-8").splitlines(keepends=True)
    (tree / "manifest.jsonl").write_text("".join(reversed(lines)), "utf-8")
    export(tree, form, tmp_path / "two", SMALL)
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_the_manifest_is_complete_and_in_order(tree: Path, tmp_path: Path, form: str) -> None:
    export(tree, form, tmp_path / "out", SMALL)
    before = {row["id"]: row for row in rows(tree)}
    after = rows(tmp_path / "out")
    assert sorted(str(row["id"]) for row in after) == sorted(str(key) for key in before)
    for row in after:
        same = before[row["id"]]
        assert {k: v for k, v in row.items() if k not in ("file_name", "shard")} == {
            k: v for k, v in same.items() if k != "file_name"
        }
    assert (tmp_path / "out" / "classes.txt").read_text("utf-8") == "daisy\nrose\ntulip\n"


def test_the_manifest_says_where_each_picture_lies(tree: Path, tmp_path: Path, form: str) -> None:
    out = tmp_path / "out"
    export(tree, form, out, SMALL)
    for row in rows(out):
        if form == "urls":
            assert not (out / str(row["file_name"])).exists()
        elif "shard" in row:
            assert str(row["file_name"]).split(".")[0].encode() in (
                (out / str(row["shard"])).read_bytes()
            )
        else:
            data = (out / str(row["file_name"])).read_bytes()
            assert hashlib.sha256(data).hexdigest() == row["sha256"]


def test_checksums_cover_every_file(tree: Path, tmp_path: Path, form: str) -> None:
    out = tmp_path / "out"
    export(tree, form, out, SMALL)
    lines = (out / "SHA256SUMS").read_text("utf-8").splitlines()
    listed = {name: digest for digest, name in (line.split("  ", 1) for line in lines)}
    found = contents(out)
    del found["SHA256SUMS"]
    assert listed == found


def test_verify_reads_class_folders_and_says_of_the_rest_what_they_are(
    tree: Path, tmp_path: Path, form: str
) -> None:
    out = tmp_path / "out"
    export(tree, form, out, SMALL)
    if form in ("folders", "croissant"):
        assert verify(out, copies=False).pictures
    else:
        with pytest.raises(UsageError, match=f"an export as {form}, which is no tree"):
            verify(out, copies=False)


def test_files_that_are_no_data_go_along(tree: Path, tmp_path: Path, form: str) -> None:
    export(tree, form, tmp_path / "out", SMALL)
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert {"README.md", "ATTRIBUTION.csv", "dataset.json", "export.json"} <= names


def test_an_older_export_is_replaced_as_a_whole(tree: Path, tmp_path: Path, form: str) -> None:
    out = tmp_path / "out"
    export(tree, "jsonl" if form != "jsonl" else "folders", out)
    export(tree, form, out, SMALL)
    export(tree, form, tmp_path / "fresh", SMALL)
    assert contents(out) == contents(tmp_path / "fresh")
    assert {path.name for path in tmp_path.iterdir()} == {"flowers", "out", "fresh"}


def test_a_folder_with_anything_else_in_it_is_refused(
    tree: Path, tmp_path: Path, form: str
) -> None:
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    (foreign / "thesis.doc").write_text("mine")
    with pytest.raises(UsageError, match="not empty"):
        export(tree, form, foreign, SMALL)
    out = tmp_path / "out"
    export(tree, form, out, SMALL)
    (out / "notes.txt").write_text("mine")
    with pytest.raises(UsageError, match=r"notes\.txt"):
        export(tree, form, out, SMALL)
    assert (out / "notes.txt").read_text() == "mine"


def test_an_export_never_lands_in_its_own_tree(tree: Path, form: str) -> None:
    for out in (tree, tree / "out", tree.parent):
        with pytest.raises(UsageError, match="overlaps"):
            export(tree, form, out, SMALL)


def test_a_missing_picture_stops_before_anything_is_written(
    tree: Path, tmp_path: Path, form: str
) -> None:
    next(tree.rglob("*.jpg")).unlink()
    with pytest.raises(UsageError, match="named by the manifest but not there"):
        export(tree, form, tmp_path / "out", SMALL)
    assert not (tmp_path / "out").exists()


def test_what_a_killed_run_left_behind_heals(tree: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    export(tree, "urls", out)
    whole = contents(out)
    out.rename(tmp_path / ".out.pixset-old")  # killed between the two renames
    half = tmp_path / ".out.pixset-partial"
    half.mkdir()
    (half / "torn.tar").write_bytes(b"torn")

    with pytest.raises(RuntimeError, match="killed again"), swap_folder(out, RECORD):
        raise RuntimeError("killed again")
    assert contents(out) == whole
    export(tree, "webdataset", out)
    assert not {"torn.tar", "urls.csv"} & contents(out).keys()
    assert {path.name for path in tmp_path.iterdir()} == {"flowers", "out"}


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("id", "../../evil"),
        ("id", "/etc/evil"),
        ("id", ""),
        ("label", "../rose"),
        ("file_name", "../x.jpg"),
        ("split", "dev"),
    ],
)
def test_a_strangers_manifest_names_no_file_outside(
    column: str, value: str, tree: Path, tmp_path: Path
) -> None:
    first, *others = rows(tree)
    changed = [first | {column: value}, *others]
    text = "".join(json.dumps(row) + "\n" for row in changed)
    (tree / "manifest.jsonl").write_text(text, "utf-8")
    (tree / "classes.txt").write_text("../rose\ndaisy\nrose\ntulip\n", "utf-8")
    with pytest.raises(UsageError):
        export(tree, "jsonl", tmp_path / "out")
    assert {path.name for path in tmp_path.iterdir()} == {"flowers"}


@pytest.mark.parametrize("name", ["manifest.jsonl", "classes.txt"])
def test_a_tree_whose_texts_are_no_utf8_is_refused_in_one_line(
    name: str, tree: Path, tmp_path: Path
) -> None:
    (tree / name).write_text((tree / name).read_text("utf-8"), "utf-16")
    with pytest.raises(UsageError, match="UTF-8"):
        export(tree, "urls", tmp_path / "out")
