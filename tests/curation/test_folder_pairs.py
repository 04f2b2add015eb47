from __future__ import annotations

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
