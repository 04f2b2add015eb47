"""Rows whose values have their columns' types are taken from the manifest as they stand there."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pixset.datasets.exporters import parquet
from pixset.datasets.exporters.features import table_of
from pixset.datasets.tree.columns import COLUMNS
from pixset.datasets.tree.finished import FinishedTree, open_tree
from pixset.datasets.tree.tables import row_lines
from support.trees import lay_tree

if TYPE_CHECKING:
    from pathlib import Path

TEXT = st.text(st.characters(codec="utf-8"), max_size=5)
RIGHT: dict[str, st.SearchStrategy[Any]] = {
    "text": TEXT,
    "int": st.integers(-(2**63), 2**63 - 1),
    "float": st.floats(allow_nan=False, allow_infinity=False),
    "bool": st.booleans(),
    "hits": st.lists(
        st.fixed_dictionaries(
            {"query": TEXT, "engine": TEXT, "rank": st.integers(0, 9), "label": TEXT}
        ),
        max_size=2,
    ),
    "numbers": st.fixed_dictionaries({"b": st.floats(-1, 1), "a": st.none() | st.floats(-1, 1)}),
}
ODD: dict[str, st.SearchStrategy[Any]] = {
    "text": st.integers(0, 9) | st.lists(TEXT, max_size=1),
    "int": st.just(1.0) | st.booleans(),
    "float": st.integers(0, 9),
    "bool": st.integers(0, 1),
    "hits": st.none() | st.just([{"query": "a", "rank": 1.0}]),
    "numbers": st.just({}) | st.just({"b": 1}) | st.just({"c": 1.0, "b": 0.5, "a": None}),
}
OTHERS = [name for name in COLUMNS if name not in ("id", "file_name", "split", "label", "label_id")]


@st.composite
def changes(draw: st.DrawFn, *, odd: bool) -> list[dict[str, Any]]:
    """What three rows say of other columns; if `odd`, a value of another type is among them."""
    names = draw(st.lists(st.sampled_from(OTHERS), unique=True, max_size=6))
    nothing = {"hits": [], "quality": {"b": 0.5, "a": None}}
    columns = {name: RIGHT[COLUMNS[name]] | st.just(nothing.get(name)) for name in names}
    found = [draw(st.fixed_dictionaries(columns)) for _ in range(3)]
    if odd:
        name = draw(st.sampled_from(OTHERS))
        for one in found:
            one[name] = nothing.get(name)
        found[draw(st.integers(0, 2))][name] = draw(ODD[COLUMNS[name]])
    return found


def changed(root: Path, said: list[dict[str, Any]]) -> FinishedTree:
    """The tree, its rows beginning as they did and saying this of the other columns."""
    manifest = root / "manifest.jsonl"
    rows = [json.loads(line) for line in manifest.read_bytes().splitlines()]
    begun = [{name: row[name] for name in COLUMNS if name not in OTHERS} for row in rows]
    for n, row in enumerate(begun):
        row |= {name: said[n % 3][name] for name in OTHERS if name in said[n % 3]}
    manifest.write_bytes(row_lines(begun))
    return open_tree(root)


def same_both_ways(tree: FinishedTree) -> None:
    """Rows as they stand say what the same rows say when each value is given its type."""
    table = table_of(tree)
    typed = replace(table, is_typed=False)
    pictures = list(tree.pictures)
    ways = [list(map(json.loads, one.lines(pictures))) for one in (table, typed)]
    assert ways[0] == ways[1]
    schema = parquet._schema(tree, table)
    columns = [parquet._columns(one, schema, pictures) for one in (table, typed)]
    assert [one.to_pylist() for one in columns[0]] == [one.to_pylist() for one in columns[1]]


@pytest.fixture(scope="module")
def laid(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lay_tree(tmp_path_factory.mktemp("typed") / "ready")


@settings(max_examples=30, deadline=None)
@given(changes(odd=False))
def test_rows_of_the_right_types_are_known_and_say_the_same(
    laid: Path, said: list[dict[str, Any]]
) -> None:
    tree = changed(laid, said)
    assert tree.summary.is_typed
    same_both_ways(tree)


@settings(max_examples=30, deadline=None)
@given(changes(odd=True))
def test_one_value_of_another_type_is_noticed(laid: Path, said: list[dict[str, Any]]) -> None:
    tree = changed(laid, said)
    assert not tree.summary.is_typed
    same_both_ways(tree)


def test_a_column_that_stands_twice_in_a_row_is_taken_at_its_last_word(laid: Path) -> None:
    changed(laid, [{"title": "second"}] * 3)
    manifest = laid / "manifest.jsonl"
    twice = manifest.read_bytes().replace(b'"title":"', b'"title":"first","title":"')
    manifest.write_bytes(twice)
    tree = open_tree(laid)
    assert tree.summary.is_typed
    same_both_ways(tree)
