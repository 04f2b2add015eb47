"""The tuned numbers of this room, each with the pictures that fixed it; more in *_thresholds.py.

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
# made: windows of 82 % of a photograph, up to 16 % of a side apart, that nothing else meets: 40 %
# within (6: 30 %)
CUT_RADIUS: Final = 8
TURN_RADIUS: Final = 8  # made: a turned hash lies within a few bits of the real one
COLOUR_RADIUS: Final = 10  # cloth of one brightness, saved again: to 6

PLACEHOLDERS: Final = 5  # so many files of other bytes with equal hashes may be one placeholder

# --- Keeper (end_to_end.py: a photograph, three conversions and one edited copy of each)
# Below, JPEG's loss shows; above, a number is no fidelity. WebP, AVIF and HEIF do not say how much
# they threw away, and most of them on the web were made from a JPEG: they come behind any that
# could be their source, before one that is visibly spoilt.
QUALITY_STEPS: Final = (35, 45)
CLIPPED_WHITE: Final = 254.5  # 99th percentile of luma that brightening drives tones to
UNBORDERED: Final = 0.97  # share of the frame that a picture without a border fills
BORDER_REST: Final = 1.2  # times as many pixels may be what the search for a border left of it

# --- Filters
BLOCK: Final = 8  # pixels a side of the blocks that are judged
BLAS_LIMIT: Final = 1 << 18  # multiplications that OpenBLAS does on one thread
EDGES_SIDE: Final = 192  # pixels a side up to which a blur knows nothing beyond the edge
THUMB_SIDE: Final = 64  # pixels a side of the thumbs in Facts
CHROMA_BLUR: Final = 1.2  # pixels; JPEG keeps colour at half the resolution


@dataclass(frozen=True, slots=True)
class Registration:
    """Gauss-Newton's steps and stops; scales and shifts are fractions of the side."""

    least_scale: float = 0.6  # a copy shows from 0.6 to 1.65 of what its keeper shows
    most_scale: float = 1.65
    least_overlap: float = 0.45  # share of the second's area that must lie within the first
    first_rounds: int = 3  # at half the side from every start ...
    behind: float = 0.2  # ... correlation behind the best with which a start is given up ...
    met: float = 0.03  # sides between two walks that have one end
    coarse_rounds: int = 4  # ... from the others; made: nearly all are there after five in all
    fine_rounds: int = 5
    lost: float = 0.05  # correlation below the best at which a walk has lost its way
    least_gain: float = 0.1  # contrast below which the two have nothing in common
    stride: float = 0.08  # the longest step
    still: float = 0.03  # pixels: the step below which nothing moves any more
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
    again_rounds: int = 2  # at the closer look ...
    far_rounds: int = 5  # ... and so many more where that went far ...
    again_step: int = 2  # ... by every second pixel of every second line
    noise: float = 12.0  # levels that compression may leave in a block with nothing different
    outlier: float = 2.5
    white: float = 240.0  # levels beyond which an edit has driven a colour into white ...
    black: float = 12.0  # ... or into black
    bands: tuple[float, ...] = (0.8, 2.0, 4.0)  # blurs (pixels) that explain sharpness
    prior: tuple[float, ...] = (1e-2, 1e-2, 2.0, 6.0, 2.0, 2.0, 2.0)  # towards no change of tone
    colour_power: float = 4.0  # squared levels a pixel below which colours have no direction
    even: float = 6.0  # levels a pixel below which there is no edge ...
    known: float = 0.4  # ... and the share of a part without one in which its tone is read
    gray: float = 3.0  # levels of colour below which a picture is gray ...
    dim: float = 40.0  # levels of brightness below which no colour shows
    coloured: float = 8.0  # ... and from which on a block is not, however coarse its JPEG
    fine: tuple[float, float] = (1.0, 3.0)  # blurs (pixels) between which fine detail lies ...
    coarse: tuple[float, float] = (2.0, 6.0)  # ... and coarse
    smooth: float = 1.5  # blur (pixels) that leaves nothing of compression's noise ...
    smooth_from: int = 192  # ... at this side and above; one pixel below
    edge: float = 6.0  # levels a pixel that every edge may rise by


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
PRODUCT: Final = PairThresholds(128, 0.5, 0.62, 0.445, 7.0, 0.85, 0.75, 2.2, 24.0, 1)
# Logos, labels, pages: all they are is a few edges, a word and a colour. drawn: resaved ones stay
# below 0.72 at 192 pixels; another word begins at 0.83. On thumbs the scaling of JPEG and WebP
# leaves a chroma of 4.9 and a difference of 15.4: another colour is told by the level of CLOSER.
GRAPHIC: Final = PairThresholds(192, 0.5, 0.5, 0.445, 8.0, 0.9, 0.78, 1.0, 30.0, 0)


@dataclass(frozen=True, slots=True)
class PairBounds:
    """What decides between a copy, a doubt, an alike pair and two other pictures."""

    plain_ground: float = 0.5  # share of one tone from which on a picture is a product shot
    page: float = 0.85  # ... and from which on it is a page, or a few lines (cut-outs to 0.76) ...
    line_art: float = 0.35  # ... or, by the check's score of drawn things, too (cut-outs to 0.27)
    graphic: float = 0.15  # the check's score from which on a picture is drawn
    faint: float = 8.0  # levels of colour that compression alone leaves: no hue is read in them
    other_tone: float = 24.0  # levels between drawn things that are only alike in kind
    tint: float = 16.0  # levels that all colours may shift together
    match: float = 0.88
    areas: tuple[float, float] = (0.6, 1.65)  # beyond, one shows much more than the other
    facing: float = 0.11  # sides that two cuts whose windows meet lie apart, roughly ...
    strip: float = 0.05  # ... and from which on what only one of them shows matters
    marked_usual: float = 0.3  # how well the rest must fit where a watermark is forgiven
    as_is: float = 0.015  # how far a corner may move, in sides, where both show one window
    loose_match: float = 0.6  # correlation below which two pictures share nothing but a hash
    review_match: float = 0.85  # below, no person is asked ...
    review_likeness: float = 0.2  # ... nor below this
    smeared: int = 4  # JPEG quality up to which flat areas prove no drawing (made: 128 px, 2)
    join_detail: float = 0.42  # fine detail: second shots from 0.43, unrelated night skies to 0.4
    flat: float = 1.5  # levels of detail below which nothing is there for a hash to hold on to
    crops: tuple[float, ...] = (0.82, 0.9)  # shares from which crops are tried
    squared: float = 1.08  # ratio of two aspects from which on one may be a square crop


PAIRS: Final = PairBounds()


@dataclass(frozen=True, slots=True)
class Closer:
    """What a closer look (look_closely) finds in a copy at most.

    Fixed on pairs drawn of ten kinds (tests/support/lookalikes.py), shared sets of receipts, tiles
    and a dashboard camera, neardup and made. Resaved copies: fine from 0.95, spot to 7, colour to
    5, edge to 0.45; heavily compressed or sharpened ones are noisy all over, hence the spreads.
    """

    side: int = 256  # pixels a side, where both have as many
    least_side: int = 96
    large: int = 200  # pixels a side from which on a look tells small things from noise
    fine: float = 0.83  # other receipts to 0.51, other tiles to 0.75, 128-px smears 0.62 ...
    coarse: float = 0.9  # ... and 0.92, other receipts to 0.44, other tiles to 0.86
    spot: float = 24.0  # levels: another number from 30, a cyclist from 33 ...
    spot_alone: float = 60.0  # ... whatever the spreads: copies to 30, labels on a tenth from 57
    spot_spreads: float = 4.5  # copies of a few pixels reach 4.2; rounding alone ...
    least_spread: float = 0.25  # ... leaves so much spread
    colour: float = 25.0  # a fruit from 90, a lamp from 80, a ball from 30; oversaturated to 23
    colour_spreads: float = 4.8
    stands_out: float = 9.0  # spreads: copies to 7.8, a planted number or lamp from 10.7 ...
    stands_out_spot: float = 10.0  # ... with a spot of 18; resaved copies of any kind to 10 ...
    stands_out_edge: float = 4.5  # ... and as many times more than edges explain: lines cut off 3.4
    # medians along edges: copies of photographs to 30, drawn on by a program 44; copies of drawings
    # (800 looks at 55 kinds) to 15, another digit or letter from 19 ...
    grains: tuple[float, float] = (30.0, 17.0)
    # ... against the edges: sharpened photographs to 15, GIFs 27; drawn on 39
    edge_grains: float = 20.0
    least_edge_grain: float = 0.02
    drawn_tone: float = 3.0  # mean levels: sharpened from 4.2, things drawn on to 1.4
    # pixels: icons in other sizes to 0.33, other copies 0; frames that moved by 1 in 200 0.52
    drift: float = 0.45
    told: float = 0.5  # share of what is left of a part that its shift explains ...
    told_rest: float = 4.0  # ... beside so many squared levels of noise ...
    drifted: float = 3.0  # ... where so many levels are left
    faint: float = 8.0  # spreads: copies to 6.5, another year on a label has 8.4 ...
    faint_spot: tuple[float, float] = (4.0, 6.0)  # ... a price 4.1; resaved small logos to 3.5
    faint_tone: float = 4.0  # mean levels: saved again to 2; 12 % brighter 10, with 33 spreads
    stands_out_colour: float = 7.0  # ... and in colour: copies to 4.9, planted things from 5.6 ...
    stands_out_hue: float = 12.0  # ... with a colour of 23
    colour_alone: float = 40.0  # half a frame in another colour from 53, oversaturated copies to 29
    # of what is drawn: saved again at 40 to 11, halved to 13.6, a line in another colour from 14.6
    colour_drawn: float = 14.0
    colour_wide: float = 7.0  # ... with a spread from 9.3, as it is long; a palette's 18 have 5.4
    rim: float = 0.012  # share of the side that cuts and decoders leave a little otherwise
    margin: float = 0.07  # share of the side in which sites put a strip with their name ...
    inked: float = 2.0  # ... which has so many times the strokes of what it covers, ...
    one_way: float = 0.9  # ... or is all brighter or all darker, ...
    kin: float = (
        0.7  # ... and no such strokes beside it: stamps to 0.68 (43 of 48), dates from 0.71
    )
    character: float = 2.0  # pixels: the blur that covers a character of writing ...
    beside: float = 0.025  # ... and that, in sides, which covers those beside it
    levels: tuple[float, ...] = (256.0, 10.0, 5.0)  # of photographs (any), products, drawings
    # (saved again: to 2.2, smaller at quality 70 to 3.5) ...
    alike_levels: float = 1.2  # ... and of drawings of one size and JPEG quality
    few_levels: float = 8.0  # ... and of what is drawn, where only ...
    few_parts: float = 0.02  # ... so little of the frame is: line art at 75 % to 5.3
    bright_ground: float = 170.0  # levels of the ground that products stand on
    thumb_level: float = 8.0  # ... on thumbs, too: resaved drawings to 4
    painted: float = 0.08  # share of the frame from which on it is drawn anew; a mark covers less
    edge: float = 1.5  # frames a second apart from 1.8 ...
    edge_fine: float = 0.95  # ... with a detail of 0.96, sharpened copies to 0.91 ...
    edge_spreads: float = 2.3  # ... and 2.48, where the spot is over ...
    edge_spot: float = 18.0  # ... this (other edits of neardup's bridge to 17) ...
    edge_alone: float = 6.0  # ... or over this
    # whatever the spreads, as one thing may be a fiftieth of the frame: copies of photographs to
    # 3.9, of what is drawn to 2.1 (no filter); another field from 6.2
    edge_whatever: tuple[float, ...] = (5.0, 5.0, 2.5)
    pristine_quality: int = 90  # of two JPEGs at this quality, of one size or in other light, ...
    pristine_spread: float = 1.1  # ... one tile taken twice leaves 1.13, resaving 0.7
    other_light: float = 12.0  # levels: exposures from 22, resaving to 4
    moved: tuple[float, float] = (0.005, 0.2)  # sides that a hand-held or re-cut frame moves by
    tone: float = 25.0  # mean levels: brackets 37 and 68, edits of 15 % to 19, a re-cut copy 23
    edited_fine: float = 0.97  # detail that a darkened file keeps and a second exposure does not
    edited_spread: float = 4.0
    tone_moved: float = 9.0  # brackets of one tile, each cut anew, from 12
    gain_moved: float = 0.08  # ... and a gain that differs by 0.09; re-cut copies to 0.04 ...
    bracket_fine: float = 0.95  # ... with a detail of 0.97, which 128-px smears have lost
    moment_coarse: float = 0.6
    strange_coarse: float = 0.5  # rocket_launch: unrelated night skies to 0.45 ...
    strange_hue: float = 0.3  # ... with a hue of 0.13; frames of one broadcast from 0.8
    moment_stir: float = 3.0  # levels: frames of a camera from 3.7, other labels usually 1.4


CLOSER: Final = Closer()
# Of a hundred pixels a side the noise of compression is as large as the things (neardup's weather).
SMALL_CLOSER: Final = Closer(
    fine=0.6, coarse=0.85, spot=60.0, spot_spreads=6.5, colour=60.0,
    colour_spreads=5.0, tone=30.0, spot_alone=70.0, colour_alone=90.0,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Still:
    """What the look at 128 pixels finds at most in a pair that needs no closer one."""

    spot: float = 6.5
    stands_out: float = 3.6  # spreads: copies to 3.4, another number of 12 pixels in 600 from 3.9
    colour: float = 8.0
    tone: float = 8.5
    fine: float = 0.95
    fine_band: tuple[float, float] = (0.6, 1.5)


STILL: Final = Still()


@dataclass(frozen=True, slots=True)
class ColourPrint:
    """When a picture has a colour hash, and what its copies agree in (colour_prints.py)."""

    contrast: float = 48.0  # levels between the scores *dark* and *light*: cloth in uneven light 44
    least: float = 12.0  # levels of spread that the colours have
    match: float = 0.9  # correlation of the colours


COLOUR_PRINT: Final = ColourPrint()


@dataclass(frozen=True, slots=True)
class FinePrint:
    """What drawn copies leave at most at their own pixels (fine_print.py).

    Fixed on drawn pairs (tests/support/kinds): 687 copies saved again, as WebP and GIF, halved and
    at 75 % by several filters leave less, but for sharpened ones.
    """

    side: int = 640  # pixels of the longer side, where both have as many
    tile: int = 128
    rim: int = 2  # pixels around a tile of whose surroundings blurs know half
    blur: float = 0.7
    spot: float = 13.0  # levels: another character of 6 pixels from 15 ...
    stands_out: float = 8.5  # ... and as many times the 98th percentile; copies to 7.9


FINE_PRINT: Final = FinePrint()
REMEMBERED: Final = 4096  # pictures whose thumbs are held open ...
REMEMBERED_BYTES: Final = 256 << 20  # ... and bytes of closer looks: 5,000 pictures at 128 pixels
