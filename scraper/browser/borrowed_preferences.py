"""Firefox's preferences for one run: a profile that is kept gets back those that it had before.

A proxy or a folder of downloads is a preference in Firefox, and it writes those down. Its owner,
opening the profile afterwards, would have every page asked of a relay that is gone.
"""

from __future__ import annotations

import contextlib
import json
import logging
import re
from typing import TYPE_CHECKING, Any

from .process import profile_holder

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

log = logging.getLogger(__name__)

_FILES = ("prefs.js", "user.js")  # what Firefox remembers; what is told to it at each start
_NOTE = "pixset-preferences.json"
_LINE = re.compile(r"""\s*user_pref\(\s*["']([^"']+)["']""")
# Preferences may hold any bytes.
_TEXT: dict[str, Any] = {"encoding": "utf-8", "errors": "surrogateescape", "newline": ""}


class BorrowedPreferences:
    """The preferences of these names in a profile, noted before a run and put back after it.

    The note lies in the profile: where a run was killed, the next one puts back what that noted.
    A profile that a running browser uses is left alone.
    """

    def __init__(self, profile: Path, names: Collection[str]) -> None:
        self._profile = profile
        self._note: Path | None = None
        if profile_holder(profile) is not None:
            return
        self._note = profile / _NOTE
        self.restore()
        lines = {name: _own(self._lines(name), names)[0] for name in _FILES}
        _write(self._note, json.dumps({"names": sorted(names), "lines": lines}))

    def restore(self) -> None:
        """Put back what was noted, if anything was; the browser has to have ended."""
        if self._note is None or not self._note.is_file():
            return
        try:
            noted = json.loads(self._note.read_text("utf-8"))
            for name in _FILES:
                before = self._lines(name)
                after = _own(before, noted["names"])[1] + noted["lines"][name]
                if after != before:
                    _write(self._profile / name, "".join(after))
            self._note.unlink()
        except (OSError, ValueError, LookupError, TypeError) as error:
            log.warning("the profile %s keeps this run's preferences: %s", self._profile, error)

    def _lines(self, name: str) -> list[str]:
        with contextlib.suppress(FileNotFoundError), (self._profile / name).open(**_TEXT) as file:
            return [line if line.endswith("\n") else f"{line}\n" for line in file]
        return []


def _own(lines: list[str], names: Collection[str]) -> tuple[list[str], list[str]]:
    """The lines that set one of the names, and the others."""
    found: tuple[list[str], list[str]] = ([], [])
    for line in lines:
        setting = _LINE.match(line)
        found[setting is None or setting[1] not in names].append(line)
    return found


def _write(path: Path, text: str) -> None:
    partial = path.with_name(f"{path.name}.pixset-partial")
    with partial.open("w", **_TEXT) as file:
        file.write(text)
    partial.replace(path)
