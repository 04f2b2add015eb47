"""The short form of `make torture`: a kill or two of each stage, and the rest in small."""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING

import pytest
from torture.catalogues import damage
from torture.disks import disk, fill_up, read_only, to_the_brim, why_not
from torture.hostile import meet
from torture.kills import kill_stage
from torture.runs import World, after_files
from torture.snapshot import differences, snapshot
from torture.stages import STAGES, all_stages

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc"),
    pytest.mark.timeout(900),
]
BROWSER = any(map(shutil.which, ("chromium", "google-chrome", "chrome", "chromium-browser")))


@pytest.mark.parametrize("name", STAGES)
def test_a_killed_stage_run_again_ends_as_if_nothing_had_been(name: str, tmp_path: Path) -> None:
    if name == "build" and not BROWSER:
        pytest.skip("no Chromium or Chrome on PATH: see drivers.md")
    with all_stages(tmp_path, [name], each=5) as [stage]:
        tally = kill_stage(stage, tmp_path / "kills", kills=2, seed=1)
    assert tally.faults == []
    assert tally.kills > 0


def test_a_fault_on_purpose_is_found(tmp_path: Path) -> None:
    with all_stages(tmp_path, ["import"], each=8) as [stage]:
        before = sum(path.is_file() for path in stage.template.rglob("*"))
        tally = kill_stage(
            stage,
            tmp_path / "kills",
            kills=1,
            seed=1,
            planted=True,
            moment=lambda world: after_files(world.work, before + 8),
        )
    assert any("differs: ds/images/" in fault for fault in tally.faults)


def test_hostile_hosts_cost_their_own_pictures_alone(tmp_path: Path) -> None:
    met = meet(World(tmp_path / "world").make(), good=20)
    assert met.wrong == ()
    assert met.kinds > 50
    assert met.peak_megabytes < 600


def test_damaged_catalogues_are_named_and_left_alone(tmp_path: Path) -> None:
    with all_stages(tmp_path, ["split"], each=2) as [stage]:
        tried, faults = damage(
            stage.template, tmp_path / "damaged", seed=1, commands=[("status", "ds")]
        )
    assert tried >= 13
    assert faults == []


def test_full_and_read_only_disks_are_said_and_lose_nothing(tmp_path: Path) -> None:
    if reason := why_not():
        pytest.skip(reason)
    try:
        with disk(tmp_path / "try", "1m"):
            pass
    except RuntimeError as error:
        pytest.skip(str(error))
    with all_stages(tmp_path, ["import"], each=4) as [stage]:
        assert fill_up(stage, tmp_path / "full", [0.5]) == []
        assert read_only(stage.template, tmp_path / "ro", [("check", "photos")]) == []
    with all_stages(tmp_path / "more", ["split"], each=2) as [stage]:
        asked = [("status", "ds"), ("report", "ds")]
        assert to_the_brim(stage.template, tmp_path / "brim", asked) == []


def test_what_is_compared_notices_a_byte_a_row_and_a_stray(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "a.jpg").write_bytes(b"one")
    (folder / "b.json").write_text('{"at": "2026-01-02T03:04:05+00:00"}')
    before = snapshot(folder)
    (folder / "b.json").write_text('{"at": "2027-01-02T03:04:05+00:00"}')
    assert differences(before, snapshot(folder)) == []
    (folder / "a.jpg").write_bytes(b"two")
    (folder / "c.partial").write_bytes(b"")
    assert differences(before, snapshot(folder)) == ["added: c.partial", "differs: a.jpg"]
