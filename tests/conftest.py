"""Fixtures that every room's tests share."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from hypothesis import settings

# No example has a deadline of its own: a busy machine is no fault.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")

# A script's background job is started deaf to Ctrl-C, and so would be the commands that are tested.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def samples() -> Path:
    """The folder of real saved pages and pictures that tests read, or a skip with the reason."""
    folder = Path(os.environ.get("PIXSET_SAMPLES", ROOT.parent / "shared"))
    if not (folder / "pages").is_dir() or not (folder / "images").is_dir():
        pytest.skip(f"no sample pages and pictures at {folder}: set PIXSET_SAMPLES to their folder")
    return folder
