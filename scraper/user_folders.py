"""Where this user's configuration and pixset's own notes lie on this system."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def config_folder() -> Path:
    """What the user writes: engines.toml."""
    return _folder("APPDATA", "XDG_CONFIG_HOME", ".config")


def state_folder() -> Path:
    """What pixset notes from one run to the next: how the engines' pages were last time."""
    return _folder("LOCALAPPDATA", "XDG_STATE_HOME", ".local/state")


def _folder(windows: str, unix: str, default: str) -> Path:
    named = os.environ.get(windows if sys.platform == "win32" else unix)
    return (Path(named) if named else Path.home() / default) / "pixset"
