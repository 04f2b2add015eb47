"""A host of raw bytes, and the installed commands in a folder of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from pixset.scraper.errors import FetchFailed
from pixset.scraper.fetch import FetchLimits, fetch
from support.raw_host import RawHost, raw_host

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def host() -> Iterator[RawHost]:
    with raw_host() as host:
        yield host


@pytest.fixture
def get(host: RawHost) -> Callable[..., bytes | str]:
    """Fetch a path of the host: its bytes, or the reason why there are none."""

    def get(path: str, **limits: int) -> bytes | str:
        given = FetchLimits(allow_private=True, deadline=30, **limits)  # type: ignore[arg-type]  # a test's own words
        try:
            return fetch(host.url + path, limits=given).data
        except FetchFailed as failure:
            return failure.reason

    return get


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run pixset, or with `python=` a script, in the test's folder; no traceback is ever seen."""

    def run(*words: str, code: int = 0, python: Path | None = None, cwd: Path = tmp_path):  # type: ignore[no-untyped-def]  # the fixture names its type
        start = ["-P", "-m", "pixset.datasets"] if python is None else [python.name]
        done = subprocess.run(
            [sys.executable, *start, *words],
            cwd=cwd,
            env={**os.environ, "PYTHONSAFEPATH": "", "PYTHONIOENCODING": "utf-8"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )
        assert "Traceback" not in done.stderr, done.stderr[-3000:]
        assert done.returncode == code, done.stdout[-1500:] + done.stderr[-1500:]
        return done

    return run
