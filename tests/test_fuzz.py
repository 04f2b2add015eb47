"""The short form of `make fuzz`, and that it finds what is there to be found."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest
from fuzz.hostile_trees import plant
from fuzz.mutate import mutated
from fuzz.run import Target, inputs, run
from fuzz.targets import all_targets

if TYPE_CHECKING:
    from pathlib import Path


def test_no_mutated_input_gets_out_of_what_its_reader_promises(tmp_path: Path) -> None:
    with all_targets(tmp_path) as targets:
        counts = [run(target, seed=1, seconds=60, most=60) for target in targets]
    assert [line for count in counts for line in count.findings.values()] == []
    assert len(counts) >= 11
    for count in counts:
        assert count.inputs > 0
        assert count.past > 0, f"{count.target}: nothing got past the header"


def test_a_fault_on_purpose_is_found_and_can_be_fed_again(tmp_path: Path) -> None:
    def broken(data: bytes) -> bool:
        return b";;" not in data or bool(data[len(data)])  # an index beyond the end

    target = Target("planted", [b"data:image/png;base64,AAAA", b"data:;charset=x,a"], broken)
    count = run(target, seed=3, seconds=60, most=50_000, keep=tmp_path)
    assert count.failed > 0
    [line] = count.findings.values()
    assert "IndexError at tests/test_fuzz.py" in line
    number = int(line.partition("input ")[2].partition(":")[0])
    _, again = next(inputs(target, 3, number))
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [again]
    with pytest.raises(IndexError):
        broken(again)


def test_the_same_number_is_the_same_input() -> None:
    seeds = [bytes(range(200)), b"a line\nand another\n" * 9]
    one = [mutated(random.Random(n), seeds) for n in range(300)]
    assert one == [mutated(random.Random(n), seeds) for n in range(300)]
    assert len(set(one)) > 250


def test_hostile_trees_hold_many_kinds_of_entries(tmp_path: Path) -> None:
    assert plant(tmp_path / "tree", bytes(range(150))) > 10
