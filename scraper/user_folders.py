"""Where this user's configuration and pixset's own notes lie on this system."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def config_folder() -> Path:
    """What the user writes, engines.toml and defaults.toml: as the system has it.

    ~/.config/pixset (or XDG_CONFIG_HOME's), ~/Library/Application Support/pixset, %APPDATA%.
    """
    import platformdirs  # 10 ms, and `--version` does without

    return platformdirs.user_config_path("pixset", appauthor=False, roaming=True)


def state_folder() -> Path:
    """What pixset notes from one run to the next: how the engines' pages were last time."""
    import platformdirs

    return platformdirs.user_state_path("pixset", appauthor=False)
