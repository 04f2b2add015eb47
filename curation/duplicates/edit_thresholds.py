"""The tuned numbers of edits and versions (remade.py, best_version.py).

Fixed on the photographs and versions of benchmarks/end_to_end.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Versions:
    """What tells a version from what it was made from (end_to_end.py)."""

    one_window: float = 0.99  # correlation of cells: conversions, tones from 0.99, frames to 0.98
    size: float = 1.2  # times as many pixels may be a frame's or an enlargement's
    widest: float = 0.3  # share of the side that a frame adds at most
    frame_lines: float = 0.8  # lines of a thumb that a frame covers, to be seen in it
    plain: float = 12.0  # levels of spread within a plain frame
    rounding: float = 1.2  # pixels by which rounded sides of one shape may differ
    central: float = 4.0  # levels by which one version must be more central than another


VERSIONS: Final = Versions()


@dataclass(frozen=True, slots=True)
class Remade:
    """What one picture, remade as editors and sites do (remade.py), may leave of the other.

    Fixed on the brightened, stamped and GIF versions of end_to_end.py, neardup's recoloured tulip
    and the planted pairs of lookalikes.py; the shared sets of tiles must stay outside.
    """

    side: int = 320  # pixels a side, where both have as many
    least_side: int = 64
    rounds: int = 3
    hopeless: float = 20.0  # levels at the 98th percentile: a little aside, the tulip 17
    mixing: float = 0.05  # how dear it is to mix channels: only what pays all over the frame
    aside: float = 0.004  # sides by which tones may have misled the first registration
    rim: float = 0.012
    near: float = 1.5  # blur (pixels) that leaves little of compression's noise ...
    far: float = 5.0  # ... and of what sharpening does to edges
    fine: float = 0.985  # correlation of detail: edits from this, other exposures to 0.98
    spread: float = 9.0  # levels at the 98th percentile: small brightened JPEGs to 8.8, ...
    least_spread: float = 2.8  # ... and at least this ...
    palette_pixels: int = 4_000_000  # beyond, giving a palette to another takes too long
    palette_spread: float = 4.2  # ... or, where a palette rounds, this: spots of 14 to 21
    spot: float = 21.0  # levels: edits to 18.3, a planted thing from 44 ...
    far_spot: float = 12.0  # ... edits to 11
    stands_out: float = 5.0  # spreads (of what lies farther off ...
    spot_reach: float = 0.12  # ... than this, in sides) that no tone explains: a spot ...
    spot_room: float = 0.025  # ... has to be gone around its place, in sides, ...
    spot_stays: float = 0.6  # ... to less than this share of it
    spreads: float = 5.0  # times the spread: edits to 4.6, planted things from 40
    even: float = 3.0  # a retouched picture leaves more, but nowhere much more: the tulip 2.9 ...
    even_spread: float = 13.0  # ... with 12.2, so that no planted thing lies below ...
    even_fine: float = 0.99  # ... and it keeps its detail
    ink: float = 21.0  # levels that writing differs by
    ink_share: float = 0.4
    writing_height: tuple[float, float] = (0.008, 0.105)  # shares of the side
    writing_aspect: float = 2.5  # times as wide as high
    writing_edge: float = 0.2  # share of the side in which it lies, below or above
    stroke: float = 0.5
    strokes: int = 7  # on one row: eleven letters have 10 to 22
    one_way: float = 0.9  # writing over a picture from 0.93
    filled: tuple[float, float] = (0.1, 0.75)
    grace: float = 0.03

    still: float = 0.015  # sides by which the thumbs may have found the pair apart
    detail: float = 0.9  # correlation of detail before, below which nothing is tried


REMADE: Final = Remade()
