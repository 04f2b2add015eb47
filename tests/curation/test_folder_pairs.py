from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from pixset.curation.errors import UsageError
from pixset.curation.folders.pairs import add_constraints, constraints_path, read_constraints

if TYPE_CHECKING:
    from pathlib import Path


def test_a_judged_pair_is_kept_by_content_and_the_later_statement_counts(tmp_path: Path) -> None:
    root = tmp_path / "photos"
    root.mkdir()
    one, two = root / "1.jpg", root / "2.jpg"
    one.write_bytes(b"one")
    two.write_bytes(b"two")
    add_constraints(root, [(one, two)], same=True)
    add_constraints(root, [(two, one)], same=False)
    two.rename(root / "renamed.jpg")
    found = read_constraints(root)
    assert found.same == frozenset()
    assert len(found.different) == 1
    with pytest.raises(UsageError, match="same bytes"):
        add_constraints(root, [(one, one)], same=True)
    with pytest.raises(UsageError, match="cannot be read"):
        add_constraints(root, [(one, two)], same=True)


def test_damaged_lines_are_left_out_and_the_rest_is_read(tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    deep = b"[" * 50_000
    constraints_path(folder).write_bytes(
        deep + b'\n\xff\xfe\n{"a": 1\n{"a": "x", "b": "y", "same": true}\n'
    )
    assert read_constraints(folder).same == {frozenset(("x", "y"))}


@pytest.mark.parametrize("odd", ["gone", "pipe", "folder"])
def test_of_several_pairs_all_are_kept_or_none(tmp_path: Path, odd: str) -> None:
    root = tmp_path / "photos"
    root.mkdir()
    files = [root / f"{number}.jpg" for number in range(3)]
    for file in files:
        file.write_bytes(file.name.encode())
    if odd == "pipe":
        os.mkfifo(root / odd)  # opened like a file, it would wait for a writer
    elif odd == "folder":
        (root / odd).mkdir()
    with pytest.raises(UsageError, match=f"{odd}: cannot be read"):
        add_constraints(root, [(files[0], files[1]), (files[2], root / odd)], same=True)
    assert not constraints_path(root).exists()


def test_what_cannot_be_kept_beside_a_folder_is_the_callers_to_mend(tmp_path: Path) -> None:
    root = tmp_path / "photos"
    constraints_path(root).mkdir(parents=True)
    root.mkdir()
    for name in ("one", "two"):
        (root / name).write_bytes(name.encode())
    with pytest.raises(UsageError, match="cannot be written"):
        add_constraints(root, [(root / "one", root / "two")], same=True)


def test_a_pair_after_a_torn_line_is_kept(tmp_path: Path) -> None:
    root = tmp_path / "photos"
    root.mkdir()
    for name in ("one", "two"):
        (root / name).write_bytes(name.encode())
    constraints_path(root).write_bytes(b'{"a": "x", "b')
    add_constraints(root, [(root / "one", root / "two")], same=True)
    assert len(read_constraints(root).same) == 1
