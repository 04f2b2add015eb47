"""previews/: pictures that stood in a page, laid aside for want of their originals."""

from __future__ import annotations

import os
from functools import cached_property
from typing import TYPE_CHECKING

from ..files import write_file
from .image_store import digest

if TYPE_CHECKING:
    from pathlib import Path

    from ..project import Project


class LaidAside:
    """The pictures laid aside in a dataset, by SHA-256; the folder is listed once."""

    def __init__(self, project: Project) -> None:
        self._folder = project.root / "previews"

    def find(self, sha256: str) -> Path | None:
        """A picture's file, None where it was not laid aside."""
        name = self._names.get(sha256[:16])
        return None if name is None else self._folder / name

    def read(self, sha256: str) -> tuple[bytes, str] | None:
        """A picture's bytes and extension; None where they are not those that were laid aside."""
        file = self.find(sha256)
        try:
            data = file.read_bytes() if file else b""
        except OSError:
            return None
        return (data, file.suffix[1:]) if file and digest(data) == sha256 else None

    def add(self, sha256: str, data: bytes, extension: str) -> None:
        """Lay a picture aside, unless it is."""
        if sha256[:16] not in self._names:
            name = f"{sha256[:16]}.{extension}"
            write_file(self._folder / name, data)
            self._names[sha256[:16]] = name

    @cached_property
    def _names(self) -> dict[str, str]:
        try:
            names = sorted(os.listdir(self._folder), reverse=True)  # noqa: PTH208 - names alone
        except OSError:  # there is none yet
            return {}
        return {name.partition(".")[0]: name for name in names}
