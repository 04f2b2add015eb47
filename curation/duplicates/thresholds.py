"""Every tuned number of this room, each with the pictures that fixed it.

The sets: *neardup* is 963 files with true groups (benchmarks/neardup.py); *made* are copies and
traps drawn or edited from photographs by benchmarks/synthetic.py; *drawn* are some 2,000 copies of
products, logos and pages, resized, resaved, cropped, framed, retoned; *flowers* are 14.13 million
pairs of 5,317 real photographs of the same classes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

# --- Candidates: radii in bits of 64. Distances of a median hash are even, so 12 equals 13. Every
# pair is looked at before it joins anything, so the plain radius may be wide: a second shot of a
# dish (neardup, webscrape_pizza) lies at 12. Of 10,000 photographs (flowers) 110-130 pairs lie
# within 10 by chance, 570 within 12.
PHASH_RADIUS: Final = 12
DHASH_RADIUS: Final = 8  # brings back flat art whose pHash is unstable (made: logos 88 -> 100 %)
TRIM_RADIUS: Final = 10  # made: borders of 3 % and 8 %, letterboxes: 97-99 %
CROP_RADIUS: Final = 8  # made: centre crops of 3 to 22 % all within
TURN_RADIUS: Final = 8  # made: a turned hash lies within a few bits of the real one

PLACEHOLDERS: Final = 5  # so many files of other bytes with equal hashes may be one placeholder

# WebP, AVIF and HEIF do not say how much they threw away, and most of them on the web were made
# from a JPEG. So they count like a poor JPEG: behind any that could be their source, before one
# that is visibly spoilt.
UNKNOWN_QUALITY: Final = 60

# --- Filters
BLOCK: Final = 8  # pixels a side of the blocks that are judged
BLAS_LIMIT: Final = 1 << 18  # multiplications that OpenBLAS does on one thread
CHROMA_BLUR: Final = 1.2  # pixels; JPEG keeps colour at half the resolution


@dataclass(frozen=True, slots=True)
class Registration:
    """Gauss-Newton's steps and stops; scales and shifts are fractions of the side."""

    least_scale: float = 0.6  # a copy shows from 0.6 to 1.65 of what its keeper shows
    most_scale: float = 1.65
    least_overlap: float = 0.45  # share of the second's area that must lie within the first
    coarse_rounds: int = 7  # at half the side; made: nearly all are there after five
    fine_rounds: int = 5
    lost: float = 0.05  # correlation below the best at which a walk has lost its way
    least_gain: float = 0.1  # contrast below which the two have nothing in common
    stride: float = 0.08  # the longest step
    still: float = 2e-4  # the step below which nothing moves any more
    edge: float = 0.05  # pixels beyond which an edge pixel would be guessed
    cell_grace: float = 0.7  # pixels that a large cell may lack and yet lie inside
    outlier: float = 2.5  # spreads from which a pixel counts half
    noise: float = 2.0  # levels of spread that every thumb has
    prior: tuple[float, ...] = (1e-2, 1e-2, 1.0, 1.0, 1.0, 1.0)  # towards no step at all


REGISTRATION: Final = Registration()


@dataclass(frozen=True, slots=True)
class Residuals:
    """How what is left after registration is measured (neardup and made)."""

    full: float = 0.6  # share of a block that must lie in both pictures for it to be judged
    bad: float = 0.5  # a block's misfit from which on it counts as not fitting
    as_is_match: float = 0.95  # pictures that need no alignment ...
    as_is_misfit: float = 0.3  # ... where no block differs by more
    near_rounds: int = 3  # from an alignment found on fewer pixels
    again_rounds: int = 2  # at the closer look
    noise: float = 12.0  # levels that compression may leave in a block with nothing different
    outlier: float = 2.5
    white: float = 240.0  # levels beyond which an edit has driven a colour into white ...
    black: float = 12.0  # ... or into black
    bands: tuple[float, ...] = (0.8, 2.0, 4.0)  # blurs (pixels) that explain sharpness
    prior: tuple[float, ...] = (1e-2, 1e-2, 2.0, 6.0, 2.0, 2.0, 2.0)  # towards no change of tone
    colour_power: float = 4.0  # squared levels a pixel below which colours have no direction
    gray: float = 3.0  # levels of colour below which a picture is gray


RESIDUALS: Final = Residuals()


@dataclass(frozen=True, slots=True)
class PairThresholds:
    """How far a copy may be from its keeper; residuals.py tells what the numbers are."""

    side: int  # pixels a side of the closer look
    misfit: float  # on the thumbs, where the second had to be moved or scaled to fit
    misfit_as_is: float  # the same where both show the same window
    usual: float
    chroma: float
    hue: float
    loud: float  # misfit at the closer look ...
    stands_out: float  # ... or as many times its usual, whichever is more
    difference: float  # in a drawing another tone is another thing
    marks: int  # thumb blocks of the outer eighth that a watermark may cover


# neardup: copies on record stay below a misfit of 0.5, sharpened ones of 0.6; pictures taken a
# second apart begin at 0.55 with a usual of 0.47. Heavily compressed copies reach a chroma of 20
# and a hue of 0.7, parts painted over in another colour stay below 0.65.
PHOTO: Final = PairThresholds(128, 0.5, 0.62, 0.445, 22.0, 0.67, 0.75, 2.2, 255.0, 2)
# Things on a plain ground: most of the frame says nothing, so colour is judged more closely.
PRODUCT: Final = PairThresholds(128, 0.5, 0.62, 0.445, 7.0, 0.85, 0.75, 2.2, 255.0, 1)
# Logos, labels, pages: all they are is a few edges, a word and a colour. drawn: resaved ones stay
# below 0.72 at 192 pixels and a chroma of 2.5; another word begins at 0.83, another colour at 3.9.
GRAPHIC: Final = PairThresholds(192, 0.5, 0.5, 0.445, 3.4, 0.9, 0.78, 1.0, 35.0, 0)


@dataclass(frozen=True, slots=True)
class Pairs:
    """What decides between a copy, a doubt, an alike pair and two other pictures."""

    plain_ground: float = 0.5  # share of one tone from which on a picture is a product shot
    graphic: float = 0.15  # the check's score from which on a picture is drawn
    faint: float = 8.0  # levels of colour that compression alone leaves: no hue is read in them
    tint: float = 16.0  # levels that all colours may shift together
    match: float = 0.88
    areas: tuple[float, float] = (0.6, 1.65)  # beyond, one shows much more than the other
    marked_usual: float = 0.3  # how well the rest must fit where a watermark is forgiven
    as_is: float = 0.015  # how far a corner may move, in sides, where both show one window
    loose_match: float = 0.6  # correlation below which two pictures share nothing but a hash
    review_match: float = 0.85  # below, nobody needs to be asked ...
    review_likeness: float = 0.2  # ... nor below this
    flat: float = 3.0  # levels of detail below which nothing is there for a hash to hold on to
    crops: tuple[float, ...] = (0.82, 0.9)  # shares from which crops are tried
    squared: float = 1.08  # ratio of two aspects from which on one may be a square crop


PAIRS: Final = Pairs()
REMEMBERED: Final = 4096  # pictures whose thumbs, and as many whose closer looks, are held open


@dataclass(frozen=True, slots=True)
class PrefilterBounds:
    """Beyond these no copy was seen (drawn); prefilter.py tells what is measured."""

    side: int
    rounds: int
    match: float  # copies: from 0.94 at 16 cells, from 0.93 at 32
    chroma: float  # up to 3.3 and 4.0 levels
    hue: float  # from 0.95
    shape: float  # up to 0.17 and 0.29
    exact: float  # the same without grace, where nothing was moved: up to 0.82 and 1.9
    areas: tuple[float, float]


COARSE: Final = PrefilterBounds(16, 6, 0.9, 5.0, 0.85, 0.25, 0.95, (0.5, 2.0))
FINE: Final = PrefilterBounds(32, 3, 0.9, 5.0, 0.85, 0.4, 2.0, (0.55, 1.8))


@dataclass(frozen=True, slots=True)
class Prefilter:
    """The numbers of the prefilter that are the same at both sizes (drawn)."""

    block: int = 1024  # pairs at a time at 16 cells a side: 1 MB an array
    colourful: float = 3.0  # levels from which on the direction of a picture's colour is known
    same_direction: float = 0.5  # cosine of 60 degrees
    outlier: float = 2.4  # mean misses from which a cell counts half ...
    noise: float = 4.0  # ... and the levels that every cell may miss
    faint: float = 4.0  # squared levels a cell below which colours have no direction


PREFILTER: Final = Prefilter()
