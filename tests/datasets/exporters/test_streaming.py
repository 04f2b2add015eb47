"""Exports read a tree's rows as they go: what that must not cost, and what it must not miss."""

from __future__ import annotations

import io
import json
import tarfile
import tracemalloc
from typing import TYPE_CHECKING

import pytest
from pixset.datasets.errors import UsageError
from pixset.datasets.exporters import ExportOptions, export, open_tree
from pixset.datasets.exporters.tar import TarWriter
from support.trees import draw, row

if TYPE_CHECKING:
    from pathlib import Path


def large_tree(root: Path, number: int) -> Path:
    """A tree of one small picture, `number` times under other ids, its rows of 3 KB."""
    data = draw("rose", 0)
    with_rows = []
    for n in range(number):
        split = "val" if n % 5 == 0 else "train"
        made = row("rose", split, 1, data, b"%d" % n) | {"title": "T" * 2_000}
        path = root / made["file_name"]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        with_rows.append(made)
    with_rows.sort(key=lambda made: str(made["file_name"]))
    lines = "".join(json.dumps(made) + "\n" for made in with_rows)
    (root / "manifest.jsonl").write_text(lines, "utf-8")
    return root


@pytest.fixture(scope="module")
def trees(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Path]:
    """A tree and a larger one; both are more than two of the blocks that rows are written in."""
    return {n: large_tree(tmp_path_factory.mktemp("tree"), n) for n in (1_050, 2_050)}


@pytest.mark.parametrize("form", ["folders", "csv", "webdataset", "urls"])
def test_memory_does_not_grow_with_the_tree(
    form: str, trees: dict[int, Path], tmp_path: Path
) -> None:
    """Of a picture, an export keeps less than a tenth of what its row takes."""
    peaks = []
    for number, tree in trees.items():
        tracemalloc.start()
        export(tree, form, tmp_path / f"out-{number}")
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert (peaks[1] - peaks[0]) / 1_000 < 250


@pytest.mark.parametrize("form", ["folders", "jsonl", "webdataset"])
def test_a_manifest_that_is_written_to_meanwhile_is_told(
    form: str, tree: Path, tmp_path: Path
) -> None:
    opened = open_tree(tree)
    first = next(iter(opened.pictures))
    assert opened.pictures[0] == first
    (tree / "manifest.jsonl").write_text(json.dumps(first.data) + "\n", "utf-8")
    with pytest.raises(UsageError, match="was written to meanwhile"):
        list(opened.pictures)
    assert export(tree, form, tmp_path / "out").pictures == 1


def test_a_row_that_says_a_column_twice_is_taken_at_its_last_word(
    tree: Path, tmp_path: Path
) -> None:
    """JSON's readers take the last: what was looked at is what files are named by."""
    whole = (tree / "manifest.jsonl").read_text("utf-8")
    first, rest = whole.split("\n", 1)
    twice = first.replace("{", '{"id": "evil", "file_name": "../evil.jpg", ', 1)
    (tree / "manifest.jsonl").write_text(f"{twice}\n{rest}", "utf-8")
    done = export(tree, "folders", tmp_path / "out")
    assert done.pictures == 33
    assert {path.parent.name for path in done.out.rglob("*.jpg")} == {"daisy", "rose", "tulip"}
    assert not list(tmp_path.rglob("evil*"))


def test_two_pictures_of_one_place_are_told_and_neither_is_lost(tree: Path, tmp_path: Path) -> None:
    lines = (tree / "manifest.jsonl").read_text("utf-8").splitlines(keepends=True)
    (tree / "manifest.jsonl").write_text("".join([*lines, lines[-1]]), "utf-8")
    for link in ("copy", "hard", "sym"):
        with pytest.raises(UsageError, match="two pictures of one id"):
            export(tree, "folders", tmp_path / "out", ExportOptions(link=link))
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("sizes", [[], [0], [1, 511, 512, 513], [10_240], [70_000, 3]])
def test_a_tar_is_the_one_that_tarfile_writes(sizes: list[int], tmp_path: Path) -> None:
    files = {f"{number}-Gänseblümchen.jpg": b"x" * size for number, size in enumerate(sizes)}
    expected = io.BytesIO()
    with tarfile.open(fileobj=expected, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size, info.mode = len(data), 0o644
            tar.addfile(info, io.BytesIO(data))
    with (tmp_path / "own.tar").open("wb") as file, TarWriter(file) as own:
        for name, data in files.items():
            own.add(name, data)
    assert (tmp_path / "own.tar").read_bytes() == expected.getvalue()


def test_a_name_that_no_tar_header_holds_is_refused() -> None:
    with (
        TarWriter(io.BytesIO()) as own,
        pytest.raises(ValueError, match="name is too long"),
    ):
        own.add("x" * 101, b"")


def edited(tree: Path, column: str, value: object) -> None:
    """Write a value into one row of the manifest, as an editor does."""
    rows = [json.loads(line) for line in (tree / "manifest.jsonl").read_text("utf-8").splitlines()]
    rows[3][column] = value
    (tree / "manifest.jsonl").write_text("".join(json.dumps(one) + "\n" for one in rows), "utf-8")


@pytest.mark.parametrize("form", ["webdataset", "parquet"])
@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("page", {}),
        ("rank", "first"),
        ("hits", -1),
        ("source_width", ""),
        ("height", float("inf")),
        ("quality", "good"),
        ("quality", 2**70),
        ("bytes", [1]),
    ],
)
def test_a_value_of_another_type_is_told_in_one_line(
    form: str, column: str, value: object, tree: Path, tmp_path: Path
) -> None:
    edited(tree, column, value)
    with pytest.raises(UsageError, match=r"manifest\.jsonl: .* is no "):
        export(tree, form, tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("column", ["title", "attribution"])
def test_half_a_surrogate_pair_is_its_code_in_parquet(
    column: str, tree: Path, tmp_path: Path
) -> None:
    pq = pytest.importorskip("pyarrow.parquet")
    edited(tree, column, "half \ud83c a pair")
    done = export(tree, "parquet", tmp_path / "out")
    texts = [
        text
        for path in done.out.rglob("*.parquet")
        for text in pq.read_table(path, columns=[column])[column].to_pylist()
    ]
    assert "half \\ud83c a pair" in texts


@pytest.mark.parametrize("form", ["folders", "webdataset", "tfrecord", "jsonl"])
def test_half_a_surrogate_pair_in_a_title_goes_along_as_it_is_written(
    form: str, tree: Path, tmp_path: Path
) -> None:
    """As a name that is no UTF-8 has it; UTF-8 has no form for it."""
    rows = [json.loads(line) for line in (tree / "manifest.jsonl").read_text("utf-8").splitlines()]
    rows[3]["title"] = "half \ud83c a pair"
    (tree / "manifest.jsonl").write_text("".join(json.dumps(one) + "\n" for one in rows), "utf-8")
    done = export(tree, form, tmp_path / "out")
    lines = (done.out / "manifest.jsonl").read_text("utf-8").splitlines()
    written = [json.loads(line) for line in lines]
    assert {one["title"] for one in written} >= {"half \ud83c a pair"}
    assert b"half \\ud83c a pair" in b"".join(
        path.read_bytes() for path in done.out.rglob("*") if path.is_file()
    )
