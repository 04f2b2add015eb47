"""One site, and what one machine makes of it, for all tests of `pixset scale`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # what these tests share

from machine import Outcome, on_one_machine
from sites import Site, site

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def served() -> Iterator[Site]:
    with site() as running:
        yield running


@pytest.fixture(scope="session")
def manifest(served: Site, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return served.write_manifest(tmp_path_factory.mktemp("list") / "manifest.jsonl")


@pytest.fixture(scope="session")
def alone(manifest: Path, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    return on_one_machine(manifest, tmp_path_factory.mktemp("alone"))


@pytest.fixture(scope="session")
def whole(manifest: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with a whole run of the local runner; not to be written to."""
    from machine import pixset

    root = tmp_path_factory.mktemp("whole")
    done = pixset("scale", "run", manifest, "--store", root, "--allow-private", "--json")
    assert done.returncode == 0, done.stderr
    return root
