"""The rules by which measured pairs are copies, moments, doubts or other pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from .edit_thresholds import REMADE
from .pair_result import Kind
from .registration import corners
from .thresholds import CLOSER, GRAPHIC, PAIRS, PHOTO, PRODUCT, SMALL_CLOSER

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..arrays import Floats, Mask, Places
    from .registration import Alignments
    from .residuals import Rows
    from .thresholds import Closer

    Words = NDArray[np.object_]

WAYS = (PHOTO, PRODUCT, GRAPHIC)  # ways to judge a pair; a pair's is a place in here
COLOURS = "the colours differ"
TONES = "the tones differ"
PART = "a part differs"
SMALL = "something small differs"
NOISE = "the noise differs: two exposures"
PAINT = "drawn in another tone"
FINE = "the fine detail differs"
MOVED = "parts have moved"
CUTS = "two cuts: each shows what the other does not"
STRANGE = "neither shapes nor colours agree"


class PairFacts(NamedTuple):
    """What the files themselves say of pairs, a mask or a number a pair.

    shifted: one shows a little more than the other. pristine: both are JPEGs of high quality.
    one_size: both have the same pixels a side. one_quality: both are JPEGs of one quality.
    way: how the pair is judged; painted: the same, but a photograph's where one is gray, which has
    lost its tones.
    """

    shifted: Mask
    pristine: Mask
    one_size: Mask
    one_quality: Mask
    way: Places
    painted: Places


def objections(seen: Rows, way: Places) -> Words:
    """Why the thumbs alone forbid calling each pair a copy; empty where they do not."""

    def limit(name: str) -> Floats:
        return np.array([getattr(limits, name) for limits in WAYS])[way]

    still = unmoved(seen["alignment"])
    most = np.where(still, limit("misfit_as_is"), limit("misfit"))
    area = seen["alignment"][:, 0] * seen["alignment"][:, 2]
    turned_hue = (seen["hue"] < limit("hue")) & (seen["chroma"] > PAIRS.faint)
    tinted = (seen["tint"] > PAIRS.tint) & ~seen["one_is_gray"]
    return _first(
        {
            "the shapes do not match": seen["match"] < PAIRS.match,
            "one shows much more than the other": (area < PAIRS.areas[0]) | (area > PAIRS.areas[1]),
            PART: (seen["misfit"] > most) & ~only_marked(seen, limit("marks")),
            "much of it differs": seen["usual"] > limit("usual"),
            TONES: seen["difference"] > limit("difference"),
            COLOURS: (seen["chroma"] > limit("chroma")) | turned_hue | tinted | seen["confined"],
        }
    )


def differences(close: Rows, side: int, pair: PairFacts) -> Words:
    """Why a closer look forbids calling each pair a copy; empty where it finds nothing.

    `side` is that of the look. A copy loses detail everywhere or nowhere: what stands out in one
    place is another thing there. In what is drawn or stands on a plain ground a tone is part of
    what is shown.
    """
    limit = CLOSER if side >= CLOSER.large else SMALL_CLOSER
    small, colour = _small(close, limit, pair, ""), _other_colour(close, limit, pair, "")
    within = _small(close, limit, pair, "_within")
    within |= _other_colour(close, limit, pair, "_within")
    # A site's name in the margin, on one of the two: no frame of another time, whose margin would
    # not be all that differs, nor another date there, which both of them have.
    inked = (close["inked"] > limit.inked) | (close["one_way"] > limit.one_way)
    inked &= close["kin"] < limit.kin
    marked = ~within & inked & (pair.way == WAYS.index(PHOTO))
    lighter = close["tone"] > limit.tone_moved
    regained = np.abs(close["gain"] - 1) > limit.gain_moved
    retoned = lighter & regained & (close["fine"] > limit.bracket_fine)
    # What hardly any compression has touched differs by the camera's noise, or not at all.
    noisy = pair.pristine & (close["spread"] > limit.pristine_spread)
    # Saved again as it was, a fill stays what it was.
    again = pair.one_size & pair.one_quality & (pair.painted == WAYS.index(GRAPHIC))
    levels = np.where(again, limit.alike_levels, np.array(limit.levels)[pair.painted])
    # Of line art drawn smaller a part here and there differs by a little more.
    few = ~again & (close["painted"] < limit.few_parts)
    levels = np.where(few, np.maximum(levels, limit.few_levels), levels)
    # Another exposure has another noise; an edit keeps all the detail there is, and the frame.
    same_light = (close["fine"] > limit.edited_fine) & (close["spread"] < limit.edited_spread)
    same_light &= ~pair.shifted
    return _first(
        {
            FINE: (close["fine"] < limit.fine) & (close["coarse"] < limit.coarse),
            COLOURS: colour & ~marked,
            SMALL: small & ~marked,
            MOVED: close["drift"] > limit.drift,
            NOISE: noisy & (pair.one_size | (close["level"] > limit.other_light)),
            TONES: ((close["tone"] > limit.tone) & ~same_light) | (pair.shifted & retoned),
            PAINT: close["level"] > levels,
        }
    )


def _small(close: Rows, limit: Closer, pair: PairFacts, where: str) -> Mask:
    """Whether something stands out in brightness: everywhere, or `_within` the margin."""
    found, spread = close[f"spot{where}"], np.maximum(close["spread"], limit.least_spread)
    spot = found > np.maximum(limit.spot, limit.spot_spreads * spread)
    spot |= found > limit.spot_alone
    # Where nobody has changed the tones less will do, but for lines that another cut has cut off.
    steep = close[f"edge{where}"] / np.maximum(close["edge_spread"], 1e-3)
    still = (~pair.shifted | (steep > limit.stands_out_edge)) & (close["tone"] < limit.faint_tone)
    photo = (found > limit.stands_out_spot) & (found > limit.stands_out * spread)
    photo &= steep > limit.stands_out_edge
    photo |= (found > limit.faint_spot[0]) & (found > limit.faint * spread) & still
    # Drawn on, or drawn again with one thing another: most edges are as they were, however many are
    # not. Sharpening leaves most along the steepest, and other tones everywhere.
    grains = found / np.maximum(close["grain"], limit.least_spread)
    edge_grains = close[f"edge{where}"] / np.maximum(close["edge_grain"], limit.least_edge_grain)
    again = (found > limit.stands_out_spot) & (close["tone"] < limit.drawn_tone)
    photo |= again & (grains > limit.grains[0]) & (edge_grains > limit.edge_grains)
    # Most of a drawing is plain ground, which tells nothing of the noise that its lines have.
    drawn = (grains > limit.grains[1]) & (found > limit.faint_spot[1])
    drawn &= still | (found > limit.stands_out_spot)
    spot |= np.where(pair.way == WAYS.index(PHOTO), photo, drawn)
    edge = (
        (close[f"edge{where}"] > limit.edge)
        & (close["fine"] > limit.edge_fine)
        & ((steep > limit.edge_alone) | ((steep > limit.edge_spreads) & (found > limit.edge_spot)))
    )
    small: Mask = spot | edge if limit is CLOSER else spot
    return small | (close[f"edge{where}"] > np.array(limit.edge_whatever)[pair.way])


def _other_colour(close: Rows, limit: Closer, pair: PairFacts, where: str) -> Mask:
    """The same for colour."""
    found, spread = close[f"colour{where}"], close["colour_spread"]
    colour = found > np.maximum(limit.colour, limit.colour_spreads * spread)
    colour |= (found > limit.stands_out_hue) & (found > limit.stands_out_colour * spread)
    # A small picture whose detail is all there has not lost its colours to compression.
    alone = np.where(close["fine"] > CLOSER.bracket_fine, CLOSER.colour_alone, limit.colour_alone)
    drawn = pair.painted == WAYS.index(GRAPHIC)
    drawn &= (found > limit.colour_drawn) & (spread > limit.colour_wide)
    other: Mask = colour | (found > alone) | drawn
    return other


def moments(close: Rows, why: Words, way: Places) -> Mask:
    """Which pairs that are no copies are frames of one scene and time: all of it has stirred.

    Another label or a thing that has moved leaves the rest as still as a copy does; a drawing has
    no time.
    """
    scene = (close["coarse"] >= CLOSER.moment_coarse) & (way != WAYS.index(GRAPHIC))
    stirred = (close["stir"] >= CLOSER.moment_stir) | np.isin(why, (MOVED, TONES, NOISE))
    moment: Mask = scene & stirred & (why != COLOURS)
    return moment


def strange(seen: Rows, close: Rows, way: Places) -> Mask:
    """Which photographs are other pictures however alike their light falls: no person is asked.

    A light in the middle of the dark correlates with any other; two shots of one scene share the
    shapes within it or, where those have moved, its colours.
    """
    found: Mask = _turned(seen, way) & (close["coarse"] < CLOSER.strange_coarse)
    return found


def _turned(seen: Rows, way: Places) -> Mask:
    """Photographs with colours on both sides that have nothing in common."""
    coloured = (seen["chroma"] > PAIRS.faint) & ~seen["one_is_gray"]
    turned: Mask = coloured & (seen["hue"] < CLOSER.strange_hue) & (way == WAYS.index(PHOTO))
    return turned


def unalterable(seen: Rows, why: Words, way: Places) -> Mask:
    """Which pairs stay doubts for what the thumbs say, whatever a closer look would find.

    Other colours are no moment (`moments`) and are never remade (`remakeable`); but a drawing may
    prove to be drawn in another tone, and photographs to be strange.
    """
    fixed: Mask = (why == COLOURS) & (way != WAYS.index(GRAPHIC)) & ~_turned(seen, way)
    return fixed


def postponable(seen: Rows, why: Words, way: Places) -> Mask:
    """Which pairs of photographs, for what the thumbs say, stay no copies at any closer look.

    Parts that differ may be those of an edit, where nothing was moved (`remakeable`).
    """
    edited = (why == PART) & unmoved(seen["alignment"], REMADE.still)
    can_wait: Mask = (way == WAYS.index(PHOTO)) & ~edited
    return can_wait


def recoloured(seen: Rows, why: Words, way: Places) -> Mask:
    """Whether drawn things of one outline have other colours, not only other compression."""
    named = (why == COLOURS) | (why == TONES)
    clear = (seen["chroma"] > PAIRS.faint) | (seen["difference"] > PAIRS.other_tone)
    drawn_anew = (why == PAINT) & (way == WAYS.index(GRAPHIC))
    other: Mask = drawn_anew | (named & clear & ~seen["one_is_gray"] & (way > 0))
    return other


def doubts(seen: Rows, why: Words, moment: Mask, asked: Mask, recolours: Mask) -> list[Kind]:
    """What pairs are that are no copies; drawn things of other colours are alike in kind."""
    other = recolours | (seen["detail"] < PAIRS.join_detail)
    kinds = np.select([moment, other, asked & (why != STRANGE)], [0, 1, 2], 3).tolist()
    return [(Kind.MOMENT, Kind.OTHER, Kind.MAYBE, Kind.LOOSE)[kind] for kind in kinds]


def remakeable(seen: Rows, close: Rows, before: Words, why: Words, painted: Places) -> Mask:
    """Which pairs that are no copies so far may be so when one of them is remade (remade.py).

    `before` is what the thumbs objected. Another colour on the thumbs, another noise and other fine
    detail stay what they are; so do the tones of what is drawn, and those of another exposure.
    """
    tone = (why == TONES) & (before == "") & (close["tone"] <= CLOSER.tone)
    part = (why == SMALL) | (why == PART)
    colour = (why == COLOURS) & (before != COLOURS)
    still = unmoved(seen["alignment"], REMADE.still) & (close["fine"] >= REMADE.detail)
    may: Mask = (tone | part | colour) & still & (painted == WAYS.index(PHOTO))
    return may


def unmoved(alignments: Alignments, grace: float = PAIRS.as_is) -> Mask:
    """Whether both pictures show the same window, within `grace` of the side."""
    still: Mask = corners(alignments) < grace
    return still


def two_cuts(alignments: Alignments) -> Mask:
    """Whether each picture of a pair shows a good strip that the other does not."""
    across, left, down, top = alignments.T
    beyond = np.max([-left, across + left - 1, -top, down + top - 1], axis=0)
    lacking = np.max([left, 1 - across - left, top, 1 - down - top], axis=0)
    cuts: Mask = np.minimum(beyond, lacking) > PAIRS.strip
    return cuts


def only_marked(seen: Rows, blocks: Floats | int) -> Mask:
    """Whether all fits well but a few blocks at the edge: where sites put their names."""
    few = (seen["bad"] <= blocks) & (seen["bad_within"] == 0)
    marked: Mask = few & (seen["usual"] <= PAIRS.marked_usual)
    return marked


def likeness(seen: Rows) -> Floats:
    """0 to 1: how near a pair is to being called a copy."""
    part = np.maximum(seen["misfit"] / PHOTO.misfit, seen["usual"] / PHOTO.usual)
    chroma = (seen["chroma"] / PHOTO.chroma) ** 2 / 4
    like: Floats = np.maximum(0.0, seen["match"]) / (1.0 + 0.25 * part**2 + chroma)
    return like


def _first(reasons: dict[str, Mask]) -> Words:
    """Of each pair the first reason that holds."""
    why = np.full(len(next(iter(reasons.values()))), "", dtype=object)
    for reason, holds in reversed(reasons.items()):
        why[holds] = reason
    return why
