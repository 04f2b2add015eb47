"""The rules by which measured pairs are copies, moments, doubts or other pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .thresholds import CLOSER, GRAPHIC, PAIRS, PHOTO, PRODUCT, SMALL_CLOSER

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

    from .registration import Alignments
    from .residuals import Rows

    Places = NDArray[np.int64]
    Mask = NDArray[np.bool_]
    Words = NDArray[np.object_]
    Floats = NDArray[np.floating[Any]]

WAYS = (PHOTO, PRODUCT, GRAPHIC)  # ways to judge a pair; a pair's is a place in here
COLOURS = "the colours differ"
TONES = "the tones differ"
SMALL = "something small differs"
FINE = "the fine detail differs"


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
            "a part differs": (seen["misfit"] > most) & ~only_marked(seen, limit("marks")),
            "much of it differs": seen["usual"] > limit("usual"),
            TONES: seen["difference"] > limit("difference"),
            COLOURS: (seen["chroma"] > limit("chroma")) | turned_hue | tinted,
        }
    )


def differences(close: Rows, side: int, shifted: Mask, pristine: Mask) -> Words:
    """Why a closer look forbids calling each pair a copy; empty where it finds nothing.

    `side` is that of the look. `shifted` marks pairs of which one shows a little more than the
    other, `pristine` those of one size that hardly any compression has touched. A copy loses
    detail everywhere or nowhere: what stands out in one place is another thing there.
    """
    limit = CLOSER if side >= CLOSER.large else SMALL_CLOSER
    spot = close["spot"] > np.maximum(limit.spot, limit.spot_spreads * close["spread"])
    colour = close["colour"] > np.maximum(
        limit.colour, limit.colour_spreads * close["colour_spread"]
    )
    stands_out = close["edge"] / np.maximum(close["edge_spread"], 1e-3)
    edge = (
        (close["edge"] > limit.edge)
        & (close["fine"] > limit.edge_fine)
        & (
            (stands_out > limit.edge_alone)
            | ((stands_out > limit.edge_spreads) & (close["spot"] > limit.edge_spot))
        )
    )
    edge &= side >= CLOSER.large
    retoned = (close["tone"] > limit.tone_moved) & (np.abs(close["gain"] - 1) > limit.gain_moved)
    retoned &= close["fine"] > limit.bracket_fine
    # Another exposure has another noise; an edit keeps all the detail there is.
    same_light = (close["fine"] > limit.edited_fine) & (close["spread"] < limit.edited_spread)
    return _first(
        {
            FINE: (close["fine"] < limit.fine) & (close["coarse"] < limit.coarse),
            COLOURS: colour,
            SMALL: spot | edge | (pristine & (close["spread"] > limit.pristine_spread)),
            TONES: ((close["tone"] > limit.tone) & ~same_light) | (shifted & retoned),
        }
    )


def moments(close: Rows, why: Words) -> Mask:
    """Which pairs that are no copies are frames of one scene and time: all of it has stirred."""
    scene = close["coarse"] >= CLOSER.moment_coarse
    stirred = (close["spread"] >= CLOSER.moment_spread) | (why == TONES)
    moment: Mask = scene & stirred & (why != COLOURS)
    return moment


def unmoved(alignments: Alignments, grace: float = PAIRS.as_is) -> Mask:
    """Whether both pictures show the same window, within `grace` of the side."""
    still: Mask = corners(alignments) < grace
    return still


def corners(alignments: Alignments) -> Floats:
    """How far the farthest corner has moved, in sides."""
    across, left, down, top = alignments.T
    far: Floats = np.abs(np.stack([left, across + left - 1, top, down + top - 1])).max(0)
    return far


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
