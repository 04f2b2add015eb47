"""Pictures for the page, scaled on the fly: JPEG of our own making, never the web's bytes."""

from __future__ import annotations

from functools import lru_cache
from io import BytesIO
from typing import TYPE_CHECKING

from ...curation.errors import Unreadable
from ...curation.images.sandbox import DecodeSandbox

if TYPE_CHECKING:
    from pathlib import Path

SIDES = {"thumb": 256, "image": 1400}  # pixels, the longer side
_THUMBS, _IMAGES = 4_000, 100  # kept in memory, about 10 kB and 400 kB each


class Thumbs:
    """Scaled pictures, made in a process that may be lost, the latest kept; `close` ends it."""

    def __init__(self) -> None:
        self._sandbox = DecodeSandbox()
        self._small = lru_cache(_THUMBS)(self._made)
        self._large = lru_cache(_IMAGES)(self._made)

    def get(self, path: Path, side: int) -> bytes | None:
        """A picture's file as JPEG with the longer side at most `side`; None: it cannot be read.

        The file's name carries its content's hash, so what was made once stays true.
        """
        return (self._small if side <= SIDES["thumb"] else self._large)(path, side)

    def _made(self, path: Path, side: int) -> bytes | None:
        try:
            return self._sandbox.run(scaled, path, side)
        except Unreadable:
            return None

    def close(self) -> None:
        """End the processes."""
        self._sandbox.close()


def scaled(path: Path, side: int) -> bytes:
    """A picture's file as JPEG with the longer side at most `side`, transparency on white.

    Raises Unreadable.
    """
    from ...curation.images.decode import decode_at_least  # Pillow is loaded when it is needed
    from ...curation.images.reading import read_file

    def needed(size: tuple[int, int]) -> tuple[int, int]:
        """Two pixels for each of the result's."""
        scale = 2 * side / max(size)
        return round(size[0] * scale), round(size[1] * scale)

    found = decode_at_least(read_file(path), needed)
    picture = found.picture
    picture.thumbnail((side, side))
    picture.info.clear()
    out = BytesIO()
    picture.save(out, "JPEG", quality=82)
    return out.getvalue()
