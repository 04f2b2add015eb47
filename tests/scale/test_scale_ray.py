"""`pixset scale --on ray` with two workers: the same outcome, also when they are killed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from clusters import cluster, counted, held, kill_all, start, wait_until
from machine import assert_same, files, in_store, pixset

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from clusters import Cluster
    from machine import Outcome
    from sites import Site

pytest.importorskip("ray", reason="the extra `ray` is not installed")
pytestmark = pytest.mark.timeout(900)
MADE = ("look", "candidates", "families", "split", "parquet")


@pytest.fixture(scope="module")
def two() -> Iterator[Cluster]:
    with cluster() as running:
        yield running


def words(manifest: Path, root: Path) -> list[object]:
    return ["scale", "run", manifest, "--store", root, "--allow-private", "--on", "ray"]


def test_on_ray_the_outcome_is_that_of_one_machine_to_the_byte(
    two: Cluster, manifest: Path, tmp_path: Path, whole: Path, alone: Outcome
) -> None:
    done = pixset(*words(manifest, tmp_path), env=two.env)
    assert done.returncode == 0, done.stderr
    assert "Ray with 2 processors" in done.stderr
    assert_same(alone, in_store(tmp_path))
    assert files(tmp_path, *MADE) == files(whole, *MADE)


def test_a_worker_that_is_killed_costs_nothing(
    two: Cluster, manifest: Path, tmp_path: Path, served: Site, whole: Path
) -> None:
    with held(served.hosts[0], "/6.jpg") as page:
        running = start(*words(manifest, tmp_path), env=two.env)
        assert page.asked.wait(240)
        wait_until(lambda: two.workers("fetch_lanes"), "no worker fetches")
        kill_all(two.workers("fetch_lanes"))
    assert running.wait() == 0
    assert files(tmp_path, *MADE) == files(whole, *MADE)


def test_a_driver_that_is_killed_goes_on_when_it_is_started_again(
    two: Cluster, manifest: Path, tmp_path: Path, served: Site, whole: Path
) -> None:
    with held(served.hosts[1], "/4.jpg") as page:
        running = start(*words(manifest, tmp_path), env=two.env)
        assert page.asked.wait(240)
        kill_all([running.pid])
        running.wait()
    done = pixset(*words(manifest, tmp_path), env=two.env)
    assert done.returncode == 0, done.stderr
    assert files(tmp_path, *MADE) == files(whole, *MADE)


def test_no_host_is_asked_by_more_than_its_limit_at_a_time(
    two: Cluster, manifest: Path, tmp_path: Path, served: Site
) -> None:
    # 16 fetches a task, two workers: without lanes a host could be asked by up to 32.
    with counted(served.hosts[0]) as counts:
        done = pixset(*words(manifest, tmp_path), "--until", "fetch", env=two.env)
    assert done.returncode == 0, done.stderr
    assert 1 <= max(counts) <= 4


def test_when_all_is_killed_another_machine_goes_on_in_the_same_store(
    two: Cluster, manifest: Path, tmp_path: Path, served: Site, whole: Path
) -> None:
    """The last test of this file: the cluster ends with it."""
    with held(served.hosts[2], "/5.jpg") as page:
        running = start(*words(manifest, tmp_path), env=two.env)
        assert page.asked.wait(240)
        kill_all([running.pid])
        two.kill()
        running.wait()
    done = pixset(*words(manifest, tmp_path)[:-2], "--on", "local")
    assert done.returncode == 0, done.stderr
    assert files(tmp_path, *MADE) == files(whole, *MADE)
