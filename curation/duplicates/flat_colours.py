"""The colours that a drawing's areas are filled with: no copy of it has others.

Compression, resizing, cropping and turning leave the tone of an even area as it is, to a level or
two. So drawn things of one outline in other colours are told apart by a few numbers a picture,
whatever their hashes say: of a crowd only those whose colours are next to equal are laid over one
another.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .screen_thresholds import FLAT_COLOURS
from .thresholds import CLOSER

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..arrays import Floats, Mask, Places

    Cells = NDArray[np.uint8]

MOST = FLAT_COLOURS.most
FINE = 16  # colours are kept in sixteenths of a level
SAME = round(FINE * FLAT_COLOURS.same)


class FlatColours:
    """The flat colours of pictures, by place: brightness, blue, red of each, and its cells.

    Of a pair of which one has no colour at all only the brightness is compared: it may be the other
    made gray. `filled` marks pictures of two areas or more without any grain.
    """

    def __init__(self, count: int) -> None:
        self._colours = np.zeros((MOST, 3, count), np.int16)
        self._sizes = np.zeros((MOST, count), np.int16)
        self._gray = np.zeros(count, dtype=bool)
        self.filled = np.zeros(count, dtype=bool)

    def look_at(self, place: int, cells: Cells, ranges: NDArray[np.uint8]) -> None:
        """Find the colours of one picture; `ranges` are between each cell and its neighbours."""
        self._gray[place] = np.abs(cells[..., 1:].astype(np.int16) - 128).max() <= 1
        self.filled[place] = filled(cells, ranges)
        found = _fills(cells[ranges <= FLAT_COLOURS.calm], FLAT_COLOURS.partner)
        for number, (mean, size) in enumerate(found):
            self._colours[number, :, place] = np.rint(FINE * mean)
            self._sizes[number, place] = size

    def others(self, one: Places, two: Places) -> Mask:
        """Whether each picture of a pair has a flat colour that the other has not.

        A crop lacks some and a border brings one, so in a copy all of one's are the other's.
        """
        gray = self._gray[one] != self._gray[two]
        firsts, seconds = self._of(one), self._of(two)
        alone = [size >= FLAT_COLOURS.asked for _, size in firsts]
        missing = [size >= FLAT_COLOURS.asked for _, size in seconds]
        for first, (ours, size) in enumerate(firsts):
            for second, (theirs, other) in enumerate(seconds):
                bright, blue, red = ours - theirs
                same = (np.abs(bright) <= SAME) & (gray | (blue * blue + red * red <= SAME**2))
                alone[first] &= ~(same & (other > 0))
                missing[second] &= ~(same & (size > 0))
        none = np.zeros(len(one), dtype=bool)
        other_colours: Mask = np.logical_or.reduce([none, *alone])
        other_colours &= np.logical_or.reduce([none, *missing])
        return other_colours

    def _of(self, places: Places) -> list[tuple[NDArray[np.int32], NDArray[np.int16]]]:
        """Of pictures the colours (3 x pictures) and their sizes, the most common first."""
        sizes = [size[places] for size in self._sizes]
        there = [number for number, size in enumerate(sizes) if size.any()]
        return [
            (self._colours[number][:, places].astype(np.int32), sizes[number]) for number in there
        ]


def filled(cells: Cells, ranges: NDArray[np.uint8]) -> bool:
    """Whether a picture is drawn: two areas or more without any grain, as no camera leaves them."""
    return len(_fills(cells[ranges <= FLAT_COLOURS.filled], FLAT_COLOURS.asked)) > 1


def grained(cells: Cells, pixels: NDArray[np.uint8]) -> bool:
    """Whether what stands on bright ground is a piece of a photograph: grain nearly everywhere.

    `pixels` is the brightness of the same picture, as many as the cells or a multiple of them.
    """
    ground = np.median(cells.reshape(-1, cells.shape[-1]), axis=0)
    thing = np.abs(cells - ground).max(-1) > FLAT_COLOURS.asked
    around = np.pad(thing, 1)  # an outline says nothing of what is within
    side = len(thing)
    rows = around[:-2] & around[1:-1] & around[2:]
    within = rows[:, :side] & rows[:, 1:-1] & rows[:, 2:]
    if ground[0] < CLOSER.bright_ground or within.sum() < FLAT_COLOURS.thing:
        return False
    steps = pixels.astype(np.int16)
    across, down = np.abs(np.diff(steps, axis=1))[:-1], np.abs(np.diff(steps, axis=0))[:, :-1]
    step = len(pixels) // side
    asked = within.repeat(step, 0).repeat(step, 1)[:-1, :-1]
    even = np.maximum(across, down)[asked] <= FLAT_COLOURS.filled
    return bool(even.mean() < FLAT_COLOURS.grainless)


def _fills(left: Cells, least: int) -> list[tuple[Floats, int]]:
    """Colours and how many cells have each, of the most common ones that `least` cells have.

    One of an area whose light falls off counts as of so few cells that it need not be found.
    """
    found: list[tuple[Floats, int]] = []
    colours, counts = np.unique(left, axis=0, return_counts=True)
    colours = colours.astype(np.float32)
    near = np.abs(colours[:, None] - colours[None]).max(-1) <= FLAT_COLOURS.one
    rest = np.arange(len(colours))
    while counts[rest].sum() >= least and len(found) < MOST:
        sizes = near[np.ix_(rest, rest)] @ counts[rest]
        if sizes.max() < least:
            break
        best = rest[near[rest[sizes.argmax()], rest]]
        mean = counts[best] @ colours[best] / counts[best].sum()
        size = int(sizes.max())
        close = np.abs(colours - mean).max(1) <= 2 * FLAT_COLOURS.one
        beside = max(counts[rest[close[rest]]].sum(), counts[_shades(near, best)].sum()) - size
        if beside > FLAT_COLOURS.graded * size:  # which of its tones is taken is left to chance
            size = min(size, FLAT_COLOURS.asked - 1)
        found.append((mean, size))
        rest = rest[~close[rest]]
    return found


def _shades(near: Mask, some: Places) -> Mask:
    """The colours that steps between `near` ones lead to from `some`: an area in uneven light."""
    reached: Mask = np.logical_or.reduce(near[some])
    while (further := np.logical_or.reduce(near[reached])).sum() > reached.sum():
        reached = further
    return reached
