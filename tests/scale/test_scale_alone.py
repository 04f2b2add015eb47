"""Two runs into one store: one goes on, the other is told so."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from machine import pixset
from pixset.datasets.errors import UsageError
from pixset.datasets.scale.alone import alone
from pixset.datasets.scale.store import Store

if TYPE_CHECKING:
    from pathlib import Path

BEAT = 0.5


@pytest.fixture
def bucket() -> str:
    return f"memory://{uuid4().hex}"


def test_a_second_run_into_a_folder_is_refused_in_one_line(tmp_path: Path, manifest: Path) -> None:
    place = tmp_path / "run"
    with alone(Store(str(place))):
        done = pixset("scale", "run", manifest, "--store", place)
        assert done.returncode == 2
        (line,) = done.stderr.splitlines()
        assert line.startswith(f"pixset: {place}: another pixset (process ")
        assert line.endswith("is writing this store; wait for it, or choose another folder with "
                             "--store")  # fmt: skip
        assert not (place / "plan").exists()
    with alone(Store(str(place))):
        pass


def test_a_list_that_is_not_there_makes_no_store(tmp_path: Path) -> None:
    done = pixset("scale", "run", tmp_path / "no.jsonl", "--store", tmp_path / "run")
    assert done.returncode == 2
    assert not (tmp_path / "run").exists()


def test_a_second_run_into_an_object_store_is_refused_and_the_first_goes_on(bucket: str) -> None:
    with alone(Store(bucket), beat=BEAT):
        for _ in range(2):
            refused = pytest.raises(UsageError, match="is writing this store; wait for it")
            with refused, alone(Store(bucket), beat=BEAT):
                pass
    with alone(Store(bucket), beat=BEAT):
        pass
    assert Store(bucket).sizes("") == {}


def test_a_run_that_was_killed_holds_an_object_store_no_longer(bucket: str) -> None:
    left = {"run": "1", "machine": "m", "process": 1, "beat": 9}
    Store(bucket).write("plan/run.json", json.dumps(left).encode())
    with alone(Store(bucket), beat=BEAT):
        assert json.loads(Store(bucket).read("plan/run.json"))["run"] != "1"
    Store(bucket).write("plan/run.json", b"no json")
    with alone(Store(bucket), beat=BEAT):
        pass


def test_of_two_runs_that_begin_at_once_the_later_stays(bucket: str) -> None:
    class Late(Store):
        """A store into which another run comes right after the first write."""

        def write(self, name: str, data: bytes) -> tuple[int, str]:
            written = super().write(name, data)
            super().write(name, json.dumps({"run": "other", "machine": "m"}).encode())
            return written

    with (
        pytest.raises(UsageError, match="another pixset is writing"),
        alone(Late(bucket), beat=BEAT),
    ):
        pass
    assert json.loads(Store(bucket).read("plan/run.json"))["run"] == "other"
