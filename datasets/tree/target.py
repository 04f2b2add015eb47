"""What a tree's pictures shall be, and the words that record it: `max1024;q90`.

Imports nothing heavy: `pixset --help` reads the bounds.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

LEAST_SIDE: Final = 10  # pixels: ultralytics rejects pictures with a shorter side
MOST_SIDE: Final = 8_192  # pixels: a stranger's manifest may name any number
QUALITY: Final = 90
_WORD = re.compile(r"(crop|pad|max|q)(\d{1,9})")


@dataclass(frozen=True, slots=True)
class Target:
    """What the tree's pictures shall be.

    `max_side` caps the longer side, aspect kept, never enlarging (None: no cap). `size` makes
    squares instead: the largest centred crop, then resized, as Keras' `smart_resize`;
    with `pad` the whole picture fitted in and padded with black, as Keras'
    `pad_to_aspect_ratio`.
    """

    max_side: int | None = 1024
    size: int | None = None
    pad: bool = False
    quality: int = QUALITY

    def spec(self) -> str:
        """The target in one word list, as recorded beside every picture: `max1024;q90`."""
        if self.size:
            shape = f"{'pad' if self.pad else 'crop'}{self.size}"
        else:
            shape = f"max{self.max_side}" if self.max_side else "full"
        return f"{shape};q{self.quality}"


@lru_cache(maxsize=64)  # a manifest has a handful of ways
def target_of(how: str | None) -> Target:
    """The target that a `transform` or an `output` speaks of: `exif;rgb;max1024;q90`."""
    found = (_WORD.fullmatch(word) for word in (how or "").split(";"))
    number = {word[1]: int(word[2]) for word in found if word}
    square, cap = (number.get("crop") or number.get("pad")), number.get("max")
    return Target(
        max_side=None if square else cap and min(max(cap, LEAST_SIDE), MOST_SIDE),
        size=square and min(max(square, LEAST_SIDE), MOST_SIDE),
        pad="pad" in number,
        quality=min(max(number.get("q", Target().quality), 1), 95),
    )
