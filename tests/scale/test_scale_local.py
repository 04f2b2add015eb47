"""`pixset scale` on this machine: the outcome is that of fetch, dedupe and split."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

from machine import assert_same, files, in_store, pixset, read_lines
from pixset.curation.images.quality import CHECKS
from pixset.datasets.scale.families import families_part, judge_part
from pixset.datasets.scale.run import ScaleSettings, run
from pixset.datasets.scale.runner import LocalRunner
from pixset.datasets.scale.store import Store
from pixset.scraper.fetch import FetchLimits

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


def test_small_blocks_and_pairs_judged_first_change_no_outcome(
    whole: Path, manifest: Path, tmp_path: Path
) -> None:
    root = tmp_path / "run"
    for stage in ("plan", "fetch", "look"):
        shutil.copytree(whole / stage, root / stage)
    settings = ScaleSettings(limits=FetchLimits(allow_private=True), block=7, large=2)
    run([str(manifest)], Store(str(root)), settings, LocalRunner())
    assert len(list((root / "candidates").glob("*.done"))) == 4
    judged = [row for path in (root / "judge").glob("*.jsonl") for row in read_lines(path)]
    assert judged
    assert_same(in_store(whole), in_store(root))


def test_where_pictures_are_measured_otherwise_pairs_and_families_are_found_anew() -> None:
    def inputs() -> tuple[str, str]:
        return judge_part("pairs", ["ab", "cd"], ()).inputs, families_part("bin", (), ()).inputs

    before, dark = inputs(), CHECKS["dark"]
    CHECKS["dark"] = replace(dark, version=dark.version + 1)
    try:
        assert not set(before) & set(inputs())
    finally:
        CHECKS["dark"] = dark
    assert inputs() == before


def test_a_run_that_keeps_nothing_tells_why_and_exits_as_fetch_does(
    manifest: Path, tmp_path: Path
) -> None:
    done = pixset("scale", "run", manifest, "--store", tmp_path / "run", "--json")
    fetched = pixset("fetch", manifest, "--into", tmp_path / "fetched")
    assert done.returncode == fetched.returncode == 6
    assert "no picture is kept" in done.stderr
    assert json.loads(done.stdout)["lost"]["private-address"] > 1


def test_status_says_how_far_each_stage_is(whole: Path) -> None:
    said = json.loads(pixset("scale", "status", "--store", whole, "--json").stdout)
    assert all(one["done"] == one["parts"] for one in said["stages"])
    assert said["dropped"] == {"blank": 1, "duplicate": 4, "label-conflict": 5, "truncated": 1}
    assert said["lost"]["opted-out"] == 1
