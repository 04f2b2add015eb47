"""`pixset scale` on this machine: the outcome is that of fetch, dedupe and split."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from machine import assert_same, files, in_store, pixset

if TYPE_CHECKING:
    from pathlib import Path

    from machine import Outcome
    from sites import Site

EXPORTED = ("parquet", "split", "families", "candidates", "look", "fetch", "plan")


def test_the_outcome_is_that_of_one_machine(whole: Path, alone: Outcome) -> None:
    found = in_store(whole)
    assert found.families
    assert_same(alone, found)


def test_a_rerun_asks_no_host_and_changes_no_byte(
    whole: Path, manifest: Path, served: Site
) -> None:
    before, asked = files(whole, *EXPORTED), served.asked()
    done = pixset("scale", "run", manifest, "--store", whole, "--allow-private")
    assert done.returncode == 0, done.stderr
    assert served.asked() == asked
    assert files(whole, *EXPORTED) == before


def test_status_says_how_far_each_stage_is(whole: Path) -> None:
    said = json.loads(pixset("scale", "status", "--store", whole, "--json").stdout)
    assert all(one["done"] == one["parts"] for one in said["stages"])
    assert said["dropped"] == {"blank": 1, "duplicate": 4, "label-conflict": 5, "truncated": 1}
    assert said["lost"]["opted-out"] == 1
