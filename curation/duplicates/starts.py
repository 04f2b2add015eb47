"""Where to begin laying one picture over another: told by what made the two candidates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..images.borders import WHOLE
from .candidates import BY_CROP, BY_CUT, BY_DHASH, BY_PHASH, BY_TRIM
from .registration import IDENTITY, Alignment, over
from .thresholds import PAIRS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..images.facts import Facts
    from .pixel_source import PixelSource


class Starts:
    """First alignments of pairs of places in `facts`, given the reasons of candidates.py."""

    def __init__(self, facts: Sequence[Facts], source: PixelSource) -> None:
        self._facts = facts
        self._source = source

    def __call__(self, one: int, two: int, reasons: int) -> tuple[Alignment, ...]:
        """As they lie, and where crops, cuts and borders may have them otherwise."""
        starts = [IDENTITY]
        if reasons & BY_CROP and not reasons & (BY_PHASH | BY_DHASH):
            starts += [crop for share in PAIRS.crops for crop in cropped(share, share)]
            first, second = (self._facts[place].trimmed for place in (one, two))
            wider = (first[0] * second[1]) / (first[1] * second[0])
            if wider > PAIRS.squared:
                starts += [cropped(1 / wider, 1)[0], cropped(1, 1 / wider)[1]]
            elif wider < 1 / PAIRS.squared:
                starts += [cropped(1, wider)[0], cropped(wider, 1)[1]]
        if reasons & BY_CUT and not reasons & (BY_PHASH | BY_DHASH):
            starts += beside(PAIRS.facing)
        if reasons & BY_TRIM:
            starts.append(over(self._source.window(one), self._source.window(two)))
        return tuple(starts)

    def wide(self, one: int, two: int, reasons: int) -> tuple[Alignment, ...]:
        """The same for the prefilter: either picture may also be all that is within a border."""
        starts = self(one, two, reasons)
        if not reasons & BY_TRIM:
            return starts
        windows = self._source.window(one), self._source.window(two)
        return (*starts, over(windows[0], WHOLE), over(WHOLE, windows[1]))


def cropped(across: float, down: float) -> tuple[Alignment, Alignment]:
    """The second shows the middle of the first; and the first that of the second."""
    left, top = (1 - across) / 2, (1 - down) / 2
    return (
        Alignment(across, left, down, top),
        Alignment(1 / across, -left / across, 1 / down, -top / down),
    )


def beside(step: float) -> list[Alignment]:
    """The second is cut `step` of a side away from the first, in each of eight directions."""
    ways = [(x * step, y * step) for x in (-1, 0, 1) for y in (-1, 0, 1) if x or y]
    return [Alignment(left=left, top=top) for left, top in ways]
