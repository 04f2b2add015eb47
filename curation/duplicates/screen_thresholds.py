"""The numbers by which pairs are screened on a few cells, before any pixel is laid over another.

Each says what fixed it; thresholds.py tells the sets.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class PrefilterBounds:
    """Beyond these no copy was seen (drawn); prefilter.py tells what is measured.

    Copies lie well within; true doubts (benchmarks/doubts.py: a caption, another exposure) reach
    hues of 0.82, shapes of 0.53 and, with nothing moved, 1.03.
    """

    side: int
    rounds: int
    match: float  # copies: from 0.94 at 16 cells, from 0.93 at 32
    chroma: float  # up to 3.3 and 4.0 levels
    hue: float  # from 0.95
    shape: float  # up to 0.17 and 0.29
    exact: float  # the same without grace, where nothing was moved: up to 0.82 and 1.9
    areas: tuple[float, float]


COARSE: Final = PrefilterBounds(16, 6, 0.9, 5.0, 0.8, 0.25, 1.1, (0.5, 2.0))
FINE: Final = PrefilterBounds(32, 3, 0.9, 6.5, 0.8, 0.55, 2.0, (0.55, 1.8))


@dataclass(frozen=True, slots=True)
class PrefilterSettings:
    """The numbers of the prefilter that are the same at both sizes (drawn)."""

    block: int = 1024  # pairs at a time at 16 cells a side: 1 MB an array
    colourful: float = 3.0  # levels from which on the direction of a picture's colour is known
    same_direction: float = 0.5  # cosine of 60 degrees
    outlier: float = 2.4  # mean misses from which a cell counts half ...
    noise: float = 4.0  # ... and the levels that every cell may miss
    faint: float = 4.0  # squared levels a cell below which colours have no direction
    agreed: float = 1.0  # levels left of colour up to which its direction is noise: pen at 50 % 0.4


PREFILTER: Final = PrefilterSettings()


@dataclass(frozen=True, slots=True)
class CoarseScreenBounds:
    """Beyond these no copy was seen on 16 x 16 cells (neardup, made, drawn; see NOTES.md)."""

    side: int = 16
    block: int = 1 << 15  # pairs at a time
    opened: int = 4096  # pictures at a time
    noise: float = 64.0  # squared levels that a flat picture's cells may have
    phash_match: float = 0.7  # correlation as they lie: copies from 0.98, crops of 12 % from 0.75
    dhash_match: float = 0.85  # near by dHash alone: flat art, from 0.94 ...
    near: int = 3  # ... but nearer than so many bits few are by chance, ...
    near_match: float = 0.6  # ... and a mark in the corner costs so much
    gray: float = 2.0  # mean levels of colour below which a picture is gray
    tone: float = 25.0  # levels that a drawn copy's worst cells differ by: up to 14 ...
    colour: float = 8.0  # ... and their colours by: up to 3
    palette: float = 16.0  # levels between the colours of what stands out: up to 6, crops too
    flat: float = 3.0  # levels of detail below which the thumb has to be looked at


COARSE_SCREEN: Final = CoarseScreenBounds()


@dataclass(frozen=True, slots=True)
class FlatColourBounds:
    """Flat colours on 16 x 16 cells (mugs, products, logos and pages of benchmarks/ and tests/,
    saved again at 40 to 95, as WebP and GIF, halved, cropped, framed: 0.0 to 1.5 levels)."""

    most: int = 5  # colours of one picture
    calm: int = 6  # levels between a cell and its neighbours in a flat area
    filled: int = 2  # ... and in one that no camera took
    one: int = 4  # levels within which cells are of one colour
    partner: int = 2  # cells of a colour that another may be found in
    asked: int = 6  # cells of a colour that has to be found ...
    graded: float = 0.25  # ... but where so many times as many have nearly that colour: shaded
    same: float = 3.0  # levels of brightness, or of colour, between two that are one
    thing: int = 24  # cells that a thing on a ground covers for its grain to be asked
    grainless: float = 0.3  # share of it without any: cut-out photographs to 0.19, mugs from 0.73
    grain_match: float = 0.9  # correlation of fine detail: cut-outs in other tones from 0.93


FLAT_COLOURS: Final = FlatColourBounds()
